-- What a user does in an editor, with the real daemon: goes to definitions, lists references, searches, saves.

package.path = vim.fs.dirname(debug.getinfo(1, "S").source:sub(2)) .. "/?.lua;" .. package.path
local t = require("harness")

t.plugin_with({ picker = "select" })
local client = require("vigie.client")
local said = t.notifications()

local FILES = {
  ["src/ship.rs"] = [[
/// What floats.
pub struct Ship {
    pub depth: u32,
}

impl Ship {
    pub fn draught(&self) -> u32 {
        self.depth
    }
}

pub fn launch(depth: u32) -> Ship {
    Ship { depth }
}
]],
  ["src/yard.rs"] = [[
use crate::ship::{launch, Ship};

pub fn build() -> Ship {
    let first = launch(3);
    first
}

pub fn build_all() -> u32 {
    build().draught() + build().draught()
}
]],
  ["src/lib.rs"] = "pub mod ship;\npub mod yard;\n",
  ["race.py"] = "class Kite:\n    def tack(self):\n        pass\n\n\nclass Dinghy:\n    def tack(self):\n        pass\n",
}

local root = t.directory("ships")
vim.fn.mkdir(root .. "/.git")
for path, text in pairs(FILES) do
  t.write(root .. "/" .. path, text)
end

local function edit(path)
  vim.cmd("silent edit! " .. root .. "/" .. path)
end

--- Puts the cursor on the nth occurrence of some text.
local function on(text, nth)
  vim.fn.cursor(1, 1)
  for _ = 1, nth or 1 do
    t.check(vim.fn.search([[\V]] .. text, "W") > 0, text .. " in the buffer")
  end
end

