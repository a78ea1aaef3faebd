"""Our own programs: the product, the floors it is measured against, and the watches. They are built and then copied, so that a
build that happens during a long run changes nothing that is measured."""

import hashlib
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

EXAMPLES = {"vigie-core": ("floors",), "vigie-tests": ("nothing", "stopwatch", "latency")}


@dataclass(frozen=True)
class Tools:
    """The directory with the copies."""

    directory: Path

    @classmethod
    def build(cls, workspace: Path, directory: Path) -> "Tools":
        """Builds everything and copies it."""
        cargo = ["cargo", "build", "--release", "--locked", "--quiet"]
        subprocess.run([*cargo, "--workspace", "--bins"], cwd=workspace, check=True)
        for package, examples in EXAMPLES.items():
            chosen = [word for example in examples for word in ("--example", example)]
            subprocess.run([*cargo, "--package", package, *chosen], cwd=workspace, check=True)
        built = Path(os.environ.get("CARGO_TARGET_DIR", workspace / "target")) / "release"
        directory.mkdir(parents=True, exist_ok=True)
        programs = [built / "vigie", built / "vigied"]
        programs += [built / "examples" / example for examples in EXAMPLES.values() for example in examples]
        for program in programs:
            # A new file, because the old one may be running still.
            (directory / program.name).unlink(missing_ok=True)
            shutil.copy2(program, directory / program.name)
        return cls(directory)

    def __getitem__(self, name: str) -> str:
        return str(self.directory / name)

    def path(self, program: str) -> str:
        """Where a program is: ours, or else one to look for in `PATH`."""
        ours = self.directory / program
        return str(ours) if ours.exists() else program

    def fingerprint(self) -> str:
        """Tells builds of the product apart."""
        digest = hashlib.sha256()
        for name in ("vigie", "vigied"):
            digest.update(Path(self[name]).read_bytes())
        return digest.hexdigest()
