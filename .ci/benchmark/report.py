"""BENCHMARKS.md from results: every claim with what was measured and whether it holds, and all that is needed to repeat it."""

import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from . import measure
from .figures import EXPERIMENTS, AtMost, AtMostTimes, Beside, Claim, Experiment, TimesFaster, Unit
from .results import Result, Results

DISTURBED = "†"

EXPLANATION = """
## How to read it

Each figure is a median of rounds, with the least and the most in parentheses. A round takes a reading of Vigie and one of
each program it is compared with, one right after the other; a ratio is the median of the ratios within each round.

- *From nothing*: no daemon, an empty state directory, the sources in the page cache, and the whole command line on the clock.
- *stat walk* lists and stats the files that Vigie indexes; *reading alone* reads them; *parsing alone* runs the same grammars
  over the same bytes in memory, on as many threads, with tree-sitter's own allocator, and takes nothing from the trees.
- *Terms of `search` alone* is what a full index does for `vigie search` and for nothing else: terms are counted on as many threads
  over the same files in memory, gathered, written to a store that has nothing else in it, and merged to the end. A full index keeps
  every processor busy, so that its share of their time is what counts.
- *95 of 100* answers took no longer, by the daemon's own clock. Each question had been asked once before.
- *echo* is a process at the other end of a Unix socket that sends back what it is sent. It, the daemon and their client share one
  core, because whether the system spreads them over two is chance and changes more than the daemon does.
- *from 2 x to 4 x* is what each megabyte costs by which the larger of two samples of the same files exceeds the smaller, in time of
  the processor.
- *Saved file*: the file is written, the event is awaited that names it, and then `vigie def` is asked for its new name, all on the
  clock; of these the daemon waits 10 ms for more to happen to the file. Trees that are written into are copies.
- *Watchman* tells which files changed, as it settles by default, and reads none; Vigie's event comes when the file is in the index.
  Each has the machine to itself.
- *Within 256 MiB*: what bounds memory stands below. A control group bounds the daemon and its workers together and counts what the
  system caches of files for them; without one each process is bounded, and their peak is that of the samples.
- *After edits*: the questions are asked of the index that followed the edits and of one made from nothing of the same files by
  turns, and must find as much; times are the medians of each question, added up. A closed index has merged its write-ahead log.
- `rg` searches the same files (`--hidden --no-require-git --glob '!.git'`) and must print as many lines.
- Memory is the sum of the proportional set sizes of the daemon and its workers, sampled ten times a second.

In the median round, processes that have nothing to do with it kept {foreign:.2f} cores busy. In {disturbed} of {rounds} rounds it
was more than {foreign_max}: figures with such a round are marked {mark}. Vigie's workers step back for everything else on a
machine, so that these figures are worse than they would be on a quiet one.

## How to repeat it

```sh
.ci/bench                       # everything: fetches the trees, builds the peers, writes this file
.ci/bench --list                # what there is
.ci/bench --only 'index-*'      # some of it
.ci/bench --quick               # one round on the smallest tree, to see that measuring works
.ci/bench --render              # this file again, from the results that are there
VIGIE_BENCH_CGROUP=/sys/fs/cgroup/given .ci/bench --only 'bounded-*'  # bounds memory in a control group that is yours to divide
```

Trees, peers and raw results lie in `target/bench`, or where `VIGIE_BENCH_DIR` says. It needs Rust, Python 3.11 with pip, and a
Debian machine with 20 GiB of memory and 20 GB of disk.

## What it was
"""


