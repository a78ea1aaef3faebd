-- Jobs with the real daemon: begun, followed, cancelled, and followed further when the daemon is killed.

package.path = vim.fs.dirname(debug.getinfo(1, "S").source:sub(2)) .. "/?.lua;" .. package.path
local t = require("harness")

local vigie = t.plugin_with()
local client = require("vigie.client")
local said = t.notifications()
local state = require("vigie.state")

--- Enough that a job is at work for a while.
local FILES = 1200

local function write_fleet(root, word)
  vim.fn.mkdir(root .. "/.git", "p")
  local lines = {}
  for i = 1, 100 do
    lines[i] = ("pub fn %s_%d(depth: u32) -> u32 {\n    let sum = depth + %d;\n    sum\n}\n"):format(word, i, i)
  end
  local body = table.concat(lines)
  for i = 1, FILES do
    t.write(("%s/src/part%d/ship%d.rs"):format(root, i % 30, i), ("pub struct Ship%d;\n"):format(i) .. body)
  end
end

-- What the autocommand tells, each event by its job.
local events = {}
vim.api.nvim_create_autocmd("User", {
  pattern = "VigieProgress",
  callback = function(args)
    table.insert(events, args.data)
  end,
})

local function last_event(job)
  return vim.iter(events):rfind(function(event)
    return event.job == job
  end)
end

local function begin(options)
  local job
  vigie.index(options, function(id)
    job = id
  end)
  t.wait("a job", function()
    return job
  end)
  return job
end

local function wait_end(job)
  t.wait("the end of job " .. job, function()
    local event = last_event(job)
    return event and event.is_over
  end)
  return last_event(job)
end

local root, other = t.directory("fleet"), t.directory("other")
write_fleet(root, "sail")
vim.fn.mkdir(other .. "/.git")
t.write(other .. "/main.rs", "fn main() {}\n")
vim.cmd.edit(root .. "/src/part1/ship1.rs")

