-- After a file was saved the daemon is told at once, and a question that is asked then waits until it has looked: its answer is about what
-- was saved, also where the project is not watched.

local client = require("vigie.client")
local config = require("vigie.config")
local log = require("vigie.log")
local project = require("vigie.project")

local M = {}

-- `files`, by root or directory, were not told of yet; `open` counts what was told and not answered.
local state = { files = {}, open = 0, waiting = {}, is_unsure = false }

local function settle()
  if state.open > 0 then
    return
  end
  local waiting, is_unsure = state.waiting, state.is_unsure
  state.waiting, state.is_unsure = {}, false
  for _, callback in ipairs(waiting) do
    callback(is_unsure)
  end
end

local function done(failure)
  state.open = state.open - 1
  if failure and failure.code ~= "not-indexed" then
    log.note("a saved file was not looked at: %s", failure.message)
    state.is_unsure = true
  end
  settle()
end

--- Tells of what was saved and not told of yet.
function M.send()
  local files = state.files
  state.files = {}
  for place, names in pairs(files) do
    state.open = state.open + 1
    client.request("Refresh", { target = { path = place }, files = vim.tbl_keys(names) }, { again = true, done = done })
  end
end

--- A file was written. Those of one moment, as `:wall` writes them, are told of together. Without a connection that waits for one, or for
--- the next question.
function M.saved(buffer)
  local file = config.get().refresh_on_save and project.file_of(buffer)
  if not file then
    return
  end
  local directory = project.directory_of(buffer)
  local place = project.known(directory)
  if place == false then
    return
  end
  place = place or directory
  if client.is_connected() and not next(state.files) then
    vim.schedule(M.send)
  end
  state.files[place] = state.files[place] or {}
  state.files[place][file] = true
end

--- Calls back when what was saved until now is in the index: with true if that is not sure, and the question must look itself.
function M.barrier(callback)
  M.send()
  if state.open == 0 then
    callback(false)
  else
    table.insert(state.waiting, callback)
  end
end

return M
