-- Bodies of frames: one walk over the tables of the schema, in both directions. Knows no frames and no sockets.

local integer = require("vigie.wire.integer")
local schema = require("vigie.wire.schema")
local utf8 = require("vigie.wire.utf8")

local M = {}

-- A reader takes {text, at, last, breathe} and moves `at`; a writer appends to a list of pieces.
local INTEGERS = { u8 = 1, u16 = 2, u32 = 4, u64 = 8 }

local readers, writers, sizes = {}, {}, {}

local function fail(what)
  error(what, 0)
end

local EARLY = "it ends too early, or a length in it is wrong"

local function take(from, size)
  local at = from.at
  if at + size - 1 > from.last then
    fail(EARLY)
  end
  from.at = at + size
  return at
end

for name, size in pairs(INTEGERS) do
  sizes[name] = size
  readers[name] = function(from)
    return integer.read(from.text, take(from, size), size)
  end
  writers[name] = function(out, value)
    out[#out + 1] = integer.write(value or 0, size)
  end
end

--- A length or count of things of at least `least` bytes each, compared with what is left before anything is made of it.
local function read_count(from, least)
  local count = readers.u64(from)
  if integer.is_big(count) or count * least > from.last - from.at + 1 then
    fail(EARLY)
  end
  return count
end

sizes.bool = 1
readers.bool = function(from)
  local value = from.text:byte(take(from, 1))
  if value > 1 then
    fail("a bool in it is neither 0 nor 1")
  end
  return value == 1
end
writers.bool = function(out, value)
  out[#out + 1] = value and "\1" or "\0"
end

sizes.bytes = 8
readers.bytes = function(from)
  local size = read_count(from, 1)
  local at = take(from, size)
  return from.text:sub(at, at + size - 1)
end
writers.bytes = function(out, value)
  value = value or ""
  out[#out + 1] = integer.write(#value, 8)
  out[#out + 1] = value
end

sizes.string = 8
readers.string = function(from)
  local value = readers.bytes(from)
  if not utf8.is_valid(value) then
    fail("a string in it is not UTF-8")
  end
  return value
end
writers.string = function(out, value)
  if value and not utf8.is_valid(value) then
    fail("a string is not UTF-8")
  end
  writers.bytes(out, value)
end

sizes.ext = 8
readers.ext = function(from)
  local entries = {}
  for i = 1, read_count(from, 10) do
    entries[i] = { tag = readers.u16(from), value = readers.bytes(from) }
  end
  return entries
end
writers.ext = function(out, value)
  value = value or {}
  writers.u64(out, #value)
  for _, entry in ipairs(value) do
    writers.u16(out, entry.tag)
    writers.bytes(out, entry.value)
  end
end

local known

local function list(of)
  local element = known(of)
  sizes["[" .. of .. "]"] = 8
  readers["[" .. of .. "]"] = function(from)
    local values, breathe = {}, from.breathe
    local read = readers[element]
    for i = 1, read_count(from, sizes[element]) do
      values[i] = read(from)
      if breathe then
        breathe()
      end
    end
    return values
  end
  writers["[" .. of .. "]"] = function(out, value)
    value = value or {}
    writers.u64(out, #value)
    for _, item in ipairs(value) do
      writers[element](out, item)
    end
  end
end

local function option(of)
  known(of)
  sizes[of .. "?"] = 1
  readers[of .. "?"] = function(from)
    local tag = from.text:byte(take(from, 1))
    if tag > 1 then
      fail("an option tag in it is neither 0 nor 1")
    end
    return tag == 1 and readers[of](from) or nil
  end
  writers[of .. "?"] = function(out, value)
    out[#out + 1] = value == nil and "\0" or "\1"
    if value ~= nil then
      writers[of](out, value)
    end
  end
end

--- The fields of a struct in their order: {name, type}.
function M.fields(name)
  local fields = {}
  for field, of in schema.structs[name]:gmatch("([%w_]+) ([^,]+)") do
    fields[#fields + 1] = { field, of }
  end
  return fields
end

local function struct(name)
  local fields, least = M.fields(name), 0
  for _, field in ipairs(fields) do
    least = least + sizes[known(field[2])]
  end
  sizes[name] = least
  readers[name] = function(from)
    local value = {}
    for i = 1, #fields do
      local field = fields[i]
      value[field[1]] = readers[field[2]](from)
    end
    return value
  end
  writers[name] = function(out, value)
    value = value or {}
    for _, field in ipairs(fields) do
      writers[field[2]](out, value[field[1]])
    end
  end
end

--- Makes reader and writer of a type when it is first met.
known = function(of)
  if readers[of] then
    return of
  end
  local element, optional = of:match("^%[(.+)%]$"), of:match("^(.+)%?$")
  if element then
    list(element)
  elseif optional then
    option(optional)
  elseif schema.structs[of] then
    struct(of)
  else
    fail("no type " .. of .. " in the protocol")
  end
  return of
end

--- Reads the body of a message. Bytes behind the struct are ignored. Raises a sentence if the body is malformed. `breathe` is called
--- between the elements of lists, so that who decodes a long one may pause.
function M.decode(name, body, breathe)
  return readers[known(name)]({ text = body, at = 1, last = #body, breathe = breathe })
end

--- Writes the body of a message. A field that is not given is 0, false, empty or absent.
function M.encode(name, value)
  local out = {}
  writers[known(name)](out, value)
  return table.concat(out)
end

return M
