-- `vim.ui.select`, which every Neovim has and other plugins make better. It takes a list as a whole, so that is gathered first.

local items = require("vigie.items")
local log = require("vigie.log")

local M = {}

--- Most items in the plain list, which shows all of them one below the other.
M.ITEMS_MAX = 100

--- One line of the screen each, with room for the number that the plain list puts before.
local function line(item)
  local text, width = items.line(item), math.max(vim.o.columns - 8, 30)
  return vim.fn.strdisplaywidth(text) <= width and text or vim.fn.strcharpart(text, 0, width - 1) .. "…"
end

local function show(spec, query)
  local found, handle = {}, nil
  local function present(caveat)
    local title = spec.title .. (caveat and (" (" .. caveat .. ")") or "")
    vim.ui.select(found, { prompt = title, kind = "vigie", format_item = line }, function(item)
      if item then
        spec.choose(item)
      end
    end)
  end
  handle = spec.find(query, function(more)
    for _, item in ipairs(more) do
      if #found == M.ITEMS_MAX then
        handle.cancel()
        present("the first " .. M.ITEMS_MAX)
        return
      end
      found[#found + 1] = item
    end
  end, function(failure, caveat, reason)
    if failure then
      log.error(failure)
    elseif #found == 0 then
      log.info(reason or (spec.title .. ": nothing found"))
    else
      present(caveat)
    end
  end)
  return handle
end

function M.open(spec)
  if not spec.live then
    return show(spec, spec.query)
  end
  vim.ui.input({ prompt = spec.title .. ": ", default = spec.query }, function(query)
    if query and query ~= "" then
      show(spec, query)
    end
  end)
end

return M
