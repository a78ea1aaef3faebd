"""How something is measured: by turns with what it is compared with, in rounds, on a machine that others may be using too.

A round takes every reading of an experiment once, one right after the other, so that what disturbs one disturbs them all; ratios
are taken within a round. A round during which processes that are not ours kept too much of the machine busy is taken again, and of
all rounds the least disturbed count.
"""

import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from . import processes
from .errors import BenchError, PeerError
from .results import Round
from .tools import Tools

FOREIGN_CORES_MAX = 0.15
"""A round in which others kept more than so many cores busy is disturbed."""

MEMORY_LEFT_MIN = 2 << 30
"""A peer is ended before the machine has less memory left."""


@dataclass(frozen=True)
class Patience:
    """What is done about others who use the machine."""

    seconds: float
    """How long a round waits for them to leave it alone."""
    extra_rounds: int
    """How many disturbed rounds of an experiment are taken again."""


def rounds(count: int, patience: Patience, take: Callable[[], Round]) -> list[Round]:
    """Takes rounds until enough of them are undisturbed, or patience with the others ends."""
    taken: list[Round] = []
    while sum(not is_disturbed(one) for one in taken) < count and len(taken) < count + patience.extra_rounds:
        await_quiet(patience.seconds)
        foreigners = processes.Foreigners()
        one = take()
        taken.append(Round(one.readings, one.bounds, foreigners.cores()))
        disturbed = " (disturbed)" if is_disturbed(taken[-1]) else ""
        print(f"    round {len(taken)}: {shown(one.readings)}{disturbed}", file=sys.stderr)
    return sorted(taken, key=lambda one: one.foreign_cores)[:count]


def is_disturbed(one: Round) -> bool:
    return one.foreign_cores > FOREIGN_CORES_MAX


def shown(readings: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {value:.4g}" for name, value in readings.items())


def await_quiet(seconds_max: float) -> None:
    """Waits until others leave the machine alone for a second, but not for longer than this."""
    until = time.monotonic() + seconds_max
    while time.monotonic() < until:
        foreigners = processes.Foreigners()
        time.sleep(1)
        if foreigners.cores() <= FOREIGN_CORES_MAX:
            return


@contextmanager
def on_one_core(pid: int) -> Iterator[None]:
    """Keeps this process, what it starts, and another process on one core. Left alone the system puts the two ends of a socket on
    one core or on two, by chance, and to wake the other core takes longer than the answer."""
    every = os.sched_getaffinity(0)
    processes.place(pid, {min(every)})
    os.sched_setaffinity(0, {min(every)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, every)
        processes.place(pid, every)


def settle() -> None:
    """Has the system write what was left to write, so that the next measurement does not pay for the last one."""
    os.sync()


@dataclass(frozen=True)
class Turns:
    """What a command took, run by turns with others."""

    seconds: float
    """The median."""
    lines: int
    """Lines it printed."""


def by_turns(
    tools: Tools, laps: int, directory: Path, environment: Mapping[str, str], commands: Sequence[Sequence[str]]
) -> list[Turns]:
    """Runs commands by turns; each must succeed or, like grep, find nothing."""
    words = [word for command in commands for word in ("--", *command)]
    watch = [tools["stopwatch"], str(laps), str(directory), *words]
    done = subprocess.run(watch, env=dict(environment), stdout=subprocess.PIPE, check=True)
    turns = []
    for command, taken in zip(commands, json.loads(done.stdout), strict=True):
        if not set(taken["exit"]) <= {0, 1}:
            raise BenchError(f"`{' '.join(command)}` ended with {taken['exit'][0]}")
        turns.append(Turns(statistics.median(taken["elapsed_us"]) / 1e6, taken["lines"][0]))
    return turns


@dataclass(frozen=True)
class Bounded:
    """A command that was not allowed everything."""

    seconds: float
    peak_bytes: int
    ended: str
    """Why it was ended before it was done; empty if it was not."""
    stdout: str


def bounded(
    command: Sequence[str], directory: Path, environment: Mapping[str, str], seconds_max: float, memory_max: int
) -> Bounded:
    """Runs a peer that may want more time or memory than there is, and ends it when it does."""
    with tempfile.TemporaryFile(mode="w+") as output:
        since = time.monotonic()
        child = subprocess.Popen(
            # Address space is more than memory; the bound is for what grows too fast to be seen growing.
            ["prlimit", f"--as={2 * memory_max}", *command],
            cwd=directory,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        ended = ""
        with processes.MemoryWatch(lambda: child.pid) as watch:
            try:
                while child.poll() is None and not ended:
                    time.sleep(0.02)
                    if time.monotonic() - since > seconds_max:
                        ended = f"ended after {seconds_max:.0f} s, before it was done"
                    elif watch.peak_bytes > memory_max or memory_left() < MEMORY_LEFT_MIN:
                        ended = f"ended at {watch.peak_bytes / 1e9:.1f} GB of memory, before it was done"
                seconds = time.monotonic() - since
            finally:
                if child.poll() is None:
                    # Only the group that was started for it.
                    os.killpg(child.pid, signal.SIGKILL)
                    child.wait()
        if not ended and child.returncode != 0:
            raise PeerError(f"{Path(command[0]).name} ended with {child.returncode}")
        output.seek(0)
        return Bounded(seconds, watch.peak_bytes, ended, output.read())


def memory_left() -> int:
    """Memory that the machine could still give."""
    lines = Path("/proc/meminfo").read_text().splitlines()
    return next(int(line.split()[1]) << 10 for line in lines if line.startswith("MemAvailable:"))


def timed(command: Sequence[str], directory: Path, environment: Mapping[str, str]) -> float:
    """Seconds a command takes whose output nobody needs."""
    since = time.perf_counter()
    done = subprocess.run(
        command,
        cwd=directory,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,
    )
    seconds = time.perf_counter() - since
    if done.returncode != 0:
        raise BenchError(f"`{' '.join(command)}` ended with {done.returncode}")
    return seconds
