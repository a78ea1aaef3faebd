"""Occurrences of defined names, held against the text itself."""

import concurrent.futures
import os
import shutil
import sys
from pathlib import Path

from benchmark.trees import run

from .indexed import Indexed
from .languages import Language
from .words import Task, Word, words

SHARES = 16
"""Into how many parts the files of a tree are dealt, so that no process is idle long."""

PYGMENTS = "2.18.0"
PYGMENTS_SHA256 = "b8e6aca0523f3ab76fee51799c488e38782ac06eafcf95e7ba832985c8e7b13a"


def install(directory: Path) -> Path:
    """The directory with Pygments, fetched if it is not there."""
    target = directory / f"pygments-{PYGMENTS}"
    if not target.is_dir():
        partial = target.with_suffix(".partial")
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        requirement = partial / "requirements.txt"
        requirement.write_text(f"pygments=={PYGMENTS} --hash=sha256:{PYGMENTS_SHA256}\n")
        pip = [
            sys.executable,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--no-deps",
            "--require-hashes",
            "--only-binary=:all:",
        ]
        run(*pip, "--target", str(partial), "--requirement", str(requirement), cwd=partial)
        partial.rename(target)
    return target


def occurrences(language: Language, root: Path, indexed: Indexed, pygments: Path) -> list[Word]:
    """Every word outside comments and strings that is a defined name."""
    defined = frozenset(indexed.defined)
    paths = sorted(indexed.languages)
    shares = (tuple(paths[share::SHARES]) for share in range(SHARES))
    tasks = [
        Task(str(pygments), str(root), share, language.lexer, language.word, language.tails, language.reserved, defined)
        for share in shares
    ]
    with concurrent.futures.ProcessPoolExecutor(os.cpu_count()) as pool:
        found = [word for words_of_share in pool.map(words, tasks) for word in words_of_share]
    return sorted(found, key=lambda word: (word.path, word.line, word.column))


def is_found(word: Word, language: Language, indexed: Indexed) -> bool:
    """Whether a definition or a reference of that name stands there."""
    name = indexed.places.get(word.path, {}).get((word.line, word.column))
    return name is not None and (name == word.name or (name[:-1] == word.name and name[-1] in language.tails))
