-- Starts the daemon, only through `vigie daemon start`, which knows how and says what went wrong.

local config = require("vigie.config")
local log = require("vigie.log")

local M = {}

--- Longest the command may take; it gives up by itself long before.
local TIME_MAX_MS = 30000

local function socket_of(output)
  for line in output:gmatch("[^\n]+") do
    local ok, said = pcall(vim.json.decode, line)
    if ok and type(said) == "table" and said.type == "daemon" and type(said.socket) == "string" then
      return said.socket
    end
  end
end

local function reason_of(result)
  local first = vim.trim(result.stderr or ""):match("[^\n]+")
  return first and first:gsub("^vigie: ", "") or ("`vigie daemon start` ended with code %d"):format(result.code)
end

--- Calls `done` with the socket of the daemon that runs then, or with nil and a sentence.
function M.start(done)
  local options = config.get()
  local command = { options.command, "daemon", "start", "--json" }
  if options.socket then
    vim.list_extend(command, { "--socket", vim.fs.normalize(options.socket) })
  end
  log.note("%s", table.concat(command, " "))
  local finish = vim.schedule_wrap(function(result)
    local socket = result.code == 0 and socket_of(result.stdout or "")
    done(socket or nil, not socket and reason_of(result) or nil)
  end)
  local ok, failure = pcall(vim.system, command, { text = true, timeout = TIME_MAX_MS }, finish)
  if not ok then
    vim.schedule(function()
      local missing = failure:find("ENOENT") ~= nil
      done(
        nil,
        missing and ("there is no command `%s`; install it, or set the option `command`"):format(options.command)
          or failure
      )
    end)
  end
end

return M
