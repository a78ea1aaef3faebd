"""The source trees that are indexed: pinned, fetched from package registries once, and kept in the cache.

Each has an empty `.git`, so that Vigie takes it for a project and its `.gitignore` counts.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from .errors import BenchError

MEGABYTE = 1_000_000

PARSED_BYTES_MAX = 2 << 20
"""The largest file that Vigie parses."""


class Source(Protocol):
    """Where a tree comes from."""

    def fetch(self, cache: "Cache", into: Path) -> str:
        """Puts the tree into a directory that does not exist yet; says what was fetched."""


@dataclass(frozen=True)
class Probes:
    """What is asked about a tree."""

    definition: str = ""
    """A name with a definition."""
    edited: str = ""
    """A source file to change, and a line that defines a new name in its language."""
    edit: str = ""
    rare: str = ""
    """A literal on a handful of lines."""
    regex: str = ""
    """A regular expression on some dozens of lines."""
    wide: str = ""
    """A regular expression on thousands of lines."""
    common: str = ""
    """A literal on tens of thousands of lines."""
    fuzzy: tuple[str, ...] = ()
    """Letters of names, in order."""


@dataclass(frozen=True)
class Tree:
    """A tree to index."""

    name: str
    title: str
    source: Source
    probes: Probes = field(default_factory=Probes)


@dataclass(frozen=True)
class Cache:
    """The directory in which trees and downloads are kept."""

    directory: Path

    @property
    def downloads(self) -> Path:
        path = self.directory / "downloads"
        path.mkdir(parents=True, exist_ok=True)
        return path

    def root(self, tree: Tree) -> Path:
        return self.directory / "trees" / tree.name

    def provide(self, tree: Tree) -> Path:
        """The root of a tree, fetched if it is not there."""
        root, stamp = self.root(tree), self._stamp(tree)
        if root.is_dir() and self._stamped(tree).get("source") == repr(tree.source):
            return root
        partial = root.with_name(f"{tree.name}.partial")
        for leftover in (root, partial):
            shutil.rmtree(leftover, ignore_errors=True)
        root.parent.mkdir(parents=True, exist_ok=True)
        print(f"fetching {tree.title}", file=sys.stderr)
        what = tree.source.fetch(self, partial)
        (partial / ".git").mkdir(exist_ok=True)
        partial.rename(root)
        stamp.write_text(json.dumps({"what": what, "source": repr(tree.source)}))
        return root

    def what(self, tree: Tree) -> str:
        """What was fetched for a tree; empty if nothing was."""
        return self._stamped(tree).get("what", "")

    def _stamped(self, tree: Tree) -> dict[str, str]:
        stamp = self._stamp(tree)
        return dict(json.loads(stamp.read_text())) if stamp.exists() else {}

    def _stamp(self, tree: Tree) -> Path:
        return self.directory / "trees" / f"{tree.name}.json"


@dataclass(frozen=True)
class PythonSource:
    """A source distribution from PyPI."""

    project: str
    version: str
    sha256: str

    def fetch(self, cache: Cache, into: Path) -> str:
        archive = cache.downloads / f"{self.project}-{self.version}.tar.gz"
        if not archive.exists():
            pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", f"--no-binary={self.project}"]
            run(*pip, f"{self.project}=={self.version}", cwd=cache.downloads)
        if sha256(archive) != self.sha256:
            raise BenchError(f"{archive} is not the file that was pinned; remove it to fetch it again")
        unpacked = unpack_tar(archive, into.with_suffix(".unpacked"))
        move_only_child(unpacked, into)
        return f"{self.project} {self.version} from PyPI"


@dataclass(frozen=True)
class DebianSource:
    """A package of sources from Debian's archive. A version that left the archive is replaced by the one that is there."""

    package: str
    version: str
    sha256: str
    contents: "Contents"

    def fetch(self, cache: Cache, into: Path) -> str:
        version, note = self.version, ""
        archive = self._archive(cache, version)
        if archive is None:
            version = candidate(self.package)
            note = f" ({self.version} is gone)" if version != self.version else ""
            archive = self._archive(cache, version)
        if archive is None:
            raise BenchError(f"apt-get cannot download {self.package}; `apt-get update` may help")
        if version == self.version and sha256(archive) != self.sha256:
            raise BenchError(f"{archive} is not the file that was pinned; remove it to fetch it again")
        package = into.with_suffix(".package")
        run("dpkg-deb", "--extract", str(archive), str(package), cwd=cache.downloads)
        self.contents.take(package, into)
        shutil.rmtree(package)
        return f"{self.package} {version} from Debian{note}"

    def _archive(self, cache: Cache, version: str) -> Path | None:
        pattern = f"{self.package}_{version.replace(':', '%3a')}_*.deb"
        if not any(cache.downloads.glob(pattern)):
            apt = ["apt-get", "download", "--quiet", f"{self.package}={version}"]
            subprocess.run(apt, cwd=cache.downloads, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        return next(cache.downloads.glob(pattern), None)


class Contents(Protocol):
    """What of an unpacked package is the tree."""

    def take(self, package: Path, into: Path) -> None: ...


@dataclass(frozen=True)
class Directory:
    """A directory of the package, named by a pattern."""

    pattern: str

    def take(self, package: Path, into: Path) -> None:
        only(package.glob(self.pattern)).rename(into)


@dataclass(frozen=True)
class Zip:
    """A zip file in the package."""

    pattern: str

    def take(self, package: Path, into: Path) -> None:
        with zipfile.ZipFile(only(package.glob(self.pattern))) as archive:
            archive.extractall(into)


@dataclass(frozen=True)
class LinuxTar:
    """The kernel's sources. Debian ends their .gitignore with a section of its own that ignores every file: it is cut off."""

    pattern: str

    def take(self, package: Path, into: Path) -> None:
        unpacked = unpack_tar(only(package.glob(self.pattern)), into.with_suffix(".unpacked"))
        move_only_child(unpacked, into)
        rules = into / ".gitignore"
        ours, _, _ = rules.read_text().partition("#\n# Debian packaging")
        rules.write_text(ours)


@dataclass(frozen=True)
class Sample:
    """Files of another tree, taken in an order that has nothing to do with what they are until there are so many bytes: a larger
    sample of the same files holds every smaller one and is made of the same mix."""

    of: Tree
    below: str
    suffix: str
    byte_count: int

    def fetch(self, cache: Cache, into: Path) -> str:
        root = cache.provide(self.of)
        taken = 0
        for path in sorted(self._files(root), key=lambda path: hashlib.sha256(str(path).encode()).digest()):
            if taken >= self.byte_count:
                break
            (into / path).parent.mkdir(parents=True, exist_ok=True)
            os.link(root / path, into / path)
            taken += (root / path).stat().st_size
        if taken < self.byte_count:
            raise BenchError(f"{root / self.below} has only {taken} bytes of {self.suffix} to take from")
        return f"{taken / MEGABYTE:.0f} MB of {self.below or 'all'} in {cache.what(self.of)}"

    def _files(self, root: Path) -> Iterator[Path]:
        for path in (root / self.below).rglob(f"*{self.suffix}"):
            if path.is_file() and not path.is_symlink() and path.stat().st_size <= PARSED_BYTES_MAX:
                yield path.relative_to(root)


@dataclass(frozen=True)
class Together:
    """Other trees side by side, each in a directory of its name. The files are linked, not copied."""

    of: tuple[Tree, ...]

    def fetch(self, cache: Cache, into: Path) -> str:
        # With a `.git` of its own each would be another project.
        without_git = shutil.ignore_patterns(".git")
        for tree in self.of:
            root = cache.provide(tree)
            shutil.copytree(root, into / tree.name, symlinks=True, copy_function=os.link, ignore=without_git)
        return " and ".join(cache.what(tree) for tree in self.of)


def run(*command: str, cwd: Path) -> None:
    """Runs a command whose output matters only when it fails."""
    done = subprocess.run(command, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode != 0:
        raise BenchError(f"`{' '.join(command)}` failed:\n{done.stdout.strip()}")


def candidate(package: str) -> str:
    """The version of a package that Debian has now."""
    policy = subprocess.run(["apt-cache", "policy", package], capture_output=True, text=True, check=False).stdout
    versions = [line.split(":", 1)[1].strip() for line in policy.splitlines() if line.strip().startswith("Candidate:")]
    if not versions or versions[0] == "(none)":
        raise BenchError(f"apt knows no {package}; `apt-get update` may help")
    return versions[0]


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def unpack_tar(archive: Path, into: Path) -> Path:
    shutil.rmtree(into, ignore_errors=True)
    with tarfile.open(archive) as opened:
        opened.extractall(into, filter="data")
    return into


def move_only_child(directory: Path, into: Path) -> None:
    only(directory.iterdir()).rename(into)
    directory.rmdir()


def only(paths: Iterator[Path]) -> Path:
    found = list(paths)
    if len(found) != 1:
        raise BenchError(f"one path was expected, and there are {len(found)}")
    return found[0]


DJANGO = Tree(
    name="django",
    title="Django 5.2.8",
    source=PythonSource("django", "5.2.8", "23254866a5bb9a2cfa6004e8b809ec6246eba4b58a7589bc2772f1bcc8456c7f"),
    probes=Probes(
        definition="QuerySet",
        edited="django/utils/text.py",
        edit="def {name}():\n    pass\n",
        rare="get_deferred_fields",
        regex=r"raise \w+Error\(\s*$",
        common="self.assertEqual(",
        fuzzy=("qryst", "modladmin", "htresp", "migrtexec", "tmplloader"),
    ),
)

GO = Tree(
    name="go",
    title="Go 1.19",
    source=DebianSource(
        "golang-1.19-src",
        "1.19.8-2",
        "2dfa82fe4f08f4e0193c532e561af4c91871f5235608f04f2bb8d57bb288df5a",
        Directory("usr/share/go-1.19"),
    ),
    probes=Probes(definition="NewRequestWithContext", edited="src/strings/strings.go", edit="func {name}() {{}}\n"),
)

JDK = Tree(
    name="jdk",
    title="OpenJDK 17",
    source=DebianSource(
        "openjdk-17-source",
        "17.0.21.1+2-1~deb12u1",
        "5106aa3881e3b49568823ebdfc3755d4043f6f53bbfc996d0efee03172dc0a9b",
        Zip("usr/lib/jvm/openjdk-17/lib/src.zip"),
    ),
    probes=Probes(definition="ConcurrentHashMap"),
)

JDK_AND_GO = Tree(name="jdk-go", title="OpenJDK 17 and Go 1.19", source=Together((JDK, GO)))
"""More than 20,000 files about which questions were written."""

LINUX = Tree(
    name="linux",
    title="Linux 6.1",
    source=DebianSource(
        "linux-source-6.1",
        "6.1.192-2",
        "ae95fe63d4c553f8d0e6c86cb1ab566f3894a43743eb19ab585cd97d82f26514",
        LinuxTar("usr/src/linux-source-6.1.tar.xz"),
    ),
    probes=Probes(
        definition="kmem_cache_create",
        edited="mm/slab_common.c",
        edit="int {name}(void) {{ return 0; }}\n",
        rare="kvm_vcpu_on_spin",
        regex=r"mutex_(un)?lock\(&\w+->io_lock\)",
        wide=r"static int __init \w+_init\(void\)",
        common="return -EINVAL",
        fuzzy=("kmemcache", "schedtask", "vfsread", "pcidevprobe", "netifrx"),
    ),
)

GROWTH = (1, 2, 4, 8)
"""How many times larger the samples of one kind become."""


def _growing(name: str, title: str, of: Tree, below: str, suffix: str, megabytes: int) -> tuple[Tree, ...]:
    def sample(times: int) -> Tree:
        source = Sample(of, below, suffix, times * megabytes * MEGABYTE)
        return Tree(f"{name}-{times}x", f"{title}, {times * megabytes} MB", source)

    return tuple(sample(times) for times in GROWTH)


GROWING_PYTHON = _growing("growing-python", "Python (Django)", DJANGO, "", ".py", 2)
GROWING_GO = _growing("growing-go", "Go", GO, "src", ".go", 7)
GROWING_C = _growing("growing-c", "C (Linux drivers)", LINUX, "drivers", ".c", 8)
GROWING_MACROS = _growing("growing-macros", "C macros (Linux amdgpu headers)", LINUX, "drivers/gpu/drm/amd", ".h", 8)
