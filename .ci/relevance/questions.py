"""The questions, the files that answer them, and the half that each belongs to."""

import hashlib
import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from benchmark.errors import BenchError
from benchmark.trees import PARSED_BYTES_MAX

from .projects import Project

DIRECTORY = Path(__file__).parent / "questions"

KINDS = frozenset(["how", "keywords", "behaviour", "error", "name"])
"""How a question is put: as a question (how, where, when, what), as two or three words, as what the code does, as what went wrong,
or with a part of a name."""

PLACE, ESSENTIAL, HELPFUL = 3, 2, 1
"""What a file is to a question: the place itself; an essential part of the answer; of help, as a test or a direct user of it is."""

GRADES = frozenset([PLACE, ESSENTIAL, HELPFUL])

ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)+")

SOURCE_SUFFIXES = frozenset(
    [".bash", ".c", ".cc", ".cpp", ".go", ".h", ".java", ".js", ".mjs", ".py", ".rs", ".sh", ".ts"]
)
"""Of the files in which Vigie finds names, and so the only ones that can answer, those that the trees have."""


class Half(Enum):
    """What a question is used for."""

    TUNED = "tuned"
    """May be looked at while the ranking is changed."""
    HELD = "held"
    """Only counts."""


def half(identity: str) -> Half:
    """The half of a question. Nobody chooses it."""
    return Half.HELD if hashlib.sha256(identity.encode()).digest()[0] & 1 else Half.TUNED


@dataclass(frozen=True)
class Question:
    """What somebody types who does not know the names."""

    id: str
    kind: str
    text: str
    files: Mapping[str, int]
    """The grade of each file that answers it, by its path in the tree. All others are worth nothing."""

    @property
    def half(self) -> Half:
        return half(self.id)


def load(project: Project) -> list[Question]:
    """The questions about a project, as they were written."""
    return read(DIRECTORY / f"{project.name}.toml")


def read(path: Path) -> list[Question]:
    """The questions of a file."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        return [_question(entry) for entry in table["question"]]
    except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise BenchError(f"{path} holds no questions: {error}") from error


def _question(entry: dict[str, Any]) -> Question:
    unknown = entry.keys() - {"id", "kind", "text", "files"}
    if unknown:
        raise ValueError(f"{entry.get('id')} has {', '.join(sorted(unknown))}, which no question has")
    files = {str(path): int(grade) for path, grade in entry["files"].items()}
    return Question(str(entry["id"]), str(entry["kind"]), str(entry["text"]), files)


def faults(asked: Sequence[Question], root: Path) -> list[str]:
    """What is wrong with the questions about a tree, each fault a sentence."""
    return [f"{question.id} {fault}" for question in asked for fault in _faults(question, root)]


def repeated(asked: Iterable[Question]) -> list[str]:
    """The faults of all questions together: what stands there more than once."""
    questions = list(asked)
    ids = Counter(question.id for question in questions)
    texts = Counter(question.text.lower() for question in questions)
    found = [f"{name} is the id of {count} questions" for name, count in ids.items() if count > 1]
    return found + [f"“{text}” is asked {count} times" for text, count in texts.items() if count > 1]


def _faults(question: Question, root: Path) -> list[str]:
    found = []
    if not ID.fullmatch(question.id):
        found.append("is no id: lower case words and numbers with - between them are")
    if question.kind not in KINDS:
        found.append(f"is of the kind {question.kind}; there are {', '.join(sorted(KINDS))}")
    if not question.text.strip() or question.text.startswith("-"):
        found.append("asks nothing")
    if PLACE not in question.files.values():
        found.append(f"has no file of grade {PLACE}")
    for path, grade in question.files.items():
        if grade not in GRADES:
            found.append(f"gives {path} the grade {grade}")
        if not (root / path).is_file():
            found.append(f"names {path}, which the tree does not have")
        elif not is_source(root / path):
            found.append(f"names {path}, in which no names are found")
    return found


def is_source(path: Path) -> bool:
    """Whether a file is one of those in which Vigie finds names."""
    return path.suffix in SOURCE_SUFFIXES and path.stat().st_size <= PARSED_BYTES_MAX
