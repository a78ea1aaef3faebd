-- Numbers of the protocol that have names, both ways.

local schema = require("vigie.wire.schema")

local M = {}

--- The name of a number; `unknown` if this plugin does not know it.
function M.of(family, number)
  return schema.numbers[family][number] or "unknown"
end

function M.number(family, name)
  for number, known in pairs(schema.numbers[family]) do
    if known == name then
      return number
    end
  end
  error(("vigie: there is no %s %s"):format(family, name), 0)
end

--- The names of a family, in the order of their numbers.
function M.all(family)
  local numbers = vim.tbl_keys(schema.numbers[family])
  table.sort(numbers)
  return vim.tbl_map(function(number)
    return schema.numbers[family][number]
  end, numbers)
end

function M.flag(family, name)
  return assert(schema.flags[family][name], name)
end

return M
