-- How the project of a buffer and the daemon stand, in a window.

local answer = require("vigie.answer")
local client = require("vigie.client")
local format = require("vigie.format")
local log = require("vigie.log")
local names = require("vigie.names")
local panel = require("vigie.panel")
local project = require("vigie.project")
local state = require("vigie.state")

local M = {}

local FRESHNESS = {
  fresh = "fresh",
  unverified = "as last looked at %s ago",
  indexing = "being indexed",
}

local function freshness(reply)
  local words = FRESHNESS[names.of("Freshness", reply.freshness)] or "unknown"
  return words:format(format.duration(reply.age_ms))
end

local function of_project(reply, add)
  local row, coverage = reply.project, reply.coverage
  add(format.path(row.root), "VigiePath")
  add(
    ("%s files, %s symbols, %s references, %s"):format(
      format.count(row.files),
      format.count(row.symbols),
      format.count(row.references),
      format.bytes(row.store_bytes)
    )
  )
  local watch = names.of("WatchState", row.watch)
  add(("%s; %s"):format(freshness(reply), watch == "none" and "not watched (`:Vigie watch` follows it)" or watch))
  if not coverage.complete then
    local pending = coverage.text_pending + coverage.structure_pending
    add(("%s files are still to be indexed"):format(format.count(pending)))
  end
  if coverage.failed > 0 then
    add(("%s files failed; `vigie coverage` says why"):format(format.count(coverage.failed)))
  end
  for _, note in ipairs({ row.note, row.watch_note }) do
    if note ~= "" then
      add(note, "WarningMsg")
    end
  end
end

--- The lines of an answer.
function M.lines(reply, directory)
  local lines = {}
  local function add(text, group)
    lines[#lines + 1] = { text, group }
  end
  if reply.project then
    of_project(reply, add)
  else
    add(format.path(directory), "VigiePath")
    add("in no indexed project; `:Vigie index` indexes it")
  end
  local job = state.running(reply.project and reply.project.root)
  for _, brief in ipairs(reply.jobs) do
    if not job and reply.project and brief.project == reply.project.root then
      add(("job %d: %s %d%%"):format(brief.job, names.of("Stage", brief.stage), math.floor(brief.permille / 10)))
    end
  end
  if job then
    add(("job %d: %s %d%%"):format(job.job, format.job(job), math.floor(job.permille / 10)))
  end
  add("")
  add(
    ("vigied %s, pid %d, up %s, %s"):format(
      reply.version,
      reply.pid,
      format.duration(reply.uptime_ms),
      format.bytes(reply.memory_bytes)
    ),
    "VigieDim"
  )
  add(reply.socket, "VigieDim")
  for _, warnings in ipairs({ reply.warnings, reply.project and reply.project.warnings or {} }) do
    for _, warning in ipairs(warnings) do
      add(warning, "WarningMsg")
    end
  end
  return lines
end

function M.open(buffer)
  local directory = project.directory_of(buffer)
  local reply
  client.request("Status", { target = { path = directory } }, {
    again = true,
    start = true,
    on = function(_, value)
      reply = value
    end,
    done = function(failure)
      if failure then
        log.error(answer.sentence(failure))
        return
      end
      project.learn(directory, reply.project and reply.project.root or false)
      panel.open({
        title = "Vigie",
        content = function()
          return M.lines(reply, directory)
        end,
      })
    end,
  })
end

return M
