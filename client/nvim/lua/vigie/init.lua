-- What a configuration may call. Everything else is loaded when it is first needed.

local M = {}

local function current()
  return vim.api.nvim_get_current_buf()
end

-- What makes a directory a project before it is indexed.
local MARKS = { ".git", ".hg", ".svn", ".jj", ".vigie.toml" }

local function directory(path)
  if path then
    return (vim.fs.normalize(vim.fn.fnamemodify(vim.fn.expand(path), ":p")):gsub("(.)/$", "%1"))
  end
  return require("vigie.project").directory_of(current())
end

--- Calls `act` with the directory that is named, else with that of this buffer, if it lies in a project: nobody who is in a file of `/etc`
--- means all of that.
local function with_project(path, act)
  if path then
    act(directory(path))
    return
  end
  local here = directory()
  require("vigie.project").find(here, function(root)
    if root or vim.fs.root(here, MARKS) then
      act(here)
    else
      require("vigie.log").error(("%s is in no project; name the directory that is meant"):format(here))
    end
  end, true)
end

--- Chooses options; `:help vigie-setup` lists them. Nothing needs it.
function M.setup(options)
  require("vigie.config").set(options or {})
end

--- The job at work in a buffer's project in a few words, for a statusline; empty while there is none.
function M.statusline(buffer)
  return require("vigie.statusline").text(buffer)
end

--- The same as a table, or nil: `:help VigieProgress` says what is in it.
function M.progress(buffer)
  return require("vigie.statusline").progress(buffer)
end

--- Indexes `options.path`, else the project of this buffer; with `options.force` every file anew.
function M.index(options, done)
  options = options or {}
  with_project(options.path, function(path)
    require("vigie.jobs").index(path, options, done)
  end)
end

--- Does something with `options.job`, else with the job at work in the project of this buffer.
local function order(act, options, is_done)
  local jobs, log = require("vigie.jobs"), require("vigie.log")
  local job = options and options.job
  if job and not tonumber(job) then
    log.error(("a job is named by its number, not %q"):format(job))
  elseif job then
    jobs[act](tonumber(job))
  else
    jobs.current(current(), function(id)
      if id then
        jobs[act](id)
      elseif not is_done then
        log.info("nothing is at work here")
      end
    end)
  end
end

--- Cancels a job. A question that has no answer yet is given up too.
function M.cancel(options)
  order("cancel", options, require("vigie.answer").cancel())
end

--- Has a job make way; it keeps what it has.
function M.pause(options)
  order("pause", options)
end

--- Has a paused job go on.
function M.resume(options)
  order("resume", options)
end

--- Has the index of `options.path`, else of this buffer's project, follow its files; with `options.stop` no longer.
function M.watch(options)
  options = options or {}
  with_project(options.path, function(path)
    require("vigie.jobs").watch(path, options.stop)
  end)
end

local function show(asked, options, to)
  local how = { to = options.to or to, limit = options.limit, quietly = options.quietly, otherwise = options.otherwise }
  require("vigie.answer").show(asked, how)
end

local function about(make, to)
  return function(options)
    options = options or {}
    local questions = require("vigie.questions")
    local subject, fault = questions.subject(options.name)
    if not subject and options.otherwise then
      options.otherwise()
    elseif not subject then
      require("vigie.log").info(fault)
    else
      show(questions[make](subject, options), options, to)
    end
  end
end

--- Goes to the definition of `options.name`, else of what stands at the cursor. In all of these `options` may have `to` (`quickfix`,
--- `loclist`, `picker`), `kind`, `lang`, `path` and `limit`.
M.definition = about("definition", "jump")
M.references = about("references", "quickfix")
M.callers = about("callers", "quickfix")
M.callees = about("callees", "quickfix")

local function words_of(options, key, prompt, act)
  if options[key] and options[key] ~= "" then
    act(options[key])
    return
  end
  vim.ui.input({ prompt = prompt }, function(text)
    if text and text ~= "" then
      act(text)
    end
  end)
end

--- Lets choose among definitions by part of their name (`options.query`, else it asks).
function M.symbols(options)
  options = options or {}
  words_of(options, "query", "Symbols: ", function(query)
    show(require("vigie.questions").symbols(query, options), options, "picker")
  end)
end

--- Lets choose among the files that are about something (`options.words`).
function M.search(options)
  options = options or {}
  words_of(options, "words", "Search: ", function(words)
    -- One file each: the best twenty are more than anybody reads.
    options.limit = options.limit or 20
    show(require("vigie.questions").search(words, options), options, "picker")
  end)
end

--- Lists the lines that match `options.pattern`.
function M.text(options)
  options = options or {}
  words_of(options, "pattern", "Text: ", function(pattern)
    show(require("vigie.questions").text(pattern, options), options, "quickfix")
  end)
end

--- Greps as you type, beginning with `options.pattern`.
function M.grep(options)
  options = options or {}
  require("vigie.grep").live(options.pattern or "", options)
end

--- Opens or closes the outline of this file.
function M.outline()
  require("vigie.outline").toggle()
end

--- Shows the jobs at work.
function M.attach()
  require("vigie.float").open()
end

--- Shows how this project stands.
function M.status()
  require("vigie.status").open(current())
end

--- Shows what the plugin had to say.
function M.log()
  vim.cmd("botright new")
  local buffer = current()
  vim.bo[buffer].buftype, vim.bo[buffer].bufhidden, vim.bo[buffer].swapfile = "nofile", "wipe", false
  local lines = vim.tbl_map(function(line)
    return (line:gsub("\n", " "))
  end, require("vigie.log").lines())
  vim.api.nvim_buf_set_lines(buffer, 0, -1, false, lines)
  vim.bo[buffer].modifiable = false
  vim.keymap.set("n", "q", "<Cmd>close<CR>", { buffer = buffer, nowait = true })
end

return M
