-- Numbers, times and jobs as people read them.

local M = {}

--- 1234567 as 1,234,567; also of numbers that no Lua number holds.
function M.count(number)
  local digits = type(number) == "number" and ("%d"):format(number) or tostring(number)
  local grouped = digits:reverse():gsub("(%d%d%d)", "%1,"):reverse()
  return (grouped:gsub("^,", ""))
end

function M.duration(ms)
  local seconds = math.floor(ms / 1000)
  if seconds < 60 then
    return ("%.1f s"):format(ms / 1000)
  end
  return ("%d:%02d min"):format(math.floor(seconds / 60), seconds % 60)
end

function M.bytes(bytes)
  local value, unit = bytes, 1
  local units = { "B", "KiB", "MiB", "GiB", "TiB" }
  while value >= 1024 and unit < #units do
    value, unit = value / 1024, unit + 1
  end
  return unit == 1 and ("%d B"):format(value) or ("%.1f %s"):format(value, units[unit])
end

function M.path(path)
  return vim.fn.fnamemodify(path, ":~")
end

--- Cut to a width, with an ellipsis; the end of a path says more than its beginning.
function M.cut_left(text, width)
  if vim.fn.strdisplaywidth(text) <= width then
    return text
  end
  local kept = text
  while kept ~= "" and vim.fn.strdisplaywidth(kept) > width - 1 do
    kept = vim.fn.strcharpart(kept, 1)
  end
  return "…" .. kept
end

--- A bar of so many cells.
function M.bar(permille, width)
  local full = math.floor(width * permille / 1000 + 0.5)
  return ("█"):rep(full) .. ("░"):rep(width - full)
end

--- What a job is doing, in a few words.
function M.job(job)
  if job.is_over then
    return job.message
  elseif job.state == "queued" then
    return "waits for its turn"
  end
  local stage = job.state == "paused" and "paused while " .. job.stage or job.stage
  local count = job.total > 0 and ("%s/%s"):format(M.count(job.current), M.count(job.total)) or M.count(job.current)
  return ("%s %s"):format(stage, count)
end

return M
