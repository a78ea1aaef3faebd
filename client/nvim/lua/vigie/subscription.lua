-- The one stream of events, of all jobs and projects. It is resumed with its cursor after a lost connection, so nothing is missed, and
-- says so when the daemon could not honour that.

local client = require("vigie.client")
local log = require("vigie.log")

local M = {}

--- Pauses between attempts to have it again, in milliseconds.
local PAUSE_MIN_MS = 100
local PAUSE_MAX_MS = 5000
--- An attempt that somebody's typing makes comes no sooner after the last one, in milliseconds.
local IDLE_MS = 10000
--- Attempts to have a daemon again that died while a job was at work, or that said that it leaves, as one does that is started anew. Then
--- it is had again when somebody asks for something.
local TRIES_MAX = 5

local stream = { epoch = 0, seq = 0, pause = PAUSE_MIN_MS, tries = 0, is_open = false, tried_ms = -IDLE_MS }

local function is_state_event(name, value)
  return name == "ProjectEvent" or name == "ProgressEvent" and not value.sample
end

local function take(name, value)
  if name == "Snapshot" then
    -- One that honours the cursor leaves out jobs that go on; any other one is all there is.
    local is_whole = value.reset or stream.epoch ~= value.epoch or stream.is_resync
    stream.epoch, stream.seq, stream.is_resync = value.epoch, value.seq, false
    stream.pause, stream.tries = PAUSE_MIN_MS, 0
    stream.handlers.snapshot(value.jobs, is_whole)
  elseif name == "Resync" then
    log.note("%s events were lost, as this editor was busy", tostring(value.dropped))
    stream.is_resync = true
  else
    if is_state_event(name, value) then
      stream.seq = value.seq
    end
    if name == "ProgressEvent" then
      stream.handlers.progress(value)
    elseif name == "ProjectEvent" then
      stream.handlers.project(value)
    end
  end
end

local subscribe

--- The stream ended, as no stream does by itself. A daemon that died under a job is started again. One that was stopped is not: that was
--- somebody's wish, and the job goes on when it is started.
local function lost(failure)
  local code = failure and failure.code
  if code == "left" then
    stream.tries = TRIES_MAX
    stream.handlers.gone()
  end
  local is_busy = stream.handlers.is_busy()
  if code == "absent" or code == "unreachable" then
    local is_given_up = stream.tries == 0
    if is_given_up and is_busy then
      stream.handlers.gone()
      log.warn("the daemon is gone, and so is the job that was followed: " .. failure.message)
    end
    if is_given_up then
      return
    end
    stream.tries = stream.tries - 1
  elseif is_busy then
    stream.tries = TRIES_MAX
  end
  local pause = stream.pause
  stream.pause = math.min(pause * 2, PAUSE_MAX_MS)
  vim.defer_fn(function()
    if not stream.is_open then
      subscribe(stream.handlers.is_busy())
    end
  end, pause)
end

subscribe = function(start)
  stream.is_open = true
  stream.tried_ms = vim.uv.now()
  client.request("Subscribe", { epoch = stream.epoch, seq = stream.seq }, {
    start = start,
    on = take,
    done = function(failure)
      stream.is_open = false
      lost(failure)
    end,
  })
end

--- Has the stream, if a daemon runs; with `now` also soon after the last attempt.
function M.want(handlers, now)
  stream.handlers = handlers
  if not stream.is_open and (now or vim.uv.now() - stream.tried_ms >= IDLE_MS) then
    subscribe(false)
  end
end

--- The cursor, for a test.
function M.cursor()
  return stream.epoch, stream.seq
end

return M
