-- Rows of every sort of answer as places to go to: {path, filename, lnum, col, text, kind, name}; `name` is empty
-- where it stands in the text anyway.

local names = require("vigie.names")

local M = {}

local function line_of(text)
  return (text:gsub("%c", " "))
end

local function item(root, row, fields)
  return {
    path = line_of(row.path),
    filename = (root == "/" and "" or root) .. "/" .. row.path,
    lnum = row.line or fields.lnum or 1,
    col = math.max(row.column or 1, 1),
    kind = fields.kind,
    name = fields.name,
    text = line_of(fields.text),
    row = row,
  }
end

local makers = {}

function makers.SymbolRows(root, row)
  local text = row.signature ~= "" and row.signature or row.qualified
  return item(root, row, { kind = names.of("SymbolKind", row.kind), name = row.qualified, text = text })
end

function makers.ReferenceRows(root, row)
  local text = row.text ~= "" and row.text or row.name
  return item(root, row, { kind = names.of("Role", row.role), name = "", text = text })
end

function makers.CallRows(root, row)
  local from = row.from and row.from.qualified or "the top of the file"
  local to = row.to.targets[1] and row.to.targets[1].qualified or row.name
  return item(root, row, { kind = "call", name = "", text = ("%s calls %s"):format(from, to) })
end

function makers.SearchRows(root, row)
  local symbol = row.symbol
  local lnum = symbol and symbol.line or row.line > 0 and row.line or row.start_line
  return {
    path = line_of(row.path),
    filename = (root == "/" and "" or root) .. "/" .. row.path,
    lnum = lnum,
    col = symbol and symbol.column or 1,
    kind = symbol and names.of("SymbolKind", symbol.kind) or "lines",
    name = symbol and symbol.qualified or ("%d-%d"):format(row.start_line, row.end_line),
    text = line_of(row.text),
    row = row,
  }
end

function makers.TextRows(root, row)
  return item(root, row, { kind = "text", name = "", text = row.text })
end

--- The item of a row of one answer, root being that of the project.
function M.of(answer, root, row)
  return makers[answer](root, row)
end

--- How an item is shown in one line.
function M.line(it)
  local place = ("%s:%d"):format(it.path, it.lnum)
  local name = it.name ~= "" and it.name ~= it.text and (it.kind .. " " .. it.name) or nil
  return table.concat(
    vim.tbl_filter(function(part)
      return part ~= ""
    end, { place, name or "", it.text }),
    "  "
  )
end

return M
