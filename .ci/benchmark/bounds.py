"""A bound on the memory of a daemon and all that it starts, by the strictest means that there are here:

- a control group, of either version, below the one that `VIGIE_BENCH_CGROUP` names, which its owner has given to the benchmarks;
- else one that systemd makes;
- else what each process may write to (`RLIMIT_DATA`), and the memory of all together is sampled.

No group is made beside or below the one that this process happens to be in: that one is somebody else's.
"""

import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

DELEGATED = "VIGIE_BENCH_CGROUP"
ENTER = 'echo $$ > "$0"/cgroup.procs && exec "$@"'
MEBIBYTE = 1 << 20


class Bound(Protocol):
    """What bounds a daemon."""

    @property
    def prefix(self) -> Sequence[str]:
        """The command that starts it in there."""

    def peak_bytes(self, pid: int) -> int | None:
        """The most that was taken, by the kernel's count; nothing if it does not count. The daemon must run still."""

    def killed(self, pid: int) -> int:
        """How many processes were killed for want of memory."""


@dataclass(frozen=True)
class Group:
    """A control group."""

    directory: Path

    @property
    def prefix(self) -> Sequence[str]:
        return ("sh", "-c", ENTER, str(self.directory))

    def peak_bytes(self, _: int) -> int | None:
        for name in ("memory.peak", "memory.max_usage_in_bytes"):
            with suppress(OSError):
                return int((self.directory / name).read_text())
        return None

    def killed(self, _: int) -> int:
        for name in ("memory.events", "memory.oom_control"):
            with suppress(OSError):
                told = dict(line.split() for line in (self.directory / name).read_text().splitlines())
                return int(told.get("oom_kill", 0))
        return 0

    def limit(self, limit_bytes: int) -> None:
        """Memory and swap."""
        is_unified = (self.directory / "memory.max").exists()
        limit, swap = ("memory.max", "memory.swap.max") if is_unified else ("memory.limit_in_bytes", "memory.swappiness")
        (self.directory / limit).write_text(str(limit_bytes))
        # Without swap in the kernel there is no such file, and nothing to forbid.
        with suppress(OSError):
            (self.directory / swap).write_text("0")


@dataclass(frozen=True)
class Scope:
    """A group that systemd makes for a command, and removes after it."""

    limit_bytes: int

    @property
    def prefix(self) -> Sequence[str]:
        whose = () if os.geteuid() == 0 else ("--user",)
        memory = ("-p", f"MemoryMax={self.limit_bytes}", "-p", "MemorySwapMax=0")
        return ("systemd-run", *whose, "--scope", "--quiet", "--collect", *memory)

    def peak_bytes(self, pid: int) -> int | None:
        return self._group(pid).peak_bytes(pid)

    def killed(self, pid: int) -> int:
        return self._group(pid).killed(pid)

    def _group(self, pid: int) -> Group:
        lines = Path(f"/proc/{pid}/cgroup").read_text().splitlines()
        path = next(line.split("::/", 1)[1] for line in lines if line.startswith("0::/"))
        return Group(Path("/sys/fs/cgroup") / path)


@dataclass(frozen=True)
class EachProcess:
    """A limit that every process has for itself."""

    limit_bytes: int

    @property
    def prefix(self) -> Sequence[str]:
        return ("prlimit", f"--data={self.limit_bytes}")

    def peak_bytes(self, _: int) -> int | None:
        return None

    def killed(self, _: int) -> int:
        return 0


def means() -> str:
    """What bounds memory here, as the report says it."""
    if os.environ.get(DELEGATED):
        return "a control group"
    return "a control group of systemd" if _has_systemd() else "RLIMIT_DATA of each process; all together is sampled"


@contextmanager
def bounded(limit_bytes: int) -> Iterator[Bound]:
    """A bound for one daemon, which must have ended at the end."""
    given = os.environ.get(DELEGATED)
    if given:
        group = Group(Path(given) / f"vigie-bench-{os.getpid()}")
        group.directory.mkdir()
        try:
            group.limit(limit_bytes)
            yield group
        finally:
            group.directory.rmdir()
    else:
        yield Scope(limit_bytes) if _has_systemd() else EachProcess(limit_bytes)


def _has_systemd() -> bool:
    if not Path("/run/systemd/system").is_dir() or not Path("/sys/fs/cgroup/cgroup.controllers").exists():
        return False
    probe = [*Scope(64 * MEBIBYTE).prefix, "true"]
    return subprocess.run(probe, stdin=subprocess.DEVNULL, capture_output=True, check=False).returncode == 0
