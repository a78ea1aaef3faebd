-- fzf-lua: lines `path:line:column: text`, which its own previewer understands, fed to fzf as they come.

local items = require("vigie.items")
local log = require("vigie.log")

local M = {}

--- The line of an item. Its number leads back to it, whatever fzf-lua does to the rest.
local function line(number, item)
  local said = items.line(item):sub(#("%s:%d"):format(item.path, item.lnum) + 1)
  return ("%s:%d:%d:%s\t%d"):format(item.filename, item.lnum, item.col, said, number)
end

function M.open(spec)
  local fzf = require("fzf-lua")
  local shown, handle, round = {}, nil, 0
  local function feed(query)
    return function(add)
      if handle then
        handle.cancel()
      end
      round = round + 1
      local mine = round
      handle = spec.find(query, function(more)
        for _, item in ipairs(more) do
          shown[#shown + 1] = item
          if mine == round then
            add(line(#shown, item))
          end
        end
      end, function(failure)
        if failure then
          log.note("%s: %s", spec.title, failure)
        end
        add(nil)
      end)
    end
  end
  local options = {
    prompt = spec.title .. "> ",
    previewer = "builtin",
    query = spec.live and spec.query or nil,
    exec_empty_query = false,
    fzf_opts = { ["--delimiter"] = "\t", ["--with-nth"] = "1" },
    winopts = {
      on_close = function()
        if handle then
          handle.cancel()
        end
      end,
    },
    actions = {
      ["default"] = function(selected)
        local item = selected and selected[1] and shown[tonumber(selected[1]:match("\t(%d+)$"))]
        if item then
          spec.choose(item)
        end
      end,
    },
  }
  if not spec.live then
    return fzf.fzf_exec(feed(spec.query), options)
  end
  return fzf.fzf_live(function(query)
    -- Its newer versions hand over a table.
    query = type(query) == "table" and query[1] or query
    return feed(query or "")
  end, options)
end

return M
