"""The vocabulary of measurements: each step takes one or more readings on a tree. A reading's name is what the report calls it."""

import itertools
import json
import math
import os
import re
import shutil
import statistics
import subprocess
import tempfile
import time
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path

from . import measure, processes
from .errors import BenchError, PeerError
from .peers import LeIndex
from .results import Round
from .tools import Tools
from .trees import GROWTH, MEGABYTE, Cache, Tree
from .vigie import Vigie

THREADS = os.cpu_count() or 1

LEINDEX_SECONDS_MAX = 1800.0
LEINDEX_MEMORY_MAX = 17_000_000_000

IDLE_SECONDS = 10
"""How long after a job the daemon counts as idle."""

EDITS = 5
LATENCY_LAPS = 2000

QUESTIONS = Path(__file__).parents[1] / "relevance" / "questions"
WORDS_LAPS = 3
FOUND, CUT = 0, 3
"""The exit codes of an answer that has something in it."""

FROM_NOTHING_INDEX = "vigie index"
FROM_NOTHING_TEXT = "vigie text"
FROM_NOTHING_DEF = "vigie def"
INDEX_CPU = "vigie index, processor time"
PARSE_CPU = "parsing alone, processor time"
CTAGS = "ctags -R"
CINDEX = "cindex"
LEINDEX = "LeIndex"
LEINDEX_MEMORY = "LeIndex, peak memory"
PARSE = "parsing alone"
WALK = "stat walk"
READ = "reading alone"
TERMS = "terms alone"
TERMS_CPU = "terms alone, processor time"
TERMS_STORE = "terms / source"
SEARCH = "vigie search"
CONTEXT = "vigie context"
MAP = "vigie map"
WORDS_PEAK = "peak memory, answers in words"
PEAK = "peak memory"
IDLE = "idle memory"
STORE = "index / source"
EDIT = "edit"
FUZZY_FIRST = "fuzzy, first use"
FUZZY_WARM = "fuzzy, warm"
DOUBLINGS = tuple(f"from {less} x to {more} x" for less, more in itertools.pairwise(GROWTH))


@dataclass(frozen=True)
class Bench:
    """What all measurements share."""

    cache: Cache
    tools: Tools
    leindex: LeIndex
    scratch: Path

    def site(self, tree: Tree) -> "Site":
        return Site(self, tree)


@dataclass(frozen=True)
class Floor:
    """What a part of the work took that no index does without."""

    files: int
    bytes: int
    seconds: float
    cpu_seconds: float
    disk_bytes: int


