-- The command, the <Plug> mappings, and the first file that wakes the rest. Nothing is loaded before it is needed.

if vim.g.loaded_vigie then
  return
end
vim.g.loaded_vigie = true

if vim.fn.has("nvim-0.10") == 0 then
  vim.notify("vigie: Neovim 0.10 or later is needed", vim.log.levels.ERROR)
  return
end

vim.api.nvim_create_user_command("Vigie", function(args)
  require("vigie.attach").start()
  require("vigie.command").run(args)
end, {
  nargs = "*",
  bang = true,
  desc = "Index this project, ask about it, or see how it stands",
  complete = function(lead, line)
    return require("vigie.command").complete(lead, line)
  end,
})

local mappings = {
  ["vigie-definition"] = "definition",
  ["vigie-references"] = "references",
  ["vigie-callers"] = "callers",
  ["vigie-callees"] = "callees",
  ["vigie-outline"] = "outline",
  ["vigie-grep"] = "grep",
  ["vigie-symbols"] = "symbols",
  ["vigie-search"] = "search",
  ["vigie-attach"] = "attach",
}
for plug, call in pairs(mappings) do
  vim.keymap.set("n", ("<Plug>(%s)"):format(plug), function()
    require("vigie.attach").start()
    require("vigie")[call]()
  end, { desc = "Vigie " .. call })
end

vim.api.nvim_create_autocmd({ "BufReadPost", "BufNewFile" }, {
  group = vim.api.nvim_create_augroup("vigie_wake", { clear = true }),
  once = true,
  callback = function()
    -- After the screen shows the file.
    vim.schedule(function()
      require("vigie.attach").start()
    end)
  end,
})
