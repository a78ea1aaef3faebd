"""The command line of the benchmarks."""

import argparse
import fcntl
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from fnmatch import fnmatch
from pathlib import Path

from . import chart, machine, measure, peers, processes, report
from .errors import BenchError, PeerError
from .figures import EXPERIMENTS, Experiment
from .measure import Patience
from .peers import DEBIAN_PACKAGES, LeIndex
from .results import Result, Results, Round
from .steps import Bench, Site
from .tools import Tools
from .trees import Cache

WORKSPACE = Path.cwd()

ROUNDS = 5
PATIENCE_SECONDS = 30.0
EXTRA_ROUNDS = 2
NO_PATIENCE = Patience(seconds=0.0, extra_rounds=0)
"""Of a quick run, whose figures nobody quotes, and of what is no matter of time."""


def main() -> int:
    arguments = parse()
    if arguments.list:
        for experiment in EXPERIMENTS:
            figures = dict.fromkeys(claim.figure for claim in experiment.claims)
            print(f"{experiment.name:16} {experiment.tree.title:22} {'; '.join(figures)}")
        return 0
    directory = Path(os.environ.get("VIGIE_BENCH_DIR", WORKSPACE / "target" / "bench")).absolute()
    kept = directory / "quick" if arguments.quick else directory
    results = Results.load(kept / "results.json")
    if not arguments.render:
        chosen = choose(arguments.only, arguments.quick)
        rounds = arguments.rounds or (1 if arguments.quick else ROUNDS)
        patience = NO_PATIENCE if arguments.quick else Patience(arguments.patience, EXTRA_ROUNDS)
        try:
            run(chosen, rounds, patience, directory, results, kept / "results.json")
        except BenchError as error:
            sys.exit(f".ci/bench: {error}")
    # A report of a part of it would pass for the whole.
    shown = WORKSPACE if arguments.render or not (arguments.quick or arguments.only) else kept
    (shown / "BENCHMARKS.md").write_text(report.markdown(results))
    (shown / "benchmarks.svg").write_text(chart.svg(results))
    print(shown / "BENCHMARKS.md")
    failed = [name for name, result in results.results.items() if result.is_mistake]
    if failed:
        print(f"went wrong: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


def parse() -> argparse.Namespace:
    what = "Measures Vigie; writes BENCHMARKS.md and benchmarks.svg."
    parser = argparse.ArgumentParser(prog=".ci/bench", description=what)
    options = {
        "--list": "list what can be measured",
        "--quick": "one round on the smallest tree, to see that measuring works",
        "--render": "measure nothing; write the report from the results that are there",
    }
    for option, text in options.items():
        parser.add_argument(option, action="store_true", help=text)
    only = "only this, or what matches it; may be repeated; adds to the results and leaves the report"
    parser.add_argument("--only", action="append", default=[], metavar="NAME", help=only)
    parser.add_argument("--rounds", type=int, metavar="N", help=f"rounds of each figure [default: {ROUNDS}]")
    patience = f"how long a round waits for others to leave the machine alone [default: {PATIENCE_SECONDS:g}]"
    parser.add_argument("--patience", type=float, default=PATIENCE_SECONDS, metavar="SECONDS", help=patience)
    return parser.parse_args()


def choose(patterns: Sequence[str], quick: bool) -> list[Experiment]:
    chosen = [one for one in EXPERIMENTS if one.is_quick or not quick]
    if not patterns:
        return chosen
    unknown = [pattern for pattern in patterns if not any(fnmatch(one.name, pattern) for one in chosen)]
    if unknown:
        sys.exit(f".ci/bench: nothing is called {', '.join(unknown)}; --list lists everything")
    return [one for one in chosen if any(fnmatch(one.name, pattern) for pattern in patterns)]


def run(
    chosen: Sequence[Experiment], rounds: int, patience: Patience, directory: Path, results: Results, kept: Path
) -> None:
    """Takes every experiment, and keeps each as soon as it is there."""
    # Whatever ends this, what it started is stopped.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    processes.adopt_orphans()
    scratch = directory / "scratch"
    scratch.mkdir(parents=True, exist_ok=True)
    # Two runs at once would measure each other. The lock goes with this process.
    lock = (scratch / "lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        sys.exit(f".ci/bench: another run uses {directory}")
    tools = Tools.build(WORKSPACE, directory / "tools")
    programs = {peer for one in chosen for peer in one.peers if peer in DEBIAN_PACKAGES}
    peers.install_debian(programs)
    bench = Bench(Cache(directory), tools, LeIndex(directory / "peers"), scratch)
    results.machine = machine.describe()
    results.versions |= peers.versions(programs) if programs else {}
    site = bench.site(chosen[0].tree)
    try:
        for experiment in chosen:
            print(f"{experiment.name}: {experiment.tree.title}", file=sys.stderr)
            if site.tree is not experiment.tree:
                site.close()
                site = bench.site(experiment.tree)
            result = take(experiment, site, rounds, patience)
            if result.failure:
                print(f"    {result.failure}", file=sys.stderr)
            else:
                results.trees[experiment.tree.name] = site.described()
            results.results[experiment.name] = result
            if "leindex" in experiment.peers:
                results.versions["LeIndex"] = f"{peers.LEINDEX_VERSION}, its neural part switched off"
            results.save(kept)
    finally:
        site.close()


def take(experiment: Experiment, site: Site, rounds: int, patience: Patience) -> Result:
    """One experiment; what goes wrong with it is its result."""

    def one_round() -> Round:
        taken = [step(site) for step in experiment.steps]
        readings = {name: value for one in taken for name, value in one.readings.items()}
        return Round(readings, {name: why for one in taken for name, why in one.bounds.items()})

    result = Result(experiment.name, machine.now(), machine.commit(WORKSPACE))
    try:
        if "leindex" in experiment.peers:
            site.bench.leindex.install()
        count = min(rounds, experiment.rounds_max)
        rounds_taken = measure.rounds(count, patience if experiment.is_timed else NO_PATIENCE, one_round)
        return replace(result, rounds=rounds_taken)
    except PeerError as error:
        return replace(result, failure=str(error))
    except (OSError, subprocess.CalledProcessError, BenchError) as error:
        return replace(result, failure=str(error), is_mistake=True)


sys.exit(main())
