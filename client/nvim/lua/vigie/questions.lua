-- What can be asked, as messages: by a name, by what stands at the cursor, by words. Knows nothing of how answers are shown.

local identifier = require("vigie.identifier")
local names = require("vigie.names")
local project = require("vigie.project")
local utf8 = require("vigie.wire.utf8")

local M = {}

local function options(filters)
  return {
    languages = filters.lang and { filters.lang } or {},
    globs = filters.path and { filters.path } or {},
  }
end

local function kinds(filters)
  return filters.kind and { names.number("SymbolKind", filters.kind) } or {}
end

--- What a question about a name is asked by: that name, or the place at the cursor together with the identifier that stands there, since
--- the text may not be saved and its lines lie elsewhere in the index. Nil and a sentence if there is neither.
function M.subject(name)
  if name and name ~= "" then
    return { query = name, name = name }
  end
  local at = identifier.at_cursor()
  if not at then
    return nil, "there is no name at the cursor"
  end
  local file = project.file_of(vim.api.nvim_get_current_buf())
  -- The protocol has text here, and a path of other bytes has no place in it.
  if not file or not utf8.is_valid(file) then
    return { query = at.name, name = at.name }
  end
  return { query = ("%s:%d:%d:%s"):format(file, at.lnum, at.col, at.name), name = at.name }
end

local function target()
  return project.target_of(vim.api.nvim_get_current_buf())
end

local function about(message, fields, title)
  return function(subject, filters)
    local question = vim.tbl_extend("force", {
      target = target(),
      query = subject.query,
      kinds = kinds(filters),
      options = options(filters),
    }, fields)
    return { message = message, question = question, title = title .. " " .. subject.name, name = subject.name }
  end
end

M.definition = about("SymbolQuery", { mode = names.number("SymbolMode", "definition") }, "definitions of")
M.references = about("ReferenceQuery", { flags = names.flag("reference_flag", "text") }, "references to")
M.callers = about("CallQuery", { direction = names.number("Direction", "incoming"), depth = 1 }, "callers of")
M.callees = about("CallQuery", { direction = names.number("Direction", "outgoing"), depth = 1 }, "callees of")

--- Definitions by part of their name, its beginning (`prefix`), some letters (`fuzzy`) or the whole of it (`exact`).
function M.symbols(query, filters)
  local mode = names.number("SymbolMode", filters.mode or "substring")
  return {
    message = "SymbolQuery",
    question = { target = target(), query = query, mode = mode, kinds = kinds(filters), options = options(filters) },
    sort = "all",
    title = "symbols " .. query,
  }
end

--- Files that are about something, in words.
function M.search(words, filters)
  return {
    message = "SearchQuery",
    question = { target = target(), query = words, kinds = kinds(filters), options = options(filters) },
    sort = "all",
    title = "search " .. words,
  }
end

--- Lines that match a regular expression of ripgrep's; case counts if there is an upper-case letter.
function M.text(pattern, filters)
  local flags = names.flag("text_flag", "smart_case") + (filters.fixed and names.flag("text_flag", "fixed") or 0)
  return {
    message = "TextQuery",
    question = { target = target(), pattern = pattern, flags = flags, options = options(filters) },
    sort = "text",
    title = "text " .. pattern,
  }
end

--- What a file defines.
function M.outline(file)
  return {
    message = "SymbolQuery",
    question = {
      target = { path = vim.fs.dirname(file) },
      query = file,
      mode = names.number("SymbolMode", "outline"),
    },
    title = "outline of " .. vim.fs.basename(file),
  }
end

return M
