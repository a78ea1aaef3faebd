-- Keys and 'tagfunc' for buffers in which no language server answers: set when a file of an indexed project is entered, taken away when a
-- server comes that does it better.

local config = require("vigie.config")
local project = require("vigie.project")

local M = {}

local TAGFUNC = "v:lua.require'vigie.tag'.tagfunc"

local METHODS = {
  definition = "textDocument/definition",
  references = "textDocument/references",
  outline = "textDocument/documentSymbol",
}

-- The keys that were set, by buffer.
local set = {}

local function server_offers(buffer, method)
  return #vim.lsp.get_clients({ bufnr = buffer, method = method }) > 0
end

--- What a key does of itself where Vigie has no answer.
local function original(key)
  return function()
    vim.api.nvim_feedkeys(vim.api.nvim_replace_termcodes(key, true, false, true), "n", false)
  end
end

local actions = {
  definition = function(key)
    require("vigie").definition({ quietly = true, otherwise = original(key) })
  end,
  references = function()
    require("vigie").references({ quietly = true })
  end,
  outline = function()
    require("vigie").outline()
  end,
}

local function has_own_mapping(buffer, key)
  local mapping = vim.api.nvim_buf_call(buffer, function()
    return vim.fn.maparg(key, "n", false, true)
  end)
  return mapping.buffer == 1
end

local function add_keys(buffer, name)
  for _, key in ipairs(config.keys(name) or {}) do
    if not has_own_mapping(buffer, key) then
      vim.keymap.set("n", key, function()
        actions[name](key)
      end, { buffer = buffer, desc = "Vigie " .. name })
      set[buffer] = set[buffer] or {}
      set[buffer][key] = name
    end
  end
end

local function remove_keys(buffer, name)
  for key, of in pairs(set[buffer] or {}) do
    if of == name then
      pcall(vim.keymap.del, "n", key, { buffer = buffer })
      set[buffer][key] = nil
    end
  end
end

local function update_tagfunc(buffer)
  local is_ours = vim.bo[buffer].tagfunc == TAGFUNC
  if server_offers(buffer, METHODS.definition) then
    if is_ours then
      -- Neovim sets its own only where there is none.
      vim.bo[buffer].tagfunc = "v:lua.vim.lsp.tagfunc"
    end
  elseif config.get().fallback.tagfunc and vim.bo[buffer].tagfunc == "" then
    vim.bo[buffer].tagfunc = TAGFUNC
  end
end

--- Sets what no server offers, and takes away what one does.
function M.update(buffer)
  if not vim.api.nvim_buf_is_loaded(buffer) or not config.get().fallback then
    return
  end
  if not project.known(project.directory_of(buffer)) or not project.file_of(buffer) then
    return
  end
  update_tagfunc(buffer)
  for name, method in pairs(METHODS) do
    if server_offers(buffer, method) then
      remove_keys(buffer, name)
    else
      add_keys(buffer, name)
    end
  end
end

function M.forget(buffer)
  set[buffer] = nil
end

return M
