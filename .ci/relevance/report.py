"""The figures, and how they are shown. Of the held half there are only totals over all projects."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from .measures import Figures, Scored, mean, of_half
from .projects import Project
from .questions import Half

COMMITTED = Path(__file__).parent / "committed.json"

LOSS_MAX = 0.03
"""How much worse than what was committed the held half may become."""

VIGIE = "vigie"
PLAIN = "BM25"


@dataclass
class Result:
    """What the searches made of the questions about a project, by the name of the search."""

    project: Project
    scored: dict[str, list[Scored]] = field(default_factory=dict)


def table(results: Sequence[Result], is_whole: bool) -> str:
    """A line for each project and for each half. A part of the projects says nothing about the held half: that would be a look into
    it."""
    searches = list(results[0].scored)
    head = f"{'half':6} {'project':10} {'questions':>9}" + "".join(
        f"  {f'{name} NDCG@10':>14} {f'{name} recall@10':>16}" for name in searches
    )
    rows = [
        _row(Half.TUNED, result.project.name, {name: _of([result], Half.TUNED, name) for name in searches})
        for result in results
    ]
    halves = Half if is_whole else (Half.TUNED,)
    rows += [_row(half, "all", {name: _of(results, half, name) for name in searches}) for half in halves]
    return "\n".join([head, *rows])


def details(results: Iterable[Result]) -> str:
    """Every question of the tuned half, with what the first search found."""
    return "\n".join(
        line
        for result in results
        for scored in of_half(next(iter(result.scored.values())), Half.TUNED)
        for line in _details(scored)
    )


def held(results: Sequence[Result]) -> float:
    """The figure that is committed: Vigie's NDCG@10 of the held half."""
    return _of(results, Half.HELD, VIGIE).ndcg


def committed(path: Path = COMMITTED) -> float | None:
    """What it was when it was last committed; nothing before the first time."""
    figure = json.loads(path.read_text())["held"]["ndcg@10"]
    return None if figure is None else float(figure)


def commit(figure: float, path: Path = COMMITTED) -> None:
    """Writes the figure, to be committed with what changed it."""
    path.write_text(json.dumps({"held": {"ndcg@10": round(figure, 4)}}, indent=1) + "\n")


def loss(figure: float, before: float | None) -> str:
    """What is wrong with a figure, beside the one that was committed; empty if nothing is."""
    # The committed figure is rounded, and a loss of exactly what is allowed is allowed.
    if before is None or before - figure <= LOSS_MAX + 1e-4:
        return ""
    return f"NDCG@10 of the held half is {figure:.3f}, and {before:.3f} is committed: more than {LOSS_MAX} is lost"


def _of(results: Iterable[Result], half: Half, name: str) -> Figures:
    return mean(scored for result in results for scored in of_half(result.scored[name], half))


def _row(half: Half, project: str, figures: Mapping[str, Figures]) -> str:
    questions = next(iter(figures.values())).questions
    shown = "".join(f"  {one.ndcg:14.3f} {one.recall:16.3f}" for one in figures.values())
    return f"{half.value:6} {project:10} {questions:9}{shown}"


def _details(scored: Scored) -> Iterable[str]:
    question = scored.question
    yield f"{scored.ndcg:5.3f} {scored.recall:5.3f}  {question.id}: {question.text}"
    for place, path in enumerate(scored.found, 1):
        yield f"    {place:2} {question.files.get(path, '-')} {path}"
    for path, grade in question.files.items():
        if path not in scored.found:
            yield f"     - {grade} {path}"
