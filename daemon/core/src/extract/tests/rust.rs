//! Rust.

use expect_test::expect;

use super::check;
use crate::kinds::Language;

const SOURCE: &str = r##"
//! Crate.
use std::collections::{self, HashMap as Map, hash_map::{Entry, *}};
use crate::util;
pub mod inner;

/// Counts things.
///
/// At length.
#[derive(Debug, Clone)]
pub struct Counter<'a, T: Ord> {
    /// How many.
    pub total: usize,
    names: &'a [T], // trailing
    next: Option<Box<Counter<'a, T>>>,
}

// Not documentation.
pub enum Event {
    Tick,
    Key { code: u32 },
    Other(util::Extra),
}

pub trait Shape: Clone + Send {
    const SIDES: usize;
    type Unit;
    /** Its area. */
    fn area(&self, scale: f64) -> f64;
    fn describe(&self) -> String {
        format!("{} {}", self.area(1.0), Self::SIDES)
    }
}

impl<'a, T: Ord> Counter<'a, T> {
    pub const LIMIT: usize = 10;

    #[must_use]
    pub fn new(
        names: &'a [T], // the names
        total: usize,
    ) -> Self
    where
        T: Clone,
    {
        let mut map: Map<String, r#type::Name> = Map::new();
        map.insert(String::from("a"), helper::<T>(names)?);
        Counter { names, total: total + 1, next: None }
    }
}

impl<T: Ord> Shape for Counter<'_, T> {
    fn area(&self, scale: f64) -> f64 {
        'outer: loop {
            match self.next {
                Some(ref inner) if inner.total > LIMIT => break 'outer,
                Event::Key { code, .. } => self.state.count += code,
                None => {}
            }
        }
        if let (a, Some(b)) = pair { a[b] = scale; }
        names.iter().map(|(name, _)| name.len()).sum::<usize>()
    }
}

macro_rules! square {
    ($x:expr) => { multiply($x, self.other) };
}

extern "C" {
    fn strlen(s: *const u8) -> usize;
}

pub(crate) static GREETING: &str = "hi // there";
type Pair = (u8, u8);

fn main() {
    const LOCAL: u8 = 1;
    square!(LOCAL.max(2) != b, util::twice!(x), 'a', Pair::default(), raw);
    let é = 1; let y = é;
}
"##;

#[test]
fn fixture() {
    check(
        Language::Rust,
        SOURCE,
        expect![[r#"
            5:9 module declared inner [5-5] pub mod inner
            11:12 struct Counter [10-16] pub struct Counter<'a, T: Ord> // Counts things.
            13:9 field Counter.total: usize [13-13] pub total: usize // How many.
            14:5 field Counter.names [14-14] names: &'a [T]
            15:5 field Counter.next: Option [15-15] next: Option<Box<Counter<'a, T>>>
            19:10 enum Event [19-23] pub enum Event
            20:5 variant Event.Tick [20-20] Tick
            21:5 variant Event.Key [21-21] Key
            21:11 field Event.Key.code: u32 [21-21] code: u32
            22:5 variant Event.Other [22-22] Other
            25:11 trait Shape < Clone, Send [25-33] pub trait Shape: Clone + Send
            26:11 constant Shape.SIDES: usize [26-26] const SIDES: usize
            27:10 type Shape.Unit [27-27] type Unit
            29:8 method Shape.area: f64 [29-29] fn area(&self, scale: f64) -> f64 // Its area.
            30:8 method Shape.describe: String [30-32] fn describe(&self) -> String
            35:18 impl Counter [35-50] impl<'a, T: Ord> Counter<'a, T>
            36:15 constant Counter.LIMIT: usize [36-36] pub const LIMIT: usize = 10
            39:12 method Counter.new: Self [38-49] pub fn new(names: &'a [T], total: usize) -> Self where T: Clone
            52:24 impl Counter < Shape [52-64] impl<T: Ord> Shape for Counter<'_, T>
            53:8 method Counter.area: f64 [53-63] fn area(&self, scale: f64) -> f64
            66:14 macro square [66-68] macro_rules! square
            71:8 function declared strlen: usize [71-71] fn strlen(s: *const u8) -> usize
            74:19 constant GREETING: str [74-74] pub(crate) static GREETING: &str = "hi // there"
            75:6 type Pair [75-75] type Pair = (u8, u8)
            77:4 function main [77-81] fn main()
            78:11 constant main.LOCAL: u8 [78-78] const LOCAL: u8 = 1
            3:24 import std "collections"
            3:30 import std::collections "HashMap" as Map
            3:57 import std::collections::hash_map "Entry"
            3:64 import std::collections::hash_map "*"
            4:5 import crate "util"
        "#]],
        expect![[r#"
            3 in -: import std, import std|collections, import HashMap, import Map, import hash_map, import Entry,
            4 in -: import crate|util,
            10 in -: decorate derive, read Debug, read Clone,
            11 in Counter: type-parameter T: Ord, type Ord,
            13 in Counter.total: type usize,
            14 in Counter.names: type T^11,
            15 in Counter.next: type Option, type Box, type Counter, type T^11,
            21 in Event.Key.code: type u32,
            22 in Event.Other: read util, type util|Extra,
            25 in Shape: inherit Clone, inherit Send,
            26 in Shape.SIDES: type usize,
            29 in Shape.area: parameter scale: f64, type f64, type f64,
            30 in Shape.describe: type String,
            31 in Shape.describe: call format, call self|area, read Self, read Self|SIDES,
            35 in Counter: type-parameter T: Ord&Clone, type Ord, type Counter, type T^35,
            36 in Counter.LIMIT: type usize,
            38 in Counter: decorate must_use,
            40 in Counter.new: parameter names, type T^35,
            41 in Counter.new: parameter total: usize, type usize,
            42 in Counter.new: type Self,
            44 in Counter.new: type T^35, type Clone,
            46 in Counter.new: local map: Map, type Map, type String, read type, type type|Name, read Map, call Map|new,
            47 in Counter.new: read map^46, call map|insert, read String, call String|from, call helper, type T^35, read names^40,
            48 in Counter.new: type Counter, read names^40, write :Counter|total, read total^41, write :Counter|next, read None,
            52 in Counter: type-parameter T: Ord, type Ord, inherit Shape, type Counter, type T^52,
            53 in Counter.area: parameter scale: f64, type f64, type f64,
            55 in Counter.area: read self|next,
            56 in Counter.area: read Some, local inner, read inner^56, read inner|total, read LIMIT,
            57 in Counter.area: read Event, type Event|Key, local code, read self|state, write self.state|count, read code^57,
            58 in Counter.area: read None,
            61 in Counter.area: local a, read Some, local b, read pair, read a^61, read b^61, read scale^53,
            62 in Counter.area: read names, call names|iter, call names.iter()|map, parameter name, read name^62, call name|len, call names.iter().map()|sum, type usize,
            67 in square: write :|x, call multiply, read :|x, read self|other,
            71 in strlen: parameter s: u8, type u8, type usize,
            74 in GREETING: type str,
            75 in Pair: type u8, type u8,
            78 in main.LOCAL: type u8,
            79 in main: call square, read LOCAL, call LOCAL|max, read b, read util, call util|twice, read x, read Pair, call Pair|default, read raw,
            80 in main: local é, local y: =é, read é^80,
        "#]],
    );
}
