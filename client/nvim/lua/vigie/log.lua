-- What the plugin has to say: the last lines for `:Vigie log`, kept in memory only, and messages that a person should see now.

local M = {}

local LINES_MAX = 500
local lines = {}

local function add(level, text)
  lines[#lines + 1] = ("%s %-5s %s"):format(os.date("%H:%M:%S"), level, text)
  if #lines > LINES_MAX then
    table.remove(lines, 1)
  end
end

--- For whoever looks.
function M.note(text, ...)
  add("note", select("#", ...) > 0 and text:format(...) or text)
end

local function notify(level, text)
  add(level == vim.log.levels.ERROR and "error" or level == vim.log.levels.WARN and "warn" or "info", text)
  vim.schedule(function()
    vim.notify("vigie: " .. text, level, { title = "Vigie" })
  end)
end

function M.info(text)
  notify(vim.log.levels.INFO, text)
end

function M.warn(text)
  notify(vim.log.levels.WARN, text)
end

function M.error(text)
  notify(vim.log.levels.ERROR, text)
end

function M.lines()
  return vim.deepcopy(lines)
end

return M
