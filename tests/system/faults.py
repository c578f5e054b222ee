"""What can go wrong with the machine and its processes: each fault can be begun and ended."""

from __future__ import annotations

import contextlib
import os
import random
import resource
import shutil
import signal
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from postgres import Cluster
from stack import ROOT, Stack, Visitor

from web.tokens import Tokens

ROUNDS = int(os.environ.get("ROUNDS", "0"))
"""So many times every fault is to be tried; 0 in `make test`, which tries some of them once."""
SIZE = 96 + 16 * ROUNDS
"""Megabytes of the disk that the processes of `Site` write to: a round keeps some nine of them."""
_CASES = "cases"
_PROCESSES = ("rasa", "actions", "web", "desk", "delivery")


class Site:
    """The processes with the time limits of production, on a small disk and a copy that breaks."""

    def __init__(self, folder: Path) -> None:
        disk = folder / "disk"
        disk.mkdir()
        self.mounted = _mount(disk)
        self.stack = Stack(disk, _breakable(folder / "project"), **PRODUCTION)
        self.visitors: list[Visitor] = []
        self._cluster: Cluster | None = None
        self._file = self.stack.environment["KOMPAS_DATABASE_URL"]
        self._kept: dict[str, Any] = {}
        self.random = random.Random(0)  # noqa: S311 - repeatable, not secret

    def close(self) -> None:
        """End the processes and give the disk back."""
        self.stack.stop()
        if self._cluster is not None:
            self._cluster.close()
        if self.mounted:
            # lazily: a failed test may still hold a file of it open
            subprocess.run(["umount", "--lazy", str(self.stack.folder)], check=False)

    def sender(self, visitor: Visitor) -> str:
        """The id of a conversation."""
        sender = Tokens(self.stack.environment["KOMPAS_TOKEN_SECRET"]).sender(visitor.token)
        assert sender
        return sender

    # --- processes -------------------------------------------------------------------------

    def kill(self, *names: str) -> None:
        """As a crash does."""
        for name in names:
            self.stack.kill(name)

    def start(self, *names: str) -> None:
        """As the supervisor does."""
        self.stack.start(*names)

    def stall(self, name: str) -> None:
        """Let a process take requests in and do nothing."""
        self.stack.signal(name, signal.SIGSTOP)

    def go_on(self, name: str) -> None:
        """Let it go on."""
        self.stack.signal(name, signal.SIGCONT)

    # --- the disk --------------------------------------------------------------------------

    def fill(self) -> None:
        """Leave no byte for anybody: on a disk of our own, else by a limit on the processes."""
        if not self.mounted:
            for name in _PROCESSES:
                _, most = resource.prlimit(self.stack.pid(name), resource.RLIMIT_FSIZE)
                resource.prlimit(self.stack.pid(name), resource.RLIMIT_FSIZE, (0, most))
            return
        ballast = (self.stack.folder / "ballast").open("wb", buffering=0)
        with ballast, contextlib.suppress(OSError):
            # down to the last page
            for size in (1 << 20, 1 << 12):
                with contextlib.suppress(OSError):
                    while True:
                        ballast.write(bytes(size))

    def empty(self) -> None:
        """Give it back."""
        if not self.mounted:
            for name in _PROCESSES:
                _, most = resource.prlimit(self.stack.pid(name), resource.RLIMIT_FSIZE)
                resource.prlimit(self.stack.pid(name), resource.RLIMIT_FSIZE, (most, most))
            return
        (self.stack.folder / "ballast").unlink()

    # --- databases -------------------------------------------------------------------------

    def lock(self, name: str) -> None:
        """Hold a database for oneself alone, as a copying tool or a stuck process does."""
        connection = sqlite3.connect(self.stack.folder / name, timeout=60, isolation_level=None)
        if name not in ("desk.db", "tracker.db"):
            # readers, too; where connections are kept open, nobody can be alone beside them
            connection.execute("PRAGMA locking_mode=EXCLUSIVE")
        connection.execute("BEGIN EXCLUSIVE")
        self._kept[name] = connection

    def unlock(self, name: str) -> None:
        """Let go of it."""
        connection = self._kept.pop(name)
        connection.execute("ROLLBACK")
        connection.close()

    def take_away(self, name: str) -> None:
        """Move a database elsewhere."""
        away = self.stack.folder / "away"
        away.mkdir(exist_ok=True)
        for file in self.stack.folder.glob(f"{name}*"):
            file.rename(away / file.name)

    def bring_back(self, name: str) -> None:
        """Move it back, over what was made in its place."""
        for file in self.stack.folder.glob(f"{name}*"):
            file.unlink()
        for file in (self.stack.folder / "away").glob(f"{name}*"):
            file.rename(self.stack.folder / file.name)

    def keep_cases(self, *, on_server: bool) -> None:
        """Let the desk keep its cases in PostgreSQL, or in its file."""
        environment = self.stack.environment
        address = self._file
        if on_server and self._cluster is None:
            self._cluster = Cluster()
            self._cluster.create(_CASES)
        if on_server and self._cluster is not None:
            address = self._cluster.url(_CASES)
        if address != environment["KOMPAS_DATABASE_URL"]:
            environment["KOMPAS_DATABASE_URL"] = address
            self.kill("desk")
            self.start("desk")

    def stop_server(self) -> None:
        """End PostgreSQL as a power cut does."""
        assert self._cluster is not None
        self._cluster.crash()

    def start_server(self) -> None:
        """Start it again."""
        assert self._cluster is not None
        self._cluster.start()

    def damage_rows(self, *, every: bool = False) -> None:
        """Write garbage over an event in the middle of each conversation, or over every one."""
        with contextlib.closing(sqlite3.connect(self.stack.folder / "tracker.db")) as connection:
            connection.execute("PRAGMA busy_timeout=60000")
            for visitor in self.visitors:
                found = connection.execute(
                    "SELECT id FROM events WHERE sender_id = ? ORDER BY id",
                    (self.sender(visitor),),
                ).fetchall()
                hit = found if every else [self.random.choice(found[len(found) // 3 :])]
                connection.executemany("UPDATE events SET data = '{\"ev' WHERE id = ?", hit)
            connection.commit()

    # --- catalogues ------------------------------------------------------------------------

    def break_catalogues(self) -> None:
        """Leave half of every compiled catalogue, as a copy that was cut off does."""
        for file in self._catalogues():
            self._kept[str(file)] = file.read_bytes()
            file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])

    def mend_catalogues(self) -> None:
        """Put them back."""
        for file in self._catalogues():
            file.write_bytes(self._kept.pop(str(file)))

    def _catalogues(self) -> list[Path]:
        return sorted((self.stack.root / "locales").rglob("*.mo"))


PRODUCTION = {"KOMPAS_REPLY_TIMEOUT": "5", "KOMPAS_DESK_TIMEOUT": "2.5"}
"""The limits that are the default of a real site."""


@dataclass(frozen=True)
class Fault:
    """Something that goes wrong, and how it is put right.

    Without `answered` the site itself is away, and no reply can come from it; one that `cuts`
    takes the site away for those only whose request is under way. `loses`: what a visitor said
    may be lost, and is said to be. `slow`: the model is loaded again after it. `on_server`: the
    desk keeps its cases in PostgreSQL.
    """

    name: str
    begin: Callable[[Site], None]
    end: Callable[[Site], None]
    answered: bool = True
    cuts: bool = False
    loses: bool = False
    slow: bool = False
    on_server: bool = False

    @contextlib.contextmanager
    def under_way(self, site: Site) -> Iterator[None]:
        """While it is so."""
        self.begin(site)
        try:
            yield
        finally:
            self.end(site)


def _killed(name: str) -> Fault:
    def begin(site: Site) -> None:
        site.kill(name)

    def end(site: Site) -> None:
        site.start(name)

    return Fault(f"{name} killed", begin, end, answered=name != "web", slow=name == "rasa")


def _stalled(name: str) -> Fault:
    def begin(site: Site) -> None:
        site.stall(name)

    def end(site: Site) -> None:
        site.go_on(name)

    return Fault(f"{name} stalled", begin, end, answered=name != "web")


def _stalled_and_killed(name: str) -> Fault:
    def begin(site: Site) -> None:
        site.stall(name)

    def end(site: Site) -> None:
        site.kill(name)
        site.start(name)

    return Fault(
        f"{name} stalled, then killed", begin, end, answered=name != "web", slow=name == "rasa"
    )


def _locked(name: str) -> Fault:
    def begin(site: Site) -> None:
        site.lock(f"{name}.db")

    def end(site: Site) -> None:
        site.unlock(f"{name}.db")

    return Fault(f"{name}.db locked", begin, end)


def _away(name: str) -> Fault:
    def begin(site: Site) -> None:
        site.take_away(f"{name}.db")

    def end(site: Site) -> None:
        site.bring_back(f"{name}.db")

    return Fault(f"{name}.db away", begin, end)


def _nothing(site: Site) -> None:
    pass


def _damage_all(site: Site) -> None:
    site.damage_rows(every=True)


def _restart_with_broken_catalogues(site: Site) -> None:
    site.break_catalogues()
    site.kill("web", "actions", "desk", "delivery")
    site.start("web", "actions", "desk", "delivery")


def _restart_all(site: Site) -> None:
    site.kill(*_PROCESSES)
    site.start(*_PROCESSES)


def _fill_and_restart(site: Site) -> None:
    site.fill()
    site.kill("web", "actions")
    site.stack.start_only("web", "actions")
    site.stack.wait_until_there("web", "/healthz")
    site.stack.wait_until_there("actions", "/health")


def _restart_rasa_with_broken_catalogues(site: Site) -> None:
    site.break_catalogues()
    site.kill("rasa")
    site.start("rasa")


FAULTS = (
    _killed("rasa"),
    _killed("actions"),
    _killed("web"),
    _killed("desk"),
    _killed("delivery"),
    _stalled("rasa"),
    _stalled("actions"),
    _stalled("web"),
    _stalled("desk"),
    _stalled("delivery"),
    _stalled_and_killed("rasa"),
    _stalled_and_killed("actions"),
    _stalled_and_killed("desk"),
    Fault("disk full", Site.fill, Site.empty),
    Fault("disk full at a restart", _fill_and_restart, Site.empty, cuts=True),
    _locked("tracker"),
    _away("tracker"),
    _locked("desk"),
    _away("desk"),
    _locked("outbox"),
    Fault("catalogues cut off", Site.break_catalogues, Site.mend_catalogues),
    Fault(
        "catalogues cut off at a restart",
        _restart_with_broken_catalogues,
        Site.mend_catalogues,
        cuts=True,
    ),
    Fault(
        "catalogues cut off at a restart of rasa",
        _restart_rasa_with_broken_catalogues,
        Site.mend_catalogues,
        slow=True,
    ),
    Fault("damaged events", Site.damage_rows, _nothing, loses=True),
    Fault("nothing but damage", _damage_all, _nothing, loses=True),
    Fault("everything restarted", _restart_all, _nothing, cuts=True, slow=True),
    Fault("PostgreSQL of the desk stopped", Site.stop_server, Site.start_server, on_server=True),
)


def _mount(folder: Path) -> bool:
    """A small disk in memory at `folder`, where this is allowed."""
    if os.geteuid() != 0:
        return False
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SIZE}m", "kompas-test", str(folder)],
        capture_output=True,
        check=False,
    )
    return done.returncode == 0


def _breakable(folder: Path) -> Path:
    """The project as it is, with catalogues of its own."""
    folder.mkdir()
    for path in ROOT.iterdir():
        if path.name not in ("locales", "var", ".git"):
            (folder / path.name).symlink_to(path)
    shutil.copytree(ROOT / "locales", folder / "locales")
    return folder