class Site:
    """A tree that is measured on, with the index of it that questions are asked of."""

    def __init__(self, bench: Bench, tree: Tree) -> None:
        self.bench = bench
        self.tree = tree
        self._indexed: Vigie | None = None
        self._warm = False

    @cached_property
    def root(self) -> Path:
        return self.bench.cache.provide(self.tree)

    @property
    def csearch_index(self) -> Path:
        return self.bench.scratch / f"{self.tree.name}.csearchindex"

    @contextmanager
    def fresh(self) -> Iterator[Vigie]:
        """A Vigie that knows nothing, on a machine that has read the tree."""
        self.warm()
        state = self.bench.scratch / "fresh"
        shutil.rmtree(state, ignore_errors=True)
        vigie = Vigie(self.bench.tools, state)
        measure.settle()
        try:
            yield vigie
        finally:
            vigie.close()
            shutil.rmtree(state, ignore_errors=True)

    def indexed(self) -> Vigie:
        """A Vigie whose daemon runs and has indexed the tree; the same one each time."""
        if self._indexed is None:
            self.warm()
            state, fingerprint = self._state(), self.bench.tools.fingerprint()
            stamp = state.with_suffix(".build")
            if not stamp.exists() or stamp.read_text() != fingerprint:
                shutil.rmtree(state, ignore_errors=True)
            self._indexed = Vigie(self.bench.tools, state)
            self._indexed.index(self.root)
            stamp.write_text(fingerprint)
        return self._indexed

    def unindexed(self) -> Vigie:
        """The same Vigie, having forgotten everything."""
        self.close()
        shutil.rmtree(self._state(), ignore_errors=True)
        self._state().with_suffix(".build").unlink(missing_ok=True)
        self._indexed = Vigie(self.bench.tools, self._state())
        measure.settle()
        return self._indexed

    @contextmanager
    def written(self) -> Iterator[Path]:
        """A copy of the tree, of which no file is linked to another tree's, to write into."""
        copy = self.bench.scratch / "written"
        shutil.rmtree(copy, ignore_errors=True)
        try:
            shutil.copytree(self.root, copy, symlinks=True)
            yield copy
        finally:
            shutil.rmtree(copy, ignore_errors=True)

    def warm(self) -> None:
        """Has the tree in the page cache."""
        if not self._warm:
            self.floor("read")
            self._warm = True

    def floor(self, part: str, root: Path | None = None) -> Floor:
        """One part of the work alone, over the tree or other files."""
        words = [self.bench.tools["floors"], part, str(root or self.root), str(THREADS)]
        told = json.loads(subprocess.run(words, stdout=subprocess.PIPE, check=True).stdout)
        seconds, cpu_seconds = told["elapsed_us"] / 1e6, told["cpu_us"] / 1e6
        return Floor(told["files"], told["bytes"], seconds, cpu_seconds, told["disk_bytes"])

    def described(self) -> str:
        """What was fetched, and how much of it is indexed."""
        walked = self.floor("walk")
        return f"{self.bench.cache.what(self.tree)}: {walked.files:,} files, {walked.bytes / MEGABYTE:.0f} MB"

    def close(self) -> None:
        """Stops the daemon; its index stays for the next run."""
        if self._indexed is not None:
            self._indexed.close()
            self._indexed = None

    def _state(self) -> Path:
        return self.bench.scratch / "indexed" / self.tree.name


Step = Callable[[Site], Round]


def index_from_nothing(site: Site) -> Round:
    """The whole command, from no daemon and no index to a complete one."""
    site.warm()
    before = processes.ended_cpu_seconds()
    with site.fresh() as vigie:
        seconds = vigie.index(site.root).seconds
    # The daemon has ended, and so has been counted.
    return Round({FROM_NOTHING_INDEX: seconds, INDEX_CPU: processes.ended_cpu_seconds() - before})


def text_from_nothing(site: Site) -> Round:
    """The whole command, from no daemon and no index to a complete answer."""
    with site.fresh() as vigie:
        ran = vigie.run(site.root, "text", "--fixed-strings", "--json", site.tree.probes.rare)
        if ran.lines()[-1]["coverage"]["text_pending"] > 0:
            raise BenchError(f"the answer is not complete: {ran.lines()[-1]}")
        return Round({FROM_NOTHING_TEXT: ran.seconds})


def def_from_nothing(site: Site) -> Round:
    """The whole command, from no daemon and no index to all that a complete index answers."""

    def places(vigie: Vigie) -> tuple[float, list[tuple[str, int]]]:
        ran = vigie.run(site.root, "def", "--json", site.tree.probes.definition)
        return ran.seconds, [(row["path"], row["line"]) for row in ran.lines() if row["type"] == "symbol"]

    with site.fresh() as vigie:
        seconds, found = places(vigie)
        vigie.index(site.root)
        _, complete = places(vigie)
        if found != complete:
            raise BenchError(f"the first answer has {len(found)} definitions, the complete index {len(complete)}")
        return Round({FROM_NOTHING_DEF: seconds})


def watched_index(site: Site) -> Round:
    """Indexes from nothing under watch, waits, and closes: what an index takes and leaves."""
    vigie = site.unindexed()
    with processes.MemoryWatch(vigie.pid) as watch:
        stats = vigie.index(site.root).lines()[-1]["stats"]
    time.sleep(IDLE_SECONDS)
    idle = vigie.memory_bytes()
    vigie.stop()
    return Round({PEAK: watch.peak_bytes, IDLE: idle, STORE: vigie.store_bytes() / stats["bytes"]})


def ctags(site: Site) -> Round:
    """Universal Ctags over the whole tree."""
    site.warm()
    tags = site.bench.scratch / "tags"
    tags.unlink(missing_ok=True)
    measure.settle()
    return Round({CTAGS: measure.timed(["ctags", "-R", "-f", str(tags), "."], site.root, plain(site))})


