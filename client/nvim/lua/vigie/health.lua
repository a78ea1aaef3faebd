-- `:checkhealth vigie`.

local M = {}

local function seconds(ms)
  return require("vigie.format").duration(ms)
end

local function check_editor(health)
  health.start("Neovim")
  if vim.fn.has("nvim-0.10") == 1 then
    health.ok("Neovim " .. tostring(vim.version()))
  else
    health.error("Neovim 0.10 or later is needed", "update Neovim")
  end
  local picker = require("vigie.picker").chosen()
  health.info("picker: " .. (type(picker) == "function" and "a function of yours" or picker))
  local stats = require("vigie.slice").stats
  if stats.slices > 0 then
    local longest = ("longest the editor was held: %.2f ms"):format(stats.longest_ns / 1e6)
    health.info(("%s; %d of %d slices were over 1 ms"):format(longest, stats.late, stats.slices))
  end
end

local function check_command(health)
  health.start("The command line")
  local command = require("vigie.config").get().command
  if vim.fn.executable(command) == 0 then
    health.error(
      ("there is no command `%s`, so no daemon can be started from here"):format(command),
      { "install it: `cargo install --path client` and `--path daemon`", "or set the option `command` to its path" }
    )
    return
  end
  local ok, result = pcall(function()
    return vim.system({ command, "--version" }, { text = true }):wait(5000)
  end)
  if ok and result.code == 0 then
    health.ok(vim.trim(result.stdout))
  else
    health.error(("`%s --version` fails"):format(command), ok and vim.trim(result.stderr or "") or tostring(result))
  end
end

local function ask_status(buffer)
  local project, client = require("vigie.project"), require("vigie.client")
  local reply, failure, is_over
  client.request("Status", { target = project.target_of(buffer) }, {
    again = true,
    on = function(_, value)
      reply = value
    end,
    done = function(failed)
      failure, is_over = failed, true
    end,
  })
  vim.wait(5000, function()
    return is_over
  end, 5)
  return reply, failure
end

local function check_project(health, reply)
  health.start("This project")
  local row = reply.project
  if not row then
    health.warn("the current directory is in no indexed project", "`:Vigie index` indexes it")
    return
  end
  health.ok(("%s, generation %s"):format(row.root, tostring(row.generation)))
  if not reply.coverage.complete then
    health.warn("its index is not complete yet", "`:Vigie attach` shows the job")
  end
  local watch = require("vigie.names").of("WatchState", row.watch)
  health.info("watch: " .. watch .. (row.watch_note ~= "" and ", " .. row.watch_note or ""))
  for _, warning in ipairs(row.warnings) do
    health.warn(warning)
  end
end

function M.check()
  local health = vim.health
  check_editor(health)
  check_command(health)
  health.start("The daemon")
  local sockets, reason = require("vigie.places").sockets(require("vigie.config").get().socket)
  if not sockets then
    health.error(reason)
    return
  end
  local reply, failure = ask_status(vim.api.nvim_get_current_buf())
  if failure and failure.code == "absent" then
    health.warn("no daemon runs at " .. sockets[1], "`:Vigie index` or `vigie daemon start` starts one")
    return
  elseif not reply then
    health.error(failure and require("vigie.answer").sentence(failure) or "the daemon does not answer")
    return
  end
  health.ok(("vigied %s at %s, up %s"):format(reply.version, reply.socket, seconds(reply.uptime_ms)))
  for _, warning in ipairs(reply.warnings) do
    health.warn(warning)
  end
  check_project(health, reply)
end

return M
