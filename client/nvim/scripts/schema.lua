-- Writes lua/vigie/wire/schema.lua from the tables of proto/PROTOCOL.md: `nvim -l client/nvim/scripts/schema.lua`.
-- A test holds the two together, so that a new message or field cannot be forgotten.

local M = {}

local here = vim.fs.dirname(vim.fs.dirname(vim.fs.normalize(vim.uv.fs_realpath(debug.getinfo(1, "S").source:sub(2)))))
M.document = vim.fs.normalize(here .. "/../../proto/PROTOCOL.md")
M.target = here .. "/lua/vigie/wire/schema.lua"

--- The cells of a line of a table, without the quotes around names; nil if it is none, or the line below a head.
local function cells(line)
  if not line:find("^|") or line:find("^|%-") then
    return nil
  end
  local found = {}
  for cell in line:gmatch("|%s*([^|]-)%s*%f[|]") do
    found[#found + 1] = (cell:gsub("`", ""))
  end
  return found
end

--- What the document says: kinds, structs, named numbers and flags.
function M.read(text)
  local said = { kinds = {}, structs = {}, numbers = {}, flags = {} }
  local part, kind, name
  for line in text:gmatch("[^\n]*") do
    local chapter, heading = line:match("^## (.*)"), line:match("^### (.*)")
    if chapter then
      part, name = chapter, nil
    elseif heading then
      local number, message = heading:match("^(%d+) (%S+)$")
      kind, name = tonumber(number), message or heading
    end
    local row = name and cells(line)
    if not row then
      goto continue
    end
    if part:find("^Messages") or part == "Structs inside messages" then
      -- A field stands between backquotes, the heads of tables do not.
      if line:find("^| `") then
        if part:find("^Messages") then
          said.kinds[kind] = name
        end
        said.structs[name] = (said.structs[name] and said.structs[name] .. ", " or "") .. row[1] .. " " .. row[2]
      end
    elseif part == "Named numbers" and tonumber(row[1]) then
      said.numbers[name] = said.numbers[name] or {}
      said.numbers[name][tonumber(row[1])] = row[2]
    elseif part == "Flag fields" and tonumber(row[1]) then
      said.flags[name] = said.flags[name] or {}
      said.flags[name][row[2]:gsub(" ", "_")] = tonumber(row[1])
    end
    ::continue::
  end
  return said
end

local function sorted(map)
  local keys = vim.tbl_keys(map)
  table.sort(keys)
  return ipairs(keys)
end

--- The Lua module that says the same.
function M.write(said)
  local out = {
    "-- The messages of protocol 1. Written by scripts/schema.lua from proto/PROTOCOL.md; change that, and run it again.",
    "",
    "return {",
    "  kinds = {",
  }
  local function add(...)
    out[#out + 1] = string.format(...)
  end
  for _, kind in sorted(said.kinds) do
    add("    [%d] = %q,", kind, said.kinds[kind])
  end
  add("  },")
  add("  structs = {")
  for _, name in sorted(said.structs) do
    add("    %s = %q,", name, said.structs[name])
  end
  add("  },")
  add("  numbers = {")
  for _, name in sorted(said.numbers) do
    add("    %s = {", name)
    for _, number in sorted(said.numbers[name]) do
      add("      [%d] = %q,", number, said.numbers[name][number])
    end
    add("    },")
  end
  add("  },")
  add("  flags = {")
  for _, name in sorted(said.flags) do
    add("    %s = {", name)
    for _, flag in sorted(said.flags[name]) do
      add("      %s = %d,", flag, said.flags[name][flag])
    end
    add("    },")
  end
  add("  },")
  add("}")
  return table.concat(out, "\n") .. "\n"
end

function M.text()
  local file = assert(io.open(M.document, "rb"))
  local text = file:read("*a")
  file:close()
  return M.write(M.read(text))
end

if arg and arg[0] and arg[0]:find("schema%.lua$") then
  local file = assert(io.open(M.target, "wb"))
  file:write(M.text())
  file:close()
end

return M
