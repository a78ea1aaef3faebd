"""Everything that is measured, and what is wanted of it. To add a figure, add an experiment to `EXPERIMENTS`, or a claim to one."""

from dataclasses import dataclass

from . import steps, watching
from .peers import RG
from .steps import Step
from .trees import (
    DJANGO,
    GO,
    GROWING_C,
    GROWING_GO,
    GROWING_MACROS,
    GROWING_PYTHON,
    JDK,
    JDK_AND_GO,
    LINUX,
    Tree,
)

MEBIBYTE = 1 << 20


@dataclass(frozen=True)
class AtMost:
    """A reading is wanted to be no more than this."""

    limit: float


@dataclass(frozen=True)
class AtMostTimes:
    """A reading is wanted to be no more than so many times another of the same round."""

    limit: float
    other: str
    stretch: float | None = None
    """What would be better still."""


@dataclass(frozen=True)
class TimesFaster:
    """A reading is wanted to be so many times smaller than another of the same round."""

    factor: float
    other: str


@dataclass(frozen=True)
class Beside:
    """Nothing is wanted; another reading of the same round is shown beside it."""

    other: str


Target = AtMost | AtMostTimes | TimesFaster | Beside | None


@dataclass(frozen=True)
class Unit:
    """How a reading is written: multiplied by the scale, with the name after it. Without a scale it is a time."""

    name: str = ""
    scale: float = 0.0


TIME = Unit()
MEMORY = Unit(" MB", 1e-6)
SHARE = Unit("", 1.0)
PERCENT = Unit(" %", 100.0)
TIME_PER_MEGABYTE = Unit(" ms/MB", 1e3)


@dataclass(frozen=True)
class Claim:
    """A line of the report: a reading, and what is wanted of it."""

    figure: str
    reading: str
    target: Target
    unit: Unit = TIME


@dataclass(frozen=True)
class Experiment:
    """Readings that are taken together on a tree."""

    name: str
    group: str
    tree: Tree
    steps: tuple[Step, ...]
    claims: tuple[Claim, ...]
    peers: tuple[str, ...] = ()
    """Programs that must be installed: those of Debian by name, and `leindex`."""
    rounds_max: int = 99
    """For what takes long."""
    is_timed: bool = True
    """It is a matter of time on the clock, and so of whether others use the machine."""

    @property
    def is_quick(self) -> bool:
        """It belongs to the quick run, which shows that measuring works."""
        return self.tree is DJANGO and "leindex" not in self.peers


INDEXING = "Indexing from nothing"
UPDATING = "Keeping up"
WATCHING = "Following a tree"
SIZE = "Memory and disk"
TEXT = "Searching text"
SYMBOLS = "Looking up symbols"
WORDS = "Answers in words"
SOCKET = "Over the socket"
GROWING = "Processor time as a tree grows"

DJANGO_NAMES = (
    "QuerySet",
    "QuerySet.filter",
    "Model.save",
    "models.Model",
    "HttpResponse",
    "TestCase",
    "Field",
    "reverse",
)
JAVA_AND_GO_NAMES = (
    "ConcurrentHashMap",
    "HashMap.get",
    "IllegalArgumentException",
    "Object.equals",
    "Objects.requireNonNull",
    "StringBuilder.append",
    "System.arraycopy",
    "NewRequestWithContext",
    "T.Run",
    "bytes.Buffer",
    "fmt.Errorf",
    "testing.T",
)
"""What `context` is asked about: most of these are used all over their trees, so that there is much to choose from."""

DJANGO_LITERALS = ("get_deferred_fields", "self.assertEqual(", "select_related")
JAVA_AND_GO_LITERALS = ("NewRequestWithContext", "requireNonNull(", "if err != nil {")
"""A rare one and more."""

RARE = "rare literal"
REGEX = "regular expression, some dozens of lines"
WIDE = "regular expression, thousands of lines"


