-- Goes to an item: with the way back in the jump list, and for definitions in the tag stack too.

local M = {}

local function clamp(buffer, item)
  local lnum = math.min(item.lnum, vim.api.nvim_buf_line_count(buffer))
  local line = vim.api.nvim_buf_get_lines(buffer, lnum - 1, lnum, false)[1] or ""
  return { lnum, math.min(item.col - 1, math.max(#line - 1, 0)) }
end

--- Shows an item in the current window. With `tag`, a name, CTRL-T leads back.
function M.to(item, tag)
  local window = vim.api.nvim_get_current_win()
  if tag then
    local from = vim.fn.getpos(".")
    from[1] = vim.api.nvim_get_current_buf()
    vim.fn.settagstack(window, { items = { { tagname = tag, from = from } } }, "t")
  end
  vim.cmd("normal! m'")
  local buffer = vim.fn.bufadd(item.filename)
  vim.bo[buffer].buflisted = true
  local ok, failure = pcall(vim.api.nvim_win_set_buf, window, buffer)
  if not ok then
    require("vigie.log").error(failure)
    return
  end
  vim.api.nvim_win_set_cursor(window, clamp(buffer, item))
  vim.cmd("normal! zv")
end

return M
