-- The sixteen bytes that either side sends before anything else, and the sentence behind those of a refusal.

local integer = require("vigie.wire.integer")

local M = {}

M.SIZE = 16
M.VERSION = 1
local MAGIC = "VIG1"

function M.encode()
  return MAGIC .. integer.write(M.VERSION, 2):rep(2) .. ("\0"):rep(8)
end

--- Reads a preface from the beginning of some bytes: the preface, and how many bytes it took. Nothing if there are too few yet; raises
--- a sentence if it is no preface.
function M.decode(text)
  if #text >= 4 and text:sub(1, 4) ~= MAGIC then
    error("what answers there is not Vigie", 0)
  end
  if #text < M.SIZE then
    return nil
  end
  local function number(at)
    return integer.read(text, at + 1, 2)
  end
  local refused = number(8) % 2 == 1
  local size = refused and number(10) or 0
  if #text < M.SIZE + size then
    return nil
  end
  local preface = {
    version_min = number(4),
    version_max = number(6),
    refused = refused,
    sentence = text:sub(M.SIZE + 1, M.SIZE + size),
  }
  return preface, M.SIZE + size
end

--- Why nobody can talk with who sent this preface; nil if one can.
function M.reason_against(preface)
  if preface.refused then
    return preface.sentence
  end
  if preface.version_min > M.VERSION or preface.version_max < M.VERSION then
    return ("vigied speaks protocol %d to %d, this plugin %d: update the older of them"):format(
      preface.version_min,
      preface.version_max,
      M.VERSION
    )
  end
end

return M
