"""The audit log: every look and change, in a chain that shows if one is altered or removed.

Entries hold ids and names of fields, never what stands in them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from desk.crypto import BlindIndex
from desk.models import AuditEntry, AuditHead

SERVICE = "service"
"""The actor of what the action server and the visitor site ask for."""
SYSTEM = "system"
"""The actor of what runs by itself or by a command."""

_BATCH = 5000


@dataclass(frozen=True)
class Entry:
    """An entry to be. `actor` is the id of a colleague, or one of the names above."""

    actor: str
    action: str
    subject: str
    details: Mapping[str, Any]


@dataclass(frozen=True)
class Verdict:
    """What `verify` found: `broken_at` is the first entry that does not fit, if any."""

    entries: int
    head: str
    broken_at: int | None

    @property
    def whole(self) -> bool:
        """Whether nothing was altered or removed."""
        return self.broken_at is None


def append(session: Session, index: BlindIndex, entries: Iterable[Entry], now: datetime) -> None:
    """Add `entries`. Called last in a transaction: it locks the end of the log until commit."""
    entries = list(entries)
    if not entries:
        return
    position, previous = session.execute(
        sa.update(AuditHead)
        .values(position=AuditHead.position + len(entries))
        .returning(AuditHead.position, AuditHead.hash)
    ).one()
    position -= len(entries)
    for entry in entries:
        position += 1
        details = json.dumps(dict(entry.details), sort_keys=True)
        row = AuditEntry(
            id=position,
            at=now,
            actor=entry.actor,
            action=entry.action,
            subject=entry.subject,
            details=details,
        )
        previous = row.hash = index.chain(previous, _content(row))
        session.add(row)
    session.execute(sa.update(AuditHead).values(hash=previous))


def _content(row: AuditEntry) -> str:
    return json.dumps([row.id, row.at.timestamp(), row.actor, row.action, row.subject, row.details])


def verify(session: Session, index: BlindIndex) -> Verdict:
    """Go through the whole log."""
    previous, expected, position = "", 1, 0
    while True:
        rows = session.scalars(
            sa.select(AuditEntry)
            .where(AuditEntry.id > position)
            .order_by(AuditEntry.id)
            .limit(_BATCH)
        ).all()
        for row in rows:
            if row.id != expected or row.hash != index.chain(previous, _content(row)):
                return Verdict(expected - 1, previous, expected)
            previous, position, expected = row.hash, row.id, expected + 1
        session.expire_all()
        if not rows:
            break
    head = session.execute(sa.select(AuditHead.position, AuditHead.hash)).one()
    whole = tuple(head) == (position, previous)
    return Verdict(position, previous, None if whole else expected)
