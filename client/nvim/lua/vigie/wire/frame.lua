-- Frames: a header of sixteen bytes and a body, cut out of chunks that end anywhere. Knows no sockets.

local integer = require("vigie.wire.integer")

local M = {}

M.HEADER_SIZE = 16
M.FIN = 1
M.IGNORABLE = 2
--- Longest body that the daemon sends, and that it takes, in bytes.
M.BODY_MAX_FROM_DAEMON = 4194304
M.BODY_MAX_TO_DAEMON = 1048576

function M.encode(kind, id, body)
  if #body > M.BODY_MAX_TO_DAEMON then
    error(("the request is of %d bytes, and at most %d are taken"):format(#body, M.BODY_MAX_TO_DAEMON), 0)
  end
  return integer.write(#body, 4) .. integer.write(kind, 2) .. "\0\1" .. integer.write(id, 8) .. body
end

function M.decode_header(text)
  local flags = text:byte(7)
  return {
    body_bytes = integer.read(text, 1, 4),
    kind = integer.read(text, 5, 2),
    flags = flags,
    rev = text:byte(8),
    id = integer.read(text, 9, 8),
    fin = flags % 2 >= 1,
    ignorable = flags % 4 >= 2,
  }
end

local Decoder = {}
Decoder.__index = Decoder

function M.decoder()
  -- What was not taken yet is what `chunks` hold, without the first `skip` bytes of the first one.
  return setmetatable({ chunks = {}, first = 1, last = 0, skip = 0, size = 0 }, Decoder)
end

function Decoder:push(chunk)
  if #chunk > 0 then
    self.last = self.last + 1
    self.chunks[self.last] = chunk
    self.size = self.size + #chunk
  end
end

--- The next `size` bytes in one piece, not taken; the caller has looked that they are there. Chunks are joined only when something
--- lies across them, and each then once.
function Decoder:peek(size)
  local chunk = self.chunks[self.first] or ""
  if #chunk - self.skip < size then
    local pieces, length = { chunk:sub(self.skip + 1) }, #chunk - self.skip
    self.chunks[self.first], self.skip = nil, 0
    while length < size do
      self.first = self.first + 1
      pieces[#pieces + 1] = self.chunks[self.first]
      length = length + #self.chunks[self.first]
      self.chunks[self.first] = nil
    end
    chunk = table.concat(pieces)
    self.chunks[self.first] = chunk
  end
  return chunk:sub(self.skip + 1, self.skip + size)
end

function Decoder:take(size)
  local bytes = self:peek(size)
  self.skip = self.skip + size
  self.size = self.size - size
  local chunk = self.chunks[self.first]
  if chunk and self.skip == #chunk then
    self.chunks[self.first] = nil
    self.first, self.skip = self.first + 1, 0
  end
  return bytes
end

--- Header and body of the next frame; nothing if it is not all there. Raises a sentence if it is longer than any may be.
function Decoder:next_frame()
  if not self.header then
    if self.size < M.HEADER_SIZE then
      return nil
    end
    self.header = M.decode_header(self:take(M.HEADER_SIZE))
  end
  local header = self.header
  if header.body_bytes > M.BODY_MAX_FROM_DAEMON then
    error(
      ("a frame of %d bytes came, and none may be longer than %d"):format(header.body_bytes, M.BODY_MAX_FROM_DAEMON),
      0
    )
  end
  if self.size < header.body_bytes then
    return nil
  end
  self.header = nil
  return header, self:take(header.body_bytes)
end

return M