t.test("nothing that goes on by itself starts a daemon", function()
  require("vigie.attach").start()
  t.equal(vigie.statusline(), "")
  local failure
  require("vigie.project").find(root, function(_, failed)
    failure = failed
  end)
  t.wait("an answer", function()
    return failure
  end)
  t.equal(failure.code, "absent")
  t.equal(#said, 0, "nobody is told of what nobody asked")
end)

t.test("a job that is cancelled ends so, and this is told once", function()
  local job
  vigie.index({}, function(id)
    job = id
    vim.cmd("Vigie cancel " .. id)
  end)
  t.wait("a job", function()
    return job
  end)
  t.equal(wait_end(job).type, "cancelled")
  t.wait("a message", function()
    return #said > 0
  end)
  t.equal(#said, 1)
  t.check(said[1].text:find("cancelled"), "what became of it: " .. said[1].text)
end)

t.test("a job goes on under its number when the daemon is killed, and is followed to its end", function()
  events = {}
  vim.cmd("Vigie index!")
  local job
  t.wait("a job at work", function()
    local at_work = state.running(root)
    job = at_work and at_work.job
    return job
  end)
  t.wait("the statusline", function()
    return vigie.statusline():find("^vigie %d+%%%% %a+")
  end)
  t.equal(vigie.progress(0).project, root)
  local buffer = vim.api.nvim_get_current_buf()
  vim.cmd("tabedit " .. other .. "/main.rs")
  t.equal({ vigie.statusline(), vigie.progress() }, { "" }, "nothing is at work in the other project")
  t.check(vigie.statusline(buffer) ~= "", "it is in the first one, seen from here")
  vim.cmd("tabclose")
  vim.o.statusline = "%{%v:lua.require'vigie'.statusline()%}"
  t.check(vim.api.nvim_eval_statusline(vim.o.statusline, {}).str:find("^vigie %d+%% %a+"), "it as it is shown")
  vim.cmd("Vigie attach")
  local lines = table.concat(require("vigie.float").lines(), "\n")
  t.check(lines:find("job " .. job, 1, true) and lines:find("q close", 1, true), "the job in the window: " .. lines)
  t.check(not state.job(job).is_over, "the job still at work when its daemon is killed")
  local before = client.welcome()
  t.equal(vim.uv.kill(before.pid, "sigkill"), 0)
  t.wait("another daemon", function()
    local now = client.welcome()
    return now and now.pid ~= before.pid
  end)
  t.check(client.welcome().epoch ~= before.epoch, "another epoch")
  local ended = wait_end(job)
  t.equal({ ended.type, ended.permille, ended.stats.files_seen }, { "complete", 1000, FILES })
  local fallen, highest = 0, 0
  for _, event in ipairs(events) do
    fallen = math.max(fallen, highest - event.permille)
    highest = math.max(highest, event.permille)
  end
  t.equal(fallen, 0, "the share of work done never falls")
  t.equal(vigie.statusline(), "")
  require("vigie.panel").close()
end)

t.test("a job that is paused says so until it goes on", function()
  events = {}
  vim.cmd("Vigie! index")
  t.wait("a job at work", function()
    return state.running(root)
  end)
  local job = state.running(root).job
  vim.cmd("Vigie pause")
  t.wait("its pause", function()
    local event = last_event(job)
    return event and event.state == "paused"
  end)
  t.check(vigie.statusline():find("paused while %l+"), vigie.statusline())
  vim.cmd("Vigie resume " .. job)
  t.equal(wait_end(job).type, "complete")
end)

t.test("status, watch and log say how things stand", function()
  vim.cmd("Vigie")
  local function shown()
    return table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), "\n")
  end
  t.wait("the status", function()
    return vim.bo.filetype == "vigie"
  end)
  t.check(shown():find("1,200 files") and shown():find("vigied"), "files and daemon: " .. shown())
  vim.cmd("normal q")
  vim.cmd("Vigie watch")
  t.wait("an answer", function()
    return said[#said].text:find("is watched")
  end)
  vim.cmd("edit /etc/hostname | Vigie watch")
  t.wait("that /etc is no project", function()
    return said[#said].text:find("/etc is in no project", 1, true)
  end)
  vim.cmd("bdelete")
  vim.cmd("Vigie! watch")
  t.wait("an answer", function()
    return said[#said].text:find("is no longer watched")
  end)
  vim.cmd("Vigie log")
  t.check(shown():find("answers"), "what happened: " .. shown())
  vim.cmd("normal q")
end)

t.test("what is wrong is said as the daemon says it", function()
  vim.cmd("Vigie index /proc")
  t.wait("a refusal", function()
    return said[#said].level == vim.log.levels.ERROR
  end)
  t.check(said[#said].text:find("/proc"), "the daemon's sentence: " .. said[#said].text)
  vim.cmd("Vigie cancel x")
  t.check(require("vigie.log").lines()[#require("vigie.log").lines()]:find("number"), "a job is a number")
  vim.cmd("Vigie cancel 999999")
  t.wait("another refusal", function()
    return said[#said].text:find("999999")
  end)
  vim.cmd("Vigie sale")
  t.check(require("vigie.log").lines()[#require("vigie.log").lines()]:find("there are attach"), "the subcommands")
end)

t.test("the index of a job that was begun here is told once it is done", function()
  local job = begin()
  t.equal(wait_end(job).type, "complete")
  t.wait("the message", function()
    return said[#said].text:find(" in %d") ~= nil
  end)
  t.equal(client.open_count(), 1, "only the stream of events is open")
end)

t.test("files that stand open come first while a job is at work, and only then", function()
  local second = t.directory("second")
  -- Other contents: what was parsed before is known.
  write_fleet(second, "row")
  local told, request = {}, client.request
  client.request = function(name, value, options)
    if name == "Refresh" then
      local refresh = { files = value.files }
      told[#told + 1] = refresh
      local on = options.on
      options.on = function(of, reply)
        refresh.reply, refresh.job = reply, state.running(second)
        return on and on(of, reply)
      end
    end
    return request(name, value, options)
  end
  local first = second .. "/src/part29/ship1199.rs"
  vim.cmd.edit(first)
  local job
  vigie.index({}, function(id)
    job = id
  end)
  t.wait("word of the open file", function()
    return told[1] and told[1].reply
  end)
  t.equal(told[1].files, { first })
  t.equal({ told[1].reply.job, told[1].reply.indexed + told[1].reply.unchanged }, { 0, 1 }, "looked at by no other job")
  t.check(told[1].job and told[1].job.job == job, "the job still at work")
  local next_one = second .. "/src/part28/ship1198.rs"
  vim.cmd.edit(next_one)
  t.wait("word of the next one", function()
    return told[2] and told[2].reply
  end)
  t.equal(told[2].files, { next_one }, "each is told of once")
  t.equal(wait_end(job).type, "complete")
  vim.cmd.edit(second .. "/src/part27/ship1197.rs")
  t.wait("its project", function()
    return require("vigie.project").known(second .. "/src/part27") ~= nil
  end)
  vim.wait(2 * state.INTERVAL_MS)
  t.equal(#told, 2, "nothing is at work")
  client.request = request
  vim.cmd.edit(root .. "/src/part1/ship1.rs")
end)

t.test("a daemon that somebody stopped stays stopped, and its job goes on with the next command", function()
  local job = begin({ force = true })
  t.wait("the job at work", function()
    return state.running(root)
  end)
  t.vigie(root, "daemon", "stop")
  t.wait("the end of the connection", function()
    return not client.is_connected() and not state.running()
  end)
  t.equal(wait_end(job).state, "unknown")
  vim.wait(400)
  t.check(not client.is_connected(), "no daemon started by itself")
  vim.cmd("Vigie status")
  t.wait("the daemon that this command starts", client.is_connected)
  t.wait("the end of the job", function()
    return last_event(job).type == "complete"
  end)
end)

t.run()
