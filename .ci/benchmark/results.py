"""What came of a run, kept as JSON so that a later run can add to it and a report can be made again."""

import dataclasses
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Round:
    """Readings that were taken one right after the other: seconds, bytes or shares, by name."""

    readings: dict[str, float]
    bounds: dict[str, str] = field(default_factory=dict)
    """Readings of what did not come to its end, which are at least what they say, and why."""
    foreign_cores: float = 0.0
    """How many cores others kept busy meanwhile."""


@dataclass(frozen=True)
class Result:
    """What came of one experiment."""

    experiment: str
    when: str
    commit: str
    rounds: list[Round] = field(default_factory=list)
    failure: str = ""
    """Why there are no rounds."""
    is_mistake: bool = False
    """It should not have failed: it was no peer that did."""

    def values(self, reading: str) -> list[float]:
        """A reading in every round that has it."""
        return [one.readings[reading] for one in self.rounds if reading in one.readings]

    def bound(self, reading: str) -> str:
        """Why a reading is only a lower bound; empty if it is not."""
        return next((one.bounds[reading] for one in self.rounds if reading in one.bounds), "")


@dataclass
class Results:
    """All results, and what they were taken on and of."""

    machine: dict[str, str] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    """Of peers, by name."""
    trees: dict[str, str] = field(default_factory=dict)
    """What was fetched, by the tree's name."""
    results: dict[str, Result] = field(default_factory=dict)

    @classmethod
    def load(cls, path: Path) -> "Results":
        """What a file holds; nothing if there is none."""
        if not path.exists():
            return cls()
        stored: dict[str, Any] = json.loads(path.read_text())
        results = {name: _result(one) for name, one in stored["results"].items()}
        return cls(stored["machine"], stored["versions"], stored["trees"], results)

    def save(self, path: Path) -> None:
        """Writes everything, whole or not at all."""
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".partial")
        partial.write_text(json.dumps(dataclasses.asdict(self), indent=1) + "\n")
        partial.rename(path)

    def commits(self) -> list[str]:
        """The commits whose builds were measured."""
        return _distinct(one.commit for one in self.results.values() if one.rounds)


def _result(stored: dict[str, Any]) -> Result:
    return Result(**(stored | {"rounds": [Round(**one) for one in stored["rounds"]]}))


def _distinct(words: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(words))
