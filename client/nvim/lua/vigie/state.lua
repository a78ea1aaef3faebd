-- How jobs stand, as the stream of events tells. However many events come, listeners, the autocommand and the statusline hear of it a few
-- times a second only, each time of what is latest.

local names = require("vigie.names")
local subscription = require("vigie.subscription")

local M = {}

--- Between two announcements, in milliseconds.
M.INTERVAL_MS = 100
--- Jobs that ended and are remembered.
local ENDED_MAX = 20

-- `changed` are jobs that were not announced yet.
local state = { jobs = {}, changed = {}, ended = {}, listeners = {}, is_due = false }

M.stats = { events = 0, announcements = 0 }

local PROGRESS = names.number("EventType", "progress")

local function is_over(event)
  return event.type ~= PROGRESS
end

--- What others get to see of an event: words for numbers.
local function told(event)
  return {
    job = event.job,
    project = event.project,
    type = names.of("EventType", event.type),
    state = names.of("JobState", event.state),
    stage = names.of("Stage", event.stage),
    current = event.current,
    total = event.total,
    permille = event.permille,
    message = event.message,
    file = event.file,
    file_ms = event.file_ms,
    errors = event.errors,
    rate_milli = event.rate_milli,
    eta_ms = event.eta_ms,
    stats = event.stats,
    is_over = is_over(event),
  }
end

local function announce()
  state.is_due = false
  M.stats.announcements = M.stats.announcements + 1
  local changed = state.changed
  state.changed = {}
  for _, job in pairs(changed) do
    vim.api.nvim_exec_autocmds("User", { pattern = "VigieProgress", modeline = false, data = job })
  end
  for listener in pairs(state.listeners) do
    listener()
  end
end

local function is_due()
  if not state.is_due then
    state.is_due = true
    vim.defer_fn(announce, M.INTERVAL_MS)
  end
end

local function forget_oldest()
  while #state.ended > ENDED_MAX do
    state.jobs[table.remove(state.ended, 1)] = nil
  end
end

local function progress(event)
  M.stats.events = M.stats.events + 1
  local known = state.jobs[event.job]
  local job = told(event)
  state.jobs[event.job], state.changed[event.job] = job, job
  if job.is_over and not (known and known.is_over) then
    state.ended[#state.ended + 1] = event.job
    forget_oldest()
  end
  is_due()
end

--- What becomes of the jobs at work but these is not known.
local function forget_running(but)
  for id, job in pairs(state.jobs) do
    if not but[id] and not job.is_over then
      job.is_over, job.state, job.type = true, "unknown", "unknown"
      state.jobs[id], state.changed[id] = nil, job
      is_due()
    end
  end
end

local handlers = { progress = progress }

function handlers.snapshot(jobs, is_whole)
  local there = {}
  for _, event in ipairs(jobs) do
    there[event.job] = true
    -- What had ended before anybody looked is no news.
    if not is_over(event) or state.jobs[event.job] then
      progress(event)
    end
  end
  if is_whole then
    forget_running(there)
  end
end

--- Nobody tells any more of what was at work.
function handlers.gone()
  forget_running({})
end

function handlers.project(event)
  local what = names.of("ProjectEventType", event.type)
  require("vigie.project").happened(what, event.project)
  if what == "opened" then
    require("vigie.attach").shown()
  end
end

--- A paused job goes on when somebody says so, and needs no daemon before.
function handlers.is_busy()
  local job = M.running()
  return job ~= nil and job.state ~= "paused"
end

--- Has events come from now on, if a daemon runs; with `now` without regard to when that was last tried.
function M.follow(now)
  subscription.want(handlers, now)
end

--- Calls a function after something changed, until what is returned is called.
function M.listen(listener)
  state.listeners[listener] = true
  return function()
    state.listeners[listener] = nil
  end
end

-- Which of several jobs is shown: the smallest.
local RANKS = { queued = 1, paused = 2 }

--- The job at work of a project, or of any: one that runs before one that waits or is paused, then the oldest.
function M.running(root)
  local best
  for _, job in pairs(state.jobs) do
    if not job.is_over and (not root or job.project == root) then
      local rank, least = RANKS[job.state] or 0, best and (RANKS[best.state] or 0)
      if not best or rank < least or (rank == least and job.job < best.job) then
        best = job
      end
    end
  end
  return best
end

function M.job(id)
  return state.jobs[id]
end

--- Every job that was heard of, the newest first.
function M.jobs()
  local jobs = vim.tbl_values(state.jobs)
  table.sort(jobs, function(a, b)
    return a.job > b.job
  end)
  return jobs
end

return M
