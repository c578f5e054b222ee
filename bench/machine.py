"""What a figure was measured on: machine, versions, date, commit."""

from __future__ import annotations

import os
import platform
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
BUILD = ROOT / "build" / "bench"
BOT_PYTHON = ROOT / ".venv" / "bot" / "bin" / "python"


def describe() -> dict[str, Any]:
    """The machine and the state of the project, for the head of the report."""
    return {
        "processor": _field(Path("/proc/cpuinfo"), "model name") or platform.machine(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3, 1),
        "system": f"{platform.system()} {platform.release()}",
        # other work on the machine makes every figure worse
        "load_before": round(os.getloadavg()[0], 1),
        "date": datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
        "commit": commit(),
    }


def commit(root: Path = ROOT) -> str:
    """The commit that is checked out, read from the files of .git; empty when there is none."""
    folder = root / ".git"
    try:
        if folder.is_file():  # a linked work tree
            folder = root / folder.read_text().partition(":")[2].strip()
        head = (folder / "HEAD").read_text().strip()
        if not head.startswith("ref: "):
            return head[:12]
        name = head[5:]
        common = folder / "commondir"
        if common.is_file():
            folder = folder / common.read_text().strip()
        if (folder / name).is_file():
            return (folder / name).read_text().strip()[:12]
        for line in (folder / "packed-refs").read_text().splitlines():
            if line.endswith(f" {name}"):
                return line[:12]
    except OSError:
        pass
    return ""


def _field(path: Path, name: str) -> str:
    try:
        lines = path.read_text().splitlines()
    except OSError:
        return ""
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), "")
