//! Lua.

use expect_test::expect;

use super::check;

#[test]
fn scopes_modules_and_members() {
    check(
        r##"--- lib/pool.lua
local M = {}
local limit = 1
function M.new(name)
  local self = { name = name }
  return setmetatable(self, M)
end
function M:get(size)
  for i = 1, size do print(«i», «size») end
  local function inner(limit) return «limit» end
  return self:«get»(«limit») + M.«new»() + «inner»(1)
end
function global_helper() end
return M
--- main.lua
local pool = require("lib.pool")
local other = require "other"
local made = pool.«new»("x")
pool.«get»(1)
other.«get»(1)
«global_helper»()
unknown.«get»()
"##,
        expect![[r#"
            lib/pool.lua:8 i → local i lib/pool.lua:8 by scope
            lib/pool.lua:8 size → parameter size lib/pool.lua:7 by scope
            lib/pool.lua:9 limit → parameter limit lib/pool.lua:9 by scope
            lib/pool.lua:10 get → method M.get lib/pool.lua:7 by scope
            lib/pool.lua:10 limit → variable limit lib/pool.lua:2 by file
            lib/pool.lua:10 new → function M.new lib/pool.lua:3 by file
            lib/pool.lua:10 inner → function M.get.inner lib/pool.lua:9 by scope
            main.lua:3 new → function M.new lib/pool.lua:3 by import
            main.lua:4 get → method M.get lib/pool.lua:7 by import
            main.lua:5 get → nothing, from outside
            main.lua:6 global_helper → function global_helper lib/pool.lua:12 by unique
            main.lua:7 get → nothing, from outside
        "#]],
    );
}

#[test]
fn what_a_module_returns() {
    check(
        r##"--- b.lua
local B = {}
B.Remote = { «open» = function() end }
function B.helper() return B.Remote.«new»() end
function B.Remote.new() end
function B.Remote:send() self:«close»() end
function B.Remote:close() end
local function hidden() end
function anywhere() end
return B
--- again.lua
local whole = require("b")
return whole
--- parts.lua
local function first() end
local function second() end
return { one = first, other = 1, three = function() end }
--- meta.lua
local M = {}
M.run = function() end
return setmetatable(M, {})
--- a.lua
local b, again = require("b"), 1
local whole = require("again")
local parts = require("parts")
local meta = require("meta")
b.«helper»()
b.«hidden»()
b.«anywhere»()
b.Remote.«new»()
b.«Remote»:«send»()
whole.«helper»()
parts.«one»()
parts.«second»()
parts.«three»()
«second»()
meta.«run»()
require("b").«helper»()
unknown.«helper»()
"##,
        expect![[r#"
            b.lua:2 open → function B.Remote.open b.lua:2 by scope
            b.lua:3 new → function B.Remote.new b.lua:4 by file
            b.lua:5 close → method B.Remote.close b.lua:6 by scope
            a.lua:5 helper → function B.helper b.lua:3 by import
            a.lua:6 hidden → nothing
            a.lua:7 anywhere → nothing
            a.lua:8 new → function B.Remote.new b.lua:4 by import
            a.lua:9 Remote → field B.Remote b.lua:2 by import
            a.lua:9 send → method B.Remote.send b.lua:5 by import
            a.lua:10 helper → function B.helper b.lua:3 by import
            a.lua:11 one → function first parts.lua:1 by import
            a.lua:12 second → nothing
            a.lua:13 three → function three parts.lua:3 by import
            a.lua:14 second → nothing
            a.lua:15 run → function M.run meta.lua:2 by import
            a.lua:16 helper → any of function B.helper b.lua:3
            a.lua:17 helper → nothing, from outside
        "#]],
    );
}
