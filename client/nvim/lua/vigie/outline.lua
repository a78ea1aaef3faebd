-- A window beside with what a file defines. It follows the current window, and what is saved.

local answer = require("vigie.answer")
local config = require("vigie.config")
local kinds = require("vigie.kinds")
local project = require("vigie.project")
local query = require("vigie.query")
local questions = require("vigie.questions")

local M = {}

--- Most definitions of one file that are shown.
M.LIMIT = 5000

local namespace = vim.api.nvim_create_namespace("vigie_outline")

-- One outline for each tab page.
local views = {}

local function draw(view)
  local texts, marks = {}, {}
  for number, item in ipairs(view.items) do
    local depth = item.row.container == "" and 0 or select(2, item.row.container:gsub("[^.]+", ""))
    local indent = ("  "):rep(math.min(depth, 8))
    local name = item.row.name:gsub("%c", " ")
    texts[number] = ("%s%s  %s"):format(indent, name, item.kind)
    local name_end = #indent + #name
    marks[number] = { #indent, name_end, #texts[number], kinds.group(item.kind) }
  end
  if #texts == 0 then
    texts[1] = view.note or ""
  end
  vim.bo[view.buffer].modifiable = true
  vim.api.nvim_buf_set_lines(view.buffer, 0, -1, false, texts)
  vim.bo[view.buffer].modifiable = false
  vim.api.nvim_buf_clear_namespace(view.buffer, namespace, 0, -1)
  for number, mark in ipairs(marks) do
    local line = number - 1
    vim.api.nvim_buf_set_extmark(view.buffer, namespace, line, mark[1], { end_col = mark[2], hl_group = mark[4] })
    vim.api.nvim_buf_set_extmark(view.buffer, namespace, line, mark[2], { end_col = mark[3], hl_group = "VigieDim" })
  end
end

local function is_shown(view)
  return view and vim.api.nvim_win_is_valid(view.window) and vim.api.nvim_buf_is_valid(view.buffer)
end

--- Marks the definition that the cursor of the file is in.
local function follow_cursor(view)
  if not is_shown(view) or vim.api.nvim_get_current_buf() ~= view.of then
    return
  end
  local lnum, best = vim.api.nvim_win_get_cursor(0)[1], nil
  for number, item in ipairs(view.items) do
    if item.row.start_line <= lnum and lnum <= item.row.end_line then
      best = number
    end
  end
  if best and best <= vim.api.nvim_buf_line_count(view.buffer) then
    vim.api.nvim_win_set_cursor(view.window, { best, 0 })
  end
end

local function ask(view, buffer)
  local file = project.file_of(buffer)
  if not file then
    return
  end
  if view.handle then
    view.handle.cancel()
  end
  view.of = buffer
  local asked = questions.outline(file)
  view.handle = query.collect(asked.message, asked.question, {
    limit = M.LIMIT,
    quietly = view.is_quiet,
    done = function(failure, summary, found)
      if not is_shown(view) or view.of ~= buffer then
        return
      end
      view.items = found
      view.note = failure and answer.sentence(failure) or summary.notes[1] or "nothing is defined here"
      draw(view)
      follow_cursor(view)
    end,
  })
  -- Only the first question, which a person asked, may start a daemon.
  view.is_quiet = true
end

local function chosen(view)
  return view.items[vim.api.nvim_win_get_cursor(view.window)[1]]
end

local function go(view)
  local item = chosen(view)
  local window = vim.fn.bufwinid(view.of)
  if item and window ~= -1 then
    vim.api.nvim_set_current_win(window)
    require("vigie.jump").to(item, item.row.name)
  end
end

local function watch(view)
  view.group = vim.api.nvim_create_augroup("vigie_outline_" .. view.buffer, {})
  local function on(event, options)
    options.group = view.group
    vim.api.nvim_create_autocmd(event, options)
  end
  local function renew(args)
    if vim.api.nvim_get_current_tabpage() == view.tab and args.buf ~= view.buffer then
      ask(view, args.buf)
    end
  end
  on("BufEnter", {
    callback = function(args)
      if args.buf ~= view.of then
        renew(args)
      end
    end,
  })
  -- Behind the one that tells the daemon of the file, so that the question waits for it.
  on("BufWritePost", {
    callback = function(args)
      if args.buf == view.of then
        vim.schedule(function()
          renew(args)
        end)
      end
    end,
  })
  on("CursorHold", {
    callback = function()
      follow_cursor(view)
    end,
  })
  on("BufWipeout", {
    buffer = view.buffer,
    callback = function()
      views[view.tab] = nil
      if view.handle then
        view.handle.cancel()
      end
      vim.schedule(function()
        pcall(vim.api.nvim_del_augroup_by_id, view.group)
      end)
    end,
  })
end

--- Opens the outline of this tab page, or closes it.
function M.toggle()
  local tab = vim.api.nvim_get_current_tabpage()
  local view = views[tab]
  if is_shown(view) then
    vim.api.nvim_win_close(view.window, true)
    return
  end
  local from, of = vim.api.nvim_get_current_win(), vim.api.nvim_get_current_buf()
  kinds.define()
  local options = config.get().outline
  view = { tab = tab, items = {}, buffer = vim.api.nvim_create_buf(false, true) }
  views[tab] = view
  vim.bo[view.buffer].bufhidden = "wipe"
  vim.bo[view.buffer].filetype = "vigie-outline"
  vim.api.nvim_buf_set_name(view.buffer, "vigie://outline/" .. view.buffer)
  view.window = vim.api.nvim_open_win(view.buffer, false, {
    split = options.side,
    win = -1,
    width = math.min(options.width, math.floor(vim.o.columns / 3)),
  })
  for name, value in pairs({
    number = false,
    relativenumber = false,
    signcolumn = "no",
    wrap = false,
    winfixwidth = true,
    cursorline = true,
    foldenable = false,
    list = false,
    spell = false,
  }) do
    vim.api.nvim_set_option_value(name, value, { win = view.window, scope = "local" })
  end
  vim.keymap.set("n", "<CR>", function()
    go(view)
  end, { buffer = view.buffer, nowait = true })
  vim.keymap.set("n", "q", M.toggle, { buffer = view.buffer, nowait = true })
  watch(view)
  vim.api.nvim_set_current_win(from)
  ask(view, of)
end

--- The lines shown in this tab page, for a test.
function M.lines()
  local view = views[vim.api.nvim_get_current_tabpage()]
  return is_shown(view) and vim.api.nvim_buf_get_lines(view.buffer, 0, -1, false) or {}
end

return M
