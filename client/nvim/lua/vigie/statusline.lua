-- What the statusline shows: the job at work in the project of the current buffer. It only looks at what is known, in microseconds.

local format = require("vigie.format")
local project = require("vigie.project")
local state = require("vigie.state")

local M = {}

local is_listening = false

--- The statusline is drawn anew when something changed, once somebody has asked for it.
local function listen()
  if not is_listening then
    is_listening = true
    state.listen(function()
      vim.cmd("redrawstatus!")
    end)
  end
end

--- The job at work in a buffer's project, or nil.
function M.progress(buffer)
  local root = project.known(project.directory_of(buffer or vim.api.nvim_get_current_buf()))
  return root and state.running(root) or nil
end

--- Empty while nothing is at work. What Neovim would take for an item of the statusline is escaped, as `%{%` and other plugins want it.
function M.text(buffer)
  listen()
  state.follow()
  local job = M.progress(buffer)
  if not job then
    return ""
  end
  local text = ("vigie %d%% %s"):format(math.floor(job.permille / 10), format.job(job))
  return (text:gsub("%%", "%%%%"))
end

return M
