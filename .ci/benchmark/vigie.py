"""One isolated Vigie: state and runtime directories of its own, nothing inherited, its daemon ended by its pid."""

import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import processes
from .errors import BenchError
from .tools import Tools


@dataclass(frozen=True)
class Ran:
    """A command that ended."""

    seconds: float
    exit: int
    stdout: bytes

    def lines(self) -> list[dict[str, Any]]:
        """What it printed under `--json`."""
        return [json.loads(line) for line in self.stdout.splitlines()]


class Vigie:
    """Where one daemon lives. It is started by the first command that needs it, as for a person."""

    def __init__(self, tools: Tools, state: Path) -> None:
        self._program = tools["vigie"]
        self._daemon = tools["vigied"]
        self._state = state
        # Under /tmp, because the address of a socket holds at most 107 bytes.
        self._runtime = Path(tempfile.mkdtemp(prefix="vigie-bench-", dir="/tmp"))
        state.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.environment = {
            "PATH": "/usr/bin:/bin",
            "LC_ALL": "C.UTF-8",
            "HOME": str(self._runtime),
            "XDG_STATE_HOME": str(state),
            "XDG_RUNTIME_DIR": str(self._runtime),
        }

    @property
    def socket(self) -> Path:
        return self._runtime / "vigie" / "vigied.sock"

    def run(self, directory: Path, *arguments: str, accepted: tuple[int, ...] = (0,)) -> Ran:
        """Runs a command in a directory; to end with any code that is not accepted is an error."""
        command = [self._program, *arguments]
        since = time.perf_counter()
        done = subprocess.run(
            command, cwd=directory, env=self.environment, stdin=subprocess.DEVNULL, capture_output=True, check=False
        )
        ran = Ran(time.perf_counter() - since, done.returncode, done.stdout)
        if ran.exit not in accepted:
            sentence = done.stderr.decode(errors="replace").strip()
            raise BenchError(f"`vigie {' '.join(arguments)}` in {directory} ended with {ran.exit}: {sentence}")
        return ran

    def start(self, *arguments: str, prefix: Sequence[str] = ()) -> None:
        """Starts the daemon with options of its own, or by a command that bounds what it may take."""
        command = [*prefix, self._daemon, "--announce", *arguments]
        # It stays a child, and is waited for when it is stopped.
        child = subprocess.Popen(
            command,
            env=self.environment,
            cwd=self._runtime,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert child.stdout is not None
        with child.stdout as announced:
            said = announced.readline().decode().strip()
        if not said.startswith("ready "):
            raise BenchError(f"`{' '.join(command)}` says {said or 'nothing'}")

    def follow(self, directory: Path, *arguments: str) -> "subprocess.Popen[bytes]":
        """Starts a command that prints lines until it is ended."""
        command = [self._program, *arguments]
        return subprocess.Popen(
            command,
            cwd=directory,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )

    def index(self, directory: Path) -> Ran:
        """Indexes a tree to the end; the index must be complete then."""
        ran = self.run(directory, "index", "--json")
        last = ran.lines()[-1]
        if last["type"] != "complete" or last["stats"]["files_pending"] > 0:
            raise BenchError(f"the index of {directory} is not complete: {last}")
        return ran

    def watch(self, directory: Path) -> None:
        """Has a tree followed; it must be indexed, and one that can be."""
        told = self.run(directory, "watch", "--json").lines()[-1]
        if told.get("watch") != "watched":
            raise BenchError(f"{directory} is not watched: {told}")
        # The first look at the whole tree.
        self.run(directory, "def", "--fresh", "nothing_that_is_here", accepted=(0, 1))

    def copy(self, state: Path, tools: Tools) -> "Vigie":
        """Another that knows the same, but has no facts of what it parsed. This one must be stopped."""
        shutil.copytree(self._state, state, ignore=shutil.ignore_patterns("facts", "vigied.*"))
        return Vigie(tools, state)

    def pid(self) -> int | None:
        """The daemon's process, if one was started."""
        try:
            lock = (self._state / "vigie" / "vigied.lock").read_text()
            return int(lock.splitlines()[0])
        except (OSError, ValueError, IndexError):
            return None

    def running_pid(self) -> int:
        """The daemon's process, which must run."""
        pid = self.pid()
        if pid is None or not self._is_ours(pid):
            raise BenchError("the daemon does not run")
        return pid

    def memory_bytes(self) -> int:
        """What the daemon and its workers hold now."""
        return processes.memory_bytes(self.running_pid())

    def store_bytes(self) -> int:
        """What the indexes take on disk."""
        return sum(path.stat().st_size for path in (self._state / "vigie" / "projects").iterdir())

    def stop(self) -> None:
        """Stops the daemon, which closes its stores."""
        pid = self.pid()
        if pid is None or not self._is_ours(pid):
            return
        os.kill(pid, signal.SIGTERM)
        processes.end(pid)

    def close(self) -> None:
        """Stops the daemon and removes its runtime directory."""
        self.stop()
        shutil.rmtree(self._runtime, ignore_errors=True)

    def _is_ours(self, pid: int) -> bool:
        """A lock file outlives its daemon, and the pid may be somebody else's by now."""
        try:
            environment = Path(f"/proc/{pid}/environ").read_bytes()
        except OSError:
            return False
        return f"XDG_STATE_HOME={self._state}".encode() in environment.split(b"\0")
