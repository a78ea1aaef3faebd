//! Lua.

use expect_test::expect;

use super::check;
use crate::kinds::Language;

const SOURCE: &str = r#"
local M = {}
local json = require("json")
require "strict"
local first, second <const> = 1, json.null
limit = 10

--- Makes one.
function M.new(name, ...)
  local self = setmetatable({ name = name, size = 0 }, M)
  self.kind = name
  return self
end

function M:grow(by)
  self.size = self.size + by
  return self:shrink(-by)
end

M.shrink = function(self, by)
  local half = by / 2
  for i, item in ipairs(self.items) do print(i, item) end
  for n = 1, half do M.new(n) end
end

local function helper(x)
  return x, function(y) return y end
end

local handlers = {
  name = "h",
  on_open = function(event) helper(event) end,
}

return M
"#;

#[test]
fn fixture() {
    check(
        Language::Lua,
        SOURCE,
        expect![[r#"
            2:7 constant M [2-2] M = {}
            5:7 variable first [5-5] first, second <const> = 1, json.null
            5:14 variable second [5-5] first, second <const> = 1, json.null
            6:1 variable limit [6-6] limit = 10
            9:12 function M.new [9-13] function M.new(name, ...) // Makes one.
            15:12 method M.grow [15-18] function M:grow(by)
            20:3 function M.shrink [20-24] M.shrink = function(self, by)
            26:16 function helper [26-28] local function helper(x)
            30:7 variable handlers [30-33] handlers = { name = "h", on_open = function(event) helper(event) end, }
            32:3 function on_open [32-32] on_open = function(event)
            3:7 import json "" as json
            4:1 import strict ""
            35:8 import = "M" as default exported
        "#]],
        expect![[r#"
            3 in -: import json, call require,
            4 in -: call require,
            5 in -: read json, read json|null,
            9 in M.new: read M, parameter name,
            10 in M.new: local self, call setmetatable, write :|name, read name^9, write :|size, read M,
            11 in M.new: read self^10, write self|kind, read name^9,
            12 in M.new: read self^10,
            15 in M.grow: read M, parameter by,
            16 in M.grow: read self, write self|size, read self, read self|size, read by^15,
            17 in M.grow: read self, call self|shrink, read by^15,
            20 in M.shrink: read M, parameter self, parameter by,
            21 in M.shrink: local half, read by^20,
            22 in M.shrink: local i, local item, call ipairs, read self^20, read self|items, call print, read i^22, read item^22,
            23 in M.shrink: local n, read half^21, read M, call M|new, read n^23,
            26 in helper: parameter x,
            27 in helper: read x^26, parameter y, read y^27,
            31 in -: write :|name,
            32 in on_open: parameter event, call helper, read event^32,
            35 in -: read M,
        "#]],
    );
}
