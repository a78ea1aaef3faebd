-- Which buffers are files, and which project the daemon knows for a directory.

local client = require("vigie.client")

local M = {}

-- By directory: its root, or false where there is none. `asking` holds who waits for an answer.
local roots, asking = {}, {}

--- The absolute path of the file in a buffer; nil for what is no file of this machine.
function M.file_of(buffer)
  if not vim.api.nvim_buf_is_valid(buffer) or vim.bo[buffer].buftype ~= "" then
    return nil
  end
  local name = vim.api.nvim_buf_get_name(buffer)
  if name == "" or name:find("^%a[%w+.-]+://") then
    return nil
  end
  return vim.fs.normalize(name, { expand_env = false })
end

--- The directory that a question asked in a buffer is about: that of its file, or, while that is not there yet, the nearest one above;
--- without a file the current one.
function M.directory_of(buffer)
  local file = M.file_of(buffer)
  if not file then
    return vim.fs.normalize(vim.uv.cwd() or "/", { expand_env = false })
  end
  local directory = vim.fs.dirname(file)
  while directory ~= "/" and roots[directory] == nil and not vim.uv.fs_stat(directory) do
    directory = vim.fs.dirname(directory)
  end
  return directory
end

--- What `Target` says of a buffer.
function M.target_of(buffer)
  return { path = M.directory_of(buffer) }
end

--- Whether a path is a root or lies in it.
function M.is_in(path, root)
  return path == root or vim.startswith(path, root == "/" and "/" or root .. "/")
end

--- The root for a directory, if that was asked before; nil if it was not, false if there is none.
function M.known(directory)
  return roots[directory]
end

--- Calls `done` with the root for a directory, or with nil and perhaps a failure. A daemon is started for it only if asked to.
function M.find(directory, done, start)
  if roots[directory] ~= nil then
    done(roots[directory] or nil)
    return
  end
  -- Who would have a daemon started does not wait for the answer of one who would not.
  local key = directory .. (start and "\1" or "\0")
  if asking[key] then
    table.insert(asking[key], done)
    return
  end
  asking[key] = { done }
  local root
  client.request("Status", { target = { path = directory } }, {
    again = true,
    start = start,
    on = function(_, reply)
      root = reply.project and reply.project.root or false
    end,
    done = function(failure)
      -- Without an answer nothing is known.
      if not failure then
        roots[directory] = root
      end
      local waiting = asking[key]
      asking[key] = nil
      for _, waits in ipairs(waiting) do
        waits(root or nil, failure)
      end
    end,
  })
end

--- An answer named its root.
function M.learn(directory, root)
  roots[directory] = root
end

--- Something became of a project: what was believed of directories in it may be wrong.
function M.happened(event, root)
  for directory, known in pairs(roots) do
    if known == root and event == "dropped" or known ~= root and M.is_in(directory, root) then
      roots[directory] = nil
    end
  end
end

--- Another daemon may know other projects.
function M.forget_all()
  roots = {}
end

return M