def cindex(site: Site) -> Round:
    """Code Search's index of the whole tree."""
    site.warm()
    site.csearch_index.unlink(missing_ok=True)
    measure.settle()
    return Round({CINDEX: measure.timed(["cindex", str(site.root)], site.root, plain(site))})


def leindex(site: Site) -> Round:
    """LeIndex over a copy of the tree, because it writes into it and skips every directory named `target`; bounded in time and
    memory."""
    site.warm()
    peer = site.bench.leindex
    with tempfile.TemporaryDirectory(prefix="vigie-bench-") as scratch:
        copy = Path(scratch) / site.tree.name
        shutil.copytree(site.root, copy, symlinks=True, copy_function=_link)
        measure.settle()
        command = [str(peer.program), "index", "--force", str(copy)]
        ran = measure.bounded(command, copy, peer.environment, LEINDEX_SECONDS_MAX, LEINDEX_MEMORY_MAX)
    if not ran.ended and not re.search(r"Files parsed: [1-9]", ran.stdout):
        raise PeerError(f"LeIndex parsed no file: {ran.stdout.strip()}")
    bounds = {LEINDEX: ran.ended, LEINDEX_MEMORY: ran.ended} if ran.ended else {}
    return Round({LEINDEX: ran.seconds, LEINDEX_MEMORY: ran.peak_bytes}, bounds)


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def parse_floor(site: Site) -> Round:
    """The same grammars over the same files on as many threads, and nothing else."""
    site.warm()
    told = site.floor("parse")
    return Round({PARSE: told.seconds, PARSE_CPU: told.cpu_seconds})


def read_floor(site: Site) -> Round:
    """Reading every file."""
    site.warm()
    return Round({READ: site.floor("read").seconds})


def terms_floor(site: Site) -> Round:
    """All that an index does for `vigie search`, over the same files on as many threads, and nothing else: a full index has so much
    more to do than one without. There is no index without to compare it with."""
    site.warm()
    measure.settle()
    told = site.floor("terms")
    return Round({TERMS: told.seconds, TERMS_CPU: told.cpu_seconds, TERMS_STORE: told.disk_bytes / told.bytes})


def growing(samples: Sequence[Tree]) -> Step:
    """Indexes samples of doubling size from nothing; readings are seconds of processor time, of the command, the daemon and its
    workers, for each megabyte that a sample has more than the one before it: what every index costs, however small, does not
    count, nor does what others make of the machine meanwhile."""

    def step(site: Site) -> Round:
        taken = []
        for sample in samples:
            part = site.bench.site(sample)
            part.warm()
            before = processes.ended_cpu_seconds()
            with part.fresh() as vigie:
                stats = vigie.index(part.root).lines()[-1]["stats"]
            taken.append((processes.ended_cpu_seconds() - before, stats["bytes"] / MEGABYTE))
        steps = zip(DOUBLINGS, itertools.pairwise(taken), strict=True)
        return Round({name: (more[0] - less[0]) / (more[1] - less[1]) for name, (less, more) in steps})

    return step


def by_turns(laps: int, commands: Mapping[str, Sequence[str]], alike: Sequence[str] = ()) -> Step:
    """Runs whole commands by turns, by the names of their readings; where they hold `{rare}` and the like, the tree's probe is
    meant. Those named in `alike` must print the same number of lines."""

    def step(site: Site) -> Round:
        vigie = site.indexed()
        if any(words[0] == "csearch" for words in commands.values()) and not site.csearch_index.exists():
            cindex(site)
        probes = asdict(site.tree.probes)
        lines = [
            [site.bench.tools.path(words[0]), *(word.format(**probes) for word in words[1:])]
            for words in commands.values()
        ]
        taken = measure.by_turns(site.bench.tools, laps, site.root, plain(site) | vigie.environment, lines)
        turns = dict(zip(commands, taken, strict=True))
        if len({turns[name].lines for name in alike}) > 1:
            raise BenchError(f"{', '.join(f'{name} prints {turns[name].lines} lines' for name in alike)}")
        return Round({name: turn.seconds for name, turn in turns.items()})

    return step


