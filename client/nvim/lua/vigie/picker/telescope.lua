-- telescope.nvim: items as they come, and for live questions a finder that asks anew with every change of the prompt.

local items = require("vigie.items")
local log = require("vigie.log")

local M = {}

--- Between a key and the question, in milliseconds.
local PAUSE_MS = 60

local function entry(item)
  local line = items.line(item)
  return {
    value = item,
    ordinal = line,
    display = line,
    filename = item.filename,
    path = item.filename,
    lnum = item.lnum,
    col = item.col,
    text = item.text,
  }
end

--- A finder as telescope calls it. A prompt that was overtaken by another one is withdrawn, and what it still says dropped.
local function finder(spec)
  local handle, round, shown = nil, 0, nil
  local function ask(prompt, process, complete)
    if handle then
      handle.cancel()
    end
    round = round + 1
    local mine, results = round, {}
    handle = spec.find(prompt, function(more)
      for _, item in ipairs(more) do
        local made = entry(item)
        results[#results + 1] = made
        if mine == round then
          process(made)
        end
      end
    end, function(failure)
      if failure then
        log.note("%s: %s", spec.title, failure)
      end
      if mine == round then
        shown = results
        complete()
      end
    end)
  end
  local function call(_, prompt, process, complete)
    if not spec.live and shown then
      vim.iter(shown):each(process)
      complete()
    elseif spec.live and prompt == "" then
      complete()
    elseif spec.live then
      round = round + 1
      local mine = round
      vim.defer_fn(function()
        if mine == round then
          ask(prompt, process, complete)
        end
      end, PAUSE_MS)
    else
      ask(spec.query, process, complete)
    end
  end
  return setmetatable({
    close = function()
      round = round + 1
      if handle then
        handle.cancel()
      end
    end,
  }, { __call = call })
end

function M.open(spec)
  local actions, state = require("telescope.actions"), require("telescope.actions.state")
  local defaults = require("telescope.config").values
  local sorters = require("telescope.sorters")
  require("telescope.pickers")
    .new({}, {
      prompt_title = spec.title,
      default_text = spec.live and spec.query or nil,
      finder = finder(spec),
      previewer = defaults.grep_previewer({}),
      -- What the daemon found for a prompt is in its order.
      sorter = spec.live and sorters.empty() or defaults.generic_sorter({}),
      attach_mappings = function(prompt)
        actions.select_default:replace(function()
          local chosen = state.get_selected_entry()
          actions.close(prompt)
          if chosen then
            spec.choose(chosen.value)
          end
        end)
        return true
      end,
    })
    :find()
end

return M
