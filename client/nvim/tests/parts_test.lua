-- Parts that need no daemon: options, places, words, pickers, what a new number of the protocol would be forgotten in.

package.path = vim.fs.dirname(debug.getinfo(1, "S").source:sub(2)) .. "/?.lua;" .. package.path
local t = require("harness")

local config = require("vigie.config")
local picker = require("vigie.picker")
local said = t.notifications()

t.test("options are checked, and a wrong one leaves everything as it was", function()
  config.set({ limit = 7, outline = { side = "left" } })
  t.equal({ config.get().limit, config.get().outline }, { 7, { side = "left", width = 36 } })
  for sentence, options in pairs({
    ["no option setup.pickre"] = { pickre = "fzf" },
    ["no option outline.sid"] = { outline = { sid = "left" } },
    ["one of left, right"] = { outline = { side = "top" } },
    ["one of auto, select"] = { picker = "denite" },
    ["limit"] = { limit = 0 },
    ["absolute path"] = { socket = "vigied.sock" },
    ["command"] = { command = 3 },
    ["fallback.tagfunc"] = { fallback = { tagfunc = "yes" } },
    ["a key, a list of keys, or false"] = { fallback = { keys = { definition = 3 } } },
  }) do
    local failure = t.failure_of(config.set, options)
    t.check(failure:find(sentence, 1, true), sentence .. " in " .. failure)
    t.equal(config.get().limit, 7)
  end
  config.set({ fallback = { keys = { definition = "gd", references = false } } })
  t.equal({ config.keys("definition"), config.keys("references"), config.keys("outline") }, { { "gd" }, {}, { "gO" } })
  for _, fallback in ipairs({ false, { keys = false } }) do
    config.set({ fallback = fallback })
    t.equal(config.keys("definition"), {})
  end
  config.set({})
end)

