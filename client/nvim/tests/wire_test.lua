-- The wire: golden vectors both ways, the schema against the document, and what lies.

package.path = vim.fs.dirname(debug.getinfo(1, "S").source:sub(2)) .. "/?.lua;" .. package.path
local t = require("harness")

local codec = require("vigie.wire.codec")
local frame = require("vigie.wire.frame")
local integer = require("vigie.wire.integer")
local preface = require("vigie.wire.preface")
local schema = require("vigie.wire.schema")
local utf8 = require("vigie.wire.utf8")

--- A vector: its bytes, what they mean by path in their order, and its tables of fields.
local function read_vector(path)
  local vector = { bytes = {}, meaning = {}, structs = {} }
  for line in t.read(path):gmatch("[^\n]+") do
    local hex, key, value = line:match("^hex (.*)"), line:match("^(%S+) = (.*)$")
    if hex then
      for byte in hex:gmatch("%x%x") do
        table.insert(vector.bytes, string.char(tonumber(byte, 16)))
      end
    elseif key then
      table.insert(vector.meaning, key .. " = " .. value)
    else
      local name, fields = line:match("^# (%S+): (.*)$")
      if name then
        vector.structs[name] = fields
      end
    end
  end
  vector.bytes = table.concat(vector.bytes)
  return vector
end

local function each_vector(visit)
  local count = 0
  for name in vim.fs.dir(t.vectors) do
    if name:find("^%d") then
      count = count + 1
      visit(name, read_vector(t.vectors .. "/" .. name))
    end
  end
  t.check(count >= 60, "all vectors, there were " .. count)
end

local function quoted(text)
  return '"'
    .. text:gsub('[\\"]', "\\%0"):gsub("[^\32-\126]", function(byte)
      return ("\\x%02x"):format(byte:byte())
    end)
    .. '"'
end

local meaning

