-- A floating window of lines that are drawn anew when something changed. One at a time.

local config = require("vigie.config")
local kinds = require("vigie.kinds")

local M = {}

local WIDTH_MAX, WIDTH_MIN = 76, 20
local namespace = vim.api.nvim_create_namespace("vigie_panel")
local shown

local function layout(height)
  local width = math.max(math.min(vim.o.columns - 4, WIDTH_MAX), WIDTH_MIN)
  height = math.max(math.min(height, vim.o.lines - 4), 1)
  return {
    relative = "editor",
    width = width,
    height = height,
    row = math.max(math.floor((vim.o.lines - height) / 2) - 1, 0),
    col = math.max(math.floor((vim.o.columns - width) / 2) - 1, 0),
  }
end

local function draw(panel)
  if not vim.api.nvim_win_is_valid(panel.window) then
    return
  end
  local lines = panel.content(layout(1).width - 2)
  local texts = vim.tbl_map(function(line)
    return line[1] == "" and "" or " " .. line[1]:gsub("%c", " ")
  end, lines)
  vim.bo[panel.buffer].modifiable = true
  vim.api.nvim_buf_set_lines(panel.buffer, 0, -1, false, texts)
  vim.bo[panel.buffer].modifiable = false
  vim.api.nvim_buf_clear_namespace(panel.buffer, namespace, 0, -1)
  for number, line in ipairs(lines) do
    if line[2] then
      local mark = { end_col = #texts[number], hl_group = line[2] }
      vim.api.nvim_buf_set_extmark(panel.buffer, namespace, number - 1, 0, mark)
    end
  end
  vim.api.nvim_win_set_config(panel.window, layout(#lines))
end

--- Closes the panel that is shown, if there is one.
function M.close()
  local closing = shown
  shown = nil
  if closing then
    if closing.on_close then
      closing.on_close()
    end
    if vim.api.nvim_win_is_valid(closing.window) then
      vim.api.nvim_win_close(closing.window, true)
    end
  end
end

--- Shows lines {text, highlight group or nil}: `spec.content(width)` makes them, `spec.keys` are functions by key, `spec.on_close` is
--- called once. Returns what has `redraw()`, `line()` (that of the cursor) and `lines()`.
function M.open(spec)
  M.close()
  kinds.define()
  local panel = { content = spec.content, on_close = spec.on_close }
  panel.buffer = vim.api.nvim_create_buf(false, true)
  vim.bo[panel.buffer].bufhidden = "wipe"
  vim.bo[panel.buffer].filetype = "vigie"
  local options = layout(1)
  options.style, options.border = "minimal", config.get().float.border
  options.title, options.title_pos = (" %s "):format(spec.title), "center"
  panel.window = vim.api.nvim_open_win(panel.buffer, true, options)
  shown = panel
  local keys = vim.tbl_extend("keep", spec.keys or {}, { q = M.close, ["<Esc>"] = M.close })
  for key, action in pairs(keys) do
    vim.keymap.set("n", key, action, { buffer = panel.buffer, nowait = true })
  end
  vim.api.nvim_create_autocmd({ "BufWipeout", "BufLeave" }, {
    buffer = panel.buffer,
    once = true,
    callback = function()
      if shown == panel then
        vim.schedule(M.close)
      end
    end,
  })
  local function redraw()
    draw(panel)
  end
  vim.api.nvim_create_autocmd("VimResized", { buffer = panel.buffer, callback = redraw })
  redraw()
  return {
    redraw = redraw,
    line = function()
      return vim.api.nvim_win_get_cursor(panel.window)[1]
    end,
    lines = function()
      return vim.api.nvim_buf_is_valid(panel.buffer) and vim.api.nvim_buf_get_lines(panel.buffer, 0, -1, false) or {}
    end,
  }
end

return M
