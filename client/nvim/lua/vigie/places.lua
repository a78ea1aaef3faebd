-- Where the daemon's socket is, by the rules of PROTOCOL.md. The one place that looks at the environment; it creates nothing.

local uv = vim.uv

local M = {}

--- Longest path of a socket, in bytes: the system's call cuts a longer one off and says nothing.
M.SOCKET_PATH_MAX = 107

local function absolute(value)
  return value and value:sub(1, 1) == "/" and value or nil
end

--- Why a directory that anybody might have made is not to be trusted; nil if it is, or is not there.
function M.reason_against(directory, uid)
  local stat = uv.fs_lstat(directory)
  if not stat then
    return nil
  elseif stat.type ~= "directory" then
    return directory .. " is not a directory"
  elseif stat.uid ~= uid then
    return ("%s belongs to user %d"):format(directory, stat.uid)
  elseif stat.mode % 64 ~= 0 then
    return directory .. " may be entered by others"
  end
end

local function runtime_directory(env, uid)
  local xdg = absolute(env.XDG_RUNTIME_DIR)
  if xdg then
    return xdg .. "/vigie"
  end
  local run = "/run/user/" .. uid
  local stat = uv.fs_stat(run)
  if stat and stat.type == "directory" and stat.uid == uid then
    return run .. "/vigie"
  end
  local directory = "/tmp/vigie-" .. uid
  local reason = M.reason_against(directory, uid)
  if reason then
    return nil, reason .. ", so it is not used; remove it, or set XDG_RUNTIME_DIR"
  end
  return directory
end

local function state_directory(env)
  local xdg = absolute(env.XDG_STATE_HOME)
  if xdg then
    return xdg .. "/vigie"
  end
  local home = absolute(env.HOME)
  return home and home .. "/.local/state/vigie"
end

local function socket_of_lock(env)
  local state = state_directory(env)
  local file = state and io.open(state .. "/vigied.lock", "rb")
  if not file then
    return nil
  end
  local text = file:read(4096) or ""
  file:close()
  return absolute(text:match("^[^\n]*\n([^\n]+)\n"))
end

--- The sockets to try, in this order; or nil and a sentence.
function M.sockets(override, env, uid)
  env, uid = env or vim.fn.environ(), uid or uv.getuid()
  local sockets = {}
  if override then
    sockets[1] = vim.fs.normalize(override)
  else
    local directory, reason = runtime_directory(env, uid)
    if not directory then
      return nil, reason
    end
    sockets[1] = directory .. "/vigied.sock"
  end
  if #sockets[1] > M.SOCKET_PATH_MAX then
    return nil,
      ("the path of the socket has %d bytes and may have %d: %s"):format(#sockets[1], M.SOCKET_PATH_MAX, sockets[1])
  end
  local other = not override and socket_of_lock(env)
  if other and other ~= sockets[1] and #other <= M.SOCKET_PATH_MAX then
    sockets[2] = other
  end
  return sockets
end

--- Why a socket is not that of our own daemon; nil if it is, or if there is none. The kernel's word for the peer cannot be had from Lua;
--- that the file is ours is, as only its owner and root can make it so.
function M.reason_against_socket(path, uid)
  local stat = uv.fs_stat(path)
  if stat and stat.uid ~= (uid or uv.getuid()) then
    return ("the socket %s belongs to user %d, not to you"):format(path, stat.uid)
  end
end

return M
