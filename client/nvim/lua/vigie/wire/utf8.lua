-- Whether bytes are UTF-8, as the standard has it: no overlong forms, no surrogates, nothing above U+10FFFF.

local M = {}

-- The first byte, how many follow, and what the second may be where that is narrower.
local FORMS = {
  { "^[\194-\223]", "^[\128-\191]" },
  { "^\224", "^[\160-\191][\128-\191]" },
  { "^[\225-\236\238\239]", "^[\128-\191][\128-\191]" },
  { "^\237", "^[\128-\159][\128-\191]" },
  { "^\240", "^[\144-\191][\128-\191][\128-\191]" },
  { "^[\241-\243]", "^[\128-\191][\128-\191][\128-\191]" },
  { "^\244", "^[\128-\143][\128-\191][\128-\191]" },
}

local function end_of_form(text, at)
  for _, form in ipairs(FORMS) do
    if text:find(form[1], at) then
      local _, last = text:find(form[2], at + 1)
      return last
    end
  end
end

function M.is_valid(text)
  local at = text:find("[\128-\255]")
  while at do
    local last = end_of_form(text, at)
    if not last then
      return false
    end
    at = text:find("[\128-\255]", last + 1)
  end
  return true
end

return M
