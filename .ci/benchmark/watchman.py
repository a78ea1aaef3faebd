"""Watchman, which tells what changes in a tree and knows nothing of what is in the files: one server with a socket and a state of
its own, asked by its own protocol, so that no client of it is measured."""

import json
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .errors import PeerError
from .lines import Lines

START_SECONDS_MAX = 10.0
SYNC_MILLISECONDS = 60_000


class Watchman:
    """A connection with a subscription to the files of a tree."""

    def __init__(self, connection: socket.socket, root: Path) -> None:
        self._connection = connection
        self._lines = Lines(connection.fileno(), "watchman")
        self._ask("watch", str(root))
        clock = self._ask("clock", str(root), {"sync_timeout": SYNC_MILLISECONDS})["clock"]
        wanted = {"fields": ["name"], "expression": ["type", "f"], "since": clock}
        self._ask("subscribe", str(root), "bench", wanted)

    def told(self) -> tuple[float, set[str]]:
        """The files that it names next, and when it did."""
        while True:
            at, line = self._lines.next()
            if "subscription" in line:
                return at, set(line.get("files", ()))

    def await_all(self, paths: set[str]) -> float:
        """The moment at which each of these files has been named."""
        left = set(paths)
        while True:
            at, files = self.told()
            left -= files
            if not left:
                return at

    def _ask(self, *words: Any) -> dict[str, Any]:
        self._connection.sendall(json.dumps(words).encode() + b"\n")
        while True:
            _, answer = self._lines.next()
            if "error" in answer:
                raise PeerError(f"watchman says {answer['error']}")
            if "subscription" not in answer:
                return answer
            if "subscribe" in answer:
                return answer


@contextmanager
def subscribed(root: Path) -> Iterator[Watchman]:
    """A server that watches a tree, settled as it settles by default."""
    with tempfile.TemporaryDirectory(prefix="vigie-bench-", dir="/tmp") as name:
        directory = Path(name)
        address = directory / "sock"
        files = [f"--sockname={address}", f"--logfile={directory / 'log'}", f"--pidfile={directory / 'pid'}"]
        command = [_program(), "--foreground", "--no-save-state", *files]
        environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": name}
        server = subprocess.Popen(
            command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            with _connected(address) as connection:
                yield Watchman(connection, root)
        except TimeoutError as error:
            raise PeerError(str(error)) from error
        finally:
            server.terminate()
            server.wait()


def _program() -> str:
    program = shutil.which("watchman")
    if program is None:
        raise PeerError("watchman is not installed")
    return program


def _connected(address: Path) -> socket.socket:
    until = time.monotonic() + START_SECONDS_MAX
    while True:
        connection = socket.socket(socket.AF_UNIX)
        try:
            connection.connect(str(address))
            return connection
        except OSError as error:
            connection.close()
            if time.monotonic() > until:
                raise PeerError(f"watchman does not start: {error}") from error
            time.sleep(0.01)
