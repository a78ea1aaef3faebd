-- What no healthy daemon does on demand: 100,000 events at once, refusals, unknown kinds, cursors, and ends in the middle. The other side
-- of the socket is this file; its bytes are those that the golden vectors hold the codec to.

package.path = vim.fs.dirname(debug.getinfo(1, "S").source:sub(2)) .. "/?.lua;" .. package.path
local t = require("harness")

local codec = require("vigie.wire.codec")
local frame = require("vigie.wire.frame")
local integer = require("vigie.wire.integer")
local preface = require("vigie.wire.preface")
local schema = require("vigie.wire.schema")

local socket = t.directory("peer") .. "/s"
t.plugin_with({ socket = socket, autostart = false })
local client = require("vigie.client")
local slice = require("vigie.slice")
local state = require("vigie.state")
local subscription = require("vigie.subscription")

local KINDS = {}
for kind, name in pairs(schema.kinds) do
  KINDS[name] = kind
end

--- A frame as the daemon sends it.
local function bytes_of(name, id, value, fin)
  local body = codec.encode(name, value)
  local kind = type(name) == "number" and name or KINDS[name]
  return integer.write(#body, 4)
    .. integer.write(kind, 2)
    .. string.char(fin and frame.FIN or 0, 1)
    .. integer.write(id, 8)
    .. body
end

--- Listens at the socket. `answers[NAME](peer, id, value)` is called for each message that comes.
local function listen(answers, welcome)
  local peer = { heard = {}, connections = 0, pipes = {} }
  local server = assert(vim.uv.new_pipe(false))
  os.remove(socket)
  assert(server:bind(socket))
  server:listen(8, function()
    local pipe = vim.uv.new_pipe(false)
    server:accept(pipe)
    peer.connections = peer.connections + 1
    peer.pipe = pipe
    table.insert(peer.pipes, pipe)
    local decoder, greeted = frame.decoder(), false
    pipe:read_start(function(_, chunk)
      if not chunk then
        return
      end
      decoder:push(chunk)
      if not greeted and decoder.size >= preface.SIZE then
        greeted = true
        t.check(decoder:take(preface.SIZE) == preface.encode(), "a preface first")
        pipe:write(peer.preface or preface.encode())
      end
      local header, body = decoder:next_frame()
      while header do
        local name = schema.kinds[header.kind]
        local value = codec.decode(name, body)
        table.insert(peer.heard, { name = name, id = header.id, value = value })
        if answers[name] then
          answers[name](peer, header.id, value)
        elseif name == "Hello" then
          peer.send("Welcome", header.id, welcome or { epoch = 7, pid = 1, requests_max = 4, protocol = 1 }, true)
        end
        header, body = decoder:next_frame()
      end
    end)
  end)
  function peer.send(...)
    peer.pipe:write(bytes_of(...))
  end
  --- Ends the connection as a daemon does that dies.
  function peer.hang_up()
    peer.pipe:close()
  end
  function peer.close()
    client.disconnect()
    for _, pipe in ipairs(peer.pipes) do
      if not pipe:is_closing() then
        pipe:close()
      end
    end
    server:close()
    os.remove(socket)
    t.wait("the end", function()
      return not client.is_connected()
    end)
    vim.wait(20)
  end
  function peer.count(name)
    return #vim.tbl_filter(function(heard)
      return heard.name == name
    end, peer.heard)
  end
  return peer
end

local function event(fields)
  local base = { type = 1, stage = 6, state = 2, job = 5, project = "/p", total = 100000, message = "indexing" }
  return vim.tbl_extend("force", base, fields)
end

--- Makes a request and waits for its end: frames and failure.
local function ask(name, value, options)
  local got, over, failure = {}, false, nil
  local all = vim.tbl_extend("force", options or {}, {
    on = function(kind, frame_value)
      table.insert(got, { kind, frame_value })
    end,
    done = function(failed)
      over, failure = true, failed
    end,
  })
  client.request(name, value, all)
  t.wait("the end of " .. name, function()
    return over
  end)
  return got, failure