--- What a value of a type means, as vectors write it.
local function mean(out, path, of, value)
  local element = of:match("^%[(.+)%]$")
  if element or of == "ext" then
    out[#out + 1] = ("%s.count = %d"):format(path, #value)
    for i, item in ipairs(value) do
      if element then
        mean(out, ("%s.%d"):format(path, i - 1), element, item)
      else
        out[#out + 1] = ("%s.%d.tag = %d"):format(path, i - 1, item.tag)
        out[#out + 1] = ("%s.%d.value = %s"):format(path, i - 1, quoted(item.value))
      end
    end
  elseif of:find("%?$") then
    if value == nil then
      out[#out + 1] = path .. " = absent"
    else
      mean(out, path, of:sub(1, -2), value)
    end
  elseif schema.structs[of] then
    meaning(out, path .. ".", of, value)
  elseif of == "bytes" or of == "string" then
    out[#out + 1] = path .. " = " .. quoted(value)
  else
    local said = type(value) == "number" and ("%.0f"):format(value) or tostring(value)
    out[#out + 1] = path .. " = " .. said
  end
end

meaning = function(out, prefix, name, value)
  for _, field in ipairs(codec.fields(name)) do
    mean(out, prefix .. field[1], field[2], value[field[1]])
  end
end

local function decode_all(chunks)
  local decoder, frames = frame.decoder(), {}
  for _, chunk in ipairs(chunks) do
    decoder:push(chunk)
    local header, body = decoder:next_frame()
    while header do
      frames[#frames + 1] = { header, body }
      header, body = decoder:next_frame()
    end
  end
  return frames, decoder
end

t.test("every vector means what it says, and is written as it was", function()
  each_vector(function(name, vector)
    local frames = decode_all({ vector.bytes })
    t.equal(#frames, 1, name)
    local header, body = unpack(frames[1])
    local message = schema.kinds[header.kind]
    t.check(name == ("%d-%s.txt"):format(header.kind, message), name .. " by its name")
    local said = {}
    for _, field in ipairs({ "body_bytes", "kind", "flags", "rev", "id" }) do
      said[#said + 1] = ("header.%s = %s"):format(field, tostring(header[field]))
    end
    local value = codec.decode(message, body)
    meaning(said, "", message, value)
    t.equal(said, vector.meaning, name)
    t.check(codec.encode(message, value) == body, name .. " to be written as it was read")
  end)
end)

t.test("no message, field, number or flag of the document is lacking", function()
  local written = dofile(t.plugin .. "/scripts/schema.lua")
  local stale = "lua/vigie/wire/schema.lua is not what PROTOCOL.md says: run `nvim -l client/nvim/scripts/schema.lua`"
  t.check(t.read(written.target) == written.text(), stale)
  local seen = {}
  each_vector(function(name, vector)
    for struct, fields in pairs(vector.structs) do
      t.equal(schema.structs[struct], fields, name .. " " .. struct)
    end
    seen[name:match("^%d+%-(%w+)")] = true
  end)
  for _, message in pairs(schema.kinds) do
    t.check(seen[message], "a vector of " .. message)
  end
end)

t.test("frames are cut out of chunks that end anywhere", function()
  local all, names = {}, {}
  each_vector(function(name, vector)
    all[#all + 1] = vector.bytes
    names[#names + 1] = name
  end)
  local stream = table.concat(all)
  local function check(size)
    local chunks = {}
    for at = 1, #stream, size do
      chunks[#chunks + 1] = stream:sub(at, at + size - 1)
    end
    local frames, decoder = decode_all(chunks)
    t.equal(#frames, #all)
    t.equal(decoder.size, 0)
    for i, found in ipairs(frames) do
      t.check(found[2] == all[i]:sub(frame.HEADER_SIZE + 1), ("%s in chunks of %d"):format(names[i], size))
    end
  end
  for _, size in ipairs({ 1, 2, 3, 15, 16, 17, 100, 4096, #stream }) do
    check(size)
  end
end)

t.test("a body that ends early or lies about a length is an error", function()
  each_vector(function(name, vector)
    local message = name:match("^%d+%-(%w+)")
    local body = vector.bytes:sub(frame.HEADER_SIZE + 1)
    for cut = 0, #body - 1, math.max(1, math.floor(#body / 40)) do
      t.check(not pcall(codec.decode, message, body:sub(1, cut)), ("%d bytes to be no %s"):format(cut, message))
    end
    t.equal(codec.decode(message, body .. "later"), codec.decode(message, body), message)
  end)
  local lie = ("\255"):rep(7) .. "\127"
  t.check(t.failure_of(codec.decode, "DumpLines", lie .. ("\0"):rep(8)):find("too early"), "a false length")
  t.check(t.failure_of(codec.decode, "JobRows", "\3" .. ("\0"):rep(15)):find("too early"), "a false count")
  t.check(t.failure_of(codec.decode, "ListJobs", "\0\0\0\0" .. lie):find("too early"), "a false count of ext")
  local cancelled = codec.encode("CancelAck", { job = 1, state = 6 })
  t.check(
    t.failure_of(codec.decode, "CancelAck", cancelled:sub(1, 10) .. "\2" .. ("\0"):rep(8)):find("option"),
    "a tag"
  )
  local watch = codec.encode("Watch", {})
  t.check(t.failure_of(codec.decode, "Watch", watch:sub(1, 16) .. "\7" .. ("\0"):rep(8)):find("bool"), "a bool")
end)

t.test("a frame longer than any may be is an error before its body comes", function()
  local decoder = frame.decoder()
  decoder:push("\1\0\64\0\5\0\0\1" .. ("\0"):rep(8))
  t.check(t.failure_of(decoder.next_frame, decoder):find("4194305"), "its length in the sentence")
  local long = { pattern = ("x"):rep(frame.BODY_MAX_TO_DAEMON) }
  t.check(t.failure_of(frame.encode, 64, 1, codec.encode("TextQuery", long)):find("1048576"), "our own limit")
end)

t.test("integers are exact to 2^53 and keep their bytes above", function()
  for _, value in ipairs({ 0, 1, 255, 256, 65535, 2 ^ 31 - 1, 2 ^ 31, 2 ^ 32 - 1, 2 ^ 32, 2 ^ 52 + 1, 2 ^ 53 - 1 }) do
    t.equal(integer.read(integer.write(value, 8), 1, 8), value)
  end
  for bytes, said in pairs({
    [("\255"):rep(8)] = "18446744073709551615",
    ["\0\0\0\0\0\0\32\0"] = "9007199254740992",
    ["\1\0\0\0\0\0\32\0"] = "9007199254740993",
    ["\0\0\0\0\0\0\0\128"] = "9223372036854775808",
  }) do
    local value = integer.read(bytes, 1, 8)
    t.check(integer.is_big(value), said .. " to be large")
    t.equal(tostring(value), said)
    t.check(integer.write(value, 8) == bytes, said .. " to go back unchanged")
    t.check(value == integer.read(bytes, 1, 8), said .. " to be itself")
  end
  for _, wrong in ipairs({ -1, 0.5, 2 ^ 32, "1", 0 / 0 }) do
    t.check(t.failure_of(integer.write, wrong, 4):find("no unsigned integer"), tostring(wrong) .. " to be refused")
  end
  local epoch = integer.read(("\254"):rep(8), 1, 8)
  local body = codec.encode("Subscribe", { epoch = epoch, seq = 2 ^ 53 - 1 })
  t.check(codec.decode("Subscribe", body).epoch == epoch, "an epoch to go back as it came")
end)

t.test("strings are UTF-8 and nothing else", function()
  for _, good in ipairs({ "", "plain", "é", "𝛼", "\u{7ff}\u{800}\u{ffff}", "\u{10ffff}", "\u{d7ff}\u{e000}" }) do
    t.check(utf8.is_valid(good), vim.inspect(good) .. " to be UTF-8")
  end
  local wrong = { "\128", "\192\128", "\193\191", "\224\128\128", "\237\160\128", "\240\128\128\128" }
  vim.list_extend(wrong, { "\244\144\128\128", "\245\128\128\128", "\195", "a\226\130", "\255" })
  for _, bad in ipairs(wrong) do
    t.check(not utf8.is_valid(bad), vim.inspect(bad) .. " to be none")
  end
  t.check(t.failure_of(codec.encode, "SymbolQuery", { query = "\255" }):find("UTF%-8"), "no such question")
  local body = codec.encode("GoAway", { reason = "bye" })
  t.check(t.failure_of(codec.decode, "GoAway", (body:gsub("bye", "b\255e"))):find("UTF%-8"), "no such answer")
end)

t.test("prefaces are those of the vectors", function()
  local plain = read_vector(t.vectors .. "/preface.txt").bytes
  t.check(preface.encode() == plain, "our own preface")
  local read, taken = preface.decode(plain .. "rest")
  t.equal({ read.version_min, read.version_max, read.refused, taken }, { 1, 1, false, 16 })
  t.equal(preface.reason_against(read), nil)
  local refusal = read_vector(t.vectors .. "/preface-refusal.txt").bytes
  for cut = 0, #refusal - 1 do
    t.equal(preface.decode(refusal:sub(1, cut)), nil)
  end
  local sentence = preface.reason_against(preface.decode(refusal))
  t.check(sentence:find("^vigied 0%.1%.0 speaks protocol 1 to 1"), "the daemon's own sentence")
  t.check(t.failure_of(preface.decode, "HTTP"):find("not Vigie"), "another magic")
  local newer = preface.decode("VIG1\2\0\3\0" .. ("\0"):rep(8))
  t.check(preface.reason_against(newer):find("protocol 2 to 3"), "both versions")
end)

t.run()
