"""What is missing and need not be there: mistakes of ctags or Pygments, and what Vigie leaves out on purpose. Each class is a pattern
and a sentence; what it takes out of a comparison is counted and shown. Only what is missing is ever held against these."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from .definitions import Tag
from .languages import Language
from .words import Word


class Missing(Protocol):
    """Something that was not found."""

    @property
    def path(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def text(self) -> str: ...


@dataclass(frozen=True)
class Explained:
    """A class of what is missing; unset patterns match everything. In `text`, `NAME` stands for what is missing."""

    languages: str
    reason: str
    kind: str = ""
    """Of ctags' kind, or of Pygments' token."""
    text: str = ""
    """Of the line on which it stands."""
    name: str = ""
    path: str = ""

    def explains(self, language: Language, missing: Missing, kind: str) -> bool:
        text = self.text.replace("NAME", re.escape(missing.name))
        return (
            language.name in self.languages.split()
            and re.fullmatch(self.kind or ".*", kind) is not None
            and re.search(text, missing.text) is not None
            and re.fullmatch(self.name or ".*", missing.name) is not None
            and re.search(self.path, missing.path) is not None
        )


DEFINITIONS: tuple[Explained, ...] = ()

OCCURRENCES: tuple[Explained, ...] = ()


def of_definition(language: Language, tag: Tag) -> Explained | None:
    """Why a definition of ctags need not be there, if there is a reason."""
    return _first(DEFINITIONS, language, tag, tag.kind)


def of_occurrence(language: Language, word: Word) -> Explained | None:
    """Why an occurrence need not be there, if there is a reason."""
    return _first(OCCURRENCES, language, word, word.token)


def _first(classes: Sequence[Explained], language: Language, missing: Missing, kind: str) -> Explained | None:
    return next((one for one in classes if one.explains(language, missing, kind)), None)
