"""Measures how well `vigie search` answers questions about public source trees, by files that people judged.

In the order of a run: `projects` says which trees, `questions` holds what is asked about each and which files answer it, `searched`
asks Vigie, `words` is the plain search that any ranking must beat, `measures` turns ranked files into figures, `report` shows them
and holds them against `committed.json`. Trees are fetched as for the benchmarks, by `benchmark.trees`. Only Python's own library is
used.

Half of the questions may be looked at while the ranking is changed. The other half only counts: nothing here shows one of them.
"""
