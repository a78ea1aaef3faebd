-- What goes on by itself: a file is entered, saved, a language server comes or goes. No daemon is started for any of it.

local client = require("vigie.client")
local fallback = require("vigie.fallback")
local opened = require("vigie.opened")
local project = require("vigie.project")
local save = require("vigie.save")
local state = require("vigie.state")

local M = {}

local is_set_up = false

--- A buffer was entered: finds out its project, and follows its jobs.
function M.buffer(buffer)
  if not project.file_of(buffer) then
    return
  end
  state.follow()
  project.find(project.directory_of(buffer), function(root)
    if root then
      fallback.update(buffer)
      opened.look()
    end
  end)
end

--- The same for all that is shown.
function M.shown()
  for _, window in ipairs(vim.api.nvim_list_wins()) do
    M.buffer(vim.api.nvim_win_get_buf(window))
  end
end

--- Begins; called with the first file.
function M.start()
  if is_set_up then
    return
  end
  is_set_up = true
  local group = vim.api.nvim_create_augroup("vigie", { clear = true })
  local function on(events, callback)
    vim.api.nvim_create_autocmd(events, { group = group, callback = callback })
  end
  client.on_welcome(function()
    project.forget_all()
    save.send()
    vim.schedule(M.shown)
  end)
  on({ "BufEnter", "BufFilePost" }, function(args)
    vim.schedule(function()
      M.buffer(args.buf)
    end)
  end)
  on("BufWritePost", function(args)
    save.saved(args.buf)
  end)
  on({ "LspAttach", "LspDetach" }, function(args)
    -- The server is on the list of the buffer before the one and after the other.
    vim.schedule(function()
      fallback.update(args.buf)
    end)
  end)
  on("BufWipeout", function(args)
    fallback.forget(args.buf)
  end)
  on("VimLeavePre", client.disconnect)
  state.listen(opened.look)
  M.shown()
end

return M
