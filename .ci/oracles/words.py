"""The words of a source file that are neither comment nor string, as Pygments sees it. Runs in processes of its own, because
Pygments is slow."""

import importlib
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

IN_DIRECTIVE = re.compile(r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'|/\*.*?\*/|//[^\n]*', re.DOTALL)
"""Strings and comments in what Pygments does not look into: directives of the preprocessor, attributes."""


@dataclass(frozen=True)
class Task:
    """What to look for in some files."""

    pygments: str
    """The directory in which Pygments is."""
    root: str
    paths: tuple[str, ...]
    lexer: str
    word: str
    tails: str
    reserved: frozenset[str]
    defined: frozenset[str]


@dataclass(frozen=True)
class Word:
    """A word that is a defined name, and where it stands: line and column from 1, the column in bytes."""

    path: str
    line: int
    column: int
    name: str
    token: str
    text: str
    """The line it stands on."""


def words(task: Task) -> list[Word]:
    """The words of files that a definition of their tree has for a name."""
    return [word for path in task.paths for word in _words_of(path, task)]


def _words_of(path: str, task: Task) -> Iterator[Word]:
    source = Path(task.root, path).read_bytes().decode(errors="surrogateescape")
    lines = source.split("\n")
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    number = 0
    for at, name, token in _code_words(task, source):
        if not _is_name(name, task):
            continue
        while starts[number + 1] <= at:
            number += 1
        column = len(lines[number][: at - starts[number]].encode(errors="surrogateescape")) + 1
        yield Word(path, number + 1, column, name, token, lines[number].strip())


def _is_name(name: str, task: Task) -> bool:
    return name not in task.reserved and (
        name in task.defined or any(name + tail in task.defined for tail in task.tails)
    )


def _code_words(task: Task, source: str) -> Iterator[tuple[int, str, str]]:
    if task.pygments not in sys.path:
        sys.path.insert(0, task.pygments)
    module, _, name = task.lexer.rpartition(".")
    token_types = importlib.import_module("pygments.token")
    lexer = getattr(importlib.import_module(f"pygments.lexers.{module}"), name)()
    comment, string = token_types.Comment, token_types.String
    unseen = (token_types.Comment.Preproc, token_types.Name.Attribute)
    word = re.compile(task.word)
    for at, token, lexeme in lexer.get_tokens_unprocessed(source):
        text = _without_strings(lexeme) if token in unseen else lexeme
        if token not in unseen and (token in comment or token in string):
            continue
        for match in word.finditer(text):
            start, end = at + match.start(), at + match.end()
            if not (_continues(source[start - 1 : start]) or _continues(source[end : end + 1])):
                yield start, match.group(), str(token)


def _without_strings(text: str) -> str:
    """Blanks in the place of strings and comments, so that columns stay."""
    return IN_DIRECTIVE.sub(lambda inside: re.sub(r"[^\n]", " ", inside.group()), text)


def _continues(character: str) -> bool:
    """Whether a character beside a word makes it a part of a longer one: the rest of a number, as a rule."""
    return character.isalnum() or character == "_"
