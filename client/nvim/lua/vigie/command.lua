-- `:Vigie`: its subcommands, their options, and what completes them.

local log = require("vigie.log")
local names = require("vigie.names")

local M = {}

--- Takes the options that a command has (`key=value`) out of a text, which otherwise stays as it was typed: it may be a pattern.
local function parse(text, allowed)
  local options = {}
  local rest = (" " .. text):gsub("%s+(%l+)=(%S+)", function(key, value)
    if vim.list_contains(allowed, key) then
      options[key] = value
      return ""
    end
  end)
  if options.limit then
    options.limit = tonumber(options.limit)
    if not options.limit or options.limit < 1 or options.limit % 1 > 0 then
      return nil, nil, "limit= takes a whole number from 1"
    end
  end
  return vim.trim(rest), options
end

local PLACES = { "quickfix", "loclist", "picker" }

local VALUES = {
  to = function()
    return PLACES
  end,
  kind = function()
    return names.all("SymbolKind")
  end,
  mode = function()
    return { "substring", "prefix", "fuzzy", "exact" }
  end,
}

local function vigie()
  return require("vigie")
end

local function with_bang(options, bang)
  options.to = options.to or (bang and "loclist" or nil)
  return options
end

local FILTERS = { "kind", "lang", "path", "limit" }
local SHOWN = vim.list_extend({ "to" }, FILTERS)

local function named(method)
  return {
    options = SHOWN,
    run = function(text, options, bang)
      options.name = text
      vigie()[method](with_bang(options, bang))
    end,
    complete = "symbols",
  }
end

local function order(method)
  return {
    run = function(text)
      vigie()[method]({ job = text ~= "" and text or nil })
    end,
  }
end

local commands = {
  index = {
    complete = "dir",
    run = function(text, _, bang)
      vigie().index({ path = text ~= "" and text or nil, force = bang })
    end,
  },
  attach = {
    run = function()
      require("vigie.float").open()
    end,
  },
  cancel = order("cancel"),
  pause = order("pause"),
  resume = order("resume"),
  status = {
    run = function()
      require("vigie.status").open(vim.api.nvim_get_current_buf())
    end,
  },
  watch = {
    complete = "dir",
    run = function(text, _, bang)
      vigie().watch({ path = text ~= "" and text or nil, stop = bang })
    end,
  },
  search = {
    options = FILTERS,
    run = function(text, options)
      options.words = text
      vigie().search(options)
    end,
  },
  symbols = {
    options = vim.list_extend({ "mode" }, FILTERS),
    complete = "symbols",
    run = function(text, options)
      options.query = text
      vigie().symbols(options)
    end,
  },
  text = {
    options = { "to", "lang", "path", "limit" },
    run = function(text, options, bang)
      options.pattern = text
      vigie().text(with_bang(options, bang))
    end,
  },
  grep = {
    options = { "lang", "path", "limit" },
    run = function(text, options)
      options.pattern = text
      vigie().grep(options)
    end,
  },
  def = named("definition"),
  refs = named("references"),
  callers = named("callers"),
  callees = named("callees"),
  outline = {
    run = function()
      vigie().outline()
    end,
  },
  log = {
    run = function()
      vigie().log()
    end,
  },
}

local function sorted(list)
  table.sort(list)
  return list
end

--- Runs a command line. None at all shows how the project stands.
function M.run(args)
  -- The mark may stand behind either word.
  local name, mark = (args.fargs[1] or "status"):match("^(.-)(!?)$")
  local command = commands[name]
  if not command then
    local known = table.concat(sorted(vim.tbl_keys(commands)), ", ")
    log.error(("there is no :Vigie %s; there are %s"):format(name, known))
    return
  end
  local text, options, fault = parse(args.args:match("^%S*(.*)$"), command.options or {})
  if fault then
    log.error((":Vigie %s: %s"):format(name, fault))
    return
  end
  local ok, failure = pcall(command.run, text, options, args.bang or mark == "!")
  if not ok then
    log.error(tostring(failure):gsub("^vigie: ", ""))
  end
end

local function beginning_with(list, lead)
  return vim.tbl_filter(function(word)
    return vim.startswith(word, lead)
  end, list)
end

--- Names that begin so, of a daemon that runs; nobody waits long for a completion.
local COMPLETION_WAIT_MS, COMPLETION_MAX = 300, 50

local function symbols(lead)
  if lead == "" or not require("vigie.client").is_connected() then
    return {}
  end
  local questions, query = require("vigie.questions"), require("vigie.query")
  local asked = questions.symbols(lead, { mode = "prefix" })
  local found, is_over = {}, false
  local handle = query.ask(asked.message, asked.question, {
    limit = COMPLETION_MAX,
    quietly = true,
    items = function(items)
      for _, item in ipairs(items) do
        found[item.row.name] = true
      end
    end,
    done = function()
      is_over = true
    end,
  })
  vim.wait(COMPLETION_WAIT_MS, function()
    return is_over
  end, 1)
  handle.cancel()
  return sorted(vim.tbl_keys(found))
end

--- What may stand where the cursor is.
function M.complete(lead, line)
  local words = vim.split(vim.trim(line:gsub("^.-Vigie!?%s*", "")), "%s+", { trimempty = true })
  if #words == 0 or (#words == 1 and lead ~= "") then
    return beginning_with(sorted(vim.tbl_keys(commands)), lead)
  end
  local command = commands[words[1]:match("^(.-)!?$")]
  if not command then
    return {}
  end
  local key, value = lead:match("^(%l+)=(.*)$")
  if key and VALUES[key] and vim.list_contains(command.options or {}, key) then
    return vim.tbl_map(function(word)
      return key .. "=" .. word
    end, beginning_with(VALUES[key](), value))
  end
  local found = beginning_with(
    vim.tbl_map(function(option)
      return option .. "="
    end, command.options or {}),
    lead
  )
  if command.complete == "dir" then
    return vim.fn.getcompletion(lead, "dir")
  elseif command.complete == "symbols" then
    return vim.list_extend(symbols(lead), found)
  end
  return found
end

--- The subcommands, for a test of the documentation.
function M.names()
  return sorted(vim.tbl_keys(commands))
end

return M
