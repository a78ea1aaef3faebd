-- 'tagfunc': CTRL-], :tag and their relatives find definitions. Neovim wants the answer at once, so this waits, bounded; CTRL-C ends it.

local query = require("vigie.query")
local questions = require("vigie.questions")

local M = {}

--- Longest a jump waits, in milliseconds: a daemon answers in a few.
M.WAIT_MS = 2000
--- Most tags of one name, and of a pattern.
M.LIMIT = 100

local function entry(item)
  return {
    name = item.row.name,
    filename = item.filename,
    cmd = ([[/\%%%dl\%%%dc/]]):format(item.lnum, item.col),
    kind = item.kind,
    user_data = item.text,
  }
end

local function asked_for(pattern, flags)
  if flags:find("c", 1, true) then
    return questions.definition(questions.subject() or { query = pattern, name = pattern }, {})
  elseif flags:find("[ri]") then
    -- A regular expression of Vim's: what of it is a name, anywhere in the names.
    local plain = pattern:gsub("^\\<", ""):gsub("\\>$", ""):gsub("^%^", ""):gsub("%$$", "")
    return questions.symbols(plain, { mode = pattern:find("^[\\^]") and "prefix" or "substring" })
  end
  return questions.definition({ query = pattern, name = pattern }, {})
end

--- The tags of a name; `vim.NIL`, which has Neovim look into its tags files, where there is no answer.
function M.tagfunc(pattern, flags)
  local asked = asked_for(pattern, flags)
  local found, is_over = {}, false
  local handle = query.ask(asked.message, asked.question, {
    limit = M.LIMIT,
    quietly = true,
    items = function(items)
      vim.list_extend(found, items)
    end,
    reset = function()
      found = {}
    end,
    done = function()
      is_over = true
    end,
  })
  vim.wait(M.WAIT_MS, function()
    return is_over
  end, 1)
  handle.cancel()
  return #found > 0 and vim.tbl_map(entry, found) or vim.NIL
end

return M