def edited_file(site: Site) -> Round:
    """One file changes, the daemon is told, and the new definition is there."""
    vigie = site.indexed()
    path = site.root / site.tree.probes.edited
    source, stat = path.read_bytes(), path.stat()
    taken = []
    try:
        for lap in range(EDITS):
            name = f"vigie_bench_{os.getpid()}_{lap}"
            path.write_bytes(source + site.tree.probes.edit.format(name=name).encode())
            taken.append(tell_of_change(vigie, path))
            vigie.run(site.root, "symbols", "--exact", name)
    finally:
        path.write_bytes(source)
        os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
        vigie.index(site.root)
    return Round({EDIT: statistics.median(taken)})


def tell_of_change(vigie: Vigie, path: Path) -> float:
    """How a caller says that a file changed; seconds until the answer that the index has it."""
    return vigie.run(path.parent, "index", str(path)).seconds


def fuzzy(site: Site) -> Round:
    """What the daemon itself says it took, for the first question of its life and for the slowest of all that come after."""
    vigie = site.indexed()
    vigie.stop()
    vigie.run(site.root, "daemon", "start")

    def seconds(letters: str) -> float:
        summary = vigie.run(site.root, "symbols", "--json", "--fuzzy", "--limit", "20", letters).lines()[-1]
        return float(summary["elapsed_us"]) / 1e6

    first = seconds(site.tree.probes.fuzzy[0])
    warm = max(statistics.median(seconds(letters) for _ in range(3)) for letters in site.tree.probes.fuzzy)
    return Round({FUZZY_FIRST: first, FUZZY_WARM: warm})


def in_words(questions: Sequence[str], names: Sequence[str]) -> Step:
    """Asks a daemon that has only just started everything several times, each time in the same order. Readings are what it says
    95 of 100 answers took at most, the first to each question left out, and the most memory that it held meanwhile, the first
    answers included. `questions` are files of those by which relevance is measured; only their texts count here."""

    def step(site: Site) -> Round:
        vigie = site.indexed()
        vigie.stop()
        vigie.run(site.root, "daemon", "start")
        asked: dict[str, list[tuple[str, ...]]] = {
            SEARCH: [("search", text) for file in questions for text in texts(file)],
            CONTEXT: [("context", name) for name in names],
            MAP: [("map",)],
        }

        def seconds(command: Sequence[str]) -> float:
            summary = vigie.run(site.root, *command, "--json", accepted=(FOUND, CUT)).lines()[-1]
            return float(summary["elapsed_us"]) / 1e6

        with processes.MemoryWatch(vigie.pid) as watch:
            laps = range(1 + WORDS_LAPS)
            taken = {name: [[seconds(one) for one in every] for _ in laps] for name, every in asked.items()}
        warm = {name: [one for lap in every[1:] for one in lap] for name, every in taken.items()}
        return Round({name: percentile_95(times) for name, times in warm.items()} | {WORDS_PEAK: watch.peak_bytes})

    return step


def texts(file: str) -> list[str]:
    """What is asked in a file of questions."""
    return [question["text"] for question in tomllib.loads((QUESTIONS / f"{file}.toml").read_text())["question"]]


def percentile_95(times: Sequence[float]) -> float:
    """One of the times, which no more than five of a hundred exceed."""
    return sorted(times)[math.ceil(0.95 * len(times)) - 1]


def latency(site: Site) -> Round:
    """Requests over one connection, beside an echo."""
    vigie = site.indexed()
    name = site.tree.probes.definition
    words = [site.bench.tools["latency"], str(vigie.socket), str(site.root), name, str(LATENCY_LAPS)]
    with measure.on_one_core(vigie.running_pid()):
        told = json.loads(subprocess.run(words, stdout=subprocess.PIPE, check=True).stdout)
    return Round({name: taken["median_us"] / 1e6 for name, taken in told.items()})


def plain(site: Site) -> dict[str, str]:
    """The environment of a peer: nothing of the person's."""
    home = site.bench.scratch / "home"
    home.mkdir(exist_ok=True)
    index = str(site.csearch_index)
    return {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": str(home), "CSEARCHINDEX": index}
