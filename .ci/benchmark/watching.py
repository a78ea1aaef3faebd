"""Steps that follow a tree as it changes: each writes into a copy of its own, so that no other tree and no other index sees it."""

import os
import random
import shutil
import statistics
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from . import bounds, measure, processes, watchman
from .errors import BenchError
from .lines import Lines
from .results import Round
from .steps import CUT, FOUND, Site, Step, index_from_nothing, percentile_95, plain, texts
from .trees import PARSED_BYTES_MAX
from .vigie import Vigie

DEFINITIONS = {".py": "def {name}():\n    pass\n", ".go": "func {name}() {{}}\n", ".java": "class {name} {{}}\n"}
"""A definition of a new name, by the suffix of a file of that language, at the end of any."""

SETTLE_SECONDS = 0.010
"""How long the daemon waits after a change for another. It is no work."""
PAUSE_SECONDS = (0.15, 0.25)
"""Between saves: so long that each is settled, and never the same, so that nothing falls into step."""
EVENT_SECONDS_MAX = 30.0
WARM_SECONDS = 1.0
CALM_SECONDS = 5
"""After a tree has been looked at, before its daemon counts as idle."""

EDITS_TOGETHER = 50
EDITED_LAPS = 5
FILES_TOGETHER = 100
"""In a directory of a storm."""
OPENINGS = 20
MEMORY_LIMIT = 256 << 20
NOTHING = 1
"""The exit code of an answer that is empty."""

SAVED = "saved file"
SAVED_OURS = "saved file, without settling"
SAVED_MEDIAN = "saved file, median"
SAVED_EVENT = "saved file, event"
SAVED_FRESH = "saved file, vigie def --fresh"
CHECKOUT = "checkout"
CHECKOUT_WHOLE = "checkout, git included"
CHECKOUT_BACK = "checkout back"
GIT_CHECKOUT = "git checkout alone"
CHANGES_INDEX = "vigie index of the changes"
CHANGES_BACK_INDEX = "vigie index of the changes back"
CHANGES_PARSE = "parsing the changes alone"
IDLE_CPU = "idle, processor time / time"
EDITED_STORE = "edited index"
HALF_EDITED_STORE = "index after half of the edits"
ALL_EDITED_STORE = "index after all edits"
FRESH_STORE = "fresh index"
EDITED_KINDS = ("def", "refs", "text", "search")
OPENED = "a query that opens"
OPENING = "opening"
OPEN = "the same query, open"
TOLD = "vigie events"
WATCHMAN_TOLD = "watchman"
STORM = "vigie def --fresh after a storm"
WATCHMAN_STORM = "watchman after a storm"
BOUNDED_INDEX = "vigie index, memory bounded"
BOUNDED_PEAK = "peak memory, bounded"


def edited(kind: str) -> str:
    """The reading of questions of a kind to an index that followed edits."""
    return f"vigie {kind}, edited"


def fresh(kind: str) -> str:
    """The same questions to one made from nothing."""
    return f"vigie {kind}, fresh"


