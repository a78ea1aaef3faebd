-- Unsigned little-endian integers. A Lua number is a double and exact to 2^53 only; what is larger stays its eight bytes, is shown
-- in decimal, and goes back unchanged.

local M = {}

local byte, char, floor = string.byte, string.char, math.floor

--- The largest number a double holds exactly, and every smaller one.
M.EXACT_MAX = 2 ^ 53

local Big = {}
Big.__index = Big
Big.__eq = function(a, b)
  return a.bytes == b.bytes
end

--- Long division by ten, from the highest byte.
Big.__tostring = function(self)
  local digits, rest = {}, { byte(self.bytes:reverse(), 1, 8) }
  repeat
    local carry, any = 0, false
    for i = 1, 8 do
      local value = carry * 256 + rest[i]
      rest[i], carry = floor(value / 10), value % 10
      any = any or rest[i] > 0
    end
    table.insert(digits, 1, carry)
  until not any
  return table.concat(digits)
end

--- Reads `size` bytes at `at`; the caller has looked that they are there.
function M.read(text, at, size)
  if size == 1 then
    return byte(text, at)
  elseif size == 2 then
    local a, b = byte(text, at, at + 1)
    return a + b * 0x100
  end
  local a, b, c, d = byte(text, at, at + 3)
  local low = a + b * 0x100 + c * 0x10000 + d * 0x1000000
  if size == 4 then
    return low
  end
  a, b, c, d = byte(text, at + 4, at + 7)
  local high = a + b * 0x100 + c * 0x10000 + d * 0x1000000
  if high < 0x200000 then
    return low + high * 0x100000000
  end
  return setmetatable({ bytes = text:sub(at, at + 7) }, Big)
end

--- The bytes of a number, or of what `read` gave for one too large for a double.
function M.write(value, size)
  if getmetatable(value) == Big then
    return value.bytes
  end
  if
    type(value) ~= "number"
    or value < 0
    or value ~= floor(value)
    or value >= math.min(2 ^ (8 * size), M.EXACT_MAX)
  then
    error(("%s is no unsigned integer of %d bytes"):format(tostring(value), size), 0)
  end
  local bytes = {}
  for i = 1, size do
    bytes[i] = value % 256
    value = floor(value / 256)
  end
  return char(unpack(bytes))
end

--- Whether a value is an integer of this module.
function M.is_big(value)
  return getmetatable(value) == Big
end

return M
