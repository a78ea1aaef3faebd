//! JavaScript with JSX.

use expect_test::expect;

use super::check;
use crate::kinds::Language;

const SOURCE: &str = r#"
import React, { useState as useS, memo } from 'react';
import * as path from "path";
import './side-effect';
export { helper, other as renamed } from './helper';
export * from './all';
const fs = require('fs');
const { join, resolve: res } = require('path');

/**
 * Adds two.
 * @param {number} a
 */
export function add(a, b = 1, { c, d: [e] }, ...rest) {
  const local = a + b;
  const nested = (x) => x * local;
  return nested(c) + e;
}

export const double = async (n) => {
  return add(n, n);
};

const LIMIT = 10, label = 'x';
let counter;
for (let i = 0; i < LIMIT; i++) { counter += i; }

/** A stack. */
export default class Stack extends base.Collection {
  #items = [];
  static size = 0;
  onClick = () => this.push(1);

  constructor(items) {
    super();
    this.#items = items;
    this.total = 0;
    this.total = 1;
    this.size.x = 2;
  }

  get length() { return this.#items.length; }
  async push(item) { this.#items.push(item); new Stack(); }
}

function Old(name) { this.name = name; this.greet = function () { return name; }; }
Old.prototype.hello = function hello() { return this.name?.first; };
exports.run = (job) => job.start();

const api = {
  get(url) { return fetch(url); },
  post: async (url) => fetch(url, { method: 'POST', url }),
  plain: LIMIT,
};

const App = ({ title }) => <Layout.Main id={title} onClick={api.get}><p>text {title}</p></Layout.Main>;
outer: for (const x of api) { try { continue outer; } catch (error) { log(`e ${error}`); } }
[counter, api.last] = [1, 2];
module.exports = function main(argument) { return main(argument); };
Old.Part = class { run() {} };
Old.Other = class Named {};
Old.prototype.size = 3;
exports.VERSION = "1";
exports.add = add;
function inner() { exports.late = 1; }
api.on('x', function handler(event) { handler(event); });
"#;

#[test]
fn fixture() {
    check(
        Language::JavaScript,
        SOURCE,
        expect![[r#"
            14:17 function add [14-18] export function add(a, b = 1, { c, d: [e] }, ...rest) // Adds two.
            16:9 function add.nested [16-16] const nested = (x)
            20:14 function double [20-22] export const double = async (n)
            24:7 constant LIMIT [24-24] const LIMIT = 10
            24:19 constant label [24-24] label = 'x'
            25:5 variable counter [25-25] let counter
            29:22 class Stack < base.Collection [29-44] export default class Stack extends base.Collection // A stack.
            30:4 field Stack.items [30-30] #items = []
            31:10 field Stack.size [31-31] static size = 0
            32:3 field Stack.onClick [32-32] onClick = ()
            34:3 constructor Stack.constructor [34-40] constructor(items)
            37:10 field Stack.total [37-37] this.total = 0
            42:7 property Stack.length [42-42] get length()
            43:9 method Stack.push [43-43] async push(item)
            46:10 function Old [46-46] function Old(name)
            46:45 method Old.greet [46-46] this.greet = function ()
            47:15 method Old.hello [47-47] Old.prototype.hello = function hello()
            48:9 function run [48-48] exports.run = (job)
            50:7 constant api [50-54] const api = { get(url) { return fetch(url); }, post: async (url) => fetch(url, { method: 'POST', url }), plain: LIMIT, }
            51:3 method api.get [51-51] get(url)
            52:3 method api.post [52-52] post: async (url)
            56:7 function App [56-56] const App = ({ title })
            59:27 function main [59-59] function main(argument)
            60:5 class Old.Part [60-60] Old.Part = class
            60:20 method Old.Part.run [60-60] run()
            61:5 class Old.Other [61-61] Old.Other = class Named
            61:19 class Named [61-61] class Named
            62:15 field Old.size [62-62] Old.prototype.size = 3
            63:9 variable VERSION [63-63] exports.VERSION = "1"
            65:10 function inner [65-65] function inner()
            66:22 function handler [66-66] function handler(event)
            2:8 import react "default" as React
            2:17 import react "useState" as useS
            2:35 import react "memo"
            3:8 import path "" as path
            4:8 import ./side-effect ""
            5:10 import ./helper "helper" exported
            5:18 import ./helper "other" as renamed exported
            6:15 import ./all "*" exported
            7:7 import fs "" as fs
            8:9 import path "join"
            8:15 import path "resolve" as res
            29:22 import = "Stack" as default exported
        "#]],
        expect![[r#"
            2 in -: import React, import useState, import useS, import memo,
            3 in -: import path,
            5 in -: import helper, import other, import renamed,
            7 in -: import fs, call require,
            8 in -: import join, write :|resolve, import res, call require,
            14 in add: parameter a, parameter b, parameter c, write :|d, parameter e, parameter rest,
            15 in add: local local, read a^14, read b^14,
            16 in add.nested: parameter x, read x^16, read local^15,
            17 in add: call nested, read c^14, read e^14,
            20 in double: parameter n,
            21 in double: call add, read n^20, read n^20,
            26 in -: local i, read i^26, read LIMIT, write i^26, write counter, read i^26,
            29 in Stack: read base, inherit base|Collection,
            32 in Stack.onClick: call this|push,
            34 in Stack.constructor: parameter items,
            36 in Stack.constructor: write this|items, read items^34,
            38 in Stack.constructor: write this|total,
            39 in Stack.constructor: read this|size, write this.size|x,
            42 in Stack.length: read this|items, read this.items|length,
            43 in Stack.push: parameter item, read this|items, call this.items|push, read item^43, call Stack,
            46 in Old: parameter name, write this|name, read name^46,
            46 in Old.greet: read name^46,
            47 in Old.hello: read Old, read Old|prototype, local hello, read this|name, read this.name|first,
            48 in run: read exports, parameter job, read job^48, call job|start,
            51 in api.get: parameter url, call fetch, read url^51,
            52 in api.post: parameter url, call fetch, read url^52, write :|method, read url^52,
            53 in api: write :|plain, read LIMIT,
            56 in App: parameter title, read Layout, call Layout|Main, write :|id, read title^56, write :|onClick, read api, read api|get, write :|p, read title^56, write :|p, read Layout, read Layout|Main,
            57 in -: write :|outer, local x, read api, write :|outer, local error, call log, read error^57,
            58 in -: write counter, read api, write api|last,
            59 in -: read module, write module|exports,
            59 in main: parameter argument, call main, read argument^59,
            60 in Old.Part: read Old,
            61 in -: read Old,
            62 in -: read Old, read Old|prototype,
            63 in -: read exports,
            64 in -: read exports, write exports|add, read add,
            65 in inner: read exports, write exports|late,
            66 in -: read api, call api|on,
            66 in handler: parameter event, call handler, read event^66,
        "#]],
    );
}
