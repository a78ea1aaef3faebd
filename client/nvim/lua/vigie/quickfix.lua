-- Answers in the quickfix list or a window's location list: opened with the first items, filled as more come.

local M = {}

local function entry(item)
  local name = item.name ~= "" and item.name .. "  " or ""
  return { filename = item.filename, lnum = item.lnum, col = item.col, text = name .. item.text }
end

--- A list to be filled: `add(items)`, `reset()`, `finish(title)`. It opens its window unless `open` is false.
function M.list(title, options)
  options = options or {}
  local window = options.loclist and vim.api.nvim_get_current_win()
  local list, id, count = {}, nil, 0
  local function set(items, action, what)
    if window and not vim.api.nvim_win_is_valid(window) then
      return
    elseif window then
      vim.fn.setloclist(window, items, action, what)
    else
      vim.fn.setqflist(items, action, what)
    end
  end
  local function get(what)
    return window and vim.fn.getloclist(window, what) or vim.fn.getqflist(what)
  end
  local function begin()
    set({}, " ", { title = title, items = {}, nr = "$" })
    id = get({ id = 0 }).id
    if options.open ~= false then
      local from = vim.api.nvim_get_current_win()
      vim.cmd(window and "botright lopen" or "botright copen")
      if vim.api.nvim_win_is_valid(from) and options.focus == false then
        vim.api.nvim_set_current_win(from)
      end
    end
  end
  function list.add(items)
    if window and not vim.api.nvim_win_is_valid(window) then
      return
    end
    if not id then
      begin()
    end
    count = count + #items
    set({}, "a", { id = id, items = vim.tbl_map(entry, items) })
  end
  function list.reset()
    if id then
      set({}, "r", { id = id, items = {} })
    end
    count = 0
  end
  function list.finish(said)
    if id then
      set({}, "a", { id = id, title = said })
    end
  end
  function list.count()
    return count
  end
  return list
end

return M
