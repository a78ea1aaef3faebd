//! Go.

use expect_test::expect;

use super::{check, check_calls, check_imports};

#[test]
fn scopes() {
    check(
        r##"--- a/a.go
package a

var limit = 1

func run(limit int) (total int, err error) {
	for i, item := range items() {
		limit := «i» + «limit»
		use(«limit», «item»)
	}
	if other, err := load(); err != nil {
		return «other», «err»
	}
	fn := func(limit string) string { return «limit» }
	«fn»("x")
	switch kind := any(«total»).(type) {
	case int:
		use(«kind»)
	}
	return «limit», «err»
}

func again() int { return «limit» }
func generic[T any](item «T») {}
"##,
        expect![[r#"
            a/a.go:7 i → local i a/a.go:6 by scope
            a/a.go:7 limit → parameter limit a/a.go:5 by scope
            a/a.go:8 limit → local limit a/a.go:7 by scope
            a/a.go:8 item → local item a/a.go:6 by scope
            a/a.go:11 other → local other a/a.go:10 by scope
            a/a.go:11 err → local err a/a.go:10 by scope
            a/a.go:13 limit → parameter limit a/a.go:13 by scope
            a/a.go:14 fn → local fn a/a.go:13 by scope
            a/a.go:15 total → parameter total a/a.go:5 by scope
            a/a.go:17 kind → local kind a/a.go:15 by scope
            a/a.go:19 limit → parameter limit a/a.go:5 by scope
            a/a.go:19 err → parameter err a/a.go:5 by scope
            a/a.go:22 limit → variable limit a/a.go:3 by file
            a/a.go:23 T → type-parameter T a/a.go:23 by scope
        "#]],
    );
}

#[test]
fn members() {
    check(
        r##"--- go.mod
module example.com/shop
--- pool/pool.go
package pool

type Base struct{ size int }

func (b *Base) Close() {}

type Pool struct {
	*Base
	Name string
}

type Getter interface{ Get() int }

func (p *Pool) Get() int { return p.«size» + p.Base.«size» }
func (p *Pool) Only() { p.«Get»(); p.«Close»() }
func New(name string) (*Pool, error) { return &«Pool»{«Name»: name}, nil }
--- app.go
package main

import (
	"fmt"
	"strings"

	"example.com/shop/pool"
	alias "example.com/shop/pool"
)

type App struct {
	pool  *pool.Pool
	names map[string]string
}

func (a *App) Run(other alias.Pool, getter pool.«Getter», unknown any) {
	a.«pool».«Get»()
	a.pool.«Close»()
	a.names.«Get»()
	other.«Only»()
	getter.«Get»()
	made, err := pool.«New»("x")
	made.«Get»()
	err.«Error»()
	fmt.«Println»(strings.«ToUpper»("x"))
	unknown.«Get»()
	list := []pool.Pool{{«Name»: "x"}}
	m, n := map[string]int{«key»: 1}, [...]int{«key»: 2}
	use(list, m, n, App{«names»: nil})
	Helper()
}

const key = "k"
--- helper.go
package main

func Helper() { «main»(); «unknownFunction»() }
func main() { new(«App»).«Run»() }
"##,
        expect![[r#"
            pool/pool.go:14 size → field Base.size pool/pool.go:3 by type
            pool/pool.go:14 size → field Base.size pool/pool.go:3 by type
            pool/pool.go:15 Get → method Pool.Get pool/pool.go:14 by type
            pool/pool.go:15 Close → method Base.Close pool/pool.go:5 by type
            pool/pool.go:16 Pool → struct Pool pool/pool.go:7 by file
            pool/pool.go:16 Name → field Pool.Name pool/pool.go:9 by type
            app.go:16 Getter → interface Getter pool/pool.go:12 by import
            app.go:17 pool → field App.pool app.go:12 by type
            app.go:17 Get → method Pool.Get pool/pool.go:14 by type
            app.go:18 Close → method Base.Close pool/pool.go:5 by type
            app.go:19 Get → any of method Getter.Get pool/pool.go:12, method Pool.Get pool/pool.go:14
            app.go:20 Only → method Pool.Only pool/pool.go:15 by type
            app.go:21 Get → method Getter.Get pool/pool.go:12 by type
            app.go:22 New → function New pool/pool.go:16 by import
            app.go:23 Get → method Pool.Get pool/pool.go:14 by type
            app.go:24 Error → nothing
            app.go:25 Println → nothing, from outside
            app.go:25 ToUpper → nothing, from outside
            app.go:26 Get → any of method Getter.Get pool/pool.go:12, method Pool.Get pool/pool.go:14
            app.go:27 Name → field Pool.Name pool/pool.go:9 by type
            app.go:28 key → constant key app.go:33 by file
            app.go:28 key → constant key app.go:33 by file
            app.go:29 names → field App.names app.go:13 by type
            helper.go:3 main → function main helper.go:4 by file
            helper.go:3 unknownFunction → nothing
            helper.go:4 App → struct App app.go:11 by package
            helper.go:4 Run → method App.Run app.go:16 by package
        "#]],
    );
}

#[test]
fn packages() {
    check(
        r##"--- go.mod
module example.com/m
--- a/a.go
package a

type Config struct{}

func Load() Config { return «Config»{} }
--- b/b.go
package b

import "example.com/m/a"

type Config struct{ inner a.«Config» }

func Load() { a.«Load»(); «Load»(); other.«Load»() }
--- b/more.go
package b

func more(c «Config») { «Load»(); c.«inner» }
--- c/c.go
package c

import . "example.com/m/a"

func run() { «Load»(); b.«Load»() }
"##,
        expect![[r#"
            a/a.go:5 Config → struct Config a/a.go:3 by file
            b/b.go:5 Config → struct Config a/a.go:3 by import
            b/b.go:7 Load → function Load a/a.go:5 by import
            b/b.go:7 Load → function Load b/b.go:7 by file
            b/b.go:7 Load → nothing, from outside
            b/more.go:3 Config → struct Config b/b.go:5 by package
            b/more.go:3 Load → function Load b/b.go:7 by package
            b/more.go:3 inner → field Config.inner b/b.go:5 by type
            c/c.go:5 Load → function Load a/a.go:5 by import
            c/c.go:5 Load → nothing, from outside
        "#]],
    );
}

#[test]
fn what_is_made_taken_and_given() {
    check(
        r##"--- go.mod
module example.com/shop
--- app.go
package main

type Remote struct{}
type Other struct{}
type Goer interface{ Go() }
type Box[T Goer] struct{ held T }

func (r *Remote) Go()   {}
func (r *Remote) Only() {}
func (o *Other) Go()    {}

func run[T Goer](q *Remote, t T, a any, e interface{}, box Box[Goer]) {
	made := new(Remote)
	made.«Go»()
	(*q).«Go»()
	new(Other).«Go»()
	t.«Go»()
	var i interface{ Go() }
	i.«Go»()
	a.«Only»()
	e.«Only»()
	box.held.«Go»()
}
"##,
        expect![[r#"
            app.go:14 Go → method Remote.Go app.go:8 by type
            app.go:15 Go → method Remote.Go app.go:8 by type
            app.go:16 Go → method Other.Go app.go:10 by file
            app.go:17 Go → method Goer.Go app.go:5 by type
            app.go:19 Go → any of method Goer.Go app.go:5, method Remote.Go app.go:8, method Other.Go app.go:10
            app.go:20 Only → method Remote.Only app.go:9 by unique
            app.go:21 Only → method Remote.Only app.go:9 by unique
            app.go:22 Go → method Goer.Go app.go:5 by type
        "#]],
    );
}

/// Of a method that very many types have, not all are named, and what is called so without being a method is none of them.
#[test]
fn a_method_of_something_is_no_function_of_a_package() {
    let many: String =
        (0..20).map(|n| format!("type E{n} struct{{}}\nfunc (e E{n}) Error() string {{ return \"\" }}\n")).collect();
    let project = format!(
        "--- go.mod
module example.com/m
--- http/server.go
package http
func Error(w Writer, text string, code int) {{}}
--- errs/errs.go
package errs
{many}--- app/app.go
package app
import \"example.com/m/http\"
func run(err error, w http.Writer) {{
    err.Error()
    err.Unwrap().Error()
    http.Error(w, \"x\", 404)
}}
"
    );
    check_calls(
        &project,
        "http.Error",
        true,
        expect![[r#"
        app/app.go:6 run Error → Error import
    "#]],
    );
    check_calls(
        &project,
        "E7.Error",
        true,
        expect![[r#"
        app/app.go:5 run Error → E0.Error, E1.Error, E2.Error, E3.Error, E4.Error, E5.Error, E6.Error, E7.Error, E8.Error, E9.Error, E10.Error, E11.Error, E12.Error, E13.Error, E14.Error, E15.Error ambiguous
    "#]],
    );
}

#[test]
fn tests_are_no_part_of_an_imported_package() {
    let project = "--- go.mod
module example.com/m
--- wide/wide.go
package wide
func Of() {}
--- wide/more.go
package wide
--- wide/wide_test.go
package wide
func OnlyInTests() {}
--- wide/export_test.go
package wide
func Exported() {}
--- wide/of_test.go
package wide_test
import \"example.com/m/wide\"
func check() { wide.Of(); wide.Exported() }
--- app/app.go
package app
import \"example.com/m/wide\"
func run() { wide.Of(); wide.OnlyInTests() }
";
    check_imports(
        project,
        "app/app.go",
        expect![[r#"
        2 example.com/m/wide  → wide/more.go, wide/wide.go
    "#]],
    );
    check_calls(
        project,
        "wide.Exported",
        true,
        expect![[r#"
        wide/of_test.go:3 check Exported → Exported import
    "#]],
    );
    check_calls(
        project,
        "OnlyInTests",
        true,
        expect![[r#"
        app/app.go:3 run OnlyInTests →  
    "#]],
    );
}
