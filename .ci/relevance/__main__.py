"""The command line of the evaluation."""

import argparse
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmark import processes
from benchmark.errors import BenchError
from benchmark.tools import Tools
from benchmark.trees import Cache, run
from benchmark.vigie import Vigie
from oracles.sources import DEBIAN_PACKAGES, install_programs

from . import questions, report, searched
from .measures import ask
from .projects import PROJECTS, Project
from .questions import Question
from .report import PLAIN, VIGIE, Result
from .words import PlainSearch

WORKSPACE = Path.cwd()


def main() -> int:
    arguments = parse()
    chosen = choose(arguments.project)
    is_whole = len(chosen) == len(PROJECTS)
    if arguments.commit and (arguments.baseline_only or not is_whole):
        sys.exit(".ci/search: only a run of everything has a figure to commit")
    # Whatever ends this, what it started is stopped.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    processes.adopt_orphans()
    cache = Cache(Path(os.environ.get("VIGIE_BENCH_DIR", WORKSPACE / "target" / "bench")).absolute())
    try:
        asked = check(chosen, cache)
        if arguments.check:
            print(f"nothing is wrong with {sum(map(len, asked.values()))} questions about {len(asked)} projects")
            return 0
        results = measure_all(asked, cache, arguments.baseline_only)
    except BenchError as error:
        sys.exit(f".ci/search: {error}")
    if arguments.questions:
        print(f"{report.details(results)}\n")
    print(report.table(results, is_whole))
    if arguments.baseline_only or not is_whole:
        return 0
    return settle(report.held(results), arguments.commit)


def parse() -> argparse.Namespace:
    what = "Measures how well `vigie search` answers the questions in .ci/relevance/questions, beside a plain search for words."
    parser = argparse.ArgumentParser(prog=".ci/search", description=what)
    options = {
        "--baseline-only": "measure only the plain search; nothing is built",
        "--questions": "show every question of the tuned half, with what was found",
        "--check": "fetch the trees and check the questions; measure nothing",
        "--commit": "write the figure of the held half to .ci/relevance/committed.json",
    }
    for option, text in options.items():
        parser.add_argument(option, action="store_true", help=text)
    only = "only this project, and nothing of the held half; may be repeated"
    parser.add_argument("--project", action="append", default=[], metavar="NAME", help=only)
    return parser.parse_args()


def choose(names: Sequence[str]) -> list[Project]:
    known = {project.name: project for project in PROJECTS}
    unknown = [name for name in names if name not in known]
    if unknown:
        sys.exit(f".ci/search: no project is called {', '.join(unknown)}; there are {', '.join(known)}")
    return [known[name] for name in dict.fromkeys(names)] or list(PROJECTS)


def check(chosen: Sequence[Project], cache: Cache) -> dict[Project, list[Question]]:
    """The questions about each project, with which nothing may be wrong."""
    install_programs(cache, {"npm": DEBIAN_PACKAGES["npm"]})
    asked = {project: questions.load(project) for project in chosen}
    faults = questions.repeated(question for project in PROJECTS for question in questions.load(project))
    faults += [fault for project in chosen for fault in questions.faults(asked[project], cache.provide(project.tree))]
    if faults:
        raise BenchError("\n    ".join(["the questions have faults:", *faults]))
    return asked


def measure_all(asked: dict[Project, list[Question]], cache: Cache, is_baseline: bool) -> list[Result]:
    """Asks everything, with one Vigie that has nothing to do with any other."""
    if is_baseline:
        return [measure(project, listed, cache, None) for project, listed in asked.items()]
    run("cargo", "build", "--release", "--locked", "--quiet", "--workspace", "--bins", cwd=WORKSPACE)
    built = Path(os.environ.get("CARGO_TARGET_DIR", WORKSPACE / "target")) / "release"
    state = Path(tempfile.mkdtemp(prefix="vigie-search-"))
    vigie = Vigie(Tools(built), state)
    try:
        return [measure(project, listed, cache, vigie) for project, listed in asked.items()]
    finally:
        vigie.close()
        shutil.rmtree(state)


def measure(project: Project, asked: Sequence[Question], cache: Cache, vigie: Vigie | None) -> Result:
    """Asks the questions about one project."""
    root = cache.provide(project.tree)
    print(f"asking about {project.tree.title}", file=sys.stderr)
    result = Result(project)
    if vigie is not None:
        result.scored[VIGIE] = ask(searched.indexed(vigie, root), asked)
    result.scored[PLAIN] = ask(PlainSearch(root, [question.text for question in asked]), asked)
    return result


def settle(figure: float, is_committed: bool) -> int:
    """Holds the figure of the held half against the one that was committed, or commits it."""
    if is_committed:
        report.commit(figure)
        return 0
    lost = report.loss(figure, report.committed())
    if lost:
        print(lost, file=sys.stderr)
    return 1 if lost else 0


sys.exit(main())
