//! Rust.

use expect_test::expect;

use super::{check, check_calls, check_derived, check_importers, check_named};

#[test]
fn scopes_and_shadowing() {
    check(
        r##"--- src/lib.rs
fn value() -> u32 { 1 }

fn run(value: u32) -> u32 {
    let other = «value» + 1;
    let value = «other»;
    let closure = |value: u8| «value»;
    {
        let value = "inner";
        print(«value»);
    }
    if let Some(found) = maybe() { use_it(«found»); }
    «closure»(1);
    match maybe() { Some(value) => «value», None => «value» }
}

fn outer() { fn helper() {} «helper»(); }
fn helper() {}
fn again() { «helper»(); «value»(); }
fn generic<T: Clone>(item: «T») {}
"##,
        expect![[r#"
            src/lib.rs:4 value → parameter value src/lib.rs:3 by scope
            src/lib.rs:5 other → local other src/lib.rs:4 by scope
            src/lib.rs:6 value → parameter value src/lib.rs:6 by scope
            src/lib.rs:9 value → local value src/lib.rs:8 by scope
            src/lib.rs:11 found → local found src/lib.rs:11 by scope
            src/lib.rs:12 closure → local closure src/lib.rs:6 by scope
            src/lib.rs:13 value → local value src/lib.rs:13 by scope
            src/lib.rs:13 value → local value src/lib.rs:5 by scope
            src/lib.rs:16 helper → function outer.helper src/lib.rs:16 by scope
            src/lib.rs:18 helper → function helper src/lib.rs:17 by file
            src/lib.rs:18 value → function value src/lib.rs:1 by file
            src/lib.rs:19 T → type-parameter T src/lib.rs:19 by scope
        "#]],
    );
}

#[test]
fn members_by_self_and_by_type() {
    check(
        r##"--- src/lib.rs
mod pool;
use pool::Pool;

pub struct Server { pool: Pool, name: String }

impl Server {
    pub fn new(pool: Pool) -> Self { «Server» { «pool»: «pool», name: String::new() } }
    fn take(&self) -> u32 {
        self.«pool».«get»();
        self.«pool».inner.«deep»();
        self.name.«get»();
        Self::«limit»() + Server::«limit»()
    }
    fn limit() -> u32 { 3 }
}

fn run(server: &Server, list: Vec<u8>, other: Box<Pool>) {
    server.«take»();
    other.«get»();
    let made = Pool::«open»();
    made.«get»();
    let chained = Server::new(made).«take»();
    list.«get»(0);
    unknown().«get»(1);
    unknown().«only_here»();
}
--- src/pool.rs
pub struct Inner;
impl Inner { pub fn deep(&self) {} }
pub struct Pool { pub inner: Inner }
impl Pool {
    pub fn open() -> Pool { Pool { inner: «Inner» } }
    pub fn get(&self) -> u32 { 1 }
    pub fn only_here(&self) {}
}
"##,
        expect![[r#"
            src/lib.rs:7 Server → struct Server src/lib.rs:4 by file
            src/lib.rs:7 pool → field Server.pool src/lib.rs:4 by type
            src/lib.rs:7 pool → parameter pool src/lib.rs:7 by scope
            src/lib.rs:9 pool → field Server.pool src/lib.rs:4 by scope
            src/lib.rs:9 get → method Pool.get src/pool.rs:6 by type
            src/lib.rs:10 pool → field Server.pool src/lib.rs:4 by scope
            src/lib.rs:10 deep → method Inner.deep src/pool.rs:2 by type
            src/lib.rs:11 get → any of method Pool.get src/pool.rs:6
            src/lib.rs:12 limit → method Server.limit src/lib.rs:14 by scope
            src/lib.rs:12 limit → method Server.limit src/lib.rs:14 by file
            src/lib.rs:18 take → method Server.take src/lib.rs:8 by type
            src/lib.rs:19 get → method Pool.get src/pool.rs:6 by type
            src/lib.rs:20 open → method Pool.open src/pool.rs:5 by import
            src/lib.rs:21 get → method Pool.get src/pool.rs:6 by type
            src/lib.rs:22 take → method Server.take src/lib.rs:8 by file
            src/lib.rs:23 get → nothing
            src/lib.rs:24 get → nothing
            src/lib.rs:25 only_here → method Pool.only_here src/pool.rs:7 by unique
            src/pool.rs:5 Inner → struct Inner src/pool.rs:1 by file
        "#]],
    );
}

#[test]
fn traits_and_their_impls() {
    check(
        r##"--- src/lib.rs
pub trait Shape { fn area(&self) -> f64; fn twice(&self) -> f64 { self.«area»() * 2.0 } }
pub struct Square(f64);
pub struct Circle { radius: f64 }
impl «Shape» for «Square» { fn area(&self) -> f64 { self.0 } }
impl Shape for Circle { fn area(&self) -> f64 { self.«radius» } }

fn run(square: Square, circle: &Circle, any: &dyn Shape) {
    square.«area»();
    circle.«area»();
    circle.«twice»();
    any.«area»();
}

pub enum Event { Tick, Key { code: u32 } }
fn event(event: Event) {
    match event { Event::«Tick» => {}, Event::Key { «code» } => print(«code») }
}
"##,
        expect![[r#"
            src/lib.rs:1 area → method Shape.area src/lib.rs:1 by scope
            src/lib.rs:4 Shape → trait Shape src/lib.rs:1 by file
            src/lib.rs:4 Square → struct Square src/lib.rs:2 by file
            src/lib.rs:5 radius → field Circle.radius src/lib.rs:3 by scope
            src/lib.rs:8 area → method Square.area src/lib.rs:4 by type
            src/lib.rs:9 area → method Circle.area src/lib.rs:5 by type
            src/lib.rs:10 twice → method Shape.twice src/lib.rs:1 by type
            src/lib.rs:11 area → method Shape.area src/lib.rs:1 by type
            src/lib.rs:16 Tick → variant Event.Tick src/lib.rs:14 by file
            src/lib.rs:16 code → local code src/lib.rs:16 by scope
            src/lib.rs:16 code → local code src/lib.rs:16 by scope
        "#]],
    );
}

#[test]
fn modules_imports_aliases_and_reexports() {
    check(
        r##"--- Cargo.toml
[package]
name = "my-shop"
--- src/lib.rs
pub mod api;
mod store;
pub use store::basket::Basket as Cart;
use crate::api::{fetch, «Client» as Http};

fn run() {
    «fetch»();
    «Http»::«connect»();
    «Cart»::«empty»();
    api::«fetch»();
    crate::store::basket::«total»();
    store::«total»();
    std::mem::«swap»(1, 2);
    Vec::<u8>::«new»();
    «missing»();
}

mod inline { pub fn inside() { super::«run»(); } pub mod deep { pub fn down() { super::«inside»(); } } }
fn into() { inline::«inside»(); inline::deep::«down»(); }
--- src/api.rs
pub fn fetch() {}
pub struct Client;
impl Client { pub fn connect() {} }
--- src/store/mod.rs
pub mod basket;
pub use self::basket::*;
--- src/store/basket.rs
use super::super::api::«fetch»;
pub struct Basket;
impl Basket { pub fn empty() -> Basket { «fetch»(); Basket } }
pub fn total() {}
--- tests/all.rs
use my_shop::Cart;
use my_shop::api::*;
fn test() { «Cart»::«empty»(); «fetch»(); let c = «Client»; }
"##,
        expect![[r#"
            src/lib.rs:4 Client → struct Client src/api.rs:2 by import
            src/lib.rs:7 fetch → function fetch src/api.rs:1 by import
            src/lib.rs:8 Http → struct Client src/api.rs:2 by import
            src/lib.rs:8 connect → method Client.connect src/api.rs:3 by import
            src/lib.rs:9 Cart → struct Basket src/store/basket.rs:2 by import
            src/lib.rs:9 empty → method Basket.empty src/store/basket.rs:3 by import
            src/lib.rs:10 fetch → function fetch src/api.rs:1 by import
            src/lib.rs:11 total → function total src/store/basket.rs:4 by import
            src/lib.rs:12 total → function total src/store/basket.rs:4 by import
            src/lib.rs:13 swap → nothing, from outside
            src/lib.rs:14 new → nothing, from outside
            src/lib.rs:15 missing → nothing
            src/lib.rs:18 run → function run src/lib.rs:6 by import
            src/lib.rs:18 inside → function inline.inside src/lib.rs:18 by import
            src/lib.rs:19 inside → function inline.inside src/lib.rs:18 by file
            src/lib.rs:19 down → function inline.deep.down src/lib.rs:18 by file
            src/store/basket.rs:1 fetch → function fetch src/api.rs:1 by import
            src/store/basket.rs:3 fetch → function fetch src/api.rs:1 by import
            tests/all.rs:3 Cart → struct Basket src/store/basket.rs:2 by import
            tests/all.rs:3 empty → method Basket.empty src/store/basket.rs:3 by import
            tests/all.rs:3 fetch → function fetch src/api.rs:1 by import
            tests/all.rs:3 Client → struct Client src/api.rs:2 by import
        "#]],
    );
}

#[test]
fn same_names_are_told_apart() {
    check(
        r##"--- src/a.rs
pub struct Config;
impl Config { pub fn load() {} }
pub fn start() { «Config»::«load»(); }
--- src/b.rs
pub struct Config;
impl Config { pub fn load() {} }
pub fn start() { «Config»::«load»(); something.«load»(); «start»(); }
--- src/c.rs
use crate::b::Config;
fn run(x: Config, y: crate::a::«Config») { Config::«load»(); y.«load»(); «start»(); }
"##,
        expect![[r#"
            src/a.rs:3 Config → struct Config src/a.rs:1 by file
            src/a.rs:3 load → method Config.load src/a.rs:2 by file
            src/b.rs:3 Config → struct Config src/b.rs:1 by file
            src/b.rs:3 load → method Config.load src/b.rs:2 by file
            src/b.rs:3 load → any of method Config.load src/b.rs:2, method Config.load src/a.rs:2
            src/b.rs:3 start → function start src/b.rs:3 by file
            src/c.rs:2 Config → struct Config src/a.rs:1 by import
            src/c.rs:2 load → method Config.load src/b.rs:2 by import
            src/c.rs:2 load → method Config.load src/a.rs:2 by type
            src/c.rs:2 start → nothing
        "#]],
    );
}

#[test]
fn macros_are_seen_everywhere() {
    check(
        r##"--- src/macros.rs
macro_rules! shout { ($x:expr) => { print($x) }; }
--- src/use.rs
fn run() { «shout»!(1); let x = 1; «shout»!(«x»); }
"##,
        expect![[r#"
            src/use.rs:1 shout → macro shout src/macros.rs:1 by unique
            src/use.rs:1 shout → macro shout src/macros.rs:1 by unique
            src/use.rs:1 x → local x src/use.rs:1 by scope
        "#]],
    );
}

#[test]
fn a_method_is_called_and_the_field_of_its_name_is_not() {
    check(
        r##"--- src/lib.rs
struct Scope { options: u32, hook: fn() }

impl Scope {
    fn options(&self) -> Plan { Plan { size: self.«options» } }
    fn run(&self, other: &Scope) {
        self.«options»().«size»;
        other.«options»();
        other.«options»;
        (other.«hook»)();
    }
}
struct Plan { size: u32 }
"##,
        expect![[r#"
            src/lib.rs:4 options → field Scope.options src/lib.rs:1 by scope
            src/lib.rs:6 options → method Scope.options src/lib.rs:4 by scope
            src/lib.rs:6 size → field Plan.size src/lib.rs:12 by type
            src/lib.rs:7 options → method Scope.options src/lib.rs:4 by type
            src/lib.rs:8 options → field Scope.options src/lib.rs:1 by type
            src/lib.rs:9 hook → field Scope.hook src/lib.rs:1 by type
        "#]],
    );
}

#[test]
fn a_crate_may_stand_beside_its_manifest() {
    check(
        r##"--- rooted/Cargo.toml
[package]
name = "rooted"
[lib]
path = "lib.rs"
--- rooted/lib.rs
mod parts;
pub fn top() { crate::parts::«wheel»(); }
--- rooted/parts/mod.rs
pub mod inner;
pub fn wheel() { crate::«top»(); super::«top»(); }
--- rooted/parts/inner.rs
use crate::parts::«wheel»;
use crate::«top» as first;
fn run() { «first»(); super::«wheel»(); crate::«missing»(); }
--- rooted/tests/all.rs
use rooted::«top»;
fn test() { rooted::parts::«wheel»(); crate::«wheel»(); }
--- rooted/build.rs
fn top() {}
fn main() { crate::«top»(); }
--- named/Cargo.toml
[package]
name = "named"
[lib]
path = "code/entry.rs"
[dependencies]
rooted = { path = "../rooted" }
--- named/code/entry.rs
mod deep;
pub fn start() {}
--- named/code/deep.rs
fn run() { crate::«start»(); rooted::«top»(); }
"##,
        expect![[r#"
            rooted/lib.rs:2 wheel → function wheel rooted/parts/mod.rs:2 by import
            rooted/parts/mod.rs:2 top → function top rooted/lib.rs:2 by import
            rooted/parts/mod.rs:2 top → function top rooted/lib.rs:2 by import
            rooted/parts/inner.rs:1 wheel → function wheel rooted/parts/mod.rs:2 by import
            rooted/parts/inner.rs:2 top → function top rooted/lib.rs:2 by import
            rooted/parts/inner.rs:3 first → function top rooted/lib.rs:2 by import
            rooted/parts/inner.rs:3 wheel → function wheel rooted/parts/mod.rs:2 by import
            rooted/parts/inner.rs:3 missing → nothing
            rooted/tests/all.rs:1 top → function top rooted/lib.rs:2 by import
            rooted/tests/all.rs:2 wheel → function wheel rooted/parts/mod.rs:2 by import
            rooted/tests/all.rs:2 wheel → nothing
            rooted/build.rs:2 top → function top rooted/build.rs:1 by import
            named/code/deep.rs:1 start → function start named/code/entry.rs:2 by import
            named/code/deep.rs:1 top → function top rooted/lib.rs:2 by import
        "#]],
    );
}

#[test]
fn tests_examples_and_binaries_are_crates_of_their_own() {
    check(
        r##"--- Cargo.toml
[package]
name = "shop"
--- src/lib.rs
pub fn open() {}
pub fn close() {}
--- src/main.rs
mod cli;
fn setup() {}
--- src/cli.rs
fn run() { crate::«setup»(); crate::«open»(); }
--- src/bin/tool.rs
fn open() {}
fn main() { crate::«open»(); crate::«close»(); shop::«close»(); }
--- src/bin/big/main.rs
mod help;
fn setup() {}
--- src/bin/big/help.rs
fn run() { crate::«setup»(); }
--- tests/all.rs
mod common;
fn setup() {}
fn test() { common::«prepare»(); common::data::«load»(); crate::«open»(); }
--- tests/common/mod.rs
pub mod data;
pub fn prepare() { data::«load»(); crate::«setup»(); super::«setup»(); }
--- tests/common/data.rs
pub fn load() { super::«prepare»(); crate::common::«prepare»(); crate::«setup»(); }
--- tests/nested.rs
mod nested { pub mod part; }
fn begin() { nested::part::«go»(); }
--- tests/nested/part.rs
pub fn go() { crate::«begin»(); }
--- examples/show.rs
fn draw() {}
fn main() { crate::«draw»(); crate::«open»(); }
--- examples/two/main.rs
mod view;
fn draw() {}
--- examples/two/view.rs
fn run() { crate::«draw»(); super::«draw»(); }
"##,
        expect![[r#"
            src/cli.rs:1 setup → function setup src/main.rs:2 by import
            src/cli.rs:1 open → nothing
            src/bin/tool.rs:2 open → function open src/bin/tool.rs:1 by import
            src/bin/tool.rs:2 close → nothing
            src/bin/tool.rs:2 close → function close src/lib.rs:2 by import
            src/bin/big/help.rs:1 setup → function setup src/bin/big/main.rs:2 by import
            tests/all.rs:3 prepare → function prepare tests/common/mod.rs:2 by import
            tests/all.rs:3 load → function load tests/common/data.rs:1 by import
            tests/all.rs:3 open → nothing
            tests/common/mod.rs:2 load → function load tests/common/data.rs:1 by import
            tests/common/mod.rs:2 setup → function setup tests/all.rs:2 by import
            tests/common/mod.rs:2 setup → function setup tests/all.rs:2 by import
            tests/common/data.rs:1 prepare → function prepare tests/common/mod.rs:2 by import
            tests/common/data.rs:1 prepare → function prepare tests/common/mod.rs:2 by import
            tests/common/data.rs:1 setup → function setup tests/all.rs:2 by import
            tests/nested.rs:2 go → function go tests/nested/part.rs:1 by file
            tests/nested/part.rs:1 begin → function begin tests/nested.rs:2 by import
            examples/show.rs:2 draw → function draw examples/show.rs:1 by import
            examples/show.rs:2 open → nothing
            examples/two/view.rs:1 draw → function draw examples/two/main.rs:2 by import
            examples/two/view.rs:1 draw → function draw examples/two/main.rs:2 by import
        "#]],
    );
}

#[test]
fn a_directory_whose_name_ends_in_src_is_no_source_directory() {
    check(
        r##"--- Cargo.toml
[package]
name = "odd"
[[bin]]
name = "odd"
path = "nosrc/main.rs"
--- nosrc/main.rs
mod part;
fn begin() {}
--- nosrc/part.rs
fn run() { crate::«begin»(); super::«begin»(); }
--- other/nosrc/alone.rs
fn own() {}
fn run() { crate::«own»(); crate::«begin»(); }
"##,
        expect![[r#"
            nosrc/part.rs:1 begin → function begin nosrc/main.rs:2 by import
            nosrc/part.rs:1 begin → function begin nosrc/main.rs:2 by import
            other/nosrc/alone.rs:2 own → function own other/nosrc/alone.rs:1 by import
            other/nosrc/alone.rs:2 begin → nothing
        "#]],
    );
}

#[test]
fn globs() {
    check(
        r##"--- src/lib.rs
mod a;
mod b;
use a::*;
use b::*;
use std::io::*;
fn run() { «only_a»(); «both»(); «own»(); «Red»; «read»(); }
fn own() {}
fn colours() { use a::Color::*; «Red»; «both»(); }
enum Kind { Plain }
fn kinds() { use Kind::*; «Plain»; «Red»; }
mod tests { use super::*; use super::b::*; fn test() { «own»(); «only_b»(); } }
--- src/a.rs
pub fn only_a() {}
pub fn both() {}
pub fn own() {}
pub enum Color { Red }
--- src/b.rs
pub fn only_b() {}
pub fn both() {}
"##,
        expect![[r#"
            src/lib.rs:6 only_a → function only_a src/a.rs:1 by import
            src/lib.rs:6 both → any of function both src/a.rs:2, function both src/b.rs:2
            src/lib.rs:6 own → function own src/lib.rs:7 by file
            src/lib.rs:6 Red → nothing
            src/lib.rs:6 read → nothing
            src/lib.rs:8 Red → variant Color.Red src/a.rs:4 by import
            src/lib.rs:8 both → any of function both src/a.rs:2, function both src/b.rs:2
            src/lib.rs:10 Plain → variant Kind.Plain src/lib.rs:9 by import
            src/lib.rs:10 Red → nothing
            src/lib.rs:11 own → function own src/lib.rs:7 by file
            src/lib.rs:11 only_b → function only_b src/b.rs:1 by import
        "#]],
    );
}

#[test]
fn bounds_of_type_parameters() {
    check(
        r##"--- Cargo.toml
[package]
name = "shapes"
--- src/lib.rs
pub trait Shape { fn area(&self) {} }
pub trait Other { fn area(&self) {} }
struct Third;
impl Third { fn area(&self) {} }
fn direct<T: Shape + Send>(t: &T) { t.«area»() }
fn apart<T>(t: &T) where T: Other { t.«area»() }
fn either(t: impl Shape) { t.«area»() }
fn object(t: &dyn Other, b: Box<dyn Shape>) { t.«area»(); b.«area»() }
fn unbounded<T>(t: T) { t.«area»() }
fn foreign<T: Clone>(t: T) { t.«area»() }
fn cast(t: &u8) { (t as &dyn Shape).«area»(); (*t).«area»() }
struct Holder<T: Shape> { held: T }
impl<T: Shape> Holder<T> { fn run(&self) { self.held.«area»() } }
"##,
        expect![[r#"
            src/lib.rs:5 area → method Shape.area src/lib.rs:1 by type
            src/lib.rs:6 area → method Other.area src/lib.rs:2 by type
            src/lib.rs:7 area → method Shape.area src/lib.rs:1 by type
            src/lib.rs:8 area → method Other.area src/lib.rs:2 by type
            src/lib.rs:8 area → method Shape.area src/lib.rs:1 by type
            src/lib.rs:9 area → any of method Shape.area src/lib.rs:1, method Other.area src/lib.rs:2, method Third.area src/lib.rs:4
            src/lib.rs:10 area → any of method Shape.area src/lib.rs:1, method Other.area src/lib.rs:2, method Third.area src/lib.rs:4
            src/lib.rs:11 area → method Shape.area src/lib.rs:1 by file
            src/lib.rs:11 area → any of method Shape.area src/lib.rs:1, method Other.area src/lib.rs:2, method Third.area src/lib.rs:4
            src/lib.rs:13 area → method Shape.area src/lib.rs:1 by type
        "#]],
    );
}

#[test]
fn modules_that_stand_in_files() {
    check(
        r##"--- Cargo.toml
[package]
edition = "2021"
name = "cells"
--- src/lib.rs
pub mod other;
pub mod sync { pub struct OnceCell; impl OnceCell { pub fn new() -> OnceCell { OnceCell } } fn hidden() {} }
pub mod b {
    use std::fmt::Display;
    pub fn i1() { «i1»(); super::«free»(); self::«i1»(); self::c::«i4»(); }
    pub fn i2() {}
    pub mod c {
        pub fn i4() { super::«i1»(); super::super::«free»(); self::«i4»(); self::«free»(); }
        pub fn i5() {}
        pub use super::i2 as renamed;
    }
}
pub fn free() {}
mod one { use b::«i1»; use crate::b::«i2»; fn run() { «i1»(); «i2»(); } }
use self::b::{«i1» as first, c::{self, «i5»}};
use «b»::«c»::«i4»;
use crate::b::{c::«renamed»};
use crate::b::«missing»;
use crate::«hidden»;
use serde::«b»;
fn run() { «first»(); «i4»(); «i5»(); c::«i5»(); b::«i1»(); «renamed»(); b::«free»(); c::«i1»(); b::«Display»; }
struct Box;
impl Box {
    fn free(&self) { self.«free»(); self::«free»(); self::b::«i2»(); Self::«free»(self); println!("{}", self::«free»()); }
}
mod tests { use super::*; use b::«i2»; use super::b::c; fn test() { c::«i5»(); «i2»(); super::b::«i1»(); } }
mod left { use crate::b::i1 as same; fn run() { «same»(); } }
mod right { use crate::b::i2 as same; fn run() { «same»(); } }
mod neither { fn run() { «same»(); } }
--- src/other.rs
pub mod b { pub fn i1() {} pub fn only() {} }
pub mod inner { fn run() { super::«start»(); super::super::«free»(); super::b::«i1»(); crate::b::«i1»(); b::«only»(); } }
use crate::b::«i1»;
fn start() { «i1»(); self::b::«i1»(); }
--- examples/show.rs
use cells::sync::«OnceCell»;
use cells::{b::«i1», other::b::«i1» as other};
fn main() { «OnceCell»::«new»(); «i1»(); «other»(); }
"##,
        expect![[r#"
            src/lib.rs:5 i1 → function b.i1 src/lib.rs:5 by file
            src/lib.rs:5 free → function free src/lib.rs:13 by import
            src/lib.rs:5 i1 → function b.i1 src/lib.rs:5 by import
            src/lib.rs:5 i4 → function b.c.i4 src/lib.rs:8 by import
            src/lib.rs:8 i1 → function b.i1 src/lib.rs:5 by import
            src/lib.rs:8 free → function free src/lib.rs:13 by import
            src/lib.rs:8 i4 → function b.c.i4 src/lib.rs:8 by import
            src/lib.rs:8 free → nothing
            src/lib.rs:14 i1 → import i1 src/lib.rs:14, from outside
            src/lib.rs:14 i2 → function b.i2 src/lib.rs:6 by import
            src/lib.rs:14 i1 → import i1 src/lib.rs:14, from outside
            src/lib.rs:14 i2 → function b.i2 src/lib.rs:6 by import
            src/lib.rs:15 i1 → function b.i1 src/lib.rs:5 by import
            src/lib.rs:15 i5 → function b.c.i5 src/lib.rs:9 by import
            src/lib.rs:16 b → module b src/lib.rs:3 by import
            src/lib.rs:16 c → module b.c src/lib.rs:7 by import
            src/lib.rs:16 i4 → function b.c.i4 src/lib.rs:8 by import
            src/lib.rs:17 renamed → function b.i2 src/lib.rs:6 by import
            src/lib.rs:18 missing → import missing src/lib.rs:18
            src/lib.rs:19 hidden → import hidden src/lib.rs:19
            src/lib.rs:20 b → import b src/lib.rs:20, from outside
            src/lib.rs:21 first → function b.i1 src/lib.rs:5 by import
            src/lib.rs:21 i4 → function b.c.i4 src/lib.rs:8 by import
            src/lib.rs:21 i5 → function b.c.i5 src/lib.rs:9 by import
            src/lib.rs:21 i5 → function b.c.i5 src/lib.rs:9 by import
            src/lib.rs:21 i1 → function b.i1 src/lib.rs:5 by file
            src/lib.rs:21 renamed → function b.i2 src/lib.rs:6 by import
            src/lib.rs:21 free → nothing
            src/lib.rs:21 i1 → import i1 src/lib.rs:14
            src/lib.rs:21 Display → import Display src/lib.rs:4, from outside
            src/lib.rs:24 free → method Box.free src/lib.rs:24 by scope
            src/lib.rs:24 free → function free src/lib.rs:13 by import
            src/lib.rs:24 i2 → function b.i2 src/lib.rs:6 by import
            src/lib.rs:24 free → method Box.free src/lib.rs:24 by scope
            src/lib.rs:24 free → function free src/lib.rs:13 by import
            src/lib.rs:26 i2 → function b.i2 src/lib.rs:6 by import
            src/lib.rs:26 i5 → function b.c.i5 src/lib.rs:9 by import
            src/lib.rs:26 i2 → function b.i2 src/lib.rs:6 by import
            src/lib.rs:26 i1 → function b.i1 src/lib.rs:5 by import
            src/lib.rs:27 same → function b.i1 src/lib.rs:5 by import
            src/lib.rs:28 same → function b.i2 src/lib.rs:6 by import
            src/lib.rs:29 same → import same src/lib.rs:27
            src/other.rs:2 start → function start src/other.rs:4 by import
            src/other.rs:2 free → function free src/lib.rs:13 by import
            src/other.rs:2 i1 → function b.i1 src/other.rs:1 by import
            src/other.rs:2 i1 → function b.i1 src/lib.rs:5 by import
            src/other.rs:2 only → function b.only src/other.rs:1 by file
            src/other.rs:3 i1 → function b.i1 src/lib.rs:5 by import
            src/other.rs:4 i1 → function b.i1 src/lib.rs:5 by import
            src/other.rs:4 i1 → function b.i1 src/other.rs:1 by import
            examples/show.rs:1 OnceCell → struct sync.OnceCell src/lib.rs:2 by import
            examples/show.rs:2 i1 → function b.i1 src/lib.rs:5 by import
            examples/show.rs:2 i1 → function b.i1 src/lib.rs:5 by import
            examples/show.rs:3 OnceCell → struct sync.OnceCell src/lib.rs:2 by import
            examples/show.rs:3 new → method sync.OnceCell.new src/lib.rs:2 by import
            examples/show.rs:3 i1 → function b.i1 src/lib.rs:5 by import
            examples/show.rs:3 other → function b.i1 src/other.rs:1 by import
        "#]],
    );
}

#[test]
fn variants_that_are_imported() {
    check(
        r##"--- src/lib.rs
use self::En::*;
use crate::En::{V3 as «Z», V2 as Two};
use crate::deep::Kind;
use Kind::«Tick»;
pub enum En { V1, V2, V3 }
pub mod deep { pub enum Kind { Tick, Tock } impl Kind { pub fn make() {} } pub fn f() { use super::En::«V2»; «V2»; } }
fn run(en: En) { match en { «V1» => {} «Z» => {} «Two» => {} } «Tick»; «Tock»; }
fn all() { use deep::Kind::*; «Tock»; «V1»; «make»(); }
--- src/far.rs
use crate::En::*;
use super::deep::Kind::*;
fn run() { «V1»; «Tock»; «V9»; }
"##,
        expect![[r#"
            src/lib.rs:2 Z → variant En.V3 src/lib.rs:5 by import
            src/lib.rs:4 Tick → variant deep.Kind.Tick src/lib.rs:6 by import
            src/lib.rs:6 V2 → variant En.V2 src/lib.rs:5 by import
            src/lib.rs:6 V2 → variant En.V2 src/lib.rs:5 by import
            src/lib.rs:7 V1 → variant En.V1 src/lib.rs:5 by import
            src/lib.rs:7 Z → variant En.V3 src/lib.rs:5 by import
            src/lib.rs:7 Two → variant En.V2 src/lib.rs:5 by import
            src/lib.rs:7 Tick → variant deep.Kind.Tick src/lib.rs:6 by import
            src/lib.rs:7 Tock → nothing
            src/lib.rs:8 Tock → variant deep.Kind.Tock src/lib.rs:6 by import
            src/lib.rs:8 V1 → variant En.V1 src/lib.rs:5 by import
            src/lib.rs:8 make → nothing
            src/far.rs:3 V1 → variant En.V1 src/lib.rs:5 by import
            src/far.rs:3 Tock → variant deep.Kind.Tock src/lib.rs:6 by import
            src/far.rs:3 V9 → nothing
        "#]],
    );
}

#[test]
fn a_crate_root_is_imported_by_who_takes_what_it_passes_on() {
    check_importers(
        r##"--- Cargo.toml
[package]
name = "my-mini"
--- src/lib.rs
mod client;
pub mod tools;
pub use client::Client;
pub use tools::*;
--- src/client.rs
use super::tools;
pub struct Client;
mod tests { use super::*; use super::super::Client as Root; fn f() { Client; } }
--- src/tools.rs
use crate::client::Client as C;
use crate::Client;
pub fn help() {}
--- src/bin/a.rs
use my_mini::Client;
use my_mini::help as assist;
use my_mini::tools::help;
use other::Client;
mod inner { use super::Client; }
--- tests/all.rs
use my_mini::*;
use my_mini::tools;
"##,
        "src/lib.rs",
        expect![[r#"
            src/bin/a.rs:1 my_mini Client
            src/bin/a.rs:2 my_mini help
            src/client.rs:1 super tools
            src/client.rs:3 super::super Client
            src/tools.rs:2 crate Client
            tests/all.rs:1 my_mini *
            tests/all.rs:2 my_mini tools
        "#]],
    );
}

#[test]
fn variants_of_self() {
    check(
        r##"--- src/lib.rs
pub struct Wide { f: u32, g: u32 }
pub enum Kind { A(u32), B { f: u32, g: u32 }, C }
impl Kind {
    fn size(&self) -> u32 {
        match self {
            Self::«A»(n) => *«n»,
            Self::«B» { «f», .. } if *«f» > 1 => *f,
            Self::B { «f»: renamed, «g»: _ } => «renamed»,
            «Self»::«C» => 0,
        }
    }
    fn make(f: u32) -> Self { «Self»::«B» { «f», «g»: 2 } }
    fn other(f: u32) -> Kind { Kind::«B» { «f»: f, g: «f» } }
}
impl Wide { fn make(f: u32) -> Self { Self { «f», «g»: 1 } } fn split(self) -> u32 { let Self { «f», «g»: h } = self; f } }
type Alias = Kind;
fn outside(kind: Kind) { if let Alias::«B» { «f»: inner, .. } = kind { «inner»; } }
"##,
        expect![[r#"
            src/lib.rs:6 A → variant Kind.A src/lib.rs:2 by scope
            src/lib.rs:6 n → local n src/lib.rs:6 by scope
            src/lib.rs:7 B → variant Kind.B src/lib.rs:2 by scope
            src/lib.rs:7 f → local f src/lib.rs:7 by scope
            src/lib.rs:7 f → local f src/lib.rs:7 by scope
            src/lib.rs:8 f → field Kind.B.f src/lib.rs:2 by type
            src/lib.rs:8 g → field Kind.B.g src/lib.rs:2 by type
            src/lib.rs:8 renamed → local renamed src/lib.rs:8 by scope
            src/lib.rs:9 Self → enum Kind src/lib.rs:2 by scope
            src/lib.rs:9 C → variant Kind.C src/lib.rs:2 by scope
            src/lib.rs:12 Self → enum Kind src/lib.rs:2 by scope
            src/lib.rs:12 B → variant Kind.B src/lib.rs:2 by scope
            src/lib.rs:12 f → parameter f src/lib.rs:12 by scope
            src/lib.rs:12 g → field Kind.B.g src/lib.rs:2 by type
            src/lib.rs:13 B → variant Kind.B src/lib.rs:2 by file
            src/lib.rs:13 f → field Kind.B.f src/lib.rs:2 by type
            src/lib.rs:13 f → parameter f src/lib.rs:13 by scope
            src/lib.rs:15 f → parameter f src/lib.rs:15 by scope
            src/lib.rs:15 g → field Wide.g src/lib.rs:1 by type
            src/lib.rs:15 f → local f src/lib.rs:15 by scope
            src/lib.rs:15 g → field Wide.g src/lib.rs:1 by type
            src/lib.rs:17 B → variant Kind.B src/lib.rs:2 by file
            src/lib.rs:17 f → field Kind.B.f src/lib.rs:2 by type
            src/lib.rs:17 inner → local inner src/lib.rs:17 by scope
        "#]],
    );
}

#[test]
fn paths_of_2015() {
    check(
        r##"--- Cargo.toml
[package]
name = "old"
--- src/lib.rs
#[macro_use]
extern crate log;
extern crate helper;
extern crate helper as aid;
pub mod shapes;
mod store;
use shapes::circle::Circle;
use ::shapes::Square;
use helper::assist;
pub fn run() { «Circle»::«new»(); «Square»::«side»(); ::shapes::«draw»(); ::store::«keep»(); «assist»(); ::helper::«assist»(); aid::«assist»(); }
--- src/shapes/mod.rs
pub mod circle;
use store::«keep»;
use super::store;
pub struct Square;
impl Square { pub fn side() -> ::shapes::circle::«Circle» { «keep»(); ::«run»(); ::std::mem::«swap»(); ::shapes::circle::Circle::«new»() } }
pub fn draw(c: ::shapes::circle::Circle) { c.«area»(); }
--- src/shapes/circle.rs
use shapes::{«draw», Square};
pub struct Circle;
impl Circle { pub fn new() -> Circle { «draw»(); «Square»::«side»(); Circle } pub fn area(&self) {} }
--- src/store.rs
pub fn keep() {}
--- helper/Cargo.toml
[package]
name = "helper"
--- helper/src/lib.rs
pub fn assist() {}
--- tests/t.rs
extern crate old;
use old::shapes::«draw»;
mod sub { use old::shapes::circle::«Circle»; use super::old::«run»; fn f() { ::old::«run»(); «Circle»::«new»(); } }
"##,
        expect![[r#"
            src/lib.rs:10 Circle → struct Circle src/shapes/circle.rs:2 by import
            src/lib.rs:10 new → method Circle.new src/shapes/circle.rs:3 by import
            src/lib.rs:10 Square → struct Square src/shapes/mod.rs:4 by import
            src/lib.rs:10 side → method Square.side src/shapes/mod.rs:5 by import
            src/lib.rs:10 draw → function draw src/shapes/mod.rs:6 by import
            src/lib.rs:10 keep → function keep src/store.rs:1 by import
            src/lib.rs:10 assist → function assist helper/src/lib.rs:1 by import
            src/lib.rs:10 assist → function assist helper/src/lib.rs:1 by import
            src/lib.rs:10 assist → function assist helper/src/lib.rs:1 by import
            src/shapes/mod.rs:2 keep → function keep src/store.rs:1 by import
            src/shapes/mod.rs:5 Circle → struct Circle src/shapes/circle.rs:2 by import
            src/shapes/mod.rs:5 keep → function keep src/store.rs:1 by import
            src/shapes/mod.rs:5 run → nothing
            src/shapes/mod.rs:5 swap → nothing, from outside
            src/shapes/mod.rs:5 new → method Circle.new src/shapes/circle.rs:3 by import
            src/shapes/mod.rs:6 area → method Circle.area src/shapes/circle.rs:3 by type
            src/shapes/circle.rs:1 draw → function draw src/shapes/mod.rs:6 by import
            src/shapes/circle.rs:3 draw → function draw src/shapes/mod.rs:6 by import
            src/shapes/circle.rs:3 Square → struct Square src/shapes/mod.rs:4 by import
            src/shapes/circle.rs:3 side → method Square.side src/shapes/mod.rs:5 by import
            tests/t.rs:2 draw → function draw src/shapes/mod.rs:6 by import
            tests/t.rs:3 Circle → struct Circle src/shapes/circle.rs:2 by import
            tests/t.rs:3 run → function run src/lib.rs:10 by import
            tests/t.rs:3 run → function run src/lib.rs:10 by import
            tests/t.rs:3 Circle → struct Circle src/shapes/circle.rs:2 by import
            tests/t.rs:3 new → method Circle.new src/shapes/circle.rs:3 by import
        "#]],
    );
}

#[test]
fn fields_in_macros() {
    check(
        r##"--- src/lib.rs
pub enum Kind { A(u32), B { f: u32, g: u32 } }
fn f() {}
impl Kind {
    fn is(&self) -> bool { matches!(self, Self::«B» { «f»: 1, .. }) || matches!(self, Kind::B { «f», «g» }) }
    fn list(g: u32) -> Vec<Self> { vec![Self::B { «f»: 1, «g»: «g» }, Kind::B { f: 1, «g» }] }
    fn blocks(g: u32) { run! { «f», other, { «f» } } let _ = vec![«f», «g», |f: u32, «g»: u32| 1]; row! { Kind::A: Kind::«A», f: «f»() } }
}
"##,
        expect![[r#"
            src/lib.rs:4 B → variant Kind.B src/lib.rs:1 by scope
            src/lib.rs:4 f → field Kind.B.f src/lib.rs:1 by type
            src/lib.rs:4 f → field Kind.B.f src/lib.rs:1 by type
            src/lib.rs:4 g → field Kind.B.g src/lib.rs:1 by type
            src/lib.rs:5 f → field Kind.B.f src/lib.rs:1 by type
            src/lib.rs:5 g → field Kind.B.g src/lib.rs:1 by type
            src/lib.rs:5 g → parameter g src/lib.rs:5 by scope
            src/lib.rs:5 g → parameter g src/lib.rs:5 by scope
            src/lib.rs:6 f → function f src/lib.rs:2 by file
            src/lib.rs:6 f → function f src/lib.rs:2 by file
            src/lib.rs:6 f → function f src/lib.rs:2 by file
            src/lib.rs:6 g → parameter g src/lib.rs:6 by scope
            src/lib.rs:6 g → parameter g src/lib.rs:6 by scope
            src/lib.rs:6 A → variant Kind.A src/lib.rs:1 by file
            src/lib.rs:6 f → function f src/lib.rs:2 by file
        "#]],
    );
}

#[test]
fn paths_of_2018_begin_with_crates_behind_colons() {
    check(
        r##"--- Cargo.toml
[package]
name = "new"
edition.workspace = true
--- src/lib.rs
mod log;
pub mod shapes;
fn run(l: ::log::Record, s: ::log::Level) { ::log::«info»(); log::«info»(); ::helper::«assist»(); l.«line»(); }
fn made() -> ::helper::Kit { ::helper::Kit::«new»() }
fn used() { made().«open»(); }
--- src/log.rs
pub fn info() {}
pub struct Record;
impl Record { pub fn line(&self) {} }
--- src/shapes.rs
use log::«info»;
use ::helper::«assist»;
use shapes::«missing»;
--- helper/Cargo.toml
[package]
name = "helper"
edition = "2021"
--- helper/src/lib.rs
pub fn assist() {}
pub struct Kit;
impl Kit { pub fn new() -> Kit { Kit } pub fn open(&self) {} }
"##,
        expect![[r#"
            src/lib.rs:3 info → nothing, from outside
            src/lib.rs:3 info → function info src/log.rs:1 by import
            src/lib.rs:3 assist → function assist helper/src/lib.rs:1 by import
            src/lib.rs:3 line → any of method Record.line src/log.rs:3
            src/lib.rs:4 new → method Kit.new helper/src/lib.rs:3 by import
            src/lib.rs:5 open → method Kit.open helper/src/lib.rs:3 by file
            src/shapes.rs:1 info → import info src/shapes.rs:1, from outside
            src/shapes.rs:2 assist → function assist helper/src/lib.rs:1 by import
            src/shapes.rs:3 missing → import missing src/shapes.rs:3, from outside
        "#]],
    );
}

#[test]
fn members_are_asked_for_through_an_alias() {
    check_named(
        r##"--- src/lib.rs
pub mod deep { pub struct Pool { pub size: u32 } impl Pool { pub fn open(&self) {} } }
pub type Basin = deep::Pool;
pub type Lake = Basin;
pub use deep::Pool as Pond;
struct Basket;
impl Basket { fn open(&self) {} }
"##,
        &["Basin::open", "Lake::size", "Pond::open", "Pool::open", "Basin::missing", "Missing::open"],
        expect![[r#"
            Basin::open → method deep.Pool.open src/lib.rs:1 by unique
            Lake::size → field deep.Pool.size src/lib.rs:1 by unique
            Pond::open → method deep.Pool.open src/lib.rs:1 by unique
            Pool::open → method deep.Pool.open src/lib.rs:1
            Basin::missing → nothing
            Missing::open → nothing
        "#]],
    );
}

#[test]
fn what_a_type_brings_is_not_looked_for_in_its_bases() {
    check(
        r##"--- src/lib.rs
pub enum Kind { Plain, Odd }
use Kind::*;
impl Shape for Kind { fn draw(&self) {} }
fn all(kind: Kind) { «Plain»; kind.«draw»(); «Missing»; }
"##,
        expect![[r#"
            src/lib.rs:4 Plain → variant Kind.Plain src/lib.rs:1 by import
            src/lib.rs:4 draw → method Kind.draw src/lib.rs:3 by type
            src/lib.rs:4 Missing → nothing
        "#]],
    );
}

#[test]
fn what_implements_a_trait_from_outside_is_found() {
    let project = "--- Cargo.toml
[package]
name = \"a\"
--- src/lib.rs
use std::future::Future;
pub struct Later;
impl Future for Later {}
impl std::fmt::Debug for Later {}
trait Service { type Future; }
enum Kind { Debug }
";
    check_derived(
        project,
        &["Future", "Debug"],
        expect![[r#"
        Future
          src/lib.rs:3 Later < Future → outside
        Debug
          src/lib.rs:4 Later < std::fmt::Debug → outside
    "#]],
    );
}

#[test]
fn a_call_of_what_comes_from_elsewhere_is_no_call_of_ours() {
    let project = "--- Cargo.toml
[package]
name = \"a\"
--- src/body/chan.rs
pub struct Sender;
impl Sender {
    pub fn send_data(&mut self, chunk: Bytes) -> Result<(), Error> { Ok(()) }
    pub fn send_trailers(&mut self, trailers: HeaderMap) {}
    pub fn poll_ready_to_send(&mut self) {}
}
--- src/proto/h2.rs
fn run(me: Pin<&mut Pipe>, frame: Frame) {
    me.body_tx.send_data(buf, is_eos);
    me.body_tx.send_data(buf);
    me.body_tx.send_trailers(trailers);
    me.body_tx.poll_ready_to_send();
    me.body_tx.poll_ready_to_send(cx);
}
--- src/proto/h1.rs
fn own(sender: &Later<Sender>) {
    sender.inner().send_trailers(trailers);
    Sender::send_trailers(sender.inner(), trailers);
}
";
    check_calls(
        project,
        "Sender.send_data",
        true,
        expect![[r#"
        src/proto/h2.rs:3 run send_data → Sender.send_data ambiguous
    "#]],
    );
    check_calls(
        project,
        "Sender.send_trailers",
        true,
        expect![[r#"
        src/proto/h1.rs:2 own send_trailers → Sender.send_trailers ambiguous
        src/proto/h2.rs:4 run send_trailers → Sender.send_trailers ambiguous
    "#]],
    );
    check_calls(
        project,
        "Sender.poll_ready_to_send",
        true,
        expect![[r#"
        src/proto/h2.rs:5 run poll_ready_to_send → Sender.poll_ready_to_send ambiguous
    "#]],
    );
}

#[test]
fn what_a_macro_hides_is_found_below_its_module() {
    check(
        r##"--- Cargo.toml
[package]
name = "a"
--- src/lib.rs
mod proto;
--- src/proto/mod.rs
cfg_feature! { #![feature = "http1"]
    pub(crate) mod h1;
    pub(crate) use self::h1::Conn;
}
--- src/proto/h1.rs
pub(crate) struct Conn;
impl Conn { pub(crate) fn read_keep_alive(&mut self) {} }
--- src/other.rs
pub struct Foreign;
--- src/dispatch.rs
use crate::proto::{Conn, Foreign};
struct Dispatcher { conn: «Conn», foreign: «Foreign» }
impl Dispatcher { fn run(&mut self) { self.conn.«read_keep_alive»(); } }
"##,
        expect![[r#"
            src/dispatch.rs:2 Conn → struct Conn src/proto/h1.rs:1 by unique
            src/dispatch.rs:2 Foreign → import Foreign src/dispatch.rs:1
            src/dispatch.rs:3 read_keep_alive → method Conn.read_keep_alive src/proto/h1.rs:2 by type
        "#]],
    );
}