def _index(tree: Tree, rounds_max: int = 99) -> Experiment:
    return Experiment(
        f"index-{tree.name}",
        INDEXING,
        tree,
        (steps.index_from_nothing, steps.parse_floor, steps.ctags),
        (
            Claim("full index", steps.FROM_NOTHING_INDEX, AtMostTimes(1.6, steps.PARSE, stretch=1.4)),
            Claim("full index, processor time", steps.INDEX_CPU, Beside(steps.PARSE_CPU)),
            Claim("full index", steps.FROM_NOTHING_INDEX, AtMostTimes(1.75, steps.CTAGS)),
        ),
        peers=("ctags",),
        rounds_max=rounds_max,
    )


def _definition(tree: Tree, rounds_max: int = 99) -> Experiment:
    return Experiment(
        f"def-{tree.name}",
        INDEXING,
        tree,
        (steps.def_from_nothing, steps.ctags),
        (Claim("first complete answer of `vigie def`", steps.FROM_NOTHING_DEF, AtMostTimes(0.5, steps.CTAGS)),),
        peers=("ctags",),
        rounds_max=rounds_max,
    )


def _text(tree: Tree, target: Target, rounds_max: int = 99) -> Experiment:
    return Experiment(
        f"text-{tree.name}",
        INDEXING,
        tree,
        (steps.text_from_nothing, steps.cindex, steps.read_floor),
        (
            Claim("text searchable", steps.FROM_NOTHING_TEXT, target),
            Claim("text searchable", steps.FROM_NOTHING_TEXT, Beside(steps.READ)),
        ),
        peers=("cindex",),
        rounds_max=rounds_max,
    )


def _leindex(tree: Tree, factor: float, rounds_max: int) -> Experiment:
    return Experiment(
        f"leindex-{tree.name}",
        INDEXING,
        tree,
        (steps.index_from_nothing, steps.leindex),
        (
            Claim("full index", steps.FROM_NOTHING_INDEX, TimesFaster(factor, steps.LEINDEX)),
            Claim("LeIndex, peak memory", steps.LEINDEX_MEMORY, None, MEMORY),
        ),
        peers=("leindex",),
        rounds_max=rounds_max,
    )


def _size(tree: Tree, peak: Target, store: Target, rounds_max: int) -> Experiment:
    return Experiment(
        f"size-{tree.name}",
        SIZE,
        tree,
        (steps.watched_index,),
        (
            Claim("peak memory, daemon and workers", steps.PEAK, peak, MEMORY),
            Claim("idle daemon, 10 s after the job", steps.IDLE, AtMost(40e6), MEMORY),
            Claim("index on disk / source", steps.STORE, store, SHARE),
        ),
        rounds_max=rounds_max,
        is_timed=False,
    )


def _reindex(tree: Tree) -> Experiment:
    walk = ("floors", "walk", ".")
    return Experiment(
        f"reindex-{tree.name}",
        UPDATING,
        tree,
        (steps.by_turns(10, {"vigie index": ("vigie", "index"), steps.WALK: walk}),),
        (Claim("re-index, nothing changed", "vigie index", AtMostTimes(2.0, steps.WALK)),),
    )


def _edit(tree: Tree) -> Experiment:
    claim = Claim("one changed file, request to answer", steps.EDIT, AtMost(0.020))
    return Experiment(f"edit-{tree.name}", UPDATING, tree, (steps.edited_file,), (claim,))


def _saved(tree: Tree, laps: int) -> Experiment:
    return Experiment(
        f"saved-{tree.name}",
        WATCHING,
        tree,
        (watching.saved_file(laps),),
        (
            Claim("saved file to answer, 95 of 100", watching.SAVED, AtMost(0.100)),
            Claim("the same without settling", watching.SAVED_OURS, AtMost(0.015)),
            Claim("saved file to answer, median", watching.SAVED_MEDIAN, None),
            Claim("saved file to event, 95 of 100", watching.SAVED_EVENT, None),
            Claim("saved file, `vigie def --fresh` at once, 95 of 100", watching.SAVED_FRESH, None),
        ),
        rounds_max=3,
    )


