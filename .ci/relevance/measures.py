"""How good a ranking is: the usual figures, at the level of files.

A ranking is the list of the files that were found, the best first. What nobody judged is worth nothing.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import log2
from statistics import fmean

from .questions import ESSENTIAL, Half, Question

DEPTH = 10
"""How far down a list somebody reads."""

Search = Callable[[str], Sequence[str]]
"""Finds the files for a question."""


@dataclass(frozen=True)
class Scored:
    """What a search made of a question."""

    question: Question
    found: tuple[str, ...]
    """The files that are read, the best first."""
    ndcg: float
    recall: float


@dataclass(frozen=True)
class Figures:
    """The means over some questions."""

    questions: int
    ndcg: float
    recall: float


def ask(search: Search, questions: Iterable[Question]) -> list[Scored]:
    """Asks each question and scores what is found."""
    return [score(question, search(question.text)) for question in questions]


def score(question: Question, ranking: Sequence[str]) -> Scored:
    """The figures of one ranking. A file that was found twice counts where it stands first."""
    found = tuple(dict.fromkeys(ranking))[:DEPTH]
    return Scored(question, found, ndcg(found, question.files), recall(found, question.files))


def mean(scored: Iterable[Scored]) -> Figures:
    """The means; each question counts as much as any other."""
    taken = list(scored)
    if not taken:
        return Figures(0, 0.0, 0.0)
    return Figures(len(taken), fmean(one.ndcg for one in taken), fmean(one.recall for one in taken))


def of_half(scored: Iterable[Scored], half: Half) -> list[Scored]:
    """What concerns one half."""
    return [one for one in scored if one.question.half is half]


def ndcg(found: Sequence[str], grades: Mapping[str, int]) -> float:
    """The normalised discounted cumulative gain of the first `DEPTH` files (Järvelin and Kekäläinen 2002): the gain is 2^grade - 1,
    the discount the binary logarithm of the place plus one, and 1 is what the best order of all judged files would have."""
    best = sorted(grades.values(), reverse=True)
    ideal = _dcg(best)
    return _dcg([grades.get(path, 0) for path in found]) / ideal if ideal else 0.0


def recall(found: Sequence[str], grades: Mapping[str, int]) -> float:
    """The share of the files that are essential or the place itself among the first `DEPTH`."""
    wanted = {path for path, grade in grades.items() if grade >= ESSENTIAL}
    return len(wanted.intersection(found[:DEPTH])) / len(wanted) if wanted else 0.0


def _dcg(grades: Sequence[int]) -> float:
    return sum((2.0**grade - 1.0) / log2(place + 2) for place, grade in enumerate(grades[:DEPTH]))
