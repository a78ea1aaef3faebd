"""The plain search that any ranking must beat: BM25 (Robertson and Zaragoza 2009) over the words of whole files.

Names are split where their case changes and at everything that is no letter; the words of a file's path are words of the file.
Nothing is stemmed, nothing is left out. Only the files in which Vigie finds names are searched.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import log
from pathlib import Path

from .questions import is_source

K1 = 1.2
B = 0.75

WORD = re.compile(rb"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")


def words(text: bytes) -> Iterator[bytes]:
    """The words of a text in lower case: `HTTPServer_name2` has http, server, name and 2."""
    return (word.lower() for word in WORD.findall(text))


@dataclass(frozen=True)
class Document:
    """A file, as far as it can matter to what is asked."""

    path: str
    length: int
    """In words."""
    counts: dict[bytes, int]


class PlainSearch:
    """The files of a tree, counted for the words of the questions that will be asked about it."""

    def __init__(self, root: Path, questions: Iterable[str]) -> None:
        wanted = frozenset(word for text in questions for word in words(text.encode()))
        self._documents = [_document(root, path, wanted) for path in _sources(root)]
        self._holding = Counter(word for document in self._documents for word in document.counts)
        lengths = sum(document.length for document in self._documents)
        self._mean_length = lengths / len(self._documents) if self._documents else 1.0

    def __call__(self, text: str) -> list[str]:
        """All files that have a word of the question, the best first; of two that are as good, the one whose path comes first."""
        asked = dict.fromkeys(words(text.encode()))
        weighed = [(self._weight(document, asked), document.path) for document in self._documents]
        return [path for weight, path in sorted(weighed, key=lambda file: (-file[0], file[1])) if weight > 0.0]

    def _weight(self, document: Document, asked: Iterable[bytes]) -> float:
        norm = K1 * (1.0 - B + B * document.length / self._mean_length)
        counts = ((word, document.counts.get(word, 0)) for word in asked)
        return sum(self._rarity(word) * count * (K1 + 1.0) / (count + norm) for word, count in counts if count)

    def _rarity(self, word: bytes) -> float:
        holding = self._holding[word]
        return log(1.0 + (len(self._documents) - holding + 0.5) / (holding + 0.5))


def _document(root: Path, path: Path, wanted: frozenset[bytes]) -> Document:
    name = str(path.relative_to(root))
    counts = Counter(words(name.encode() + b"\n" + path.read_bytes()))
    return Document(name, counts.total(), {word: counts[word] for word in wanted if word in counts})


def _sources(root: Path) -> Iterator[Path]:
    for path in sorted(root.rglob("*")):
        if path.is_file() and not path.is_symlink() and is_source(path):
            yield path