def _checkout(tree: Tree, files: int) -> Experiment:
    return Experiment(
        f"checkout-{tree.name}",
        WATCHING,
        tree,
        (watching.checkout(files),),
        (
            Claim(
                f"checkout of {files:,} changed files, from git's end to a fresh answer",
                watching.CHECKOUT,
                AtMostTimes(1.5, watching.CHANGES_INDEX),
            ),
            Claim("the same", watching.CHECKOUT, Beside(watching.CHANGES_PARSE)),
            Claim("the same, from git's begin", watching.CHECKOUT_WHOLE, Beside(watching.GIT_CHECKOUT)),
            Claim("back again, from git's end", watching.CHECKOUT_BACK, Beside(watching.CHANGES_BACK_INDEX)),
        ),
        rounds_max=3,
    )


def _idle_watch(tree: Tree, seconds: float) -> Experiment:
    claim = Claim(f"processor, watched and idle for {seconds:g} s", watching.IDLE_CPU, AtMost(0.001), PERCENT)
    # What others do is not counted.
    return Experiment(
        f"idle-{tree.name}", WATCHING, tree, (watching.idle_watch(seconds),), (claim,), rounds_max=3, is_timed=False
    )


def _edits(
    tree: Tree, count: int, questions: tuple[str, ...], names: tuple[str, ...], literals: tuple[str, ...]
) -> Experiment:
    return Experiment(
        f"edits-{tree.name}",
        WATCHING,
        tree,
        (watching.edits(count, questions, names, literals),),
        (
            *(
                Claim(
                    f"`{kind}` after {count:,} edits, in the daemon",
                    watching.edited(kind),
                    AtMostTimes(1.5, watching.fresh(kind)),
                )
                for kind in watching.EDITED_KINDS
            ),
            Claim(f"index after {count:,} edits, closed", watching.EDITED_STORE, Beside(watching.FRESH_STORE), MEMORY),
            Claim(
                f"index after {count:,} edits, open",
                watching.ALL_EDITED_STORE,
                Beside(watching.HALF_EDITED_STORE),
                MEMORY,
            ),
        ),
        rounds_max=1,
    )


def _opened(tree: Tree) -> Experiment:
    return Experiment(
        f"opened-{tree.name}",
        WATCHING,
        tree,
        (watching.opened_project,),
        (
            Claim("a closed project, opened by `vigie def`", watching.OPENING, AtMost(0.020)),
            Claim("the whole command", watching.OPENED, Beside(watching.OPEN)),
        ),
    )


def _watchman(tree: Tree, laps: int, files: int) -> Experiment:
    return Experiment(
        f"watchman-{tree.name}",
        WATCHING,
        tree,
        (watching.told_of_a_save(laps), watching.storm(files)),
        (
            Claim("saved file: indexed and told, by Watchman told", watching.TOLD, Beside(watching.WATCHMAN_TOLD)),
            Claim(
                f"{files:,} new files: indexed and answered, by Watchman told",
                watching.STORM,
                Beside(watching.WATCHMAN_STORM),
            ),
        ),
        peers=("watchman",),
        rounds_max=3,
    )


def _bounded(tree: Tree) -> Experiment:
    limit = watching.MEMORY_LIMIT
    return Experiment(
        f"bounded-{tree.name}",
        SIZE,
        tree,
        (watching.bounded_index,),
        (
            Claim(
                f"full index within {limit // MEBIBYTE} MiB", watching.BOUNDED_INDEX, Beside(steps.FROM_NOTHING_INDEX)
            ),
            Claim("its peak memory, daemon and workers", watching.BOUNDED_PEAK, AtMost(limit), MEMORY),
        ),
        rounds_max=1,
    )


