-- Shows items to choose from, in whatever picker there is. An adapter is a function `open(spec)`; in `spec`: `title`;
-- `find(query, add, done)`, which calls `add(items)` as they come and `done(failure, caveat, reason)` once, and returns what has
-- `cancel()`; `live` where each query is a question of its own, `query` where it begins; and `choose(item)`.

local config = require("vigie.config")

local M = {}

local function is_there(module)
  return (pcall(require, module))
end

--- Which adapter `auto` means here.
function M.chosen()
  local wanted = config.get().picker
  if wanted ~= "auto" then
    return wanted
  elseif rawget(_G, "Snacks") and is_there("snacks.picker") then
    return "snacks"
  elseif is_there("fzf-lua") then
    return "fzf"
  elseif is_there("telescope") then
    return "telescope"
  end
  return "select"
end

function M.open(spec)
  local chosen = M.chosen()
  if type(chosen) == "function" then
    return chosen(spec)
  end
  return require("vigie.picker." .. chosen).open(spec)
end

return M
