-- Work on the main loop in slices: it pauses when its time is up and goes on after whatever else has happened meanwhile, such as a key.

local uv = vim.uv

local M = {}

--- Longest a slice works before it pauses, in nanoseconds. Between two looks at the clock lies one row of an answer.
M.BUDGET_NS = 400000

--- Longer than this is late: people begin to see it.
local LATE_NS = 1000000

--- What was done so far, for `:checkhealth`.
M.stats = { slices = 0, late = 0, longest_ns = 0, longest_steps = 0 }

local current

--- Called by what works in a slice, often.
function M.breathe()
  if not current or coroutine.running() ~= current.thread then
    return
  end
  current.steps = current.steps + 1
  if uv.hrtime() >= current.stop then
    coroutine.yield()
  end
end

--- Runs `work` in slices, the first of them soon, and then `done`, with a sentence if it failed.
function M.run(work, done)
  local thread = coroutine.create(work)
  -- A timer and not `vim.schedule` alone, whose queue is emptied before anything else happens.
  local timer = assert(uv.new_timer())
  local step
  step = vim.schedule_wrap(function()
    local began, outer = uv.hrtime(), current
    local slice = { thread = thread, stop = began + M.BUDGET_NS, steps = 0 }
    current = slice
    local ok, failure = coroutine.resume(thread)
    current = outer
    local stats = M.stats
    stats.slices = stats.slices + 1
    local took = uv.hrtime() - began
    stats.late = stats.late + (took > LATE_NS and 1 or 0)
    stats.longest_ns = math.max(stats.longest_ns, took)
    stats.longest_steps = math.max(stats.longest_steps, slice.steps)
    if ok and coroutine.status(thread) ~= "dead" then
      timer:start(0, 0, step)
      return
    end
    timer:close()
    done(not ok and tostring(failure) or nil)
  end)
  step()
end

return M
