-- Requests to the daemon: one connection for all, ids, ends, withdrawing, and asking again when the daemon went away.

local config = require("vigie.config")
local connection = require("vigie.connection")
local daemon = require("vigie.daemon")
local log = require("vigie.log")
local places = require("vigie.places")
local schema = require("vigie.wire.schema")

local M = {}

--- How often a connection that ends before its greeting, or a daemon that has no time, is tried again.
local TRIES_MAX = 20
local PAUSE_MS = 50
--- Longest pause that the daemon may ask for, in milliseconds.
local RETRY_AFTER_MAX_MS = 2000
--- With no word from a daemon for this long after connecting, something else listens there.
local GREETING_MAX_MS = 10000

--- Of this plugin, for the daemon's log.
M.VERSION = "0.1.0-dev"

--- What of a daemon the plugin cannot do without.
local REQUIRED = { "jobs", "events", "refresh", "text", "symbols", "references", "calls", "search", "watch" }

-- `waiting` are requests that were not sent yet, `open` those sent, by id.
local state = { waiting = {}, open = {}, open_count = 0, last_id = 0, tries = 0 }

local function fail(request, code, message, hint)
  if not request.is_over then
    request.is_over = true
    request.done({ code = code, message = message, hint = hint or "" })
  end
end

local function fail_waiting(code, message)
  local waiting = state.waiting
  state.waiting, state.tries = {}, 0
  for _, request in ipairs(waiting) do
    fail(request, code, message)
  end
end

local ensure, flush, next_socket

local function send(request)
  state.last_id = state.last_id + 1
  request.id = state.last_id
  local ok, failure = pcall(state.connection.send, state.connection, request.name, request.id, request.value)
  if ok then
    state.open[request.id] = request
    state.open_count = state.open_count + 1
  else
    vim.schedule(function()
      fail(request, "bad-argument", failure)
    end)
  end
end

flush = function()
  while state.welcome and state.open_count < state.welcome.requests_max and #state.waiting > 0 do
    local request = table.remove(state.waiting, 1)
    if not request.is_over then
      send(request)
    end
  end
end

