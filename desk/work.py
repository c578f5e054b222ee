"""One transaction of one actor, together with what it adds to the audit log."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session

from desk import audit
from desk.access import Member, Scope
from desk.crypto import BlindIndex
from desk.database import Database
from desk.errors import NotAllowed, NotFound, Withheld

Clock = Callable[[], datetime]


def current_time() -> datetime:
    """Now, for everything that is stored."""
    return datetime.now(UTC)


@dataclass
class Work:
    """What a transaction knows of who asks for it; `wanted` is the name of what is asked."""

    session: Session
    actor: str
    now: datetime
    scope: Scope | None
    entries: list[audit.Entry] = field(default_factory=list)
    wanted: str = ""

    def log(self, action: str, subject: str = "", **details: Any) -> None:
        """Note what was done. `details` are names and keys, never content."""
        self.entries.append(audit.Entry(self.actor, action, subject, details))

    def require(self, permission: str) -> Scope:
        """What exists for the actor. Raises `NotAllowed` unless the role includes `permission`."""
        assert self.scope is not None
        self.scope.require(permission)
        return self.scope


@contextmanager
def working(
    database: Database, index: BlindIndex, clock: Clock, actor: Member | str, wanted: str
) -> Iterator[Work]:
    """A transaction with its entries in the audit log; a refusal is in the log, too."""
    name = actor.id if isinstance(actor, Member) else actor
    scope = Scope(actor) if isinstance(actor, Member) else None
    try:
        with database.writing() as session:
            work = Work(session, name, clock(), scope, wanted=wanted)
            yield work
            session.flush()
            audit.append(session, index, work.entries, work.now)
    except (NotAllowed, NotFound, Withheld) as refusal:
        entry = audit.Entry(name, "refused", "", {"code": refusal.code, "wanted": wanted})
        with database.writing() as session:
            audit.append(session, index, [entry], clock())
        raise
