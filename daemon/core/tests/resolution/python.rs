//! Python.

use expect_test::expect;

use super::check;

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
            app.py:16 get → any of method Base.get pool.py:3, method Pool.get pool.py:15
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
