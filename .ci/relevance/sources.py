"""Where trees come from beside what `benchmark.trees` and `oracles.sources` know: a directory of another tree."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from benchmark.errors import BenchError
from benchmark.trees import Cache, Tree


@dataclass(frozen=True)
class Below:
    """What lies below a directory of another tree. The files are linked, not copied."""

    of: Tree
    directory: str

    def fetch(self, cache: Cache, into: Path) -> str:
        root = cache.provide(self.of) / self.directory
        if not root.is_dir():
            raise BenchError(f"{self.of.title} has no directory {self.directory}")
        shutil.copytree(root, into, symlinks=True, copy_function=os.link)
        return f"{self.directory} of {cache.what(self.of)}"
