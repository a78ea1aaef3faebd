-- The ways of installing it that the help shows, each in a Neovim of its own that has nothing else.

package.path = vim.fs.dirname(debug.getinfo(1, "S").source:sub(2)) .. "/?.lua;" .. package.path
local t = require("harness")

--- A checkout with no more than the plugin, so that nothing is written into the real one.
local repository = t.directory("repository")
local plugin = repository .. "/client/nvim"
vim.fn.mkdir(vim.fs.dirname(plugin), "p")
assert(vim.system({ "cp", "-r", t.plugin, plugin }):wait().code == 0, "the plugin can be copied")
vim.fn.delete(plugin .. "/doc/tags")

--- What a fresh Neovim prints that is started with this configuration and runs this Lua.
local function fresh(name, configuration, code)
  local home = t.directory(name)
  local env = { XDG_CONFIG_HOME = home .. "/config", XDG_DATA_HOME = home .. "/data", HOME = home }
  env.XDG_STATE_HOME, env.XDG_CACHE_HOME = home .. "/state", home .. "/cache"
  if type(configuration) == "function" then
    configuration(env)
  else
    t.write(env.XDG_CONFIG_HOME .. "/nvim/init.lua", configuration)
  end
  local command = { vim.v.progpath, "--headless", "-i", "NONE", "-c", "lua " .. code, "-c", "qa!" }
  local result = vim.system(command, { env = env, text = true, cwd = home }):wait(t.WAIT_MS)
  t.equal(result.code, 0, result.stderr)
  return vim.trim(result.stderr .. result.stdout)
end

--- Is the command there, does the help know it, and is nothing loaded before it is needed?
local CHECK = table.concat({
  "local loaded = vim.tbl_filter(function(m) return m:find('^vigie') ~= nil end, vim.tbl_keys(package.loaded))",
  "local help = #vim.api.nvim_get_runtime_file('doc/vigie.txt', true)",
  "local plug = vim.fn.maparg('<Plug>(vigie-definition)', 'n', false, true).desc ~= nil",
  "print(vim.fn.exists(':Vigie'), #loaded, help, plug, require('vigie').statusline() == '')",
}, " ")
local ALL_WELL = "2 0 1 true true"

t.test("as a package, by the words of the README, which are those of the help", function()
  local readme = t.read(t.plugin .. "/../../README.md"):match("## Neovim.-```sh\n(.-)```")
  local help = t.read(t.plugin .. "/doc/vigie.txt"):match(">sh\n\n(.-)<")
  t.equal(help:gsub("\n    ", "\n"):gsub("^    ", ""), readme)
  local said = fresh("package", function(env)
    env.XDG_DATA_HOME = env.HOME .. "/.local/share"
    local with_nvim = vim.tbl_extend("force", env, { PATH = vim.fs.dirname(vim.v.progpath) .. ":" .. vim.env.PATH })
    local result = vim
      .system({ "sh", "-ec", readme }, { cwd = repository, env = with_nvim, text = true })
      :wait(t.WAIT_MS)
    t.equal(result.code, 0, result.stderr)
    t.check(t.read(plugin .. "/doc/tags"):find(":Vigie-refs", 1, true), "tags of the help")
  end, CHECK)
  t.equal(said, ALL_WELL)
end)

t.test("as vim-plug and lazy.nvim's `dir` add a folder to the runtime path", function()
  t.equal(fresh("plug", ("vim.opt.rtp:append(%q)"):format(plugin), CHECK), ALL_WELL)
end)

t.test("as lazy.nvim's `config`, from the help, adds the folder of a repository", function()
  local help = t.read(t.plugin .. "/doc/vigie.txt")
  local spec = help:match("(%{%s+url = .-\n    })")
  local loaded = ([[
    vim.go.loadplugins = false
    local spec = %s
    spec.build({ dir = %q })
    spec.config({ dir = %q })
  ]]):format(spec, repository, repository)
  t.equal(fresh("lazy", loaded, CHECK), ALL_WELL)
end)

t.test("an old Neovim is told what it needs", function()
  local said = fresh(
    "old",
    ([[
    vim.opt.rtp:append(%q)
    local has = vim.fn.has
    vim.fn.has = function(what)
      return what == "nvim-0.10" and 0 or has(what)
    end
  ]]):format(plugin),
    "print(vim.fn.exists(':Vigie'))"
  )
  t.check(said:find("Neovim 0.10 or later is needed", 1, true), said)
  t.check(said:find("0$"), "no command: " .. said)
end)

t.run()
