"""Holds what Vigie finds in public source trees against two others that know: universal-ctags, which finds definitions, and the
text itself, in which every occurrence of a defined name must be in the index.

In the order of a run: `languages` says what is compared in each language, `sources` fetches it, `indexed` has Vigie index it;
`definitions` asks ctags, `occurrences` and `words` the text; `explained` takes out what is ctags' own mistake or what Vigie leaves
out on purpose; `report` shows the figures. Trees are fetched as for the benchmarks, by `benchmark.trees`. Only Python's own library
and, for the text, Pygments are used.
"""
