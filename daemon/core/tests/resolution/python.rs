//! Python.

use expect_test::expect;

use super::{check, check_calls, check_derived};

#[test]
fn scopes() {
    check(
        r##"--- a.py
limit = 1
def run(limit, items=()):
    for item in items:
        print(«item», «limit»)
    def helper(item):
        return «item»
    total = sum(«x» for x in items)
    return «helper»(«total»)

def helper(): pass
def other():
    global limit
    «limit» = 2
    local = «limit»
    «helper»()
    return lambda local: «local»

class Box:
    limit = 3
    def get(self):
        return «limit»
"##,
        expect![[r#"
            a.py:4 item → local item a.py:3 by scope
            a.py:4 limit → parameter limit a.py:2 by scope
            a.py:6 item → parameter item a.py:5 by scope
            a.py:7 x → local x a.py:7 by scope
            a.py:8 helper → function run.helper a.py:5 by scope
            a.py:8 total → local total a.py:7 by scope
            a.py:13 limit → variable limit a.py:1 by file
            a.py:14 limit → variable limit a.py:1 by file
            a.py:15 helper → function helper a.py:10 by file
            a.py:16 local → parameter local a.py:16 by scope
            a.py:21 limit → variable limit a.py:1 by file
        "#]],
    );
}

#[test]
fn members() {
    check(
        r##"--- pool.py
class Base:
    def close(self): pass
    def get(self): pass
class Pool(«Base»):
    size = 1
    def open(self):
        self.«get»()
        self.«close»()
        self.«size»
        super().«close»()
        return self.«missing»()
    @classmethod
    def make(cls):
        return cls.«open»(1)
    def get(self): pass
--- app.py
from pool import Pool
import pool as p
class App:
    def __init__(self, pool: Pool, name):
        self.pool = pool
        self.other = p.Pool()
        self.name = name
    def run(self):
        self.pool.«get»()
        self.other.«close»()
        self.name.«get»()
        self.«run»().«get»()
        local = «Pool»()
        local.«open»()
        p.«Pool».«make»()
        {}.«get»("x")
        unknown.«open»()
def make() -> App: return App(None, «name»=1)
make().«run»()
make().pool.«get»()
"##,
        expect![[r#"
            pool.py:4 Base → class Base pool.py:1 by file
            pool.py:7 get → method Pool.get pool.py:15 by scope
            pool.py:8 close → method Base.close pool.py:2 by scope
            pool.py:9 size → field Pool.size pool.py:5 by scope
            pool.py:10 close → method Base.close pool.py:2 by scope
            pool.py:11 missing → nothing
            pool.py:14 open → method Pool.open pool.py:6 by scope
            app.py:9 get → method Pool.get pool.py:15 by type
            app.py:10 close → method Base.close pool.py:2 by type
            app.py:11 get → any of method Base.get pool.py:3, method Pool.get pool.py:15
            app.py:12 run → method App.run app.py:8 by scope
            app.py:12 get → any of method Base.get pool.py:3, method Pool.get pool.py:15
            app.py:13 Pool → class Pool pool.py:4 by import
            app.py:14 open → method Pool.open pool.py:6 by type
            app.py:15 Pool → class Pool pool.py:4 by import
            app.py:15 make → method Pool.make pool.py:13 by import
            app.py:16 get → nothing
            app.py:17 open → nothing, from outside
            app.py:18 name → field App.name app.py:7 by type
            app.py:19 run → method App.run app.py:8 by file
            app.py:20 get → method Pool.get pool.py:15 by file
        "#]],
    );
}

#[test]
fn imports_aliases_and_reexports() {
    check(
        r##"--- shop/__init__.py
from .basket import Basket, total as compute
from . import api
--- shop/basket.py
from ..elsewhere import nothing
class Basket: 
    def add(self): pass
def total(): pass
--- shop/api.py
from .basket import «Basket»
def fetch(): return «Basket»()
--- main.py
import shop
import shop.basket
from shop import Basket, «compute», api
from shop.api import fetch as get_it
from shop import *
import json
from os import path as ospath
«Basket»().«add»()
«compute»()
«get_it»()
shop.«Basket»
shop.basket.«total»()
shop.«compute»()
«api».«fetch»()
json.«loads»("x")
ospath.«join»("a")
«undefined»()
"##,
        expect![[r#"
            shop/api.py:1 Basket → class Basket shop/basket.py:2 by import
            shop/api.py:2 Basket → class Basket shop/basket.py:2 by import
            main.py:3 compute → function total shop/basket.py:4 by import
            main.py:8 Basket → class Basket shop/basket.py:2 by import
            main.py:8 add → method Basket.add shop/basket.py:3 by import
            main.py:9 compute → function total shop/basket.py:4 by import
            main.py:10 get_it → function fetch shop/api.py:2 by import
            main.py:11 Basket → class Basket shop/basket.py:2 by import
            main.py:12 total → function total shop/basket.py:4 by import
            main.py:13 compute → function total shop/basket.py:4 by import
            main.py:14 api → module api shop/api.py:1 by import
            main.py:14 fetch → function fetch shop/api.py:2 by import
            main.py:15 loads → nothing, from outside
            main.py:16 join → nothing, from outside
            main.py:17 undefined → nothing
        "#]],
    );
}

#[test]
fn same_names() {
    check(
        r##"--- a/models.py
class User:
    def save(self): pass
--- b/models.py
class User:
    def save(self): pass
--- a/views.py
from .models import User
def view(user: User): user.«save»(); «User»().«save»()
--- b/views.py
from b.models import User
def view(user): user.«save»(); «User»
--- c.py
def run(): «User»
"##,
        expect![[r#"
            a/views.py:2 save → method User.save a/models.py:2 by type
            a/views.py:2 User → class User a/models.py:1 by import
            a/views.py:2 save → method User.save a/models.py:2 by import
            b/views.py:2 save → any of method User.save b/models.py:2, method User.save a/models.py:2
            b/views.py:2 User → class User b/models.py:1 by import
            c.py:1 User → nothing
        "#]],
    );
}

#[test]
fn stars() {
    check(
        r##"--- a.py
def only_a(): pass
def both(): pass
def own(): pass
def passed(): pass
--- b.py
def only_b(): pass
def both(): pass
from a import passed
--- c.py
from b import *
--- main.py
from a import *
from b import *
from json import *
def own(): pass
def run():
    from c import *
    «only_a»()
    «only_b»()
    «own»()
    «loads»()
«both»()
«passed»()
--- single.py
from b import *
«both»()
«only_a»()
"##,
        expect![[r#"
            main.py:7 only_a → function only_a a.py:1 by import
            main.py:8 only_b → function only_b b.py:1 by import
            main.py:9 own → function own main.py:4 by file
            main.py:10 loads → nothing
            main.py:11 both → any of function both a.py:2, function both b.py:2
            main.py:12 passed → function passed a.py:4 by import
            single.py:2 both → function both b.py:2 by import
            single.py:3 only_a → nothing
        "#]],
    );
}

#[test]
fn a_field_is_defined_once() {
    check(
        r##"--- a.py
class Ship:
    def __init__(self, name):
        self.«name» = name
        self.«sail» = 1
        self.«plain» = 2
    @property
    def name(self): return self.«plain»
    def show(self): return self.«name», self.«sail»
    sail: int
"##,
        expect![[r#"
            a.py:3 name → property Ship.name a.py:7 by scope
            a.py:4 sail → field Ship.sail a.py:4 by scope
            a.py:5 plain → field Ship.plain a.py:5 by scope
            a.py:7 plain → field Ship.plain a.py:5 by scope
            a.py:8 name → property Ship.name a.py:7 by scope
            a.py:8 sail → field Ship.sail a.py:4 by scope
        "#]],
    );
}

#[test]
fn nothing_says_nothing_of_a_type() {
    check(
        r##"--- conn.py
class Conn:
    def zap(self): pass
    def run(self): pass
class Other:
    def run(self): pass
--- a.py
from conn import Conn
class Query:
    pool = None
    never = None
    def __init__(self):
        self.cursor = None
    def start(self):
        self.cursor = Conn()
        self.pool = Conn()
    def go(self):
        self.cursor.«run»()
        self.pool.«run»()
        self.never.«run»()
        self.never.«zap»()
def local(flag, given=None):
    c = None
    if flag:
        c = Conn()
    c.«run»()
    nothing = None
    nothing.«run»()
    nothing.«zap»()
    if given is None:
        given = Conn()
    given.«run»()
current = None
def start():
    global current
    current = Conn()
def use(): current.«run»()
"##,
        expect![[r#"
            a.py:11 run → method Conn.run conn.py:3 by type
            a.py:12 run → method Conn.run conn.py:3 by type
            a.py:13 run → any of method Conn.run conn.py:3, method Other.run conn.py:5
            a.py:14 zap → method Conn.zap conn.py:2 by unique
            a.py:19 run → method Conn.run conn.py:3 by type
            a.py:21 run → any of method Conn.run conn.py:3, method Other.run conn.py:5
            a.py:22 zap → method Conn.zap conn.py:2 by unique
            a.py:25 run → any of method Conn.run conn.py:3, method Other.run conn.py:5
            a.py:30 run → method Conn.run conn.py:3 by file
        "#]],
    );
}

#[test]
fn what_is_assigned_values_of_several_types() {
    check(
        r##"--- birds.py
class Aa:
    def quack(self): pass
    def only(self): pass
    def child(self): return Aa()
class Bb:
    def quack(self): pass
class Cc:
    def quack(self): pass
--- a.py
from birds import Aa, Bb
import json
def straight():
    x = Aa()
    x.quack()
    x = Bb()
    x.«quack»()
    x.«only»()
def branches(c):
    if c: x = Aa()
    else: x = Bb()
    x.«quack»()
def parameter(x: Aa):
    x = Bb()
    x.«quack»()
def same(c):
    x = Aa()
    if c: x = Aa()
    x.«quack»()
def foreign(c):
    x = Aa()
    if c: x = json.loads("")
    x.«quack»()
def unknown(c, y):
    x = Aa()
    if c: x = y + 1
    x.«quack»()
    x.«only»()
def chain():
    x = Aa()
    x = x.child()
    x.«quack»()
def annotated(c):
    x: Aa = make(c)
    x = make(not c)
    x.«quack»()
class Pond:
    def __init__(self, d: Aa):
        self.f = Aa()
        self.g = Aa()
        self.h = d
    def change(self):
        self.f = Bb()
        self.g = Aa()
        self.h = Bb()
    def use(self):
        self.f.«quack»()
        self.g.«quack»()
        self.h.«quack»()
"##,
        expect![[r#"
            a.py:7 quack → any of method Aa.quack birds.py:2, method Bb.quack birds.py:6
            a.py:8 only → method Aa.only birds.py:3 by type
            a.py:12 quack → any of method Aa.quack birds.py:2, method Bb.quack birds.py:6
            a.py:15 quack → any of method Aa.quack birds.py:2, method Bb.quack birds.py:6
            a.py:19 quack → method Aa.quack birds.py:2 by type
            a.py:23 quack → any of method Aa.quack birds.py:2, method Bb.quack birds.py:6, method Cc.quack birds.py:8
            a.py:27 quack → any of method Aa.quack birds.py:2, method Bb.quack birds.py:6, method Cc.quack birds.py:8
            a.py:28 only → method Aa.only birds.py:3 by unique
            a.py:32 quack → method Aa.quack birds.py:2 by type
            a.py:36 quack → method Aa.quack birds.py:2 by type
            a.py:47 quack → any of method Aa.quack birds.py:2, method Bb.quack birds.py:6
            a.py:48 quack → method Aa.quack birds.py:2 by type
            a.py:49 quack → any of method Aa.quack birds.py:2, method Bb.quack birds.py:6
        "#]],
    );
}

#[test]
fn types_that_say_nothing_and_unions() {
    check(
        r##"--- doc.py
class Doc:
    def zap(self): pass
    def run(self): pass
class Page:
    def run(self): pass
class Other:
    def run(self): pass
--- a.py
from typing import Any, Callable, Optional, Union
from elsewhere import Foreign
from doc import Doc, Page
def use(a: Any, o: object, u: Union[Doc, None], v: "Doc | None", w: Union[Doc, Page], x: Doc | Page,
        f: Callable[[], Doc], g: Foreign, h: Union[Doc, Foreign], i: Optional[Union[Doc, Page]]):
    a.«zap»()
    a.«run»()
    o.«run»()
    u.«run»()
    v.«run»()
    w.«run»()
    w.«zap»()
    x.«run»()
    f().«run»()
    g.«run»()
    h.«run»()
    i.«run»()
"##,
        expect![[r#"
            a.py:6 zap → method Doc.zap doc.py:2 by unique
            a.py:7 run → any of method Doc.run doc.py:3, method Page.run doc.py:5, method Other.run doc.py:7
            a.py:8 run → any of method Doc.run doc.py:3, method Page.run doc.py:5, method Other.run doc.py:7
            a.py:9 run → method Doc.run doc.py:3 by type
            a.py:10 run → method Doc.run doc.py:3 by type
            a.py:11 run → any of method Doc.run doc.py:3, method Page.run doc.py:5
            a.py:12 zap → method Doc.zap doc.py:2 by type
            a.py:13 run → any of method Doc.run doc.py:3, method Page.run doc.py:5
            a.py:14 run → method Doc.run doc.py:3 by type
            a.py:15 run → nothing, from outside
            a.py:16 run → any of method Doc.run doc.py:3
            a.py:17 run → any of method Doc.run doc.py:3, method Page.run doc.py:5
        "#]],
    );
}

#[test]
fn bodies_of_classes_and_quoted_types() {
    check(
        r##"--- a.py
from typing import List, Literal
import b
class Base:
    def inherited(self): pass
class Model(Base):
    def save(self): pass
    «save».alters_data = True
    again = «save»
    other = «inherited»
    def run(self): return «save»
def take(x: "«Model»", y: List["«Model»"], z: Literal["Model"], w: "b.«Far»" = None) -> "«Model»":
    x.«save»()
    w.«far»()
late: "«Model»" = None
plain = "Model"
--- b.py
class Far:
    def far(self): pass
"##,
        expect![[r#"
            a.py:7 save → method Model.save a.py:6 by scope
            a.py:8 save → method Model.save a.py:6 by scope
            a.py:9 inherited → nothing
            a.py:10 save → nothing
            a.py:11 Model → class Model a.py:5 by file
            a.py:11 Model → class Model a.py:5 by file
            a.py:11 Far → class Far b.py:1 by import
            a.py:11 Model → class Model a.py:5 by file
            a.py:12 save → method Model.save a.py:6 by type
            a.py:13 far → method Far.far b.py:2 by type
            a.py:14 Model → class Model a.py:5 by file
        "#]],
    );
}

#[test]
fn bases_that_go_in_a_circle_end() {
    check(
        r##"--- a.py
class Loop(Loop.Inner):
    class Nested(Nested.Deep, Loop.Other): pass
    def run(self): self.«missing»()
class Left(Right.Part): pass
class Right(Left.Part):
    def turn(self): self.«part»(); Left.«Part»
"##,
        expect![[r#"
            a.py:3 missing → nothing
            a.py:6 part → nothing
            a.py:6 Part → nothing
        "#]],
    );
}

#[test]
fn what_inherits_from_outside_is_found() {
    let project = "--- a.py
from unittest import TestCase as Case
from collections import abc
class Failure(Exception): pass
class Worse(Failure): pass
class Checks(Case): pass
class Rows(abc.Mapping): pass
--- b.py
import unittest
class More(unittest.TestCase): pass
class Exceptional: pass
";
    let targets = ["Exception", "TestCase", "Mapping", "a.py:5:14", "b.py:2:21", "Nowhere"];
    check_derived(
        project,
        &targets,
        expect![[r#"
        Exception
          a.py:3 Failure < Exception → outside
          a.py:4 Worse < Failure → a.py
        TestCase
          a.py:5 Checks < Case → outside
          b.py:2 More < unittest.TestCase → outside
        Mapping
          a.py:6 Rows < abc.Mapping → outside
        a.py:5:14
          a.py:5 Checks < Case → outside
          b.py:2 More < unittest.TestCase → outside
          TestCase is imported from outside of the index
        b.py:2:21
          a.py:5 Checks < Case → outside
          b.py:2 More < unittest.TestCase → outside
          TestCase is imported from outside of the index
        Nowhere
          no such name: "Nowhere"
    "#]],
    );
}

#[test]
fn a_decorator_is_called() {
    let project = "--- a.py\ndef kept(f): return f\n@kept\ndef run(): pass\n";
    check_calls(
        project,
        "kept",
        true,
        expect![[r#"
        a.py:2  kept → kept file
    "#]],
    );
}

#[test]
fn who_calls_what_lies_outside_is_found() {
    let project = "--- a.py\nfrom lib import send\nimport lib\ndef run():\n    send(1)\n    lib.send(2)\n    print(send)\n    print(1)\n    x.send(3)\n";
    check_calls(
        project,
        "a.py:4:5",
        true,
        expect![[r#"
        a.py:4 run send →  outside
        a.py:5 run send →  outside
        a.py:8 run send →  outside
        send is imported from outside of the index
    "#]],
    );
    check_calls(
        project,
        "send",
        true,
        expect![[r#"
            a.py:4 run send →  outside
            a.py:5 run send →  outside
            a.py:8 run send →  outside
            send is imported from outside of the index
        "#]],
    );
    check_calls(
        project,
        "print",
        true,
        expect![[r#"
        a.py:6 run print →  
        a.py:7 run print →  
    "#]],
    );
}

#[test]
fn a_method_is_meant_for_certain_only_where_something_speaks_for_it() {
    let project = "--- shop/model.py
class Cart:
    def total_of(self, *, tax=0): pass
    def settle(self, a, b=1): pass
    def recompute_all_totals(self): pass
    class Line(Base): pass
--- views/far.py
def show(x):
    x.total_of(tax=1)
    x.total_of(1, 2)
    x.settle(1, *rest)
    x.settle()
    x.recompute_all_totals()
--- views/near.py
from shop.model import Cart
def show(x):
    x.total_of()
    x.Line()
--- shop/beside.py
def show(x):
    x.settle(1, b=2)
";
    check_calls(
        project,
        "Cart.Line",
        true,
        expect![[r#"
        views/near.py:4 show Line → Cart.Line unique
    "#]],
    );
    check_calls(
        project,
        "Cart.total_of",
        true,
        expect![[r#"
        views/far.py:2 show total_of → Cart.total_of ambiguous
        views/near.py:3 show total_of → Cart.total_of unique
    "#]],
    );
    check_calls(
        project,
        "Cart.settle",
        true,
        expect![[r#"
        shop/beside.py:2 show settle → Cart.settle unique
        views/far.py:4 show settle → Cart.settle ambiguous
    "#]],
    );
    check_calls(
        project,
        "Cart.recompute_all_totals",
        true,
        expect![[r#"
        views/far.py:6 show recompute_all_totals → Cart.recompute_all_totals unique
    "#]],
    );
}