local function here()
  local file = vim.api.nvim_buf_get_name(0):sub(#root + 2)
  return ("%s:%d:%d"):format(file, vim.fn.line("."), vim.fn.col("."))
end

local function wait_here(place)
  if not vim.wait(t.WAIT_MS, function()
    return here() == place
  end, 2) then
    error(("waited in vain for %s, and is at %s"):format(place, here()), 2)
  end
end

--- The entries of the quickfix list once it has its final title.
local function wait_list(title)
  t.wait("a list " .. title, function()
    return vim.fn.getqflist({ title = 0 }).title:find(title, 1, true)
  end)
  local entries = vim.tbl_map(function(entry)
    local file = vim.api.nvim_buf_get_name(entry.bufnr):sub(#root + 2)
    return ("%s:%d:%d %s"):format(file, entry.lnum, entry.col, entry.text)
  end, vim.fn.getqflist())
  vim.cmd.cclose()
  vim.fn.setqflist({}, "f")
  return entries
end

local function wait_said(text)
  t.wait("the words " .. text, function()
    return said[#said] and said[#said].text:find(text, 1, true)
  end)
end

-- What the next list to choose from shows, and what is chosen of it.
local offered
local function choose(number)
  offered = nil
  vim.ui.select = function(items, options, done)
    offered = { title = options.prompt, lines = vim.tbl_map(options.format_item, items) }
    done(items[number], number)
  end
end

local function wait_offered()
  t.wait("a list to choose from", function()
    return offered
  end)
  return offered
end

t.test("the first question indexes a project that is not, and answers", function()
  edit("src/yard.rs")
  on("launch", 2)
  vim.cmd("Vigie def")
  wait_here("src/ship.rs:12:8")
  t.check(said[1].text:find("indexing .*ships first"), "what is done first: " .. said[1].text)
  vim.cmd("pop")
  t.equal(here(), "src/yard.rs:4:17", "the tag stack leads back")
  t.vigie(root, "index")
end)

t.test("definitions by name, by container, several and none", function()
  vim.cmd("Vigie def Ship.draught")
  wait_here("src/ship.rs:7:12")
  vim.cmd("Vigie def tack")
  t.equal(wait_list("definitions of tack (2)"), {
    "race.py:2:9 Kite.tack  def tack(self)",
    "race.py:7:9 Dinghy.tack  def tack(self)",
  })
  vim.cmd("Vigie def no_such_thing")
  wait_said("no_such_thing")
  t.equal(said[#said].level, vim.log.levels.INFO)
end)

t.test("references and callers at the cursor fill the quickfix list, with the bang the location list", function()
  edit("src/ship.rs")
  on("launch")
  vim.cmd("Vigie refs")
  t.equal(wait_list("references to launch (2)"), {
    "src/yard.rs:1:19 use crate::ship::{launch, Ship};",
    "src/yard.rs:4:17 let first = launch(3);",
  })
  edit("src/yard.rs")
  vim.cmd("Vigie callers build")
  t.equal(wait_list("callers of build (2)"), {
    "src/yard.rs:9:5 build_all calls build",
    "src/yard.rs:9:25 build_all calls build",
  })
  vim.cmd("Vigie! callers launch limit=1")
  t.wait("the location list", function()
    return vim.fn.getloclist(0, { size = 0 }).size == 1 and vim.fn.getloclist(0, { title = 0 }).title:find("%(1")
  end)
  vim.cmd.lclose()
  vim.cmd("Vigie refs draught kind=method")
  t.equal(#wait_list("references to draught (2)"), 2)
end)

t.test("a buffer that is not saved resolves by the identifier that it shows", function()
  edit("src/yard.rs")
  vim.api.nvim_buf_set_lines(0, 0, 0, false, vim.split(("// one more line\n"):rep(20), "\n"))
  t.check(vim.bo.modified, "an edited buffer")
  on("launch", 2)
  vim.cmd("Vigie def")
  wait_here("src/ship.rs:12:8")
  edit("src/yard.rs")
  vim.api.nvim_buf_set_lines(0, -1, -1, false, { "fn more() { let kite = Dinghy; }" })
  on("Dinghy")
  vim.cmd("Vigie def")
  wait_here("race.py:6:7")
  vim.cmd("enew")
  vim.api.nvim_buf_set_lines(0, 0, -1, false, { "launch" })
  vim.cmd("lcd " .. root)
  vim.cmd("Vigie def")
  wait_here("src/ship.rs:12:8")
end)

t.test("what was saved is in the next answer", function()
  edit("src/lib.rs")
  for round = 1, 5 do
    vim.api.nvim_buf_set_lines(0, -1, -1, false, { ("pub fn moored_%d() {}"):format(round) })
    vim.cmd("silent write")
    vim.cmd("Vigie def moored_" .. round)
    wait_here(("src/lib.rs:%d:8"):format(2 + round))
    vim.fn.cursor(1, 1)
  end
  vim.api.nvim_buf_set_lines(0, 2, -1, false, {})
  vim.cmd("silent write")
  vim.cmd("Vigie def moored_1")
  wait_said("moored_1")
  t.equal(here(), "src/lib.rs:1:1")
end)

t.test("symbols and search let choose", function()
  edit("src/yard.rs")
  choose(2)
  vim.cmd("Vigie symbols buil")
  t.equal(wait_offered().lines, {
    "src/yard.rs:3  function build  pub fn build() -> Ship",
    "src/yard.rs:8  function build_all  pub fn build_all() -> u32",
  })
  wait_here("src/yard.rs:8:8")
  choose(1)
  vim.cmd("Vigie search how is a ship launched")
  t.check(wait_offered().lines[1]:find("ship.rs", 1, true), "the best file first: " .. offered.lines[1])
  choose(1)
  vim.cmd("Vigie refs launch to=picker")
  t.equal(#wait_offered().lines, 2)
end)

t.test("text lists lines, and grep asks as one types", function()
  edit("src/yard.rs")
  vim.cmd([[Vigie text draught\(\) path=src]])
  t.equal(wait_list([[text draught\(\) (1)]]), { "src/yard.rs:9:13     build().draught() + build().draught()" })
  vim.cmd("Vigie text let first  = limit=3")
  wait_said("let first  =")
  vim.cmd("Vigie text let first = limit=3")
  t.equal(#wait_list("text let first = (1)"), 1, "blanks count")
  vim.cmd("Vigie text limit=0")
  wait_said("a whole number")
  vim.cmd("Vigie text draught(")
  wait_said("not a regular expression")
  t.equal(said[#said].level, vim.log.levels.ERROR, "a pattern that does not parse")
  local finder = require("vigie.answer").finder(function(pattern)
    return require("vigie.questions").text(pattern, {})
  end, {})
  local found, over = {}, {}
  for round, pattern in ipairs({ "d", "dr", "draught" }) do
    local handle
    handle = finder(pattern, function(items)
      found[round] = (found[round] or 0) + #items
    end, function(failure)
      over[round] = failure or "done"
    end)
    if round < 3 then
      handle.cancel()
    end
  end
  t.wait("the last one", function()
    return over[3]
  end)
  t.equal({ found, over }, { { [3] = 2 }, { [3] = "done" } }, "what was overtaken says nothing")
  choose(1)
  vim.ui.input = function(_, done)
    done("fn draught")
  end
  vim.cmd("Vigie grep")
  wait_here("src/ship.rs:7:9")
end)

t.test("the outline shows what a file defines, and goes there", function()
  edit("src/ship.rs")
  local outline = require("vigie.outline")
  vim.cmd("Vigie outline")
  t.wait("the outline", function()
    return #outline.lines() > 1
  end)
  t.equal(outline.lines(), {
    "Ship  struct",
    "  depth  field",
    "Ship  impl",
    "  draught  method",
    "launch  function",
  })
  edit("race.py")
  t.wait("that of the other file", function()
    return outline.lines()[1] == "Kite  class"
  end)
  vim.api.nvim_buf_set_lines(0, -1, -1, false, { "class Raft:", "    pass" })
  vim.cmd("silent write")
  t.wait("that of what was saved", function()
    return outline.lines()[#outline.lines()] == "Raft  class"
  end)
  vim.cmd("wincmd l")
  t.equal(vim.bo.filetype, "vigie-outline")
  vim.fn.cursor(4, 1)
  vim.api.nvim_feedkeys(vim.keycode("<CR>"), "xt", false)
  wait_here("race.py:7:9")
  vim.cmd("Vigie outline")
  t.equal(outline.lines(), {}, "it is closed")
end)

t.test("tagfunc and keys are there in an indexed project where no server is, and only there", function()
  edit("src/yard.rs")
  t.wait("the keys", function()
    return vim.fn.maparg("gd", "n", false, true).buffer == 1
  end)
  on("launch", 2)
  vim.cmd([[execute "normal \<C-]>"]])
  t.equal(here(), "src/ship.rs:12:8")
  vim.cmd("pop")
  t.equal(here(), "src/yard.rs:4:17")
  vim.cmd("tag Ship.draught")
  t.equal(here(), "src/ship.rs:7:12")
  t.equal(#vim.fn.taglist("^buil"), 2)
  t.failure_of(vim.cmd, "tag no_such_thing")
  edit("src/yard.rs")
  on("launch", 2)
  vim.api.nvim_feedkeys("gd", "xt", false)
  wait_here("src/ship.rs:12:8")
  vim.api.nvim_feedkeys("grr", "xt", false)
  t.equal(#wait_list("references to launch (2)"), 2)
  edit("../elsewhere.rs")
  vim.wait(50)
  t.equal({ vim.fn.maparg("gd", "n"), vim.bo.tagfunc }, { "", "" }, "nothing outside of a project")
end)

t.test("mappings and tagfunc that a buffer has are left alone", function()
  vim.api.nvim_create_autocmd("BufReadPost", {
    pattern = "*/lib.rs",
    once = true,
    callback = function(args)
      vim.keymap.set("n", "gd", "ga", { buffer = args.buf })
      vim.bo[args.buf].tagfunc = "v:lua.mine"
    end,
  })
  vim.cmd("bwipeout! " .. root .. "/src/lib.rs")
  edit("src/lib.rs")
  t.wait("the other keys", function()
    return vim.fn.maparg("grr", "n", false, true).buffer == 1
  end)
  t.equal({ vim.fn.maparg("gd", "n"), vim.bo.tagfunc }, { "ga", "v:lua.mine" })
  vim.cmd("bwipeout!")
end)

t.test("a server that offers it takes the keys over, and gives them back", function()
  edit("src/yard.rs")
  t.check(vim.fn.maparg("gd", "n") ~= "" or vim.fn.maparg("gd", "n", false, true).buffer == 1, "our key")
  local server = {
    initialize = { capabilities = { definitionProvider = true, positionEncoding = "utf-8" } },
  }
  local id = vim.lsp.start({
    name = "helm",
    cmd = function(dispatchers)
      local closing = false
      return {
        request = function(method, _, callback)
          callback(nil, server[method])
          return true, 1
        end,
        notify = function(method)
          if method == "exit" then
            dispatchers.on_exit(0, 15)
          end
        end,
        is_closing = function()
          return closing
        end,
        terminate = function()
          closing = true
          dispatchers.on_exit(0, 15)
        end,
      }
    end,
  })
  t.wait("the server's turn", function()
    return vim.bo.tagfunc == "v:lua.vim.lsp.tagfunc"
  end)
  t.equal(vim.fn.maparg("gd", "n", false, true).buffer, nil, "the key is gone")
  t.equal(vim.fn.maparg("grr", "n", false, true).buffer, 1, "it offers no references")
  vim.lsp.get_client_by_id(id):stop(true)
  t.wait("our turn", function()
    return vim.fn.maparg("gd", "n", false, true).buffer == 1
  end)
end)

t.test("buffers that are no files are left alone", function()
  local project = require("vigie.project")
  for _, name in ipairs({ "", "file:///tmp/a.rs", "oil:///tmp/", "fugitive:///tmp/.git//0/a.rs", "scp://host/a.rs" }) do
    vim.cmd("enew")
    if name ~= "" then
      vim.api.nvim_buf_set_name(0, name)
    end
    t.equal(project.file_of(0), nil, name)
    require("vigie.save").saved(0)
  end
  vim.cmd("help")
  t.equal(project.file_of(0), nil, "a help page")
  vim.cmd("helpclose")
  vim.cmd("enew!")
end)

t.test("the command completes itself, its options, and names", function()
  edit("src/yard.rs")
  t.equal(vim.fn.getcompletion("Vigie a", "cmdline"), { "attach" })
  t.equal(vim.fn.getcompletion("Vigie refs to=l", "cmdline"), { "to=loclist" })
  t.equal(vim.fn.getcompletion("Vigie def laun", "cmdline"), { "launch" })
  t.equal(vim.fn.getcompletion("Vigie symbols kind=par", "cmdline"), { "kind=parameter" })
  t.equal(vim.fn.getcompletion("Vigie index " .. root .. "/sr", "cmdline"), { root .. "/src/" })
end)

t.test("a daemon that is killed between two questions is started again by the second", function()
  edit("src/yard.rs")
  local before = client.welcome().pid
  vim.uv.kill(before, "sigkill")
  on("launch", 2)
  vim.cmd("Vigie def")
  wait_here("src/ship.rs:12:8")
  t.check(client.welcome().pid ~= before, "another daemon")
end)

t.test("what was saved while no daemon was there is in the next answer too", function()
  edit("src/lib.rs")
  t.vigie(root, "daemon", "stop")
  t.wait("its end", function()
    return not client.is_connected()
  end)
  vim.api.nvim_buf_set_lines(0, -1, -1, false, { "pub fn adrift() {}" })
  vim.cmd("silent write")
  vim.fn.cursor(1, 1)
  vim.cmd("Vigie def adrift")
  wait_here("src/lib.rs:3:8")
end)

t.test("an answer does not tear away who has gone on meanwhile", function()
  edit("src/yard.rs")
  on("launch", 2)
  vim.cmd("Vigie def")
  vim.fn.cursor(1, 1)
  t.wait("a word about it", function()
    local lines = require("vigie.log").lines()
    return lines[#lines]:find("the cursor had moved on", 1, true)
  end)
  t.equal(here(), "src/yard.rs:1:1")
end)

t.test("health tells what there is", function()
  edit("src/yard.rs")
  vim.cmd("checkhealth vigie")
  local report = table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), "\n")
  for _, part in ipairs({ "vigied 0", "ships, generation", "picker: select", "longest the editor was held" }) do
    t.check(report:find(part, 1, true), part .. " in " .. report)
  end
  t.check(not report:find("ERROR"), "no error: " .. report)
end)

t.test("nothing is left open and no global is made", function()
  t.wait("the end of all requests but the stream", function()
    return client.open_count() <= 1
  end)
  for name in pairs(_G) do
    t.check(not tostring(name):lower():find("vigie"), "no global " .. tostring(name))
  end
end)

t.run()