class Sources:
    """The files of a tree to which a definition may be added, and names that nothing else has."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.paths = sorted(self._files())
        # The same files in the same order each time, and not those that lie together.
        self._random = random.Random(1)
        self._made = 0

    def some(self, count: int) -> list[Path]:
        """Different ones."""
        return self._random.sample(self.paths, count)

    def any(self) -> Path:
        return self._random.choice(self.paths)

    def add_definition(self, path: Path) -> str:
        """Saves a file with a new definition at its end, as a plain editor does: all of it, over what was there. The name."""
        self._made += 1
        name = f"VigieBench{self._made}"
        source = path.read_bytes() + b"\n" + DEFINITIONS[path.suffix].format(name=name).encode()
        path.write_bytes(source)
        return name

    def _files(self) -> Iterator[Path]:
        for path in self.root.rglob("*"):
            # Tests hold files that are wrong on purpose, and `module-info.java` has no classes.
            parts = path.relative_to(self.root).parts
            is_plain = path.suffix in DEFINITIONS and not any(part.startswith("test") for part in parts)
            is_file = is_plain and path.is_file() and not path.is_symlink()
            if is_file and not path.name.endswith("-info.java") and path.stat().st_size < PARSED_BYTES_MAX // 2:
                yield path


@contextmanager
def watched(site: Site) -> Iterator[tuple[Vigie, Sources]]:
    """A copy of the tree, indexed and watched."""
    with site.written() as root, site.fresh() as vigie:
        vigie.index(root)
        vigie.watch(root)
        measure.settle()
        yield vigie, Sources(root)


def _pause() -> None:
    time.sleep(random.uniform(*PAUSE_SECONDS))


class Events:
    """What `vigie events` prints about a tree."""

    def __init__(self, vigie: Vigie, root: Path) -> None:
        self._root = root
        self._child = vigie.follow(root, "events", "--json")
        assert self._child.stdout is not None
        self._lines = Lines(self._child.stdout.fileno(), "vigie events")

    def await_naming(self, path: Path, patience: float = EVENT_SECONDS_MAX) -> float:
        """The moment at which a generation was told of that has a file."""
        wanted = str(path.relative_to(self._root))
        until = time.perf_counter() + patience
        while True:
            at, line = self._lines.next(max(0.0, until - time.perf_counter()))
            if line.get("event") == "generation" and wanted in line["changed"]:
                return at

    def close(self) -> None:
        self._child.terminate()
        self._child.wait()


@contextmanager
def events(vigie: Vigie, sources: Sources) -> Iterator[Events]:
    """They are followed when this begins: a command says nothing of when it does, so files are saved until it names one."""
    followed = Events(vigie, sources.root)
    try:
        for _ in range(10):
            path = sources.any()
            sources.add_definition(path)
            try:
                followed.await_naming(path, WARM_SECONDS)
                break
            except TimeoutError:
                pass
        yield followed
    except TimeoutError as error:
        raise BenchError(str(error)) from error
    finally:
        followed.close()


def saved_file(laps: int) -> Step:
    """A file is saved, its generation is told of, and its new name is asked for; and by turns with that, its name is asked for at
    once by who wants an answer that has it. Readings are what 95 of 100 took at most, but for the median. Files are of any size, and
    the largest are the ones that take longest."""

    def step(site: Site) -> Round:
        told, answered, at_once = [], [], []
        with watched(site) as (vigie, sources), events(vigie, sources) as followed:
            for path in sources.some(2 * laps):
                _pause()
                since = time.perf_counter()
                name = sources.add_definition(path)
                if len(at_once) < len(answered):
                    vigie.run(sources.root, "def", "--fresh", name)
                    at_once.append(time.perf_counter() - since)
                    continue
                told.append(followed.await_naming(path) - since)
                vigie.run(sources.root, "def", name)
                answered.append(time.perf_counter() - since)
        whole = percentile_95(answered)
        readings = {SAVED: whole, SAVED_OURS: whole - SETTLE_SECONDS, SAVED_EVENT: percentile_95(told)}
        return Round(readings | {SAVED_MEDIAN: statistics.median(answered), SAVED_FRESH: percentile_95(at_once)})

    return step


class Repository:
    """A git repository of a tree with two commits: as it is, and with a definition more in some files. The first is checked out."""

    def __init__(self, site: Site, sources: Sources, count: int) -> None:
        self._root = sources.root
        who = {"GIT_AUTHOR_NAME": "bench", "GIT_AUTHOR_EMAIL": "bench@localhost"}
        self._environment = plain(site) | who | {name.replace("AUTHOR", "COMMITTER"): who[name] for name in who}
        shutil.rmtree(self._root / ".git")
        self._git("init", "--quiet")
        self._commit("first")
        # In the order of git, which writes them so.
        self.changed = sorted(sources.some(count), key=lambda path: os.fsencode(path.relative_to(self._root)))
        self.names = [sources.add_definition(path) for path in self.changed]
        self._commit("second")
        self.check_out("first")

    def check_out(self, name: str) -> None:
        self._git("checkout", "--quiet", name)

    def _commit(self, name: str) -> None:
        self._git("add", "--all", "--force")
        self._git("commit", "--quiet", "--message", name)
        self._git("branch", name)

    def _git(self, *words: str) -> None:
        command = ["git", "-c", "gc.auto=0", "-c", "advice.detachedHead=false", *words]
        subprocess.run(command, cwd=self._root, env=self._environment, stdout=subprocess.DEVNULL, check=True)


def checkout(count: int) -> Step:
    """A branch on which so many files differ is checked out in a watched tree, and the last of its new names is asked for. Beside it
    stands what a job takes for the same files of the same tree where nobody watches, with nothing in the cache of what was parsed;
    and what parsing them takes alone. Going back is measured too: the cache of
    the watched one knows all that comes back, that of the other nothing."""

    def step(site: Site) -> Round:
        with site.written() as root, site.fresh() as vigie:
            repository = Repository(site, Sources(root), count)
            vigie.index(root)
            vigie.stop()
            state = site.bench.scratch / "unwatched"
            shutil.rmtree(state, ignore_errors=True)
            unwatched = vigie.copy(state, site.bench.tools)
            try:
                vigie.watch(root)
                return _checked_out(site, root, repository, vigie, unwatched)
            finally:
                unwatched.close()
                shutil.rmtree(state, ignore_errors=True)

    return step


def _checked_out(site: Site, root: Path, repository: Repository, vigie: Vigie, unwatched: Vigie) -> Round:
    # It runs already, as the watched one's does.
    unwatched.run(root, "daemon", "start")
    there = _fresh_after(vigie, root, repository, "second", FOUND)
    there_index = unwatched.index(root)
    stats = there_index.lines()[-1]["stats"]
    if stats["files_indexed"] - stats["files_cached"] < len(repository.changed):
        raise BenchError(f"{len(repository.changed)} files have changed, and not all were parsed: {stats}")
    parse = _parse_floor(site, root, repository.changed)
    back = _fresh_after(vigie, root, repository, "first", NOTHING)
    back_index = unwatched.index(root)
    return Round(
        {
            CHECKOUT: there[1],
            CHECKOUT_WHOLE: there[0] + there[1],
            GIT_CHECKOUT: there[0],
            CHECKOUT_BACK: back[1],
            CHANGES_INDEX: there_index.seconds,
            CHANGES_BACK_INDEX: back_index.seconds,
            CHANGES_PARSE: parse,
        }
    )


def _fresh_after(vigie: Vigie, root: Path, repository: Repository, branch: str, expected: int) -> tuple[float, float]:
    """Checks a branch out. Seconds that git takes, and seconds from its end until a fresh answer has it."""
    measure.settle()
    since = time.perf_counter()
    repository.check_out(branch)
    ended = time.perf_counter()
    vigie.run(root, "def", "--fresh", repository.names[-1], accepted=(expected,))
    answered = time.perf_counter()
    # Not only the last.
    vigie.run(root, "def", repository.names[0], accepted=(expected,))
    return ended - since, answered - ended


def _parse_floor(site: Site, root: Path, changed: Sequence[Path]) -> float:
    """The same grammars over these files and no others."""
    alone = site.bench.scratch / "alone"
    shutil.rmtree(alone, ignore_errors=True)
    try:
        for path in changed:
            # A link would change the file, which is watched.
            copied = alone / path.relative_to(root)
            copied.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copied)
        (alone / ".git").mkdir()
        return site.floor("parse", alone).seconds
    finally:
        shutil.rmtree(alone, ignore_errors=True)


def idle_watch(seconds: float) -> Step:
    """A tree is watched and nothing happens: which share of a processor the daemon takes, all threads and workers."""

    def step(site: Site) -> Round:
        vigie = site.indexed()
        vigie.watch(site.root)
        try:
            time.sleep(CALM_SECONDS)
            pid = vigie.running_pid()
            since, before = time.monotonic(), processes.cpu_seconds(pid)
            time.sleep(seconds)
            taken = processes.cpu_seconds(pid) - before
            return Round({IDLE_CPU: taken / (time.monotonic() - since)})
        finally:
            vigie.run(site.root, "unwatch")

    return step


def edits(count: int, questions: Sequence[str], names: Sequence[str], literals: Sequence[str]) -> Step:
    """A watched tree is edited so many times, and then asked by turns with an index made from nothing of what the tree is by then.
    Readings are the daemon's own times, of each question the median, all of a kind together; and what the indexes take on disk."""
    asked = {
        "def": [("def", name) for name in names],
        "refs": [("refs", name) for name in names],
        "text": [("text", "--fixed-strings", literal) for literal in literals],
        "search": [("search", text) for file in questions for text in texts(file)],
    }

    def step(site: Site) -> Round:
        with watched(site) as (vigie, sources):
            _edit(vigie, sources, count // 2)
            half = vigie.store_bytes()
            _edit(vigie, sources, count - count // 2)
            whole = vigie.store_bytes()
            state = site.bench.scratch / "unedited"
            shutil.rmtree(state, ignore_errors=True)
            unedited = Vigie(site.bench.tools, state)
            try:
                unedited.index(sources.root)
                times = _asked_by_turns(sources.root, {edited: vigie, fresh: unedited}, asked)
                vigie.stop()
                unedited.stop()
                sizes = {EDITED_STORE: vigie.store_bytes(), FRESH_STORE: unedited.store_bytes()}
            finally:
                unedited.close()
                shutil.rmtree(state, ignore_errors=True)
            return Round(times | sizes | {HALF_EDITED_STORE: half, ALL_EDITED_STORE: whole})

    return step


def _edit(vigie: Vigie, sources: Sources, count: int) -> None:
    """Saves files one after the other, and every now and then waits until they are in the index."""
    for made in range(1, count + 1):
        name = sources.add_definition(sources.any())
        if made % EDITS_TOGETHER == 0 or made == count:
            vigie.run(sources.root, "def", "--fresh", name)


def _asked_by_turns(
    root: Path, asked_of: Mapping[Callable[[str], str], Vigie], asked: Mapping[str, Sequence[Sequence[str]]]
) -> dict[str, float]:
    """Asks each question of each index by turns; they must find as much."""
    readings: dict[str, float] = {reading(kind): 0.0 for kind in asked for reading in asked_of}
    for kind, questions in asked.items():
        for question in questions:
            taken: dict[Callable[[str], str], list[float]] = {reading: [] for reading in asked_of}
            rows = set()
            for _ in range(EDITED_LAPS):
                for reading, vigie in asked_of.items():
                    answer = vigie.run(root, *question, "--json", accepted=(FOUND, NOTHING, CUT)).lines()[-1]
                    taken[reading].append(float(answer["elapsed_us"]) / 1e6)
                    rows.add(answer["rows"])
            if len(rows) > 1:
                raise BenchError(f"`vigie {' '.join(question)}` finds {rows} by an edited index and by a fresh one")
            for reading, times in taken.items():
                readings[reading(kind)] += statistics.median(times)
    return readings


def opened_project(site: Site) -> Round:
    """A daemon that keeps one project open is asked about two by turns, about the tree twice each time: what the first of these
    takes more than the second, whole commands."""
    vigie = site.indexed()
    other = site.bench.scratch / "other"
    (other / ".git").mkdir(parents=True, exist_ok=True)
    (other / "other.py").write_text("def other():\n    pass\n")
    name = site.tree.probes.definition or "Object"
    vigie.stop()
    vigie.start("--max-open-projects", "1")
    try:
        vigie.index(other)
        closed, warm = [], []
        for _ in range(OPENINGS):
            vigie.run(other, "def", "other")
            closed.append(vigie.run(site.root, "def", name).seconds)
            warm.append(vigie.run(site.root, "def", name).seconds)
        took = statistics.median(first - second for first, second in zip(closed, warm, strict=True))
        return Round({OPENED: statistics.median(closed), OPEN: statistics.median(warm), OPENING: took})
    finally:
        vigie.run(other, "forget", str(other))
        shutil.rmtree(other)
        # The next one is as everybody's.
        vigie.stop()


def told_of_a_save(laps: int) -> Step:
    """A file is saved; when Vigie tells that its index has it, and when Watchman tells that it changed. Medians, one after the other:
    both at once would take the processor from each other."""

    def step(site: Site) -> Round:
        with watched(site) as (vigie, sources):
            with events(vigie, sources) as followed:
                ours = statistics.median(_told(sources, laps, followed.await_naming))
            vigie.stop()
            with watchman.subscribed(sources.root) as peer:
                # It tells of a tree by what has settled, which a first save finds out.
                theirs = [
                    *_told(sources, laps + 1, lambda path: peer.await_all({str(path.relative_to(sources.root))}))
                ]
            return Round({TOLD: ours, WATCHMAN_TOLD: statistics.median(theirs[1:])})

    return step


def _told(sources: Sources, laps: int, told: Callable[[Path], float]) -> Iterator[float]:
    for path in sources.some(laps):
        _pause()
        since = time.perf_counter()
        sources.add_definition(path)
        yield told(path) - since


def storm(count: int) -> Step:
    """So many files are made in new directories of a watched tree: when a fresh answer has the last of them, and when Watchman has
    told of all. Each has the machine to itself, and time counts from the first file; Vigie has indexed them by then, while Watchman
    knows their names."""

    def step(site: Site) -> Round:
        with watched(site) as (vigie, sources):
            since = time.perf_counter()
            _made(sources.root / "storm", count)
            vigie.run(sources.root, "def", "--fresh", f"storm_{count - 1}")
            ours = time.perf_counter() - since
            vigie.run(sources.root, "def", "storm_0")
            vigie.stop()
            with watchman.subscribed(sources.root) as peer:
                measure.settle()
                since = time.perf_counter()
                made = _made(sources.root / "other_storm", count)
                theirs = peer.await_all({str(path.relative_to(sources.root)) for path in made}) - since
            return Round({STORM: ours, WATCHMAN_STORM: theirs})

    return step


def _made(directory: Path, count: int) -> list[Path]:
    """Makes small files, each with a function of its own."""
    made = []
    for number in range(count):
        path = directory / f"d{number // FILES_TOGETHER}" / f"f{number}.py"
        if number % FILES_TOGETHER == 0:
            path.parent.mkdir(parents=True)
        path.write_text(f"def storm_{number}():\n    pass\n")
        made.append(path)
    return made


def bounded_index(site: Site) -> Round:
    """Indexes from nothing within a bound on memory, beside the same without one. To be killed is to fail."""
    free = index_from_nothing(site).readings
    with site.fresh() as vigie, bounds.bounded(MEMORY_LIMIT) as bound:
        try:
            vigie.start(prefix=bound.prefix)
            with processes.MemoryWatch(vigie.pid) as sampled:
                seconds = vigie.index(site.root).seconds
            pid = vigie.running_pid()
            peak, killed = bound.peak_bytes(pid), bound.killed(pid)
        finally:
            # The group goes after the last that is in it.
            vigie.stop()
        if killed:
            raise BenchError(f"{killed} processes were killed for want of memory")
    return Round(free | {BOUNDED_INDEX: seconds, BOUNDED_PEAK: float(peak or sampled.peak_bytes)})
