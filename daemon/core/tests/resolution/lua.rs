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
            main.lua:3 new → nothing
            main.lua:4 get → nothing
            main.lua:5 get → nothing, from outside
            main.lua:6 global_helper → function global_helper lib/pool.lua:12 by unique
            main.lua:7 get → nothing, from outside
        "#]],
    );
}
