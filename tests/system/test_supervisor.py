"""The processes under their supervisor, as `make run` starts them: what dies is started again."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from faults import ROUNDS
from moments import Persistent
from stack import ROOT, Stack, fetch

# what the command line of each holds
_COMMANDS = {
    "rasa": b"bot.serve",
    "actions": b"rasa_sdk",
    "web": b"-m\0web\0",
    "desk": b"-m\0desk\0",
    "delivery": b"bot.delivery",
}
# what /readyz then says is missing; of the delivery nothing is missed within a minute
_MISSING = {
    "rasa": {"model", "tracker_store"},
    "actions": {"actions"},
    "desk": {"desk"},
}
_PATIENCE = 300.0
# a standstill is noticed after some twenty seconds: all of them, one by one, in make test-faults
_STALLED = [(name,) for name in _COMMANDS] if ROUNDS else [("web", "delivery")]


class Supervised:
    """supervisord with its children, on ports and with a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.stack = Stack(folder)
        self._log = self.stack.log("supervisord").open("wb")
        self.supervisor = subprocess.Popen(
            [ROOT / ".venv/web/bin/supervisord", "-n", "-c", ROOT / "supervisord.conf"],
            cwd=ROOT,
            env=self.stack.environment,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def pid(self, name: str) -> int | None:
        """The id under which a process runs now."""
        children = Path(f"/proc/{self.supervisor.pid}/task/{self.supervisor.pid}/children")
        for pid in children.read_text().split():
            try:
                command = Path(f"/proc/{pid}/cmdline").read_bytes()
            except OSError:
                continue
            # the interpreter itself, not the `env` before it
            if command.split(b"\0")[0].endswith(b"python") and _COMMANDS[name] in command:
                return int(pid)
        return None

    def is_watched(self, name: str) -> bool:
        """Whether the watchdog has heard of the process that runs now."""
        listed = {"rasa": "rasa_0"}.get(name, name)
        line = f"{listed} answers: process {self.pid(name)}."
        return line in self.stack.log("supervisord").read_text(errors="replace")

    def missing(self) -> set[str]:
        """What /readyz says is missing; the site itself when it does not answer."""
        try:
            body = fetch(self.stack, "GET", "/readyz").body
        except (OSError, http.client.HTTPException):
            return {"web"}
        return {name for name, up in {**body["parts"], **body["behind"]}.items() if not up}

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """While the supervisor does nothing: what died can be looked at before it is started."""
        self.supervisor.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.supervisor.send_signal(signal.SIGCONT)

    def stop(self) -> None:
        """End all of it."""
        self.supervisor.send_signal(signal.SIGTERM)
        try:
            self.supervisor.wait(timeout=60)
        finally:
            self.supervisor.kill()
            self.supervisor.wait()
            self._log.close()


def _wait(look: Callable[[], bool], what: str) -> float:
    began = time.monotonic()
    while not look():
        assert time.monotonic() - began < _PATIENCE, what
        time.sleep(0.05)
    return time.monotonic() - began


@pytest.fixture(scope="module")
def supervised(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Supervised]:
    running = Supervised(tmp_path_factory.mktemp("supervised"))
    try:
        _wait(lambda: not running.missing(), "never ready")
        yield running
    finally:
        running.stop()


@pytest.mark.parametrize("name", _COMMANDS)
def test_what_dies_is_started_again_and_the_visitor_goes_on(
    supervised: Supervised, name: str
) -> None:
    visitor = Persistent(supervised.stack)
    visitor.begin("tr")
    visitor.press("/hague_costs")
    before = supervised.pid(name)
    assert before is not None
    named = _MISSING.get(name, set())
    with supervised.held():
        os.kill(before, signal.SIGKILL)
        _wait(lambda: supervised.pid(name) != before, f"{name} lives")
        _wait(lambda: named <= supervised.missing(), f"{name} is not named")
    back = _wait(lambda: supervised.pid(name) not in (None, before), f"{name} is not back")
    ready = _wait(lambda: not supervised.missing(), f"{name} is not ready")
    print(f"{name}: started again after {back:.1f} s, ready after {back + ready:.1f} s")
    answer = visitor.choose("pl")
    assert answer.ids == ["utter_language_changed", "utter_hague_costs"]


@pytest.mark.parametrize("names", _STALLED, ids=" and ".join)
def test_what_stands_still_is_started_again_and_the_visitor_goes_on(
    supervised: Supervised, names: tuple[str, ...]
) -> None:
    visitor = Persistent(supervised.stack)
    visitor.begin("tr")
    visitor.press("/hague_costs")
    for name in names:
        _wait(lambda name=name: supervised.is_watched(name), f"{name} is not watched")
    before = {name: supervised.pid(name) for name in names}
    for pid in before.values():
        assert pid is not None
        os.kill(pid, signal.SIGSTOP)
    began = time.monotonic()
    for name in names:
        _wait(lambda name=name: supervised.pid(name) not in (None, before[name]), f"{name} stalls")
    back = time.monotonic() - began
    _wait(lambda: not supervised.missing(), f"{names} are not ready")
    ready = time.monotonic() - began
    print(f"{names} stalled: started again after {back:.1f} s, ready after {ready:.1f} s")
    answer = visitor.choose("pl")
    assert answer.ids == ["utter_language_changed", "utter_hague_costs"]
