"""Where trees come from beside what `benchmark.trees` knows: npm, crates.io, and a selection of the files of other trees."""

import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmark.errors import BenchError
from benchmark.trees import (
    PARSED_BYTES_MAX,
    Cache,
    Tree,
    move_only_child,
    run,
    sha256,
    unpack_tar,
)

DEBIAN_PACKAGES = {"ctags": "universal-ctags", "npm": "npm"}
"""Programs that are needed, and the package each is in."""


def install_programs(cache: Cache, programs: Mapping[str, str] = DEBIAN_PACKAGES) -> None:
    """Installs the programs that are missing."""
    missing = [package for program, package in programs.items() if shutil.which(program) is None]
    sudo = [] if os.geteuid() == 0 else ["sudo"]
    if missing:
        run(*sudo, "apt-get", "update", "-q", cwd=cache.downloads)
        run(*sudo, "apt-get", "install", "-q", "-y", "--no-install-recommends", *missing, cwd=cache.downloads)


@dataclass(frozen=True)
class NpmSource:
    """A package from npm."""

    package: str
    version: str
    sha256: str

    def fetch(self, cache: Cache, into: Path) -> str:
        archive = cache.downloads / f"{self.package.strip('@').replace('/', '-')}-{self.version}.tgz"
        if not archive.exists():
            run("npm", "pack", "--silent", "--ignore-scripts", f"{self.package}@{self.version}", cwd=cache.downloads)
        if sha256(archive) != self.sha256:
            raise BenchError(f"{archive} is not the file that was pinned; remove it to fetch it again")
        move_only_child(unpack_tar(archive, into.with_suffix(".unpacked")), into)
        return f"{self.package} {self.version} from npm"


@dataclass(frozen=True)
class CrateSource:
    """A crate from crates.io."""

    crate: str
    version: str
    sha256: str

    def fetch(self, cache: Cache, into: Path) -> str:
        scratch = into.with_suffix(".vendored")
        shutil.rmtree(scratch, ignore_errors=True)
        (scratch / "src").mkdir(parents=True)
        (scratch / "src" / "lib.rs").touch()
        dependency = f'{self.crate} = {{ version = "={self.version}", default-features = false }}'
        package = '[package]\nname = "vendored"\nversion = "0.0.0"\nedition = "2021"\n[workspace]\n[dependencies]\n'
        (scratch / "Cargo.toml").write_text(package + dependency + "\n")
        run("cargo", "vendor", "--quiet", "vendor", cwd=scratch)
        crate = scratch / "vendor" / self.crate
        # Cargo has compared the files with what the registry says; that it says the same as ever is ours to compare.
        if json.loads((crate / ".cargo-checksum.json").read_text())["package"] != self.sha256:
            raise BenchError(f"{self.crate} {self.version} is not the crate that was pinned")
        crate.rename(into)
        shutil.rmtree(scratch)
        return f"{self.crate} {self.version} from crates.io"


@dataclass(frozen=True)
class Part:
    """What of another tree is taken."""

    of: Tree
    below: str = ""


@dataclass(frozen=True)
class Selection:
    """The files of one language in other trees, in an order that has nothing to do with what they are until there are so many
    bytes: a larger selection holds every smaller one."""

    parts: tuple[Part, ...]
    suffixes: tuple[str, ...]
    byte_count: int

    def fetch(self, cache: Cache, into: Path) -> str:
        files = [(part.of.name, path) for part in self.parts for path in self._files(cache.provide(part.of), part)]
        files.sort(key=lambda file: hashlib.sha256("/".join(map(str, file)).encode()).digest())
        into.mkdir(parents=True)
        taken = 0
        for name, path in files:
            if taken >= self.byte_count:
                break
            root = cache.directory / "trees" / name
            (into / name / path).parent.mkdir(parents=True, exist_ok=True)
            os.link(root / path, into / name / path)
            taken += (root / path).stat().st_size
        return ", ".join(cache.what(part.of) for part in self.parts)

    def _files(self, root: Path, part: Part) -> Iterator[Path]:
        for path in (root / part.below).rglob("*"):
            is_wanted = path.name.endswith(self.suffixes) and path.is_file() and not path.is_symlink()
            if is_wanted and path.stat().st_size <= PARSED_BYTES_MAX:
                yield path.relative_to(root)
