"""Lines of JSON as a program prints them or a socket gives them, each with the moment at which it came."""

import json
import os
import select
import time
from collections import deque
from typing import Any

from .errors import BenchError

READ_BYTES = 1 << 20
PATIENCE_SECONDS = 60.0
"""Longest that a line which must come may take."""


class Lines:
    """Reads from a descriptor by itself, because who reads in a thread of its own is told later."""

    def __init__(self, descriptor: int, what: str) -> None:
        self._descriptor = descriptor
        self._what = what
        self._whole: deque[tuple[float, bytes]] = deque()
        self._rest = b""

    def next(self, patience: float = PATIENCE_SECONDS) -> tuple[float, dict[str, Any]]:
        """The next line, and when it came by the performance counter."""
        until = time.perf_counter() + patience
        while not self._whole:
            left = until - time.perf_counter()
            if left <= 0 or not select.select([self._descriptor], [], [], left)[0]:
                raise TimeoutError(f"{self._what} told nothing for {patience:g} s")
            self._read()
        at, line = self._whole.popleft()
        return at, json.loads(line)

    def drain(self) -> None:
        """Forgets what has come."""
        while select.select([self._descriptor], [], [], 0)[0]:
            self._read()
        self._whole.clear()

    def _read(self) -> None:
        read = os.read(self._descriptor, READ_BYTES)
        at = time.perf_counter()
        if not read:
            raise BenchError(f"{self._what} ended")
        *whole, self._rest = (self._rest + read).split(b"\n")
        self._whole.extend((at, line) for line in whole if line)
