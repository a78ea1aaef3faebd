"""What a run was taken on."""

import os
import platform
import subprocess
from datetime import UTC, datetime
from pathlib import Path

from . import bounds


def describe() -> dict[str, str]:
    """The machine, by what matters."""
    memory = next(line for line in Path("/proc/meminfo").read_text().splitlines() if line.startswith("MemTotal:"))
    return {
        "processor": f"{_processor()}, {os.cpu_count()} cores",
        "memory": f"{int(memory.split()[1]) / (1 << 20):.0f} GiB",
        "system": f"{platform.freedesktop_os_release()['PRETTY_NAME']}, Linux {platform.release()}",
        "memory is bounded by": bounds.means(),
        "measured": f"{now()} UTC",
    }


def now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%d %H:%M")


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def commit(workspace: Path) -> str:
    """The commit that is checked out, and whether anything that is built differs from it."""

    def git(*arguments: str) -> str:
        return subprocess.run(
            ["git", *arguments], cwd=workspace, capture_output=True, text=True, check=True
        ).stdout.strip()

    changed = git("status", "--porcelain", "--", "Cargo.lock", "client", "daemon", "proto")
    return git("rev-parse", "--short=10", "HEAD") + (" with changes" if changed else "")
