-- Asks what was made by `questions` and shows the answer: jumps to it, lists it, or lets choose from it. Of each sort of showing only the
-- latest question counts: an earlier one that has no answer yet is withdrawn.

local jump = require("vigie.jump")
local log = require("vigie.log")
local picker = require("vigie.picker")
local query = require("vigie.query")
local quickfix = require("vigie.quickfix")

local M = {}

local latest = {}

--- A failure as its sentence, with what to do.
function M.sentence(failure)
  local hint = failure.hint and failure.hint ~= "" and ("; " .. failure.hint) or ""
  return failure.message .. hint
end

local function replace(slot, handle)
  if latest[slot] then
    latest[slot].cancel()
  end
  latest[slot] = handle
end

--- Gives up what is being asked for; says whether there was anything.
function M.cancel()
  local had = false
  for slot, handle in pairs(latest) do
    had = had or not handle.is_over
    handle.cancel()
    latest[slot] = nil
  end
  return had
end

local function nothing(asked, summary)
  local reason = summary and summary.notes[1]
  return reason or ("no " .. asked.title)
end

local function titled(asked, count, summary)
  local caveat = query.caveat(summary, asked.sort)
  local more = caveat and ", " .. caveat or ""
  return ("Vigie %s (%d%s)"):format(asked.title, count, more)
end

--- Into the quickfix list, or the location list of this window. `otherwise(failure, reason)` is called where nothing is found.
local function list(asked, how, otherwise)
  local target = quickfix.list("Vigie " .. asked.title, { loclist = how.to == "loclist", open = how.open })
  replace(
    "list",
    query.ask(asked.message, asked.question, {
      sort = asked.sort,
      limit = how.limit,
      quietly = how.quietly,
      items = target.add,
      reset = target.reset,
      done = function(failure, summary)
        if failure then
          otherwise(failure)
        elseif target.count() == 0 then
          otherwise(nil, nothing(asked, summary))
        else
          target.finish(titled(asked, target.count(), summary))
        end
      end,
    })
  )
end

--- Goes there if there is one, else lists them.
local function go(asked, how, otherwise)
  local window, cursor = vim.api.nvim_get_current_win(), vim.api.nvim_win_get_cursor(0)
  replace(
    "jump",
    query.collect(asked.message, asked.question, {
      limit = how.limit,
      quietly = how.quietly,
      done = function(failure, summary, found)
        -- Whoever has gone on meanwhile is not torn away.
        local is_here = vim.api.nvim_get_current_win() == window
          and vim.deep_equal(vim.api.nvim_win_get_cursor(0), cursor)
        if failure then
          otherwise(failure)
        elseif #found == 0 then
          otherwise(nil, nothing(asked, summary))
        elseif not is_here then
          log.note("the answer came when the cursor had moved on: %s", asked.title)
        elseif #found == 1 then
          jump.to(found[1], asked.name)
        else
          local target = quickfix.list(titled(asked, #found, summary))
          target.add(found)
        end
      end,
    })
  )
end

--- What a picker's `find` is, for a question that `make(query)` makes.
function M.finder(make, how)
  return function(text, add, done)
    local asked = make(text)
    return query.ask(asked.message, asked.question, {
      sort = asked.sort,
      limit = how.limit,
      items = add,
      done = function(failure, summary)
        done(
          failure and M.sentence(failure),
          query.caveat(summary, asked.sort),
          summary and summary.rows == 0 and nothing(asked, summary) or nil
        )
      end,
    })
  end
end

local function pick(asked, how)
  picker.open({
    title = "Vigie " .. asked.title,
    query = "",
    find = M.finder(function()
      return asked
    end, how),
    choose = function(item)
      jump.to(item, asked.name)
    end,
  })
end

local function complain(failure, reason)
  if failure then
    log.error(M.sentence(failure))
  else
    log.info(reason)
  end
end

--- Asks and shows. `how.to` is `jump`, `quickfix`, `loclist` or `picker`; `how.otherwise` is called instead of a message where there is
--- no answer.
function M.show(asked, how)
  local otherwise = how.otherwise or complain
  if how.to == "picker" then
    pick(asked, how)
  elseif how.to == "jump" then
    go(asked, how, otherwise)
  else
    list(asked, how, otherwise)
  end
end

return M
