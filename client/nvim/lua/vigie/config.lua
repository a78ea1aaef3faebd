-- What a user may choose, with what holds otherwise. A wrong choice is an error that says what would be right.

local M = {}

local defaults = {
  command = "vigie",
  socket = nil,
  autostart = true,
  autoindex = true,
  refresh_on_save = true,
  picker = "auto",
  limit = 1000,
  fallback = {
    tagfunc = true,
    keys = { definition = { "gd" }, references = { "gr", "grr" }, outline = { "gO" } },
  },
  outline = { side = "right", width = 36 },
  float = { border = "rounded" },
}

local PICKERS = { "auto", "select", "telescope", "fzf", "snacks" }
local SIDES = { "left", "right" }

local function one_of(words)
  return function(value)
    return vim.list_contains(words, value)
  end, "one of " .. table.concat(words, ", ")
end

local function is_count(value)
  return type(value) == "number" and value >= 1 and value == math.floor(value)
end

local function is_keys(value)
  if value == false or type(value) == "string" then
    return true
  end
  return vim.islist(value) and vim.iter(value):all(function(key)
    return type(key) == "string"
  end)
end

-- 0.11 has another form of `vim.validate`, and warns of this one in time; both are there from 0.10 to 0.12.
local function check(path, value, test, wanted)
  vim.validate({ [path] = { value, test, wanted } })
end

local function check_known(path, given, allowed)
  check(path, given, "table")
  for key in pairs(given) do
    if allowed[key] == nil then
      local names = vim.tbl_keys(allowed)
      table.sort(names)
      error(("vigie: there is no option %s.%s; there are %s"):format(path, key, table.concat(names, ", ")), 0)
    end
  end
end

local function check_fallback(fallback)
  if fallback == false then
    return
  end
  check_known("fallback", fallback, defaults.fallback)
  check("fallback.tagfunc", fallback.tagfunc, "boolean")
  if fallback.keys ~= false then
    check_known("fallback.keys", fallback.keys, defaults.fallback.keys)
    for name, keys in pairs(fallback.keys) do
      check("fallback.keys." .. name, keys, is_keys, "a key, a list of keys, or false")
    end
  end
end

local function validate(options)
  check("command", options.command, "string")
  check("socket", options.socket, function(value)
    return value == nil or type(value) == "string" and vim.startswith(vim.fs.normalize(value), "/")
  end, "an absolute path")
  for _, name in ipairs({ "autostart", "autoindex", "refresh_on_save" }) do
    check(name, options[name], "boolean")
  end
  local is_picker, pickers = one_of(PICKERS)
  check("picker", options.picker, function(value)
    return type(value) == "function" or is_picker(value)
  end, pickers .. ", or a function")
  check("limit", options.limit, is_count, "a whole number from 1")
  check_fallback(options.fallback)
  check_known("outline", options.outline, defaults.outline)
  check("outline.side", options.outline.side, one_of(SIDES))
  check("outline.width", options.outline.width, is_count, "a whole number from 1")
  check_known("float", options.float, defaults.float)
end

local options = vim.deepcopy(defaults)

--- Takes what a user chose. An error leaves everything as it was.
function M.set(given)
  check_known("setup", given, vim.tbl_extend("force", { socket = "" }, defaults))
  local wanted = vim.tbl_deep_extend("force", vim.deepcopy(defaults), given)
  validate(wanted)
  options = wanted
end

function M.get()
  return options
end

--- The keys of a fallback as a list.
function M.keys(name)
  local fallback = options.fallback
  local keys = fallback and fallback.keys and fallback.keys[name] or {}
  return type(keys) == "string" and { keys } or keys
end

return M