def _search(name: str, tree: Tree, figure: str, pattern: tuple[str, ...], rg: Target, csearch: Target) -> Experiment:
    """Whole commands, in the tree's directory, with everything in the page cache."""
    commands = {
        "vigie text": ("vigie", "text", *pattern),
        "rg": (*RG, *pattern, "."),
        "csearch": ("csearch", "-n", pattern[-1]),
    }
    return Experiment(
        f"{name}-{tree.name}",
        TEXT,
        tree,
        (steps.by_turns(5, commands, alike=("vigie text", "rg")),),
        (Claim(figure, "vigie text", rg), Claim(figure, "vigie text", csearch)),
        peers=("rg", "csearch", "cindex"),
    )


def _common(tree: Tree) -> Experiment:
    some, every = "vigie text --limit 100", "vigie text"
    commands = {
        some: ("vigie", "text", "-F", "--limit", "100", "{common}"),
        every: ("vigie", "text", "-F", "{common}"),
        "rg": (*RG, "-F", "{common}", "."),
    }
    return Experiment(
        f"common-{tree.name}",
        TEXT,
        tree,
        (steps.by_turns(5, commands, alike=(every, "rg")),),
        (
            Claim("common literal, the first 100 lines", some, TimesFaster(50, "rg")),
            Claim("common literal, all lines", every, TimesFaster(3, "rg")),
        ),
        peers=("rg",),
    )


NOTHING = "a process that does nothing"


def _start(tree: Tree) -> Experiment:
    """The tree is of no account: nothing is asked about it."""
    commands = {NOTHING: ("nothing",), "vigie --version": ("vigie", "--version")}
    return Experiment(
        "start",
        SOCKET,
        tree,
        (steps.by_turns(400, commands),),
        (Claim("start, `vigie --version`", "vigie --version", AtMostTimes(1.5, NOTHING)),),
    )


def _exact(tree: Tree) -> Experiment:
    commands = {
        NOTHING: ("nothing",),
        "vigie def": ("vigie", "def", "{definition}"),
        "vigie symbols --exact": ("vigie", "symbols", "--exact", "{definition}"),
    }
    return Experiment(
        f"exact-{tree.name}",
        SYMBOLS,
        tree,
        (steps.by_turns(40, commands),),
        (
            Claim("exact symbol, `vigie def`", "vigie def", AtMostTimes(1.6, NOTHING)),
            Claim("exact symbol, `vigie symbols --exact`", "vigie symbols --exact", AtMostTimes(1.6, NOTHING)),
        ),
    )


def _fuzzy(tree: Tree) -> Experiment:
    return Experiment(
        f"fuzzy-{tree.name}",
        SYMBOLS,
        tree,
        (steps.fuzzy,),
        (
            Claim("fuzzy symbol, the slowest of five, in the daemon", steps.FUZZY_WARM, AtMost(0.010)),
            Claim("fuzzy symbol, first use, in the daemon", steps.FUZZY_FIRST, AtMost(0.250)),
        ),
    )


def _terms(tree: Tree) -> Experiment:
    """The share is one of processor time: a full index keeps every processor busy, so that it is as large a share of the time on the
    clock, whereas terms alone leave a processor idle where a full index has something else to do."""
    return Experiment(
        f"terms-{tree.name}",
        WORDS,
        tree,
        (steps.index_from_nothing, steps.terms_floor),
        (
            Claim("terms of `search` alone, processor time", steps.TERMS_CPU, AtMostTimes(0.1, steps.INDEX_CPU)),
            Claim("terms of `search` alone", steps.TERMS, Beside(steps.FROM_NOTHING_INDEX)),
            Claim("terms of `search` on disk / source", steps.TERMS_STORE, AtMost(0.12), SHARE),
        ),
    )


def _words(tree: Tree, questions: tuple[str, ...], names: tuple[str, ...]) -> Experiment:
    return Experiment(
        f"words-{tree.name}",
        WORDS,
        tree,
        (steps.in_words(questions, names),),
        (
            Claim("`search`, 95 of 100, in the daemon", steps.SEARCH, AtMost(0.015)),
            Claim("`context`, 95 of 100, in the daemon", steps.CONTEXT, AtMost(0.050)),
            Claim("`map`, in the daemon", steps.MAP, AtMost(0.050)),
            Claim("peak memory, daemon and workers", steps.WORDS_PEAK, AtMost(400e6), MEMORY),
        ),
    )


