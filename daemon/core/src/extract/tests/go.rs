//! Go.

use expect_test::expect;

use super::check;
use crate::kinds::Language;

const SOURCE: &str = r#"
// Package shop sells.
package shop

import (
	"fmt"
	str "strings"
	. "math"
	_ "embed"
)

import "net/http"

// Limit of items.
const Limit = 10

const (
	// A is first.
	A = iota
	B // trailing
	C, D = 1, 2
)

var cache = map[string]int{"a": load(Limit)}

func (s *Stack[T]) Push(item T) error {
	s.items = append(s.items, item)
	s.count++
	for i, x := range s.items {
		fmt.Println(i, x.Name, str.Repeat("a", Limit))
	}
	return nil
}

// Stack of items.
//
//go:generate stringer
type Stack[T any] struct {
	sync.Mutex
	*Base
	items []T
	count, size int `json:"count"`
}

type (
	// Shape has an area.
	Shape interface {
		fmt.Stringer
		Area(scale float64) (area float64)
	}
	ID = uint64
	Handler func(w http.ResponseWriter, r *http.Request)
)

func (h Handler) Serve(w http.ResponseWriter) { h(w, nil) }

func (o *elsewhere.Other) Odd() {}

// New makes one.
func New[K comparable](name string, opts ...Option) (*Stack[K], error) {
	var local int
	const inner = 1
	s := &Stack[K]{items: nil, size: inner}
	switch v := any(s).(type) {
	case Shape:
		v.Area(1)
	}
	go func() { local = <-done }()
outer:
	for {
		break outer
	}
	return s, http.ErrAbortHandler
}
"#;

#[test]
fn fixture() {
    check(
        Language::Go,
        SOURCE,
        expect![[r#"
            3:9 package shop [3-3] package shop // Package shop sells.
            15:7 constant Limit [15-15] const Limit = 10 // Limit of items.
            19:2 constant A: =iota [19-19] A = iota // A is first.
            20:2 constant B [20-20] B
            21:2 constant C [21-21] C, D = 1, 2
            21:5 constant D [21-21] C, D = 1, 2
            24:5 variable cache [24-24] var cache = map[string]int
            38:6 struct Stack < sync.Mutex, Base [38-43] type Stack[T any] struct // Stack of items.
            26:20 method Stack.Push: error [26-33] func (s *Stack[T]) Push(item T) error
            41:2 field Stack.items [41-41] items []T
            42:2 field Stack.count: int [42-42] count, size int `json:"count"`
            42:9 field Stack.size: int [42-42] count, size int `json:"count"`
            47:2 interface Shape < fmt.Stringer [47-50] Shape interface // Shape has an area.
            49:3 method Shape.Area: float64 [49-49] Area(scale float64) (area float64)
            51:2 type ID: uint64 [51-51] ID = uint64
            52:2 type Handler [52-52] Handler func(w http.ResponseWriter, r *http.Request)
            55:18 method Handler.Serve [55-55] func (h Handler) Serve(w http.ResponseWriter)
            57:27 method Odd [57-57] func (o *elsewhere.Other) Odd()
            60:6 function New: Stack [60-74] func New[K comparable](name string, opts ...Option) (*Stack[K], error) // New makes one.
            6:2 import fmt ""
            7:6 import strings "" as str
            8:4 import math "*"
            9:4 import embed "" as _
            12:8 import net/http ""
        "#]],
        expect![[r#"
            7 in -: import str,
            24 in cache: type string, type int, call load, read Limit,
            26 in Stack.Push: parameter s: Stack, type Stack, type T, parameter item: T, type T, type error,
            27 in Stack.Push: read s^26, write s|items, call append, read s^26, read s|items, read item^26,
            28 in Stack.Push: read s^26, write s|count,
            29 in Stack.Push: local i, local x, read s^26, read s|items,
            30 in Stack.Push: read fmt, call fmt|Println, read i^29, read x^29, read x|Name, read str, call str|Repeat, read Limit,
            38 in Stack: type-parameter T: any, type any,
            39 in Stack: read sync, inherit sync|Mutex,
            40 in Stack: inherit Base,
            41 in Stack: type T^38,
            42 in Stack: type int,
            48 in Shape: read fmt, inherit fmt|Stringer,
            49 in Shape.Area: parameter scale: float64, type float64, parameter area: float64, type float64,
            51 in ID: type uint64,
            52 in Handler: parameter w: http.ResponseWriter, read http, type http|ResponseWriter, parameter r: http.Request, read http, type http|Request,
            55 in Handler.Serve: parameter h: Handler, type Handler, parameter w: http.ResponseWriter, read http, type http|ResponseWriter, call h^55, read w^55,
            57 in Odd: parameter o: elsewhere.Other, read elsewhere, type elsewhere|Other,
            60 in New: type-parameter K: comparable, type comparable, parameter name: string, type string, parameter opts, type Option, type Stack, type K^60, type error,
            61 in New: local local: int, type int,
            62 in New: local inner,
            63 in New: local s: =Stack(), type Stack, type K^60, write :Stack|items, write :Stack|size, read inner^62,
            64 in New: local v, call any, read s^63,
            65 in New: type Shape,
            66 in New: read v^64, call v|Area,
            68 in New: write local^61, read done,
            69 in New: write :|outer,
            71 in New: write :|outer,
            73 in New: read s^63, read http, read http|ErrAbortHandler,
        "#]],
    );
}
