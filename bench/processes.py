"""Starting servers on free ports, waiting for them, weighing them and ending them."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from bench.machine import ROOT

_PATIENCE = 300


class PartFailed(Exception):
    """A part could not be measured; the text says what and why, for the report."""


def free_ports(count: int) -> list[int]:
    """Ports of loopback that nothing listens on."""
    with contextlib.ExitStack() as held:
        found = []
        for _ in range(count):
            listener = held.enter_context(socket.socket())
            listener.bind(("127.0.0.1", 0))
            found.append(listener.getsockname()[1])
        return found


@contextlib.contextmanager
def running(
    command: Sequence[str], log: Path, environment: Mapping[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
    """`command` until the block ends, then end it and all that it started."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        yield process
    finally:
        started = descendants(process.pid)
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for number in started:
            with contextlib.suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)


def wait_until_ready(
    addresses: Sequence[str], processes: Sequence[subprocess.Popen[bytes]], log: Path
) -> None:
    """Until each address answers 200. Raises `PartFailed` when that takes too long."""
    deadline = time.monotonic() + _PATIENCE
    missing = list(addresses)
    while missing:
        if any(process.poll() is not None for process in processes):
            raise PartFailed(f"a server ended while starting; its log: {log}")
        if time.monotonic() > deadline:
            raise PartFailed(f"not ready within {_PATIENCE} s; its log: {log}")
        missing = [address for address in missing if not _answers(address)]
        if missing:
            time.sleep(0.1)


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=5) as response:  # noqa: S310
            return bool(response.status == 200)
    except (OSError, urllib.error.HTTPError):
        return False


def descendants(root: int) -> list[int]:
    """Process ids of all that `root` started, and what those started."""
    children: dict[int, list[int]] = {}
    for number, parent in _parents():
        children.setdefault(parent, []).append(number)
    found: list[int] = []
    waiting = [root]
    while waiting:
        here = children.get(waiting.pop(), [])
        found += here
        waiting += here
    return found


def children(root: int) -> list[int]:
    """Process ids of what `root` itself started."""
    return [number for number, parent in _parents() if parent == root]


def command_line(number: int) -> str:
    """The command of a process; empty when it is gone."""
    try:
        return Path(f"/proc/{number}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""


def resident_bytes(root: int, with_descendants: bool = True) -> int:
    """Resident memory of a process and, unless told otherwise, of all that it started."""
    numbers = [root, *(descendants(root) if with_descendants else [])]
    return sum(_resident(number) for number in numbers)


def weigh(roots: Mapping[str, int]) -> Callable[[], dict[str, int]]:
    """A function that gives the resident memory of each of `roots`."""
    return lambda: {name: resident_bytes(number) for name, number in roots.items()}


def _parents() -> Iterator[tuple[int, int]]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                after_name = (entry / "stat").read_text().rpartition(")")[2]
            except OSError:
                continue
            yield int(entry.name), int(after_name.split()[1])


def _resident(number: int) -> int:
    try:
        lines = Path(f"/proc/{number}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS")), 0)
