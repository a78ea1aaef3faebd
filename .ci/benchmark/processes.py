"""Processes as /proc shows them: who descends from whom, what they hold in memory, how much of the machine they use."""

import ctypes
import os
import resource
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

PR_SET_CHILD_SUBREAPER = 36
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")

SAMPLES_PER_SECOND = 10


@dataclass(frozen=True)
class Process:
    """One line of the process table."""

    pid: int
    parent: int
    cpu_seconds: float
    """Its own and that of the children it has waited for."""


def adopt_orphans() -> None:
    """Makes this process the parent of descendants whose own parent ends, such as a daemon that a command leaves behind: it can
    then be waited for, and its processor time counts as ours."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "cannot adopt orphans")


def end(pid: int, patience: float = 10.0) -> None:
    """Waits for a child to end, and kills it when it does not."""
    until = time.monotonic() + patience
    while _is_running(pid):
        if time.monotonic() > until:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            return
        time.sleep(0.005)


def _is_running(pid: int) -> bool:
    try:
        return os.waitpid(pid, os.WNOHANG) == (0, 0)
    except ChildProcessError:
        return False


def place(pid: int, cores: set[int]) -> None:
    """Has every thread of a process run on these cores only."""
    for thread in Path(f"/proc/{pid}/task").iterdir():
        with suppress(ProcessLookupError):
            os.sched_setaffinity(int(thread.name), cores)


def descendants(pid: int) -> list[Process]:
    """A process and all that come from it; nothing if it has ended."""
    table = {process.pid: process for process in _table()}
    children: dict[int, list[Process]] = {}
    for process in table.values():
        children.setdefault(process.parent, []).append(process)
    found = [table[pid]] if pid in table else []
    for process in found:
        found.extend(children.get(process.pid, ()))
    return found


def _table() -> Iterator[Process]:
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            stat = (entry / "stat").read_text(errors="replace")
        except OSError:
            continue
        # The name stands in parentheses and may hold anything, also parentheses.
        fields = stat[stat.rindex(")") + 2 :].split()
        ticks = sum(int(field) for field in fields[11:15])
        yield Process(int(entry.name), int(fields[1]), ticks / TICKS_PER_SECOND)


def cpu_seconds(pid: int) -> float:
    """What a process and its descendants have taken of the processor, those that it has waited for included."""
    return sum(process.cpu_seconds for process in descendants(pid))


def memory_bytes(pid: int) -> int:
    """The memory of a process and its descendants, shared pages counted once (PSS)."""
    return sum(_pss_bytes(process.pid) for process in descendants(pid))


def _pss_bytes(pid: int) -> int:
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except PermissionError:
        # Workers hide their memory from everybody but root; what is resident is a little more than their share.
        return _resident_bytes(pid)
    except OSError:
        return 0
    return next((int(line.split()[1]) << 10 for line in rollup.splitlines() if line.startswith("Pss:")), 0)


def _resident_bytes(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE_BYTES
    except OSError:
        return 0


class MemoryWatch:
    """Samples the memory of a process and its descendants ten times a second; `peak_bytes` is the most it saw."""

    def __init__(self, pid: Callable[[], int | None]) -> None:
        self.peak_bytes = 0
        self._pid = pid
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._ended.set()
        self._thread.join()

    def _sample(self) -> None:
        while not self._ended.wait(1 / SAMPLES_PER_SECOND):
            pid = self._pid()
            if pid is not None:
                self.peak_bytes = max(self.peak_bytes, memory_bytes(pid))


class Foreigners:
    """How many cores processes that are not ours have kept busy since this was made."""

    def __init__(self) -> None:
        self._since = time.monotonic()
        self._machine = _machine_cpu_seconds()
        self._ours = _our_cpu_seconds()

    def cores(self) -> float:
        elapsed = time.monotonic() - self._since
        busy = _machine_cpu_seconds() - self._machine
        ours = _our_cpu_seconds() - self._ours
        return max(0.0, (busy - ours) / elapsed) if elapsed > 0 else 0.0


def _machine_cpu_seconds() -> float:
    """Time in which some core worked for somebody, other guests of a shared host included."""
    line = Path("/proc/stat").read_text().splitlines()[0]
    user, nice, system, _idle, _waiting, irq, soft_irq, steal = (int(field) for field in line.split()[1:9])
    return (user + nice + system + irq + soft_irq + steal) / TICKS_PER_SECOND


def ended_cpu_seconds() -> float:
    """What all descendants that have ended took of the processor."""
    return _used(resource.RUSAGE_CHILDREN)


def _our_cpu_seconds() -> float:
    running = sum(process.cpu_seconds for process in descendants(os.getpid())[1:])
    return _used(resource.RUSAGE_SELF) + ended_cpu_seconds() + running


def _used(who: int) -> float:
    usage = resource.getrusage(who)
    return usage.ru_utime + usage.ru_stime
