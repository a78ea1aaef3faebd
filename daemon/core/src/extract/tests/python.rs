//! Python.

use expect_test::expect;

use super::check;
use crate::kinds::Language;

const SOURCE: &str = r#"
"""Module."""
from __future__ import annotations
import os.path as p, sys
from .models import (Base, User as U)
from . import helpers
from typing import *

LIMIT = 10
LIMIT = 20
counter: int = 0
a, (b, *C) = 1, (2, 3)

@app.route("/x", methods=METHODS)
@cached
def view(request, *args: int, key=LIMIT, **kwargs) -> Response:
    # not documentation
    """Shows it.

    At length.
    """
    global counter
    counter += 1
    local = request.user.name
    def inner(x): return x + local
    return [f(i) for i in inner(args) if i is not None]

@dataclass
class User(Base, mixins.Named[int], metaclass=Meta):
    '''A user.'''
    kind = "user"
    age: int

    def __init__(self, name: "str", age=None):
        self.name = self.raw = name
        self.age = age
        self.name += 1
        self.tags[0] = helpers.tag(self)
        other.x = 1

    @property
    def title(self):
        return f"{self.name!r} {LIMIT}"

    @staticmethod
    def make(cls=None, /, *, deep: list[U] = ()):
        with open(p.join("a")) as handle, lock:
            pass
        try:
            del handle
        except (OSError, ValueError) as error:
            raise Failure(error) from error
        for i, j in pairs: print(i, sep="")
        if (n := len(pairs)) > 1: lambda q, *r: q
        match command:
            case Point(x=0) | [first, *rest]: go(first)
            case Color.RED: pass

async def fetch(): await User.make().title

type Pairs = list[tuple[int, U]]
"#;

#[test]
fn fixture() {
    check(
        Language::Python,
        SOURCE,
        expect![[r#"
            9:1 constant LIMIT [9-9] LIMIT = 10
            11:1 variable counter: int [11-11] counter: int = 0
            12:1 variable a [12-12] a, (b, *C) = 1, (2, 3)
            12:5 variable b [12-12] a, (b, *C) = 1, (2, 3)
            12:9 constant C [12-12] a, (b, *C) = 1, (2, 3)
            16:5 function view: Response [14-26] def view(request, *args: int, key=LIMIT, **kwargs) -> Response // Shows it.
            25:9 function view.inner [25-25] def inner(x)
            29:7 class User < Base, mixins.Named [28-57] class User(Base, mixins.Named[int], metaclass=Meta) // A user.
            31:5 field User.kind [31-31] kind = "user"
            32:5 field User.age: int [32-32] age: int
            34:9 constructor User.__init__ [34-39] def __init__(self, name: "str", age=None)
            35:14 field User.name [35-35] self.name = self.raw = name
            35:26 field User.raw: str [35-35] self.raw = name
            42:9 property User.title [41-43] def title(self)
            46:9 method User.make [45-57] def make(cls=None, /, *, deep: list[U] = ())
            59:11 function fetch [59-59] async def fetch()
            61:6 type Pairs [61-61] type Pairs = list[tuple[int, U]]
            3:24 import __future__ "annotations" exported
            4:8 import os.path "" as p exported
            4:22 import sys "" exported
            5:22 import .models "Base" exported
            5:28 import .models "User" as U exported
            6:15 import . "helpers" exported
            7:20 import typing "*" exported
        "#]],
        expect![[r#"
            3 in -: import annotations,
            4 in -: import os, import path, import p, import sys,
            5 in -: import models, import Base, import User, import U,
            6 in -: import helpers,
            7 in -: import typing,
            10 in -: write LIMIT,
            11 in -: type int,
            14 in -: read app, decorate app|route, write :app.route|methods, read METHODS,
            15 in -: decorate cached,
            16 in view: parameter request, parameter args: int, type int, parameter key, read LIMIT, parameter kwargs, type Response,
            22 in view: write counter,
            23 in view: write counter,
            24 in view: local local: =request.user.name, read request^16, read request|user, read request.user|name,
            25 in view.inner: parameter x, read x^25, read local^24,
            26 in view: call f, read i^26, local i, call inner, read args^16, read i^26,
            28 in -: decorate dataclass,
            29 in User: inherit Base, read mixins, inherit mixins|Named, read int, write :|metaclass, read Meta,
            32 in User: type int,
            34 in User.__init__: parameter self, parameter name: str, type str, parameter age,
            35 in User.__init__: read self^34, read self^34, read name^34,
            36 in User.__init__: read self^34, write self|age, read age^34,
            37 in User.__init__: read self^34, write self|name,
            38 in User.__init__: read self^34, read self|tags, read helpers, call helpers|tag, read self^34,
            39 in User.__init__: read other, write other|x,
            41 in User: decorate property,
            42 in User.title: parameter self,
            43 in User.title: read self^42, read self|name, read LIMIT,
            45 in User: decorate staticmethod,
            46 in User.make: parameter cls, parameter deep: list, type list, type U,
            47 in User.make: call open, read p, call p|join, local handle, read lock,
            50 in User.make: write handle^47,
            51 in User.make: read OSError, read ValueError, local error,
            52 in User.make: call Failure, read error^51, read error^51,
            53 in User.make: local i, local j, read pairs, call print, read i^53, write :print|sep,
            54 in User.make: local n: =len(), call len, read pairs, parameter q, parameter r, read q^54,
            55 in User.make: read command,
            56 in User.make: read Point, read x, local first, local rest, call go, read first^56,
            57 in User.make: read Color, read RED,
            59 in fetch: read User, call User|make, read User.make()|title,
            61 in -: type list, type tuple, type int, type U,
        "#]],
    );
}
