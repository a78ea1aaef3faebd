"""Figures, and how they are shown."""

from collections import Counter
from dataclasses import dataclass, field

from .languages import Language

DEFINITIONS_TARGET = 0.97
OCCURRENCES_TARGET = 0.999


@dataclass
class Figure:
    """What came of one comparison."""

    target: float
    found: int = 0
    missing: list[str] = field(default_factory=list)
    """Each with its place, name, kind and line."""
    explained: Counter[str] = field(default_factory=Counter)
    """How often each reason was given."""

    @property
    def compared(self) -> int:
        return self.found + len(self.missing)

    @property
    def share(self) -> float:
        return self.found / self.compared if self.compared else 0.0

    @property
    def is_met(self) -> bool:
        """Nothing compared is nothing shown."""
        return self.share >= self.target

    def as_json(self) -> dict[str, object]:
        return {
            "compared": self.compared,
            "found": self.found,
            "share": round(self.share, 6),
            "target": self.target,
            "explained": dict(self.explained),
            "missing": self.missing,
        }


@dataclass
class Result:
    """What came of one language."""

    language: Language
    files: int
    definitions: Figure = field(default_factory=lambda: Figure(DEFINITIONS_TARGET))
    other_kinds: Counter[str] = field(default_factory=Counter)
    """How often a definition was found under a kind that is not that of ctags."""
    occurrences: Figure = field(default_factory=lambda: Figure(OCCURRENCES_TARGET))

    @property
    def is_met(self) -> bool:
        return self.definitions.is_met and self.occurrences.is_met

    def as_json(self) -> dict[str, object]:
        return {
            "language": self.language.name,
            "promised": self.language.is_main,
            "files": self.files,
            "definitions": self.definitions.as_json(),
            "other_kinds": dict(self.other_kinds),
            "occurrences": self.occurrences.as_json(),
        }


HEAD = (
    f"{'language':11} {'files':>6}  {'definitions':>11} {'found':>8} {'explained':>9}"
    f"  {'occurrences':>11} {'found':>9} {'explained':>9}"
)


def table(results: list[Result]) -> str:
    """All figures, a line for each language."""
    return "\n".join([HEAD, *map(_row, results)])


def _row(result: Result) -> str:
    definitions, occurrences = result.definitions, result.occurrences
    note = "" if result.is_met else "  MISSED" if result.language.is_main else "  (not promised)"
    return (
        f"{result.language.title:11} {result.files:6}"
        f"  {definitions.compared:11} {definitions.share:8.2%} {definitions.explained.total():9}"
        f"  {occurrences.compared:11} {occurrences.share:9.3%} {occurrences.explained.total():9}{note}"
    )


def details(result: Result, samples: int) -> str:
    """What is missing in one language: some of it, at even distances, and what was explained."""
    lines = []
    for what, figure in (("definitions", result.definitions), ("occurrences", result.occurrences)):
        if figure.missing:
            lines.append(f"  {len(figure.missing)} {what} are missing, such as")
            step = max(1, len(figure.missing) // samples) if samples else 1
            lines.extend(f"    {missing}" for missing in figure.missing[::step][:samples])
        lines.extend(f"  {count} {what} explained: {reason}" for reason, count in figure.explained.most_common())
    lines.extend(f"  {count} definitions of another kind: {kinds}" for kinds, count in result.other_kinds.most_common())
    return "\n".join([f"{result.language.title}", *lines]) if lines else ""