local function wait_in_line(request)
  if request.is_over then
    return
  end
  state.waiting[#state.waiting + 1] = request
  if state.welcome then
    flush()
  else
    ensure()
  end
end

local function close_request(id)
  local request = state.open[id]
  state.open[id] = nil
  state.open_count = state.open_count - (request and 1 or 0)
  return request
end

--- Whether a failure passes, and the request may be made again because nothing was said on it yet.
local function is_passing(request, failure)
  local passes = failure.code == "busy" or failure.code == "storage-switching" or failure.code == "unavailable"
  return passes and request.again and not request.has_rows and request.tries < TRIES_MAX
end

local function ended(request, failure)
  if request.is_over then
    return
  end
  if failure and is_passing(request, failure) then
    request.tries = request.tries + 1
    local pause = math.min(math.max(failure.retry_after_ms, PAUSE_MS), RETRY_AFTER_MAX_MS)
    vim.defer_fn(function()
      wait_in_line(request)
    end, pause)
    return
  end
  request.is_over = true
  request.done(failure)
end

local function on_welcome(welcome)
  state.welcome, state.tries = welcome, 0
  log.note("vigied %s answers (pid %d)", welcome.version, welcome.pid)
  if state.on_welcome then
    state.on_welcome(welcome)
  end
  flush()
end

local function on_frame(header, name, value)
  if name == "Welcome" then
    on_welcome(value)
    return
  elseif name == "GoAway" then
    log.note("the daemon leaves: %s", value.reason)
    state.is_left = true
    return
  end
  local request = header.fin and close_request(header.id) or state.open[header.id]
  local failure
  if name == "Failure" then
    value.code = schema.numbers.ErrorCode[value.code] or "unknown"
    failure = value
  end
  if request and not request.is_over and not failure then
    request.has_rows = true
    request.on(name, value)
  elseif header.id == 1 and failure then
    -- That of `Hello`.
    state.refused = value.message
  end
  if request and header.fin then
    ended(request, failure)
  end
  flush()
end

local function on_fin(id)
  local request = close_request(id)
  if request then
    ended(request, nil)
  end
end

--- What was asked and not answered when a connection ended: once more where that does no harm.
local function take_back(code, reason)
  local open = state.open
  state.open, state.open_count = {}, 0
  local ids = vim.tbl_keys(open)
  table.sort(ids)
  for _, id in ipairs(ids) do
    local request = open[id]
    local is_whole = not request.has_rows or request.reset ~= nil
    if request.again and is_whole and not request.was_lost and not request.is_over then
      if request.has_rows then
        request.reset()
      end
      request.was_lost, request.has_rows = true, false
      table.insert(state.waiting, request)
    else
      fail(request, code, reason)
    end
  end
end

local function may_start()
  return config.get().autostart
    and vim.iter(state.waiting):any(function(request)
      return request.start and not request.is_over
    end)
end

local function later(pause)
  vim.defer_fn(function()
    if #state.waiting > 0 then
      ensure()
    end
  end, pause)
end

local function on_close(reason, is_absent)
  local was_greeted = state.welcome ~= nil
  state.connection, state.welcome = nil, nil
  if state.refused then
    reason, state.refused = state.refused, nil
    fail_waiting("unimplemented", reason)
  elseif was_greeted then
    log.note("connection lost: %s", reason)
    take_back(state.is_left and "left" or "lost", reason)
    state.is_left = false
    if #state.waiting > 0 then
      later(PAUSE_MS)
    end
  elseif is_absent then
    next_socket(reason)
    return
  elseif state.tries < TRIES_MAX and may_start() then
    state.tries = state.tries + 1
    later(PAUSE_MS)
  else
    fail_waiting("unreachable", reason)
  end
end

local function connect(path)
  local reason = places.reason_against_socket(path)
  if reason then
    fail_waiting("unreachable", reason)
    return
  end
  local opened
  opened = connection.open(path, {
    open = function()
      -- The first id of a connection is that of the greeting.
      state.last_id = 1
      opened:send("Hello", 1, { client = "vigie.nvim", version = M.VERSION, required = REQUIRED })
    end,
    frame = on_frame,
    fin = on_fin,
    close = on_close,
  })
  state.connection = opened
  -- The loop's clock stands still while anything works on it, and a timer counts from that clock.
  vim.uv.update_time()
  vim.defer_fn(function()
    if state.connection == opened and not state.welcome then
      opened:finish("what listens at " .. path .. " does not greet")
    end
  end, GREETING_MAX_MS)
end

--- Nobody answered at the last socket: tries the next, starts a daemon, or gives up.
next_socket = function(reason)
  local path = table.remove(state.sockets, 1)
  if path then
    connect(path)
  elseif not may_start() or state.tries >= TRIES_MAX then
    fail_waiting("absent", reason .. "; `vigie daemon start` starts a daemon")
  else
    state.tries = state.tries + 1
    state.is_starting = true
    daemon.start(function(socket, failure)
      state.is_starting = false
      if socket then
        state.sockets = {}
        connect(socket)
      else
        fail_waiting("unreachable", failure)
      end
    end)
  end
end

ensure = function()
  if state.connection or state.is_starting then
    return
  end
  local sockets, reason = places.sockets(config.get().socket)
  if not sockets then
    fail_waiting("unreachable", reason)
    return
  end
  state.sockets = sockets
  next_socket("nobody answers at " .. sockets[1])
end

local function nothing() end

--- Makes a request. `options.on(name, value)` is called for each frame of the answer but a failure, then, once, `options.done(failure)`;
--- both on the main loop, never before this returns. With `options.again` it is made once more after a lost connection; if frames had
--- come, behind `options.reset()`, and without such a function not. With `options.start` a daemon is started if none runs. `cancel()` of
--- what is returned ends it: nothing is called any more.
function M.request(name, value, options)
  local request = {
    name = name,
    value = value,
    on = options.on or nothing,
    done = options.done or nothing,
    reset = options.reset,
    again = options.again,
    start = options.start,
    tries = 0,
  }
  function request.cancel()
    if request.is_over then
      return
    end
    request.is_over = true
    if state.open[request.id] == request then
      state.connection:send("Withdraw", request.id, {})
    end
  end
  vim.schedule(function()
    wait_in_line(request)
  end)
  return request
end

function M.is_connected()
  return state.welcome ~= nil
end

--- What the daemon said of itself; nil while there is no connection.
function M.welcome()
  return state.welcome
end

--- Requests that have not ended, for a test of what is left over.
function M.open_count()
  return state.open_count
end

--- Bytes that have come and are not decoded yet, for the same.
function M.unread_bytes()
  return state.connection and state.connection.decoder.size or 0
end

--- Called whenever a daemon has greeted.
function M.on_welcome(callback)
  state.on_welcome = callback
end

--- Ends the connection; the next request makes a new one.
function M.disconnect()
  if state.connection then
    state.connection:close()
  end
end

return M
