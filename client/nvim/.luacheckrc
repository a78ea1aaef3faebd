-- What luacheck has to know: Neovim's Lua is LuaJIT with one more global.
std = "luajit"
read_globals = { "vim" }
globals = { "vim.bo", "vim.o", "vim.g", "vim.wo", "vim.opt", "vim.ui", "vim.notify", "vim.lsp" }
max_line_length = 140
files["lua/vigie/wire/schema.lua"] = { max_line_length = false }
