-- Asks a question: waits for what was just saved, has a project indexed that is not, and hands over rows as they come.

local client = require("vigie.client")
local config = require("vigie.config")
local items = require("vigie.items")
local log = require("vigie.log")
local names = require("vigie.names")
local project = require("vigie.project")
local save = require("vigie.save")
local slice = require("vigie.slice")

local M = {}

--- Most items that are handed over at a time: 20 go into the quickfix list in 0.3 ms.
local BATCH = 20

local INDEXING = names.number("Stage", "indexing")
local PROGRESS = names.number("EventType", "progress")

--- Indexes a project and calls back when questions of this sort have their answer: `all` at the end of the job, else when every file can
--- be searched as text, from where on the daemon has what is asked about parsed first.
local function index(root, sort, done)
  local is_told = false
  local function tell(failure)
    if not is_told then
      is_told = true
      done(failure)
    end
  end
  local function look(event)
    if event.type ~= PROGRESS or sort ~= "all" and event.stage >= INDEXING then
      tell()
    end
  end
  log.info("indexing " .. vim.fn.fnamemodify(root, ":~") .. " first")
  return client.request("Index", { path = root }, {
    start = true,
    on = function(name, value)
      if name == "ProgressEvent" then
        look(value)
      elseif name == "Snapshot" then
        vim.iter(value.jobs):each(look)
      elseif name == "JobAccepted" then
        project.learn(root, value.root)
        require("vigie.state").follow(true)
      end
    end,
    done = tell,
  })
end

--- The rows of a frame as items, a few at a time.
local function hand_over(handle, kind, root, rows, callback)
  local batch = {}
  for number, row in ipairs(rows) do
    batch[#batch + 1] = items.of(kind, root, row)
    slice.breathe()
    if handle.is_over then
      return
    end
    if #batch == BATCH or number == #rows then
      callback(batch)
      batch = {}
      slice.breathe()
    end
  end
end

--- Asks. `question` has the fields of the message `name`, `options` only with what filters. In `how`: `sort` (`all` where the answer may
--- stand anywhere), `limit`, `items(batch)`, `reset()` when all of them come again, `done(failure, summary)`, and `quietly` where nobody
--- typed a command: then no daemon is started and nothing indexed. Returns what has `cancel()`.
function M.ask(name, question, how)
  local handle, summary, ask, root = { is_over = false }, nil, nil, nil
  local directory = question.target.path
  local function finish(failure)
    if not handle.is_over then
      handle.is_over = true
      how.done(failure, summary)
    end
  end
  local function may_index(failure)
    local is_wanted = not how.quietly and config.get().autoindex and not handle.has_indexed
    return failure.code == "not-indexed" and failure.root ~= "" and is_wanted
  end
  local function done(failure)
    if failure and may_index(failure) then
      handle.has_indexed = true
      root = failure.root
      handle.request = index(root, how.sort, function(lost)
        if lost then
          finish(lost)
        elseif not handle.is_over then
          ask(false)
        end
      end)
      return
    end
    if summary then
      project.learn(directory, summary.root)
      for _, note in ipairs(summary.rows > 0 and summary.notes or {}) do
        log.note("%s", note)
      end
    end
    finish(failure)
  end
  ask = function(fresh)
    local options = vim.tbl_extend("force", question.options or {}, {
      limit = how.limit or config.get().limit,
      fresh = fresh,
    })
    handle.request = client.request(name, vim.tbl_extend("force", question, { options = options }), {
      again = true,
      start = not how.quietly,
      reset = how.reset,
      on = function(kind, value)
        if kind == "QuerySummary" then
          summary = value
        else
          hand_over(handle, kind, root or "", value.rows, how.items)
        end
      end,
      done = done,
    })
  end
  function handle.cancel()
    handle.is_over = true
    if handle.request then
      handle.request.cancel()
    end
  end
  save.barrier(function(is_unsure)
    project.find(directory, function(found, failure)
      root = found
      if failure then
        finish(failure)
      elseif not handle.is_over then
        ask(is_unsure)
      end
    end, not how.quietly)
  end)
  return handle
end

--- The same for whoever wants all items at once: `done(failure, summary, items)` gets them.
function M.collect(name, question, how)
  local found = {}
  return M.ask(
    name,
    question,
    vim.tbl_extend("force", how, {
      items = function(batch)
        vim.list_extend(found, batch)
      end,
      reset = function()
        found = {}
      end,
      done = function(failure, summary)
        how.done(failure, summary, found)
      end,
    })
  )
end

--- What of an answer a person should know: that there is more, or that some may lack. Nil if all is well. Questions about one name lack
--- only what the daemon counts as pending, whatever else is to be indexed.
function M.caveat(summary, sort)
  if not summary then
    return nil
  end
  local coverage = summary.coverage
  if summary.pending > 0 then
    return ("partial: %d files that it may concern are not indexed yet"):format(summary.pending)
  elseif sort == "all" and not coverage.complete or sort == "text" and coverage.text_pending > 0 then
    return "partial: the project is being indexed"
  elseif summary.truncated then
    return "there are more"
  end
end

return M
