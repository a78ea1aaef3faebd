-- Live grep: a picker in which every change of the pattern is a question of its own.

local answer = require("vigie.answer")
local jump = require("vigie.jump")
local picker = require("vigie.picker")
local questions = require("vigie.questions")

local M = {}

--- Most lines of one pattern; who wants more lists them with `:Vigie text`.
M.LIMIT = 500

--- Opens it, with a pattern to begin with.
function M.live(pattern, filters)
  -- The buffer that is current now says which project; in the picker it is another.
  local target = questions.text("", filters).question.target
  picker.open({
    title = "Vigie grep",
    live = true,
    query = pattern,
    find = answer.finder(function(typed)
      local asked = questions.text(typed, filters)
      asked.question.target = target
      return asked
    end, { limit = filters.limit or M.LIMIT }),
    choose = function(item)
      jump.to(item)
    end,
  })
end

return M