def _latency(tree: Tree) -> Experiment:
    return Experiment(
        f"latency-{tree.name}",
        SOCKET,
        tree,
        (steps.latency,),
        (
            Claim("`Ping`", "ping", AtMostTimes(2.0, "echo")),
            Claim("`Status`", "status", AtMostTimes(2.0, "echo")),
            Claim("exact symbol", "symbol", Beside("echo")),
        ),
    )


def _growing(name: str, title: str, samples: tuple[Tree, ...], of: Tree) -> Experiment:
    first, *later = steps.DOUBLINGS
    claims = (Claim(f"{title}, {step}", step, AtMostTimes(1.15, first), TIME_PER_MEGABYTE) for step in later)
    step = steps.growing(samples)
    return Experiment(f"growing-{name}", GROWING, of, (step,), tuple(claims), rounds_max=3, is_timed=False)


EXPERIMENTS: tuple[Experiment, ...] = (
    _index(DJANGO),
    _definition(DJANGO),
    _text(DJANGO, Beside(steps.CINDEX)),
    _leindex(DJANGO, 8, rounds_max=2),
    _size(DJANGO, None, None, rounds_max=2),
    _reindex(DJANGO),
    _edit(DJANGO),
    _saved(DJANGO, 10),
    _checkout(DJANGO, 200),
    _idle_watch(DJANGO, 5),
    _edits(DJANGO, 200, ("django",), DJANGO_NAMES, DJANGO_LITERALS),
    _opened(DJANGO),
    _watchman(DJANGO, 10, 500),
    _bounded(DJANGO),
    _search("rare", DJANGO, RARE, ("-F", "{rare}"), Beside("rg"), Beside("csearch")),
    _start(DJANGO),
    _exact(DJANGO),
    _fuzzy(DJANGO),
    _latency(DJANGO),
    _terms(DJANGO),
    _words(DJANGO, ("django",), DJANGO_NAMES),
    _growing("python", "Python", GROWING_PYTHON, DJANGO),
    _index(GO),
    _definition(GO),
    _leindex(GO, 20, rounds_max=1),
    _size(GO, AtMost(400e6), AtMost(0.6), rounds_max=2),
    _terms(GO),
    _reindex(GO),
    _growing("go", "Go", GROWING_GO, GO),
    _index(JDK),
    _size(JDK, AtMost(400e6), None, rounds_max=2),
    _terms(JDK),
    _words(JDK_AND_GO, ("java-base", "go"), JAVA_AND_GO_NAMES),
    _saved(JDK_AND_GO, 100),
    _checkout(GO, 2000),
    _idle_watch(JDK_AND_GO, 30),
    _edits(JDK_AND_GO, 10_000, ("java-base", "go"), JAVA_AND_GO_NAMES, JAVA_AND_GO_LITERALS),
    _opened(JDK_AND_GO),
    _watchman(JDK_AND_GO, 100, 20_000),
    _bounded(JDK_AND_GO),
    _text(LINUX, AtMostTimes(0.7, steps.CINDEX), rounds_max=3),
    _size(LINUX, None, AtMost(0.9), rounds_max=1),
    _reindex(LINUX),
    _edit(LINUX),
    _search("rare", LINUX, RARE, ("-F", "{rare}"), TimesFaster(40, "rg"), TimesFaster(3, "csearch")),
    _search("regex", LINUX, REGEX, ("{regex}",), TimesFaster(15, "rg"), Beside("csearch")),
    _search("wide", LINUX, WIDE, ("{wide}",), Beside("rg"), Beside("csearch")),
    _common(LINUX),
    _exact(LINUX),
    _fuzzy(LINUX),
    _latency(LINUX),
    _growing("c", "C", GROWING_C, LINUX),
    _growing("macros", "macro-heavy C", GROWING_MACROS, LINUX),
)
