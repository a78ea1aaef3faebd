-- snacks.picker: a finder that adds items as they come, and for live questions is run anew with every change of the search.

local items = require("vigie.items")
local log = require("vigie.log")

local M = {}

local function entry(item)
  return {
    text = items.line(item),
    file = item.filename,
    pos = { item.lnum, item.col - 1 },
    line = item.text,
    item = item,
  }
end

--- Items are added within the finder's own coroutine: it sleeps until some are there.
local function finder(spec)
  return function(_, ctx)
    local query = spec.live and ctx.filter.search or spec.query
    if spec.live and query == "" then
      return {}
    end
    return function(add)
      local async = ctx.async or require("snacks.picker.util.async").running()
      local found, is_over, handle = {}, false, nil
      async:on("abort", function()
        vim.schedule(function()
          if handle then
            handle.cancel()
          end
        end)
      end)
      vim.schedule(function()
        handle = spec.find(query, function(more)
          vim.list_extend(found, more)
          async:resume()
        end, function(failure)
          if failure then
            log.note("%s: %s", spec.title, failure)
          end
          is_over = true
          async:resume()
        end)
      end)
      local next_one = 1
      while true do
        while found[next_one] do
          add(entry(found[next_one]))
          next_one = next_one + 1
        end
        if is_over then
          return
        end
        async:suspend()
      end
    end
  end
end

function M.open(spec)
  require("snacks.picker").pick({
    title = spec.title,
    live = spec.live or false,
    search = spec.live and spec.query or nil,
    supports_live = spec.live or false,
    finder = finder(spec),
    format = "file",
    confirm = function(picker, chosen)
      picker:close()
      if chosen then
        spec.choose(chosen.item)
      end
    end,
  })
end

return M
