-- Begins, follows and cancels jobs.

local answer = require("vigie.answer")
local client = require("vigie.client")
local format = require("vigie.format")
local log = require("vigie.log")
local names = require("vigie.names")
local project = require("vigie.project")
local state = require("vigie.state")

local M = {}

-- Jobs that were begun here: their end is told.
local own = {}
local is_listening = false

local function tell_ends()
  for id in pairs(own) do
    local job = state.job(id)
    if not job or job.is_over then
      own[id] = nil
      if job and job.type == "complete" and job.stats then
        local took = format.duration(job.stats.elapsed_ms)
        log.info(("%s in %s (%s)"):format(job.message, took, format.path(job.project)))
      elseif job and job.type == "cancelled" then
        log.warn("cancelled: " .. format.path(job.project))
      elseif job then
        log.error(job.message)
      end
    end
  end
end

local function listen()
  if not is_listening then
    is_listening = true
    state.listen(tell_ends)
  end
end

--- Indexes a project or brings its index up to date; `done(job, failure)` when the daemon has it.
function M.index(path, options, done)
  options, done = options or {}, done or function() end
  local flags = names.flag("job_flag", "detach") + (options.force and names.flag("job_flag", "force") or 0)
  listen()
  local accepted
  client.request("Index", { path = path, flags = flags }, {
    again = true,
    start = true,
    on = function(_, value)
      accepted = value
    end,
    done = function(failure)
      if failure then
        log.error(answer.sentence(failure))
      else
        own[accepted.job] = true
        project.learn(path, accepted.root)
        log.note("job %s indexes %s", tostring(accepted.job), accepted.root)
        state.follow(true)
      end
      done(accepted and accepted.job, failure)
    end,
  })
end

local function order(message)
  return function(id)
    client.request(message, { job = id }, {
      again = true,
      done = function(failure)
        if failure then
          log.error(answer.sentence(failure))
        end
      end,
    })
  end
end

--- Each of these does something with a job, for everybody.
M.cancel = order("CancelJob")
M.pause = order("PauseJob")
M.resume = order("ResumeJob")

--- The job that is meant where none is named: that at work in the project of a buffer.
function M.current(buffer, done)
  project.find(project.directory_of(buffer), function(root)
    local job = root and state.running(root)
    if job or not root then
      done(job and job.job)
      return
    end
    -- No event has told of it yet.
    client.request("Status", { target = { path = root } }, {
      again = true,
      on = function(_, reply)
        for _, brief in ipairs(reply.jobs) do
          job = job or brief.project == root and brief or nil
        end
      end,
      done = function()
        done(job and job.job)
      end,
    })
  end)
end

--- Has a project followed, or no longer.
function M.watch(path, is_end)
  client.request("Watch", { path = path, ["end"] = is_end }, {
    again = true,
    start = true,
    on = function(_, watched)
      project.learn(path, watched.root)
      local note = watched.note
      if not is_end then
        local how = names.of("WatchState", watched.state)
        log.info(("%s is %s%s"):format(format.path(watched.root), how, note ~= "" and ": " .. note or ""))
      else
        log.info(note ~= "" and note or format.path(watched.root) .. " is no longer watched")
      end
      state.follow(true)
    end,
    done = function(failure)
      if failure then
        log.error(answer.sentence(failure))
      end
    end,
  })
end

return M
