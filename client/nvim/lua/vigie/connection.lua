-- One connection: bytes in and out of a pipe, prefaces, frames. Knows ids and kinds, and no request's meaning.
--
-- What the pipe calls happens outside of the main loop, where the editor must not be touched: chunks are only put by there. Frames are
-- cut out and decoded on the main loop, in slices.

local codec = require("vigie.wire.codec")
local frame = require("vigie.wire.frame")
local log = require("vigie.log")
local preface = require("vigie.wire.preface")
local schema = require("vigie.wire.schema")
local slice = require("vigie.slice")

local M = {}

--- With more than this many bytes put by, reading stops until they are decoded: the daemon waits, memory stays bounded.
M.UNREAD_MAX = 2 * frame.BODY_MAX_FROM_DAEMON

local KINDS = {}
for kind, name in pairs(schema.kinds) do
  KINDS[name] = kind
end

local Connection = {}
Connection.__index = Connection

--- Connects to a socket. `handlers.open()` when the preface may be sent, `handlers.frame(header, name, value)` for each frame of a known
--- kind, `handlers.fin(id)` behind an unknown one that ends a request, and at the end, once, `handlers.close(reason, is_absent)`: with a
--- sentence if something went wrong. All are called on the main loop.
function M.open(path, handlers)
  local self = setmetatable({
    pipe = assert(vim.uv.new_pipe(false)),
    path = path,
    handlers = handlers,
    decoder = frame.decoder(),
    greeting = "",
  }, Connection)
  self.pipe:connect(path, function(failure)
    if failure then
      local absent = failure:find("ENOENT") or failure:find("ECONNREFUSED")
      self:finish(("nothing answers at %s (%s)"):format(path, failure), absent ~= nil)
      return
    end
    self.pipe:write(preface.encode())
    self:read()
    vim.schedule(function()
      if not self.ended then
        handlers.open()
      end
    end)
  end)
  return self
end

function Connection:read()
  self.pipe:read_start(function(failure, chunk)
    if failure or not chunk then
      self.pipe:read_stop()
      self.at_end = failure and ("the connection failed: " .. failure) or "the daemon closed the connection"
      self:pump()
    elseif self.greeting then
      self:greet(chunk)
    else
      self.decoder:push(chunk)
      if self.decoder.size > M.UNREAD_MAX then
        self.pipe:read_stop()
        self.is_held = true
      end
      self:pump()
    end
  end)
end

function Connection:greet(chunk)
  self.greeting = self.greeting .. chunk
  local ok, theirs, taken = pcall(preface.decode, self.greeting)
  local reason = not ok and theirs or theirs and preface.reason_against(theirs)
  if reason then
    self:finish(reason)
  elseif theirs then
    self.decoder:push(self.greeting:sub(taken + 1))
    self.greeting = nil
    self:pump()
  end
end

--- Decodes what has come, if that is not being done already.
function Connection:pump()
  if self.is_pumping or self.ended then
    return
  end
  self.is_pumping = true
  slice.run(function()
    self:drain()
  end, function(failure)
    self.is_pumping = false
    if failure and self.is_handling then
      -- That of whoever was told, not of the daemon: what follows is still theirs.
      log.error(failure)
      self:pump()
    elseif failure then
      self:finish("the daemon sent what cannot be understood: " .. failure)
    elseif self.at_end then
      self:finish(self.at_end)
    end
  end)
end

function Connection:drain()
  self.is_handling = false
  local header, body = self.decoder:next_frame()
  while header and not self.ended do
    self:deliver(header, body)
    slice.breathe()
    header, body = self.decoder:next_frame()
  end
  if self.is_held and not self.ended then
    self.is_held = false
    self:read()
  end
end

function Connection:deliver(header, body)
  local name = schema.kinds[header.kind]
  if name then
    local value = codec.decode(name, body, slice.breathe)
    self.is_handling = true
    self.handlers.frame(header, name, value)
    self.is_handling = false
  elseif header.fin then
    self.handlers.fin(header.id)
  elseif not header.ignorable then
    log.note("a message of the unknown kind %d is passed over", header.kind)
  end
end

--- Sends a message. Raises a sentence if it cannot be said.
function Connection:send(name, id, value)
  local bytes = frame.encode(KINDS[name], id, codec.encode(name, value))
  if not self.ended then
    self.pipe:write(bytes)
  end
end

function Connection:finish(reason, is_absent)
  if self.ended then
    return
  end
  self.ended = true
  if not self.pipe:is_closing() then
    self.pipe:close()
  end
  vim.schedule(function()
    self.handlers.close(reason, is_absent or false)
  end)
end

function Connection:close()
  self:finish("closed")
end

return M
