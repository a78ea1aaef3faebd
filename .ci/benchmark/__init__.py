"""Measures Vigie on public source trees against its targets, against what no index can beat, and against its peers.

In the order of a run: `trees` fetches what is indexed, `peers` what Vigie is compared with, `tools` builds our own programs;
`figures` lists what is measured, with `steps` and `watching` as its vocabulary; `measure` runs it in rounds; `results` keeps what
came of it, and `report` and `chart` show that. Only Python's own library is used.
"""
