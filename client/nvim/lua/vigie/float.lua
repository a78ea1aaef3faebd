-- A window with the jobs at work, as they go on.

local format = require("vigie.format")
local panel = require("vigie.panel")
local state = require("vigie.state")

local M = {}

--- Jobs that have ended and are shown.
local ENDED_SHOWN = 3
--- From this long on the file that is worked on is named: slow is not stuck.
local FILE_MS_MIN = 1000

local view

local function details(job)
  local more = {}
  if job.rate_milli > 0 and job.state ~= "paused" then
    more[#more + 1] = format.count(math.floor(job.rate_milli / 1000)) .. " files/s"
  end
  if job.eta_ms > 0 then
    more[#more + 1] = format.duration(job.eta_ms) .. " to go"
  end
  if job.errors > 0 then
    more[#more + 1] = format.count(job.errors) .. " failed"
  end
  return table.concat(more, " · ")
end

local function lines_of(job, width)
  local lines = {
    { ("%s  job %d"):format(format.cut_left(format.path(job.project), width - 12), job.job), "VigiePath" },
    { ("%s %3d%%"):format(format.bar(job.permille, width - 6), math.floor(job.permille / 10)), "VigieBar" },
    { format.job(job) },
  }
  local more = job.is_over and "" or details(job)
  if more ~= "" then
    lines[#lines + 1] = { more, "VigieDim" }
  end
  if not job.is_over and job.file_ms >= FILE_MS_MIN then
    local file = format.cut_left(job.file, width - 12)
    lines[#lines + 1] = { ("%s  %s"):format(file, format.duration(job.file_ms)), "VigieDim" }
  end
  return lines
end

local function content(width)
  local lines, ended = {}, 0
  view.jobs = {}
  for _, job in ipairs(state.jobs()) do
    ended = ended + (job.is_over and 1 or 0)
    if not job.is_over or ended <= ENDED_SHOWN then
      for _, line in ipairs(lines_of(job, width)) do
        lines[#lines + 1] = line
        view.jobs[#lines] = job.job
      end
      lines[#lines + 1] = { "" }
    end
  end
  if #lines == 0 then
    vim.list_extend(lines, { { "Nothing is at work; `:Vigie index` begins." }, { "" } })
  end
  lines[#lines + 1] = { "q close   c cancel, p pause or resume the job under the cursor", "VigieDim" }
  return lines
end

local function order(make)
  return function()
    local job = state.job(view.jobs[view.panel.line()])
    if job and not job.is_over then
      require("vigie.jobs")[make(job)](job.job)
    end
  end
end

local cancel_under_cursor = order(function()
  return "cancel"
end)

local pause_under_cursor = order(function(job)
  return job.state == "paused" and "resume" or "pause"
end)

function M.open()
  view = { jobs = {} }
  state.follow(true)
  view.stop = state.listen(function()
    view.panel.redraw()
  end)
  view.panel = panel.open({
    title = "Vigie jobs",
    content = content,
    keys = { c = cancel_under_cursor, p = pause_under_cursor },
    on_close = function()
      view.stop()
    end,
  })
end

--- The lines that are shown, for a test.
function M.lines()
  return view and view.panel.lines() or {}
end

return M
