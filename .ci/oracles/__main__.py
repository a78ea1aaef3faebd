"""The command line of the comparison."""

import argparse
import json
import os
import shutil
import signal
import sys
import tempfile
from pathlib import Path

from benchmark import processes
from benchmark.errors import BenchError
from benchmark.tools import Tools
from benchmark.trees import Cache, run
from benchmark.vigie import Vigie

from . import definitions, explained, occurrences, report
from .indexed import index
from .languages import LANGUAGES, Language
from .report import Result
from .sources import install_programs

WORKSPACE = Path.cwd()
SAMPLES = 5


def main() -> int:
    arguments = parse()
    chosen = choose(arguments.language)
    # Whatever ends this, what it started is stopped.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    processes.adopt_orphans()
    try:
        results = compare_all(chosen, arguments.quick)
    except BenchError as error:
        sys.exit(f".ci/accuracy: {error}")
    for result in results:
        shown = report.details(result, arguments.samples)
        if shown:
            print(f"{shown}\n")
    print(report.table(results))
    if arguments.json:
        arguments.json.write_text(json.dumps([result.as_json() for result in results], indent=1) + "\n")
    return 0 if all(result.is_met for result in results if result.language.is_main) else 1


def parse() -> argparse.Namespace:
    what = "Holds the definitions Vigie finds against universal-ctags, and its references against the text."
    parser = argparse.ArgumentParser(prog=".ci/accuracy", description=what)
    parser.add_argument("--quick", action="store_true", help="compare a small part of each tree")
    only = "only this language; may be repeated"
    parser.add_argument("--language", action="append", default=[], metavar="NAME", help=only)
    samples = f"how much of what is missing is shown [default: {SAMPLES} of each]"
    parser.add_argument("--samples", type=int, default=SAMPLES, metavar="N", help=samples)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures and all that is missing to a file")
    return parser.parse_args()


def choose(names: list[str]) -> list[Language]:
    known = {language.name: language for language in LANGUAGES}
    unknown = [name for name in names if name not in known]
    if unknown:
        sys.exit(f".ci/accuracy: no language is called {', '.join(unknown)}; there are {', '.join(known)}")
    return [known[name] for name in names] or list(LANGUAGES)


def compare_all(chosen: list[Language], is_quick: bool) -> list[Result]:
    """Compares each language, with one Vigie that has nothing to do with any other."""
    run("cargo", "build", "--release", "--locked", "--quiet", "--workspace", "--bins", cwd=WORKSPACE)
    built = Path(os.environ.get("CARGO_TARGET_DIR", WORKSPACE / "target")) / "release"
    directory = Path(os.environ.get("VIGIE_BENCH_DIR", WORKSPACE / "target" / "bench")).absolute()
    cache = Cache(directory)
    install_programs(cache)
    pygments = occurrences.install(directory / "tools")
    state = Path(tempfile.mkdtemp(prefix="vigie-accuracy-"))
    vigie = Vigie(Tools(built), state)
    try:
        return [compare(language, cache, vigie, pygments, is_quick) for language in chosen]
    finally:
        vigie.close()
        shutil.rmtree(state)


def compare(language: Language, cache: Cache, vigie: Vigie, pygments: Path, is_quick: bool) -> Result:
    """Compares one language."""
    root = cache.provide(language.tree(is_quick))
    print(f"comparing {language.title}", file=sys.stderr)
    indexed = index(vigie, root)
    result = Result(language, len(indexed.languages))
    for tag in definitions.tags(language, root, indexed):
        kinds = definitions.kinds_found(tag, language, indexed)
        place = f"{tag.path}:{tag.line} {tag.name} ({tag.kind})"
        _count(
            result.definitions,
            bool(kinds),
            explained.of_definition(language, tag),
            f"{place}: {tag.text.strip()[:120]}",
        )
        if kinds and kinds.isdisjoint(language.kinds[tag.kind].split()):
            result.other_kinds[f"{tag.kind} is {' '.join(sorted(kinds))}"] += 1
    for word in occurrences.occurrences(language, root, indexed, pygments):
        is_found = occurrences.is_found(word, language, indexed)
        place = f"{word.path}:{word.line}:{word.column} {word.name} ({word.token})"
        _count(result.occurrences, is_found, explained.of_occurrence(language, word), f"{place}: {word.text[:120]}")
    return result


def _count(figure: report.Figure, is_found: bool, reason: explained.Explained | None, missing: str) -> None:
    if is_found:
        figure.found += 1
    elif reason:
        figure.explained[reason.reason] += 1
    else:
        figure.missing.append(missing)


sys.exit(main())