end

t.test("100,000 events are heard of in slices, and told a few times", function()
  local EVENTS = 100000
  local announced, longest = 0, 0
  vim.api.nvim_create_autocmd("User", {
    pattern = "VigieProgress",
    callback = function()
      announced = announced + 1
    end,
  })
  -- Made before, so that what is measured is the plugin; the stream is the second request, behind the greeting.
  local STREAM, batch = 2, {}
  for i = 1, 1000 do
    batch[i] = bytes_of("ProgressEvent", STREAM, event({ current = i, permille = i - 1, sample = true }))
  end
  batch = table.concat(batch)
  local peer = listen({
    Subscribe = function(peer, id)
      t.equal(id, STREAM)
      peer.send("Snapshot", id, { epoch = 7, seq = 1, jobs = { event({}) } })
      for _ = 1, EVENTS / 1000 do
        peer.pipe:write(batch)
      end
      peer.send("ProgressEvent", id, event({ type = 2, state = 4, seq = 2, permille = 1000, stage = 7 }), true)
    end,
  })
  slice.stats = { slices = 0, longest_ns = 0, longest_steps = 0, late = 0 }
  state.stats.announcements, state.stats.events = 0, 0
  -- What an editor does besides: a tick that is late was held up.
  local ticks, last = 0, vim.uv.hrtime()
  local ticker = vim.uv.new_timer()
  ticker:start(
    1,
    1,
    vim.schedule_wrap(function()
      ticks = ticks + 1
      longest = math.max(longest, vim.uv.hrtime() - last)
      last = vim.uv.hrtime()
    end)
  )
  state.follow(true)
  t.wait("the last event", function()
    return state.job(5) and state.job(5).is_over
  end)
  t.wait("its announcement", function()
    return announced > 0 and not state.running()
  end)
  ticker:close()
  t.equal(state.stats.events, EVENTS + 2)
  t.check(slice.stats.slices > 100, ("many slices, there were %d"):format(slice.stats.slices))
  t.check(ticks > 50, ("the editor's own turns between them, there were %d"):format(ticks))
  -- Whatever the clock says: between two looks at it lies one event.
  t.check(slice.stats.longest_steps <= EVENTS / 50, ("no slice of %d events"):format(slice.stats.longest_steps))
  t.check(announced <= state.stats.announcements, "one job is announced once each time")
  io.stdout:write(
    ("   %d slices, %d of them over 1 ms, the longest %.2f ms; %d announcements; the longest wait for a turn %.2f ms\n"):format(
      slice.stats.slices,
      slice.stats.late,
      slice.stats.longest_ns / 1e6,
      state.stats.announcements,
      longest / 1e6
    )
  )
  peer.close()
end)