t.test("the socket is where PROTOCOL.md says", function()
  local places = require("vigie.places")
  local uid = vim.uv.getuid()
  t.equal(places.sockets(nil, { XDG_RUNTIME_DIR = "/run/x", HOME = "/none" }, uid), { "/run/x/vigie/vigied.sock" })
  local last = vim.uv.fs_stat("/run/user/" .. uid) and "/run/user/%d/vigie/vigied.sock" or "/tmp/vigie-%d/vigied.sock"
  t.equal(places.sockets(nil, { XDG_RUNTIME_DIR = "relative" }, uid), { last:format(uid) })
  local state = t.directory("state")
  t.write(state .. "/vigie/vigied.lock", "12\n/run/other.sock\n")
  local env = { XDG_RUNTIME_DIR = "/run/x", XDG_STATE_HOME = state }
  t.equal(places.sockets(nil, env, uid), { "/run/x/vigie/vigied.sock", "/run/other.sock" })
  t.equal(places.sockets("/run/named.sock", env, uid), { "/run/named.sock" })
  t.write(state .. "/vigie/vigied.lock", "12\nrelative\n")
  t.equal(#places.sockets(nil, env, uid), 1)
  t.check(places.sockets("/" .. ("s"):rep(106)), "107 bytes to be fine")
  local none, reason = places.sockets("/" .. ("s"):rep(107))
  t.check(not none and reason:find("108 bytes"), "108 bytes to be too many")
  local directory = t.directory("private")
  vim.uv.fs_chmod(directory, tonumber("700", 8))
  t.equal(places.reason_against(directory, uid), nil)
  t.check(places.reason_against(directory, uid + 1):find("belongs"), "another owner")
  t.check(places.reason_against_socket(directory, uid + 1):find("belongs"), "another owner of the socket")
  vim.uv.fs_chmod(directory, tonumber("750", 8))
  t.check(places.reason_against(directory, uid):find("others"), "an open door")
  vim.uv.fs_symlink(directory, directory .. "/link")
  t.check(places.reason_against(directory .. "/link", uid):find("not a directory"), "a link")
  t.equal(places.reason_against(directory .. "/none", uid), nil)
end)

t.test("a command that is not there is said", function()
  config.set({ command = "/no/such/vigie" })
  local reason
  require("vigie.daemon").start(function(_, failure)
    reason = failure
  end)
  t.wait("the sentence", function()
    return reason
  end)
  t.check(reason:find("/no/such/vigie", 1, true) and reason:find("option `command`"), reason)
  config.set({ command = "false" })
  reason = nil
  require("vigie.daemon").start(function(_, failure)
    reason = failure
  end)
  t.wait("the sentence", function()
    return reason
  end)
  t.check(reason:find("code 1"), reason)
  config.set({})
end)

t.test("every kind of definition has its look", function()
  local kinds = require("vigie.kinds")
  kinds.define()
  for _, kind in ipairs(require("vigie.names").all("SymbolKind")) do
    t.check(kinds.group(kind) ~= "VigieKind", "a look for " .. kind)
  end
  t.equal({ kinds.group("type-parameter"), kinds.group("unknown") }, { "VigieKindTypeParameter", "VigieKind" })
  t.check(next(vim.api.nvim_get_hl(0, { name = "VigieKindFunction" })), "a group that links somewhere")
end)

t.test("numbers, times and paths are written for people", function()
  local format = require("vigie.format")
  t.equal({ format.count(0), format.count(999), format.count(1234567) }, { "0", "999", "1,234,567" })
  t.equal({ format.duration(1240), format.duration(61000) }, { "1.2 s", "1:01 min" })
  t.equal({ format.bytes(5), format.bytes(1536), format.bytes(3 * 2 ^ 30) }, { "5 B", "1.5 KiB", "3.0 GiB" })
  t.equal(format.cut_left("a/long/path/to.rs", 8), "…h/to.rs")
  t.equal(vim.fn.strdisplaywidth(format.bar(333, 30)), 30)
end)

t.test("work in slices lets everything else happen, and its failure is told", function()
  local slice = require("vigie.slice")
  local turns, done = 0, nil
  slice.run(function()
    for _ = 1, 20 do
      local until_ns = vim.uv.hrtime() + slice.BUDGET_NS
      while vim.uv.hrtime() < until_ns do
        turns = turns + 0
      end
      slice.breathe()
      vim.schedule(function()
        turns = turns + 1
      end)
    end
    error("a fault", 0)
  end, function(failure)
    done = { failure, turns }
  end)
  t.wait("its end", function()
    return done
  end)
  t.equal(done[1], "a fault")
  t.check(done[2] >= 15, "others had their turn meanwhile: " .. done[2])
end)

t.test("an identifier is found at the cursor or behind it", function()
  local identifier = require("vigie.identifier")
  vim.cmd("enew!")
  vim.api.nvim_buf_set_lines(0, 0, -1, false, { "  été(naïve) + x1", "(((" })
  local function at(column)
    vim.api.nvim_win_set_cursor(0, { 1, column })
    local found = identifier.at_cursor()
    return found and ("%s %d"):format(found.name, found.col)
  end
  t.equal(
    { at(0), at(2), at(4), at(7), at(8), at(13), at(17) },
    { "été 3", "été 3", "été 5", "naïve 9", "naïve 9", "naïve 14", "x1 19" }
  )
  vim.api.nvim_win_set_cursor(0, { 2, 0 })
  t.equal(identifier.at_cursor(), nil)
end)

-- What a picker's adapter gets: two batches, then the end.
local ITEMS = {}
for i = 1, 4 do
  ITEMS[i] =
    { path = "a.rs", filename = "/p/a.rs", lnum = i, col = 3, kind = "function", name = "f" .. i, text = "fn f" .. i }
end

local function spec_of(fields)
  local spec = { title = "Vigie test", query = "", asked = {}, cancelled = 0 }
  spec.find = function(query, add, done)
    table.insert(spec.asked, query)
    local is_over = false
    vim.schedule(function()
      if not is_over then
        add({ ITEMS[1], ITEMS[2] })
        add({ ITEMS[3], ITEMS[4] })
        done(nil, "the first 4")
      end
    end)
    return {
      cancel = function()
        is_over = true
        spec.cancelled = spec.cancelled + 1
      end,
    }
  end
  spec.choose = function(item)
    spec.chosen = item
  end
  for name, value in pairs(fields or {}) do
    spec[name] = value
  end
  return spec
end

t.test("vim.ui.select shows lines, and says what is left out", function()
  local shown
  vim.ui.select = function(items, options, done)
    shown = { options.prompt, vim.tbl_map(options.format_item, items) }
    done(items[3])
  end
  config.set({ picker = "select" })
  local spec = spec_of()
  picker.open(spec)
  t.wait("a choice", function()
    return spec.chosen
  end)
  t.equal(shown[1], "Vigie test (the first 4)")
  t.equal(shown[2][2], "a.rs:2  function f2  fn f2")
  t.equal(spec.chosen, ITEMS[3])
  local many = spec_of({
    find = function(_, add)
      vim.schedule(function()
        for _ = 1, 300 do
          add({ ITEMS[1] })
        end
      end)
      return { cancel = function() end }
    end,
  })
  shown = nil
  picker.open(many)
  t.wait("a list", function()
    return shown
  end)
  t.equal({ #shown[2], shown[1] }, { 100, "Vigie test (the first 100)" })
end)

t.test("a function may be the picker", function()
  local got
  config.set({
    picker = function(spec)
      got = spec.title
    end,
  })
  picker.open(spec_of())
  t.equal(got, "Vigie test")
end)

-- The pickers of others are in no registry: what follows are their calls as their documentation has them, not they themselves.

t.test("fzf-lua gets lines with a number that leads back", function()
  local lines, options
  package.loaded["fzf-lua"] = {
    fzf_exec = function(contents, given)
      options, lines = given, {}
      contents(function(line)
        table.insert(lines, line or false)
      end)
    end,
    fzf_live = function(contents, given)
      options, lines = given, {}
      contents({ "typed" })(function(line)
        table.insert(lines, line or false)
      end)
    end,
  }
  config.set({ picker = "auto" })
  t.equal(picker.chosen(), "fzf")
  local spec = spec_of()
  picker.open(spec)
  t.wait("all lines", function()
    return #lines == 5
  end)
  t.equal({ lines[2], lines[5] }, { "/p/a.rs:2:3:  function f2  fn f2\t2", false })
  options.actions.default({ lines[4] })
  t.equal(spec.chosen, ITEMS[4])
  options.winopts.on_close()
  t.equal(spec.cancelled, 1)
  spec = spec_of({ live = true })
  picker.open(spec)
  t.wait("all lines", function()
    return #lines == 5
  end)
  t.equal(spec.asked, { "typed" })
  package.loaded["fzf-lua"] = nil
end)

t.test("telescope gets a finder and entries with a place", function()
  local made
  local function module(name, value)
    package.loaded[name] = value
  end
  local selected
  module("telescope", {})
  module("telescope.actions", {
    select_default = {
      replace = function(_, action)
        selected = action
      end,
    },
    close = function() end,
  })
  module("telescope.actions.state", {
    get_selected_entry = function()
      return { value = ITEMS[2] }
    end,
  })
  module("telescope.config", {
    values = {
      grep_previewer = function()
        return "previewer"
      end,
      generic_sorter = function()
        return "sorter"
      end,
    },
  })
  module("telescope.sorters", {
    empty = function()
      return "empty"
    end,
  })
  module("telescope.pickers", {
    new = function(_, given)
      made = given
      return { find = function() end }
    end,
  })
  config.set({ picker = "auto" })
  t.equal(picker.chosen(), "telescope")
  local spec = spec_of()
  picker.open(spec)
  local entries, over = {}, 0
  local function run(prompt)
    entries, over = {}, 0
    made.finder(prompt, function(entry)
      table.insert(entries, entry)
    end, function()
      over = over + 1
    end)
    t.wait("the end", function()
      return over == 1
    end)
  end
  run("")
  t.equal({ #entries, entries[2].filename, entries[2].lnum, entries[2].col }, { 4, "/p/a.rs", 2, 3 })
  t.equal({ made.sorter, made.previewer, made.prompt_title }, { "sorter", "previewer", "Vigie test" })
  run("f")
  t.equal({ #entries, #spec.asked }, { 4, 1 }, "what was found is sorted anew and not asked for again")
  t.equal(made.attach_mappings(1), true)
  selected()
  t.equal(spec.chosen, ITEMS[2])
  spec = spec_of({ live = true })
  picker.open(spec)
  run("")
  t.equal(#spec.asked, 0, "nothing typed, nothing asked")
  local overtaken = {}
  made.finder("a", function(entry)
    table.insert(overtaken, entry)
  end, function() end)
  run("ab")
  t.equal({ spec.asked, #entries, #overtaken }, { { "ab" }, 4, 0 })
  made.finder.close()
  for name in pairs(package.loaded) do
    if name:find("^telescope") then
      package.loaded[name] = nil
    end
  end
end)

t.test("snacks gets a finder that sleeps until there is something", function()
  local given
  _G.Snacks = {}
  package.loaded["snacks.picker"] = {
    pick = function(options)
      given = options
    end,
  }
  config.set({ picker = "auto" })
  t.equal(picker.chosen(), "snacks")
  local spec = spec_of({ live = true })
  picker.open(spec)
  t.equal(given.finder({}, { filter = { search = "" } }), {})
  local found, thread, aborted = {}, nil, nil
  local async = {
    on = function(_, what, callback)
      aborted = what == "abort" and callback
    end,
    resume = function()
      if thread and coroutine.status(thread) == "suspended" then
        assert(coroutine.resume(thread))
      end
    end,
    suspend = function()
      coroutine.yield()
    end,
  }
  thread = coroutine.create(function()
    given.finder({}, { filter = { search = "typed" }, async = async })(function(entry)
      table.insert(found, entry)
    end)
  end)
  assert(coroutine.resume(thread))
  t.wait("its end", function()
    return coroutine.status(thread) == "dead"
  end)
  t.equal({ #found, found[2].file, found[2].pos, spec.asked }, { 4, "/p/a.rs", { 2, 2 }, { "typed" } })
  local is_closed = false
  given.confirm({
    close = function()
      is_closed = true
    end,
  }, found[3])
  t.equal({ is_closed, spec.chosen }, { true, ITEMS[3] })
  aborted()
  t.wait("the withdrawal", function()
    return spec.cancelled == 1
  end)
  _G.Snacks, package.loaded["snacks.picker"] = nil, nil
end)

t.test("the help names every subcommand, option, mapping and highlight", function()
  local help = t.read(t.plugin .. "/doc/vigie.txt")
  local missing = {}
  local function need(word)
    if not help:find(word, 1, true) then
      table.insert(missing, word)
    end
  end
  for _, name in ipairs(require("vigie.command").names()) do
    need("*:Vigie-" .. name .. "*")
  end
  config.set({})
  for name in pairs(config.get()) do
    need("*vigie-option-" .. name .. "*")
  end
  vim.cmd.runtime("plugin/vigie.lua")
  for _, mapping in ipairs(vim.api.nvim_get_keymap("n")) do
    if mapping.lhs:find("^<Plug>%(vigie") then
      need(mapping.lhs)
    end
  end
  for name in pairs(require("vigie")) do
    need("vigie." .. name .. "(")
  end
  for _, name in ipairs({ "VigieKind", "VigiePath", "VigieDim", "VigieBar", "VigieProgress" }) do
    need(name)
  end
  t.equal(missing, {})
  local copy = t.directory("doc")
  t.write(copy .. "/vigie.txt", help)
  vim.cmd.helptags(copy)
  t.check(t.read(copy .. "/tags"):find("VigieProgress"), "tags of the help")
end)

t.test("the version is that of the workspace", function()
  local manifest = t.read(t.plugin .. "/../../Cargo.toml")
  local version = manifest:match('%[workspace%.package%].-\nversion = "([^"]+)"')
  t.equal(require("vigie.client").VERSION, version)
end)

t.test("nobody was told of anything meanwhile", function()
  t.equal(said, {})
end)

t.run()