@dataclass(frozen=True)
class Spread:
    """A median and what it lies between."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        return cls(statistics.median(values), min(values), max(values))

    def written(self, unit: Unit) -> str:
        """As people read it, all three in the unit that suits the median."""
        scale, name = scale_of(self.median, unit)
        median = f"{three_digits(self.median * scale)}{name}"
        if self.low == self.high:
            return median
        return f"{median} ({three_digits(self.low * scale)} – {three_digits(self.high * scale)})"


@dataclass(frozen=True)
class Judged:
    """A claim and what came of it."""

    target: str
    compared: str
    """The measure of the target; empty if there is nothing to compare."""
    verdict: str
    is_missed: bool


def scale_of(value: float, unit: Unit) -> tuple[float, str]:
    """What a value is multiplied by before it is written, and the name after it."""
    if unit.scale:
        return unit.scale, unit.name
    if value < 1e-3:
        return 1e6, " µs"
    return (1e3, " ms") if value < 1 else (1.0, " s")


def written(value: float, unit: Unit) -> str:
    """A value as people read it."""
    return Spread.of([value]).written(unit)


def three_digits(value: float) -> str:
    """A number with the digits that count; 9.995 is written as 10.0."""
    if value >= 99.95:
        return f"{value:.0f}"
    return f"{value:.1f}" if value >= 9.995 else f"{value:.2f}"


def judge(claim: Claim, result: Result) -> Judged:
    """Compares the readings with what is wanted of them. How far a missed target was missed is how much more was taken than was
    allowed."""
    match claim.target:
        case None:
            return Judged("", "", "", False)
        case AtMost(limit):
            share = Spread.of(result.values(claim.reading)).median / limit
            return Judged(f"≤ {written(limit, claim.unit)}", "", verdict(share), share > 1)
        case AtMostTimes(limit, other, stretch):
            ratio = Spread.of(ratios(result, claim.reading, other))
            better = f", stretch {stretch} ×" if stretch else ""
            also = ", stretch too" if stretch and ratio.median <= stretch else ""
            said = verdict(ratio.median / limit) + also
            return Judged(f"≤ {limit} × {other}{better}", times(ratio), said, ratio.median > limit)
        case TimesFaster(factor, other):
            faster = Spread.of(ratios(result, other, claim.reading))
            at_least = "at least " if result.bound(other) else ""
            said = verdict(factor / faster.median)
            return Judged(
                f"≥ {factor:g} × faster than {other}", f"{at_least}{times(faster)} faster", said, faster.median < factor
            )
        case Beside(other):
            ratio = Spread.of(ratios(result, claim.reading, other))
            faster = Spread.of(ratios(result, other, claim.reading))
            said = f"{times(faster)} faster" if faster.median > 1 else times(ratio)
            return Judged("", said, "", False)


def ratios(result: Result, reading: str, other: str) -> list[float]:
    """Of readings of the same round."""
    rounds = (one.readings for one in result.rounds)
    return [taken[reading] / taken[other] for taken in rounds]


def times(spread: Spread) -> str:
    if spread.low == spread.high:
        return f"{three_digits(spread.median)} ×"
    return f"{three_digits(spread.median)} × ({three_digits(spread.low)} – {three_digits(spread.high)})"


def verdict(share: float) -> str:
    """`share` is what was taken of what was allowed."""
    if share <= 1:
        return "met"
    percent = (share - 1) * 100
    return f"**missed by {percent:.0f} %**" if percent >= 1 else "**missed by less than 1 %**"


def markdown(results: Results) -> str:
    """The whole report."""
    return "\n".join([*_head(results), *_tables(results), *_foot(results)]) + "\n"


def _head(results: Results) -> Iterator[str]:
    judged = [judge(claim, result) for _, result, claim in _measured(results)]
    wanted = [one for one in judged if one.verdict]
    missed = sum(one.is_missed for one in wanted)
    yield "# Benchmarks"
    yield ""
    yield "Vigie against its targets, against what no index can beat (its floors), and against its peers, on public source trees."
    yield f"Of {len(wanted)} targets {len(wanted) - missed} are met and {missed} missed."
    yield ""
    yield "![How long Vigie and its peers take](benchmarks.svg)"


def _tables(results: Results) -> Iterator[str]:
    for group in dict.fromkeys(experiment.group for experiment in EXPERIMENTS):
        rows = [row for experiment in EXPERIMENTS if experiment.group == group for row in _rows(experiment, results)]
        if rows:
            yield from ("", f"## {group}", "")
            yield "| figure | tree | measured | beside | ratio | target | verdict |"
            yield "|---|---|---|---|---|---|---|"
            yield from rows


def _rows(experiment: Experiment, results: Results) -> Iterator[str]:
    result = _result(experiment, results)
    if result is None:
        return
    for claim in experiment.claims:
        first = f"| {claim.figure} | {experiment.tree.title} "
        if result.failure:
            yield f"{first}| not measured: {result.failure} | | | | |"
            continue
        judged = judge(claim, result)
        is_disturbed = experiment.is_timed and any(measure.is_disturbed(one) for one in result.rounds)
        mark = f" {DISTURBED}" if is_disturbed else ""
        own = reading(claim.reading, claim, result)
        yield f"{first}| {own}{mark} | {_beside(claim, result)} | {judged.compared} | {judged.target} | {judged.verdict} |"


def _beside(claim: Claim, result: Result) -> str:
    other = _other(claim)
    return f"{other}: {reading(other, claim, result)}" if other else ""


def reading(name: str, claim: Claim, result: Result) -> str:
    value = Spread.of(result.values(name)).written(claim.unit)
    bound = result.bound(name)
    return f"more than {value} ({bound})" if bound else value


def _result(experiment: Experiment, results: Results) -> Result | None:
    """What came of an experiment as it is now: readings may have been given other names since an earlier run."""
    result = results.results.get(experiment.name)
    if result is None or result.failure:
        return result
    wanted = {name for claim in experiment.claims for name in (claim.reading, _other(claim)) if name}
    return result if all(wanted <= one.readings.keys() for one in result.rounds) else None


def _other(claim: Claim) -> str:
    """The reading that a claim's is compared with; empty if there is none."""
    match claim.target:
        case AtMostTimes(other=other) | TimesFaster(other=other) | Beside(other=other):
            return other
        case _:
            return ""


def _measured(results: Results) -> Iterator[tuple[Experiment, Result, Claim]]:
    for experiment in EXPERIMENTS:
        result = _result(experiment, results)
        if result is not None and not result.failure:
            for claim in experiment.claims:
                yield experiment, result, claim


def _foot(results: Results) -> Iterator[str]:
    timed = {experiment.name for experiment in EXPERIMENTS if experiment.is_timed}
    every = [one for result in results.results.values() if result.experiment in timed for one in result.rounds]
    foreign = statistics.median([one.foreign_cores for one in every]) if every else 0.0
    disturbed = sum(measure.is_disturbed(one) for one in every)
    yield EXPLANATION.format(
        foreign=foreign,
        disturbed=disturbed,
        rounds=len(every),
        foreign_max=measure.FOREIGN_CORES_MAX,
        mark=DISTURBED,
    )
    yield from (f"- {name}: {value}" for name, value in results.machine.items())
    yield f"- commit: {', '.join(results.commits())}"
    yield from (f"- {what}" for what in results.trees.values())
    yield from (f"- {name} {version}" for name, version in results.versions.items())
