-- What the tests stand on: `nvim --headless -l tests/NAME_test.lua`. A test is a function; the first that fails is told, and the exit code
-- says so. Everything that waits is bounded.

local M = {}

M.plugin = vim.fs.dirname(vim.fs.dirname(vim.uv.fs_realpath(debug.getinfo(1, "S").source:sub(2))))
M.vectors = vim.fs.normalize(M.plugin .. "/../../proto/tests/vectors")

--- Longest anything is waited for, in milliseconds: a bound, not a measure.
M.WAIT_MS = tonumber(vim.env.VIGIE_TEST_WAIT_MS) or 60000

vim.opt.runtimepath:prepend(M.plugin)

local tests = {}

--- Announces a test.
function M.test(name, run)
  tests[#tests + 1] = { name = name, run = run }
end

--- Runs them in order and leaves.
function M.run()
  for _, test in ipairs(tests) do
    local ok, failure = xpcall(test.run, debug.traceback)
    if not ok then
      io.stderr:write(("FAILED %s\n%s\n"):format(test.name, failure))
      local has_log, log = pcall(require, "vigie.log")
      if has_log then
        io.stderr:write("--- log of the plugin\n" .. table.concat(log.lines(), "\n") .. "\n")
      end
      os.exit(1)
    end
    io.stdout:write("ok " .. test.name .. "\n")
  end
  os.exit(0)
end

--- Waits until something holds.
function M.wait(what, holds)
  if not vim.wait(M.WAIT_MS, holds, 2) then
    error("waited in vain for " .. what, 2)
  end
end

function M.equal(found, expected, what)
  if not vim.deep_equal(found, expected) then
    local said = ("%s\nfound    %s\nexpected %s"):format(what or "", vim.inspect(found), vim.inspect(expected))
    error(said, 2)
  end
end

function M.check(condition, what)
  if not condition then
    error("expected " .. what, 2)
  end
end

--- The sentence of an error that a call must raise.
function M.failure_of(call, ...)
  local ok, failure = pcall(call, ...)
  if ok then
    error("expected an error", 2)
  end
  return tostring(failure)
end

function M.read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read("*a")
  file:close()
  return text
end

function M.write(path, text)
  vim.fn.mkdir(vim.fs.dirname(path), "p")
  local file = assert(io.open(path, "wb"))
  file:write(text)
  file:close()
end

--- A new directory for a test, in the one that whoever runs it has made for all of them.
function M.directory(name)
  local base = assert(vim.env.VIGIE_TEST_DIRECTORY, "VIGIE_TEST_DIRECTORY names a directory of the test's own")
  local path = vim.uv.fs_realpath(base) .. "/" .. name
  vim.fn.mkdir(path, "p")
  return path
end

--- The plugin as a user has it who installed it, with the command that is tested.
function M.plugin_with(options)
  vim.cmd.runtime("plugin/vigie.lua")
  local all = vim.tbl_extend("force", { command = assert(vim.env.VIGIE_TEST_COMMAND) }, options or {})
  require("vigie").setup(all)
  return require("vigie")
end

--- Runs the command line in a directory.
function M.vigie(directory, ...)
  local result = vim.system({ vim.env.VIGIE_TEST_COMMAND, ... }, { cwd = directory, text = true }):wait(M.WAIT_MS)
  M.check(result.code == 0, ("%s to work: %s"):format(table.concat({ ... }, " "), result.stderr))
  return result.stdout
end

--- What was said with `vim.notify`, from now on.
function M.notifications()
  local said = {}
  vim.notify = function(text, level)
    said[#said + 1] = { text = text, level = level }
  end
  return said
end

return M
