"""What Vigie finds: `vigie search` in an index that is complete."""

from collections.abc import Sequence
from pathlib import Path

from benchmark.errors import BenchError
from benchmark.vigie import Vigie

from .measures import Search

ROWS = 100
"""How many results are asked for. Several may be in one file, and so many files as are read should be among them."""

FOUND, NOTHING, CUT = 0, 1, 3
"""The exit codes that are answers."""


def indexed(vigie: Vigie, root: Path) -> Search:
    """Has a tree indexed to the end; returns what asks about it."""
    vigie.index(root)

    def search(text: str) -> Sequence[str]:
        command = ("search", "--json", "--limit", str(ROWS), text)
        return paths(vigie.run(root, *command, accepted=(FOUND, NOTHING, CUT)).lines())

    return search


def paths(lines: Sequence[dict[str, object]]) -> list[str]:
    """The files of an answer, the best first and each once."""
    if not lines or lines[-1].get("type") != "summary":
        raise BenchError("the answer of `vigie search` has no summary")
    if lines[-1].get("files_pending"):
        raise BenchError(f"`vigie search` answered from an index that is not complete: {lines[-1]}")
    return list(dict.fromkeys(str(line["path"]) for line in lines[:-1] if "path" in line))
