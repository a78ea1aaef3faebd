"""Definitions, held against those that universal-ctags reports."""

import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmark.errors import BenchError

from .indexed import Indexed
from .languages import Language

ANONYMOUS = ("__anon", "anon", "AnonymousFunction", "AnonymousClass")


@dataclass(frozen=True, order=True)
class Tag:
    """A definition that ctags reports."""

    path: str
    line: int
    name: str
    kind: str
    scope_kind: str
    text: str
    """The line it stands on."""
    is_local: bool = False
    """Vigie has a local variable or parameter of that name there."""
    is_repeated: bool = False
    """Vigie has a definition of that name further up in the file."""


def tags(language: Language, root: Path, indexed: Indexed) -> list[Tag]:
    """What ctags reports for a tree, of kinds that Vigie knows too."""
    found: set[Tag] = set()
    lines: dict[str, list[str]] = {}
    for fact in _reported(language, root):
        name, kind = str(fact["name"]), str(fact["kind"])
        if kind not in language.kinds or name.startswith(ANONYMOUS):
            continue
        path, number = str(fact["path"]).removeprefix("./"), int(str(fact["line"]))
        if path not in lines:
            # A form feed ends no line for ctags.
            lines[path] = (root / path).read_bytes().decode(errors="replace").replace("\r\n", "\n").split("\n")
        text = lines[path][number - 1] if number <= len(lines[path]) else ""
        is_local = (path, number, name) in indexed.locals
        first = indexed.first_lines.get((path, name), number)
        found.add(Tag(path, number, name, kind, str(fact.get("scopeKind", "")), text, is_local, first < number))
    return sorted(found)


def kinds_found(tag: Tag, language: Language, indexed: Indexed) -> set[str]:
    """The kinds that Vigie's definitions of that name at that line have."""
    found: set[str] = set()
    for name in _spellings(tag.name, language):
        found |= indexed.symbols.get((tag.path, tag.line, name), set())
    return found


def _spellings(name: str, language: Language) -> Iterator[str]:
    """How Vigie may write a name: without what qualifies it, operators without a blank, and without the signs of what kind of
    variable it is or that it is a setter."""
    yield name
    for separator in language.separators:
        yield name.rsplit(separator, 1)[-1]
    yield name.replace(" ", "")
    yield re.sub(r"(?<!\w)\s+|\s+(?!\w)", "", name)
    yield name.removeprefix("operator ")
    if language.name == "csharp":
        yield name.removeprefix("~")
    plain = name.lstrip(language.sigils).rstrip("=")
    yield plain
    # A question mark that ctags leaves out.
    yield from (plain + tail for tail in language.tails)


def _reported(language: Language, root: Path) -> Iterator[dict[str, object]]:
    # Without an option file of whoever runs this.
    command = [
        "ctags",
        "--options=NONE",
        "-R",
        "--output-format=json",
        "--fields=+nKl",
        f"--languages={language.ctags}",
    ]
    if language.langmap:
        command.append(f"--langmap={language.ctags}:{language.langmap}")
    done = subprocess.run([*command, "-f", "-", "."], cwd=root, capture_output=True, check=False)
    if done.returncode != 0:
        raise BenchError(f"`{' '.join(command)}` failed: {done.stderr.decode(errors='replace').strip()}")
    for line in done.stdout.splitlines():
        yield json.loads(line.decode(errors="replace"))
