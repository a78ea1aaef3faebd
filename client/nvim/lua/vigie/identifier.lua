-- The identifier at the cursor: the one it stands on, or the next one of the line, as `*` and `<cword>` take it.

local M = {}

--- {name, lnum, col} with the byte column from 1, or nil.
function M.at_cursor(window)
  window = window or 0
  local lnum, column = unpack(vim.api.nvim_win_get_cursor(window))
  local buffer = vim.api.nvim_win_get_buf(window)
  local line = vim.api.nvim_buf_get_lines(buffer, lnum - 1, lnum, false)[1] or ""
  return vim.api.nvim_buf_call(buffer, function()
    local from = 0
    while true do
      local name, start, stop = unpack(vim.fn.matchstrpos(line, [[\k\+]], from))
      if start < 0 then
        return nil
      elseif stop > column then
        return { name = name, lnum = lnum, col = math.max(start, column) + 1 }
      end
      from = stop
    end
  end)
end

return M
