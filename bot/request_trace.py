"""One request on its way through the processes: its id, and where its time goes.

The visitor site gives each request a random id; a header takes it to the Rasa server, the action
server and the desk, where it stands in the lines of the log. It is in no event of a conversation
and in no database.
"""

from __future__ import annotations

import re
import secrets
import time
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache
from types import TracebackType

from prometheus_client import Histogram

from bot.metrics import STAGES, errors, stage_seconds

HEADER = "X-Kompas-Request"
_ID = re.compile(r"[0-9a-f]{16}")


@dataclass
class Trace:
    """A request: its id, seconds by stage, and whether something in it failed."""

    id: str
    stages: dict[str, float] = field(default_factory=dict)
    failed: bool = False


_current: ContextVar[Trace | None] = ContextVar("trace", default=None)


def new_id() -> str:
    """A random name for a request."""
    return secrets.token_hex(8)


def is_id(given: str | None) -> bool:
    """Whether this is an id as we make them: anything else comes into no log."""
    return given is not None and _ID.fullmatch(given) is not None


def begin(given: str | None = None) -> Trace:
    """What follows in this task belongs to the request `given`, or to a new one."""
    trace = Trace(given if given is not None and is_id(given) else new_id())
    _current.set(trace)
    return trace


def current() -> Trace:
    """The request that is at work; a new one where nobody said which."""
    return _current.get() or begin()


def headers() -> dict[str, str]:
    """What takes the id to the next process."""
    return {HEADER: current().id}


class stage:
    """Measure what is done in it; errors of other types than `fine` count as failures."""

    __slots__ = ("_began", "_fine", "_name")

    def __init__(self, name: str, *fine: type[BaseException]) -> None:
        self._name = name
        self._fine = fine

    def __enter__(self) -> None:
        self._began = time.perf_counter()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        found: TracebackType | None,
    ) -> None:
        took = time.perf_counter() - self._began
        _seconds(self._name).observe(took)
        trace = _current.get()
        if trace is not None:
            trace.stages[self._name] = trace.stages.get(self._name, 0.0) + took
        if kind is not None and not issubclass(kind, self._fine or ()):
            # one failure is counted once, where it began, not in all that was waiting for it
            if trace is None or not trace.failed:
                errors.labels(self._name).inc()
            if trace is not None:
                trace.failed = True


@cache
def _seconds(name: str) -> Histogram:
    # looked up once, for this runs several times in each turn; shown where a process has the stage
    return stage_seconds.labels(name)


for _name in STAGES:
    # a count that begins at nothing hides its first rise
    errors.labels(_name)


def line(what: str, **fields: object) -> str:
    """A line of the log as `what name=value …` (logfmt): the id, `fields`, stages in ms.

    Give only names of our own and numbers: no value is quoted.
    """
    trace = current()
    shown = {"request": trace.id, **fields}
    shown.update({name: round(took * 1000) for name, took in trace.stages.items()})
    return " ".join([what, *(f"{name}={value}" for name, value in shown.items())])
