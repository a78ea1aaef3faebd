"""benchmarks.svg from results: bars of what people wait for, Vigie's beside those of its peers."""

import statistics
from collections.abc import Iterator
from dataclasses import dataclass
from xml.sax.saxutils import escape

from . import steps
from .figures import TIME
from .report import written
from .results import Results

WIDTH = 880
LABEL_WIDTH = 250
VALUE_WIDTH = 130
BAR_HEIGHT = 16
ROW_HEIGHT = 22
TITLE_HEIGHT = 30
GROUP_GAP = 14
CAPTION = "Time on the clock, medians, sources in the page cache. Shorter is better."
CAPTION_HEIGHT = 24
MARGIN = 24
BAR_MIN = 2.0
"""The shortest bar, so that what is very fast is still seen."""

OURS = "#2563eb"
THEIRS = "#9ca3af"
FLOOR = "#d6c7a1"


@dataclass(frozen=True)
class Bar:
    """A reading of an experiment."""

    label: str
    experiment: str
    reading: str
    color: str


@dataclass(frozen=True)
class Group:
    """Bars of one scale."""

    title: str
    bars: tuple[Bar, ...]


def _indexing(title: str, tree: str) -> Group:
    index = f"index-{tree}"
    return Group(
        f"Index every definition and reference: {title}",
        (
            Bar("Vigie", index, steps.FROM_NOTHING_INDEX, OURS),
            Bar("ctags -R (definitions only)", index, steps.CTAGS, THEIRS),
            Bar("LeIndex", f"leindex-{tree}", steps.LEINDEX, THEIRS),
            Bar("parsing alone (floor)", index, steps.PARSE, FLOOR),
        ),
    )


def _searching(title: str, name: str) -> Group:
    return Group(
        f"{title}: Linux 6.1",
        (
            Bar("Vigie", f"{name}-linux", "vigie text", OURS),
            Bar("Code Search", f"{name}-linux", "csearch", THEIRS),
            Bar("ripgrep (without an index)", f"{name}-linux", "rg", THEIRS),
        ),
    )


GROUPS = (
    _indexing("Django 5.2", "django"),
    _indexing("Go 1.19", "go"),
    Group(
        "Make text searchable: Linux 6.1",
        (
            Bar("Vigie", "text-linux", steps.FROM_NOTHING_TEXT, OURS),
            Bar("Code Search", "text-linux", steps.CINDEX, THEIRS),
            Bar("reading alone (floor)", "text-linux", steps.READ, FLOOR),
        ),
    ),
    _searching("Find a rare literal", "rare"),
    _searching("Find a regular expression", "regex"),
    Group(
        "Find a definition by its name: Linux 6.1",
        (
            Bar("Vigie", "exact-linux", "vigie def", OURS),
            Bar("a process that does nothing", "exact-linux", "a process that does nothing", FLOOR),
        ),
    ),
)


def svg(results: Results) -> str:
    """The whole picture; groups of which nothing was measured are left out."""
    groups = [(group.title, found) for group in GROUPS if (found := _values(group, results))]
    height = (
        2 * MARGIN
        + CAPTION_HEIGHT
        + sum(TITLE_HEIGHT + GROUP_GAP + ROW_HEIGHT * len(bars) for _, bars in groups)
        - GROUP_GAP
    )
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}"'
        ' font-family="system-ui, -apple-system, Segoe UI, Roboto, Helvetica, Arial, sans-serif" font-size="13">',
        "<title>How long Vigie and its peers take</title>",
        f'<rect width="{WIDTH}" height="{height}" rx="8" fill="#ffffff"/>',
    ]
    lines.append(f'<text x="{MARGIN}" y="{MARGIN + 8}" font-size="12" fill="#6b7280">{CAPTION}</text>')
    top = float(MARGIN + CAPTION_HEIGHT)
    for title, bars in groups:
        lines.extend(_drawn(title, bars, top))
        top += TITLE_HEIGHT + ROW_HEIGHT * len(bars) + GROUP_GAP
    return "\n".join([*lines, "</svg>"]) + "\n"


@dataclass(frozen=True)
class Value:
    """A bar that was measured."""

    bar: Bar
    seconds: float
    is_bound: bool


def _values(group: Group, results: Results) -> list[Value]:
    values = []
    for bar in group.bars:
        result = results.results.get(bar.experiment)
        taken = result.values(bar.reading) if result else []
        if result and taken:
            values.append(Value(bar, statistics.median(taken), bool(result.bound(bar.reading))))
    return values


def _drawn(title: str, values: list[Value], top: float) -> Iterator[str]:
    yield f'<text x="{MARGIN}" y="{top + 15}" font-size="15" font-weight="600" fill="#111827">{escape(title)}</text>'
    longest = max(value.seconds for value in values)
    room = WIDTH - 2 * MARGIN - LABEL_WIDTH - VALUE_WIDTH
    for row, value in enumerate(values):
        y = top + TITLE_HEIGHT + row * ROW_HEIGHT
        width = max(BAR_MIN, room * value.seconds / longest)
        text_y = y + BAR_HEIGHT - 4
        weight = ' font-weight="600"' if value.bar.color == OURS else ""
        left = MARGIN + LABEL_WIDTH
        at_least = "> " if value.is_bound else ""
        said = escape(at_least + written(value.seconds, TIME))
        yield f'<text x="{left - 10}" y="{text_y}" text-anchor="end" fill="#374151"{weight}>{escape(value.bar.label)}</text>'
        yield f'<rect x="{left}" y="{y}" width="{width:.1f}" height="{BAR_HEIGHT}" rx="2" fill="{value.bar.color}"/>'
        yield f'<text x="{left + width + 8:.1f}" y="{text_y}" fill="#374151"{weight}>{said}</text>'
