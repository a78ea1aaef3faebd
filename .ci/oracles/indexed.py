"""What Vigie has of one tree: its dump, by file and place."""

import json
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from benchmark.vigie import Vigie


@dataclass
class Indexed:
    """The symbols and references of a tree. Lines and columns are from 1, columns in bytes."""

    symbols: dict[tuple[str, int, str], set[str]] = field(default_factory=lambda: defaultdict(set))
    """The kinds under which a file, a line and a name are a definition."""
    places: dict[str, dict[tuple[int, int], str]] = field(default_factory=lambda: defaultdict(dict))
    """The name at each line and column of a file."""
    defined: set[str] = field(default_factory=set)
    """Every name with a definition."""
    first_lines: dict[tuple[str, str], int] = field(default_factory=dict)
    """The line of the first definition of a name in a file."""
    locals: set[tuple[str, int, str]] = field(default_factory=set)
    """Files, lines and names where a local variable or a parameter is declared."""
    languages: dict[str, str] = field(default_factory=dict)
    """The language of each file."""


def index(vigie: Vigie, root: Path) -> Indexed:
    """Has a tree indexed, to the end, and reads what was found."""
    vigie.index(root)
    found = Indexed()
    for line in vigie.run(root, "dump").stdout.splitlines():
        fact = json.loads(line)
        path = fact.get("path", "")
        match fact["type"]:
            case "file":
                found.languages[path] = fact["language"]
            case "symbol":
                found.symbols[path, fact["line"], fact["name"]].add(fact["kind"])
                found.places[path][fact["line"], fact["column"]] = fact["name"]
                found.defined.add(fact["name"])
                found.first_lines.setdefault((path, fact["name"]), fact["line"])
            case "reference":
                found.places[path][fact["line"], fact["column"]] = fact["name"]
                if "binding" in fact:
                    found.locals.add((path, fact["line"], fact["name"]))
    return found