t.test("a lost stream goes on behind its cursor, and a new daemon's begins anew", function()
  local round = 0
  local peer
  peer = listen({
    Subscribe = function(_, id, value)
      round = round + 1
      if round == 1 then
        peer.send("Snapshot", id, { epoch = 7, seq = 10, jobs = {} })
        peer.send("ProgressEvent", id, event({ job = 8, seq = 11 }))
        peer.send("ProgressEvent", id, event({ job = 8, seq = 99, sample = true }))
        peer.send("ProjectEvent", id, { type = 3, seq = 12, project = "/p" })
        peer.hang_up()
      elseif round == 2 then
        t.equal({ value.epoch, value.seq }, { 7, 12 }, "the cursor is of state events")
        -- It leaves out the job that goes on.
        peer.send("Snapshot", id, { epoch = 7, seq = 12, jobs = {} })
        peer.send("ProgressEvent", id, event({ job = 8, seq = 13, current = 77 }))
        peer.send("Resync", id, { dropped = 3 })
        peer.send("Snapshot", id, { epoch = 7, seq = 20, jobs = { event({ job = 9, seq = 20 }) } })
      else
        peer.send("Snapshot", id, { epoch = integer.read(("\255"):rep(8), 1, 8), seq = 2, jobs = {}, reset = true })
      end
    end,
  })
  state.follow(true)
  t.wait("the second stream", function()
    return state.job(9)
  end)
  t.equal({ state.job(8), state.job(9).is_over }, { nil, false }, "what a whole snapshot leaves out is over")
  peer.hang_up()
  t.wait("the third stream", function()
    return round == 3 and not state.running()
  end)
  local epoch = subscription.cursor()
  t.equal(tostring(epoch), "18446744073709551615")
  peer.hang_up()
  t.wait("the fourth stream", function()
    return round == 4
  end)
  t.check(peer.heard[#peer.heard].value.epoch == epoch, "an epoch beyond 2^53 goes back as it came")
  peer.close()
end)

t.test("a question is asked once more after a lost connection, and no oftener", function()
  local rounds, dumps = 0, 0
  local peer
  peer = listen({
    DumpQuery = function(_, id)
      dumps = dumps + 1
      peer.send("DumpLines", id, { lines = "{}" })
      peer.hang_up()
    end,
    Ping = function(_, id, value)
      rounds = rounds + 1
      if rounds == 1 or value.token == 2 then
        peer.hang_up()
      else
        peer.send("Pong", id, { token = value.token }, true)
      end
    end,
  })
  local got, failure = ask("Ping", { token = 1 }, { again = true })
  t.equal({ got[1][2].token, failure, rounds }, { 1, nil, 2 })
  got, failure = ask("Ping", { token = 2 }, { again = true })
  t.equal({ #got, failure.code, rounds }, { 0, "lost", 4 })
  got, failure = ask("Ping", { token = 2 })
  t.equal({ #got, failure.code, rounds }, { 0, "lost", 5 }, "what is not to be repeated is not")
  got, failure = ask("DumpQuery", {}, { again = true })
  t.equal({ #got, failure.code, dumps }, { 1, "lost", 1 }, "nor what had half an answer")
  local resets = 0
  got, failure = ask("DumpQuery", {}, {
    again = true,
    reset = function()
      resets = resets + 1
    end,
  })
  t.equal({ #got, failure.code, dumps, resets }, { 2, "lost", 3, 1 }, "but where that can be taken back")
  peer.close()
end)

t.test("more requests than the daemon takes wait in line, and one that is withdrawn says no more", function()
  local open, most, held = 0, 0, {}
  local peer
  peer = listen({
    Ping = function(_, id, value)
      open = open + 1
      most = math.max(most, open)
      held[#held + 1] = { id, value.token }
      if value.token < 10 then
        vim.defer_fn(function()
          open = open - 1
          peer.send("Pong", id, { token = value.token }, true)
        end, 1)
      end
    end,
    Withdraw = function(_, id)
      open = open - 1
      peer.send("Pong", id, { token = 99 })
      peer.send("Failure", id, { code = 8, message = "withdrawn" }, true)
    end,
  })
  local answered, silent = 0, true
  local withdrawn = client.request("Ping", { token = 10 }, {
    on = function()
      silent = false
    end,
    done = function()
      silent = false
    end,
  })
  for token = 1, 9 do
    client.request("Ping", { token = token }, {
      done = function(failure)
        t.equal(failure, nil)
        answered = answered + 1
      end,
    })
  end
  t.wait("the request", function()
    return #held > 0
  end)
  withdrawn.cancel()
  t.wait("all answers", function()
    return answered == 9 and open == 0
  end)
  t.check(silent, "nothing said of what was withdrawn")
  t.check(most <= 4, "never more than it takes")
  peer.close()
end)

t.test("busy passes, unknown kinds are passed over, and other failures are said", function()
  local tries = 0
  local peer
  peer = listen({
    Ping = function(_, id)
      tries = tries + 1
      if tries < 3 then
        peer.send("Failure", id, { code = 6, message = "too much at once", retry_after_ms = 1 }, true)
        return
      end
      peer.pipe:write("\4\0\0\0" .. integer.write(999, 2) .. "\0\1" .. integer.write(id, 8) .. "what")
      peer.pipe:write("\0\0\0\0" .. integer.write(998, 2) .. "\2\1" .. integer.write(0, 8))
      peer.send("Pong", id, { token = 4 }, true)
    end,
    ListJobs = function(_, id)
      peer.pipe:write("\0\0\0\0" .. integer.write(997, 2) .. "\1\1" .. integer.write(id, 8))
    end,
    ListProjects = function(_, id)
      peer.send("Failure", id, { code = 4242, message = "from a later version", hint = "update" }, true)
    end,
  })
  local got, failure = ask("Ping", {}, { again = true })
  t.equal({ #got, failure, tries }, { 1, nil, 3 })
  got, failure = ask("ListJobs", {})
  t.equal({ got, failure }, { {}, nil }, "its FIN ends the request all the same")
  got, failure = ask("ListProjects", {})
  t.equal({ got, failure.code, failure.message }, { {}, "unknown", "from a later version" })
  peer.close()
end)

t.test("a refusal is said in the daemon's words, and what is no daemon is told", function()
  local peer = listen({})
  local sentence = "update vigied and restart it"
  peer.preface = "VIG1\1\0\1\0\1\0" .. integer.write(#sentence, 2) .. ("\0"):rep(4) .. sentence
  local _, failure = ask("Ping", {})
  t.equal({ failure.code, failure.message }, { "unreachable", sentence })
  peer.preface = "HTTP/1.1 400 Bad Request\r\n"
  _, failure = ask("Ping", {})
  t.equal(failure.message, "what answers there is not Vigie")
  peer.close()
  peer = listen({
    Hello = function(it, id)
      it.send("Failure", id, { code = 2, message = "capability 'x' is lacking" }, true)
      it.hang_up()
    end,
  })
  _, failure = ask("Ping", {})
  t.equal(failure.message, "capability 'x' is lacking")
  peer.close()
  peer = listen({
    Ping = function(it, id)
      it.pipe:write("\9\0\0\0\6\0\1\1" .. integer.write(id, 8) .. ("\255"):rep(9))
    end,
  })
  _, failure = ask("Ping", {})
  t.check(failure.message:find("cannot be understood"), "what is malformed ends the connection: " .. failure.message)
  peer.close()
end)

t.test("a fault of who was told costs one frame and no connection", function()
  local faults = t.notifications()
  local peer
  peer = listen({
    Ping = function(_, id)
      peer.send("Pong", id, { token = 1 }, true)
    end,
  })
  client.request("Ping", {}, {
    done = function()
      error("a fault of the configuration")
    end,
  })
  t.wait("the fault", function()
    return faults[1]
  end)
  t.check(faults[1].text:find("a fault of the configuration"), faults[1].text)
  local got = ask("Ping", {})
  t.equal({ #got, peer.connections }, { 1, 1 })
  peer.close()
end)

t.test("with more than is bearable put by, the daemon is made to wait", function()
  local sent, peer = 0, nil
  local lines = ("x"):rep(1000000)
  peer = listen({
    DumpQuery = function(_, id)
      for i = 1, 40 do
        peer.pipe:write(bytes_of("DumpLines", id, { lines = lines }, i == 40), function()
          sent = sent + 1
        end)
      end
    end,
  })
  local received, most = 0, 0
  local connection = require("vigie.connection")
  local over = false
  client.request("DumpQuery", {}, {
    on = function(_, value)
      received = received + #value.lines
      most = math.max(most, client.unread_bytes())
    end,
    done = function()
      over = true
    end,
  })
  t.wait("all of it", function()
    return over
  end)
  t.equal(received, 40 * #lines)
  t.check(most <= connection.UNREAD_MAX + 1000000, ("at most so much put by, it was %d"):format(most))
  peer.close()
end)

t.run()
