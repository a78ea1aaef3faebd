-- While a job parses a project, its files that stand open in the editor come first: the daemon is told of each of them once a job.

local client = require("vigie.client")
local log = require("vigie.log")
local project = require("vigie.project")
local state = require("vigie.state")

local M = {}

--- Most files that are told of at a time: whoever has more of them open looks at few.
local FILES_MAX = 50

-- By job: the files that it was told of.
local told = {}

--- The job that parses a project, if one does: earlier there is nothing to overtake, and soon it begins.
local function parsing(root)
  local job = state.running(root)
  return job and job.state == "running" and job.stage == "indexing" and job or nil
end

local function is_new(file, job)
  return not (told[job] and told[job][file]) and vim.uv.fs_stat(file) ~= nil
end

--- Files of the project that stand open and that its job was not told of.
local function unknown_to(job)
  local files = {}
  for _, buffer in ipairs(vim.api.nvim_list_bufs()) do
    local file = vim.api.nvim_buf_is_loaded(buffer) and vim.bo[buffer].buflisted and project.file_of(buffer)
    if file and project.known(vim.fs.dirname(file)) == job.project and is_new(file, job.job) then
      files[#files + 1] = file
    end
    if #files == FILES_MAX then
      break
    end
  end
  return files
end

local function tell(job)
  local files = unknown_to(job)
  if #files == 0 then
    return
  end
  told[job.job] = told[job.job] or {}
  for _, file in ipairs(files) do
    told[job.job][file] = true
  end
  client.request("Refresh", { target = { path = job.project }, files = files }, {
    done = function(failure)
      if failure then
        log.note("job %s did not look at open files first: %s", tostring(job.job), failure.message)
      end
    end,
  })
end

--- A file was opened, or a job has gone on.
function M.look()
  for id in pairs(told) do
    local job = state.job(id)
    if not job or job.is_over then
      told[id] = nil
    end
  end
  local roots = {}
  for _, job in ipairs(state.jobs()) do
    roots[job.project] = true
  end
  for root in pairs(roots) do
    local job = parsing(root)
    if job then
      tell(job)
    end
  end
end

return M
