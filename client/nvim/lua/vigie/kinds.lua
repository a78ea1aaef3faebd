-- How kinds of definitions look: a highlight group each, linked to what themes know.

local M = {}

local LINKS = {
  module = "@module",
  package = "@module",
  namespace = "@module",
  class = "Type",
  struct = "Structure",
  union = "Structure",
  enum = "Type",
  variant = "Constant",
  interface = "Type",
  trait = "Type",
  impl = "Structure",
  ["function"] = "Function",
  method = "@function.method",
  constructor = "@constructor",
  field = "@variable.member",
  property = "@property",
  constant = "Constant",
  variable = "Identifier",
  macro = "Macro",
  type = "Type",
  element = "Title",
  ["local"] = "@variable",
  parameter = "@variable.parameter",
  ["type-parameter"] = "@type",
  import = "Include",
}

--- The highlight group of a kind.
function M.group(kind)
  if not LINKS[kind] then
    return "VigieKind"
  end
  return "VigieKind" .. (kind:gsub("^%l", string.upper):gsub("%-(%l)", string.upper))
end

--- Defines the groups, for themes to override. Safe to call again, as after a change of theme.
function M.define()
  vim.api.nvim_set_hl(0, "VigieKind", { link = "Special", default = true })
  vim.api.nvim_set_hl(0, "VigiePath", { link = "Directory", default = true })
  vim.api.nvim_set_hl(0, "VigieDim", { link = "Comment", default = true })
  vim.api.nvim_set_hl(0, "VigieBar", { link = "Function", default = true })
  for kind, link in pairs(LINKS) do
    vim.api.nvim_set_hl(0, M.group(kind), { link = link, default = true })
  end
end

return M
