"""The programs that Vigie is compared with: how each is installed, and how it indexes a tree."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from .errors import PeerError

LEINDEX_VERSION = "2.1.5"

LEINDEX_FEATURES = "cli,remote-embeddings"
"""The fewest with which this version compiles: `cli` alone does not. What they add to it is switched off by its configuration."""

DEBIAN_PACKAGES = {
    "ctags": "universal-ctags",
    "cindex": "codesearch",
    "csearch": "codesearch",
    "rg": "ripgrep",
    "watchman": "watchman",
}

RG = ("rg", "--no-config", "--hidden", "--no-require-git", "--glob=!.git", "--line-number")
"""Searches the files that Vigie does, and prints what it prints."""


def install_debian(programs: set[str]) -> None:
    """Installs the programs that are missing."""
    packages = sorted({DEBIAN_PACKAGES[program] for program in programs if shutil.which(program) is None})
    if not packages:
        return
    sudo = [] if os.geteuid() == 0 else ["sudo"]
    for command in (["update", "-q"], ["install", "-q", "-y", "--no-install-recommends", *packages]):
        done = subprocess.run([*sudo, "apt-get", *command], stdout=subprocess.DEVNULL, check=False)
        if done.returncode != 0:
            raise PeerError(f"apt-get cannot install {', '.join(packages)}")


def versions(programs: set[str]) -> dict[str, str]:
    """The version of each Debian package that the programs are from."""
    packages = sorted({DEBIAN_PACKAGES[program] for program in programs})
    query = ["dpkg-query", "--show", "--showformat=${Package} ${Version}\n", *packages]
    shown = subprocess.run(query, capture_output=True, text=True, check=False).stdout
    return dict(line.split(" ", 1) for line in shown.splitlines())


@dataclass(frozen=True)
class LeIndex:
    """LeIndex in a directory of its own, with its neural part switched off."""

    directory: Path

    @property
    def program(self) -> Path:
        return self.directory / "bin" / "leindex"

    @property
    def environment(self) -> dict[str, str]:
        home = str(self.directory / "leindex-home")
        # It walks syntax trees by recursion, and overflows the usual stack on a test of the Go tree.
        stack = {"RUST_MIN_STACK": str(1 << 30)}
        return {"HOME": home, "LEINDEX_HOME": home, "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"} | stack

    def install(self) -> None:
        """Builds it, unless that has been done."""
        if self.program.exists():
            return
        print(f"building LeIndex {LEINDEX_VERSION}; it takes minutes", file=sys.stderr)
        self.directory.mkdir(parents=True, exist_ok=True)
        build = self.directory / "leindex-build"
        log = self.directory / "leindex-build.log"
        command = ["cargo", "install", "--locked", f"leindex@{LEINDEX_VERSION}", "--root", str(self.directory)]
        features = ["--no-default-features", "--features", LEINDEX_FEATURES]
        environment = os.environ | {"CARGO_TARGET_DIR": str(build)}
        with log.open("w") as file:
            done = subprocess.run([*command, *features], env=environment, stdout=file, stderr=file, check=False)
        if done.returncode != 0:
            raise PeerError(f"LeIndex {LEINDEX_VERSION} does not build here: {last_error(log)} ({log})")
        Path(self.environment["HOME"]).mkdir(exist_ok=True)
        switch = [str(self.program), "config", "set", "neural.enabled", "false"]
        subprocess.run(switch, env=self.environment, stdout=subprocess.DEVNULL, check=True)
        shutil.rmtree(build)


def last_error(log: Path) -> str:
    """The last line of a build's log that says what is wrong."""
    errors = [line for line in log.read_text(errors="replace").splitlines() if line.startswith("error")]
    return errors[-1] if errors else "no reason was given"
