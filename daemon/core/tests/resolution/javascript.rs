//! JavaScript.

use expect_test::expect;

use super::{check, check_importers};

#[test]
fn scopes() {
    check(
        r##"--- a.js
const limit = 1;
function run(limit, { size, depth: [first] }) {
  const total = «limit» + «size» + «first»;
  for (const limit of [1]) { print(«limit»); }
  var late = () => «later»;
  var later = «total»;
  function inner() { return «inner» && «total»; }
  return «inner»;
}
function inner() {}
function other() { «inner»(); «limit»; }
"##,
        expect![[r#"
            a.js:3 limit → parameter limit a.js:2 by scope
            a.js:3 size → parameter size a.js:2 by scope
            a.js:3 first → parameter first a.js:2 by scope
            a.js:4 limit → local limit a.js:4 by scope
            a.js:5 later → local later a.js:6 by scope
            a.js:6 total → local total a.js:3 by scope
            a.js:7 inner → function run.inner a.js:7 by scope
            a.js:7 total → local total a.js:3 by scope
            a.js:8 inner → function run.inner a.js:7 by scope
            a.js:11 inner → function inner a.js:10 by file
            a.js:11 limit → constant limit a.js:1 by file
        "#]],
    );
}

#[test]
fn members() {
    check(
        r##"--- pool.js
class Base { close() {} get() {} }
export class Pool extends «Base» {
  #size = 1;
  constructor(base) { super(base); this.base = new Base(); }
  open() { this.«get»(); this.«close»(); super.«close»(); this.#«size»; this.base.«close»(); }
  get() { return this.«missing»; }
  static make() { return new «Pool»(); }
}
export function Old() { this.start = function () { this.«stop»(); }; }
Old.prototype.stop = function () { return this.«start»(); };
--- app.js
import { Pool, Old } from './pool.js';
const shared = new Pool();
export const api = { fetch() { return api.«list»(); }, list: () => 1 };
export default class App {
  constructor(name) { this.pool = new Pool(); this.name = name; }
  run(x) {
    this.pool.«open»();
    this.name.«get»();
    shared.«get»();
    const local = new «Pool»();
    local.«close»();
    Pool.«make»();
    new Old().«stop»();
    api.«fetch»();
    [].«get»();
    x.«open»();
    new Map().«get»(1);
    return { «open»: 1 };
  }
}
"##,
        expect![[r#"
            pool.js:2 Base → class Base pool.js:1 by file
            pool.js:5 get → method Pool.get pool.js:6 by scope
            pool.js:5 close → method Base.close pool.js:1 by scope
            pool.js:5 close → method Base.close pool.js:1 by scope
            pool.js:5 size → field Pool.size pool.js:3 by scope
            pool.js:5 close → method Base.close pool.js:1 by type
            pool.js:6 missing → nothing
            pool.js:7 Pool → class Pool pool.js:2 by file
            pool.js:9 stop → method Old.stop pool.js:10 by scope
            pool.js:10 start → method Old.start pool.js:9 by scope
            app.js:3 list → method api.list app.js:3 by file
            app.js:7 open → method Pool.open pool.js:5 by type
            app.js:8 get → any of method Base.get pool.js:1, method Pool.get pool.js:6
            app.js:9 get → method Pool.get pool.js:6 by file
            app.js:10 Pool → class Pool pool.js:2 by import
            app.js:11 close → method Base.close pool.js:1 by type
            app.js:12 make → method Pool.make pool.js:7 by import
            app.js:13 stop → method Old.stop pool.js:10 by import
            app.js:14 fetch → method api.fetch app.js:3 by file
            app.js:15 get → any of method Base.get pool.js:1, method Pool.get pool.js:6
            app.js:16 open → any of method Pool.open pool.js:5
            app.js:17 get → any of method Base.get pool.js:1, method Pool.get pool.js:6
            app.js:18 open → nothing
        "#]],
    );
}

#[test]
fn modules() {
    check(
        r##"--- lib/index.js
export * from './basket';
export { total as compute, default as Cart } from './basket';
export * as basket from './basket';
--- lib/basket.js
function total() {}
export function add() {}
class Basket { empty() {} }
export { total };
export default Basket;
--- lib/common.js
const helper = require('./helper');
function run() { helper.«help»(); }
module.exports = { run, start: run };
--- lib/helper.js
exports.help = function () {};
--- main.js
import Basket, { add, total as sum } from './lib/basket';
import { compute, add as plus, Cart } from './lib';
import * as all from './lib/index.js';
import React, { useState } from 'react';
const { run, start: go } = require('./lib/common');
const common = require('./lib/common');
«add»(); «sum»(); «compute»(); «plus»();
new «Basket»().«empty»();
new «Cart»().«empty»();
all.«add»(); all.basket.«total»();
«useState»(1); React.«memo»();
«run»(); «go»(); common.«run»();
«undefinedName»();
"##,
        expect![[r#"
            lib/common.js:2 help → function help lib/helper.js:1 by import
            main.js:7 add → function add lib/basket.js:2 by import
            main.js:7 sum → function total lib/basket.js:1 by import
            main.js:7 compute → function total lib/basket.js:1 by import
            main.js:7 plus → function add lib/basket.js:2 by import
            main.js:8 Basket → class Basket lib/basket.js:3 by import
            main.js:8 empty → method Basket.empty lib/basket.js:3 by import
            main.js:9 Cart → class Basket lib/basket.js:3 by import
            main.js:9 empty → method Basket.empty lib/basket.js:3 by import
            main.js:10 add → function add lib/basket.js:2 by import
            main.js:10 total → function total lib/basket.js:1 by import
            main.js:11 useState → import useState main.js:4, from outside
            main.js:11 memo → nothing, from outside
            main.js:12 run → function run lib/common.js:2 by import
            main.js:12 go → function run lib/common.js:2 by import
            main.js:12 run → function run lib/common.js:2 by import
            main.js:13 undefinedName → nothing
        "#]],
    );
}

#[test]
fn what_is_assigned_values_of_several_types() {
    check(
        r##"--- a.js
class Aa { quack() {} }
class Bb { quack() {} }
class Cc { quack() {} }
let shared = new Aa();
function change() { shared = new Bb(); }
function use(c) {
  shared.«quack»();
  let x = new Aa();
  if (c) { x = new Bb(); }
  x.«quack»();
  let y;
  y = new Aa();
  y.«quack»();
  let z = undefined;
  z.«quack»();
}
"##,
        expect![[r#"
            a.js:7 quack → any of method Aa.quack a.js:1, method Bb.quack a.js:2
            a.js:10 quack → any of method Aa.quack a.js:1, method Bb.quack a.js:2
            a.js:13 quack → method Aa.quack a.js:1 by type
            a.js:15 quack → any of method Aa.quack a.js:1, method Bb.quack a.js:2, method Cc.quack a.js:3
        "#]],
    );
}

#[test]
fn manifests_say_where_packages_begin() {
    check(
        r##"--- packages/a/package.json
{
  "name": "@me/a",
  "exports": {
    ".": {
      "types": "./nowhere/a.d.ts",
      "import": "./esm/a.mjs",
      "require": "./cjs/a.cjs"
    },
    "./tools": { "import": "./esm/tools.mjs" },
    "./deep/*": {
      "import": {
        "types": "./esm/inner/*.d.ts",
        "default": "./esm/inner/*.mjs"
      }
    },
    "./package.json": "./package.json"
  }
}
--- packages/a/esm/a.mjs
export function start() {}
--- packages/a/cjs/a.cjs
exports.start = function () {}
--- packages/a/esm/tools.mjs
export function tool() {}
--- packages/a/esm/inner/x.mjs
export function x() {}
--- packages/b/package.json
{ "name": "b", "exports": { "import": "./main.mjs", "require": "./main.cjs" } }
--- packages/b/main.mjs
export function begin() {}
--- packages/c/package.json
{ "name": "c",
  "main": "lib/c", "exports": ["./lib/c.js"] }
--- packages/c/lib/c.js
export function see() {}
--- app/index.js
import { start } from '@me/a';
import { tool } from '@me/a/tools';
import { x } from '@me/a/deep/x';
import { begin } from 'b';
import { see } from 'c';
«start»(); «tool»(); «x»(); «begin»(); «see»();
"##,
        expect![[r#"
            app/index.js:6 start → function start packages/a/esm/a.mjs:1 by import
            app/index.js:6 tool → function tool packages/a/esm/tools.mjs:1 by import
            app/index.js:6 x → function x packages/a/esm/inner/x.mjs:1 by import
            app/index.js:6 begin → function begin packages/b/main.mjs:1 by import
            app/index.js:6 see → function see packages/c/lib/c.js:1 by import
        "#]],
    );
}

#[test]
fn a_package_is_imported_by_its_name() {
    check_importers(
        r##"--- packages/a/package.json
{ "name": "@me/tool-box", "main": "./src/index.js" }
--- packages/a/src/index.js
export * from './box.js';
--- packages/a/src/box.js
export function open() {}
--- app/main.js
import { open as start } from '@me/tool-box';
import { close } from 'tool-box';
"##,
        "packages/a/src/index.js",
        expect![[r#"
            app/main.js:1 @me/tool-box open
        "#]],
    );
}
