"""What the registry shows: plain values, cut loose from the database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any


@dataclass(frozen=True)
class CaseReceipt:
    """What the action server learns of the case it brought."""

    reference: str
    line: int
    code: str
    urgent: bool
    next_reading: datetime | None


@dataclass(frozen=True)
class CaseRow:
    """A case in a listing. `waiting` runs until somebody opens it; `assignee` is a name."""

    reference: str
    line: int
    code: str
    role: str
    third_party: str | None
    country_from: str | None
    country_to: str | None
    urgent: bool
    language: str
    status: str
    created: datetime
    waiting: timedelta
    first_opened: datetime | None
    assignee: str | None
    conflict: bool
    closed: datetime | None
    closed_reason: str | None


@dataclass(frozen=True)
class ChildView:
    """A child; `details` as staff added them."""

    id: str
    birth_year: int | None
    age: int | None
    details: Mapping[str, str]


@dataclass(frozen=True)
class PersonView:
    """A parent as staff know them."""

    part: str
    details: Mapping[str, str]


@dataclass(frozen=True)
class AnswerView:
    """An answer of the checklist."""

    question_id: str
    answer: Any
    verdict: str | None


@dataclass(frozen=True)
class NoteView:
    """A note with who wrote it."""

    at: datetime
    author: str
    text: str


@dataclass(frozen=True)
class MomentView:
    """A contact moment."""

    at: datetime
    channel: str
    incoming: bool
    minutes: int
    author: str | None
    note: str | None


@dataclass(frozen=True)
class CodeChangeView:
    """Another code, and why."""

    at: datetime
    author: str
    old: str
    new: str
    reason: str


@dataclass(frozen=True)
class Content:
    """What people wrote, and who they are."""

    children: tuple[ChildView, ...]
    people: tuple[PersonView, ...]
    summary: tuple[AnswerView, ...]
    transcript: tuple[Mapping[str, Any], ...]
    notes: tuple[NoteView, ...]
    moments: tuple[MomentView, ...]
    code_changes: tuple[CodeChangeView, ...]


@dataclass(frozen=True)
class ContactView:
    """How to reach a client safely. Outside the safe times `details` hold no way to do it."""

    safe: bool
    next_safe: datetime | None
    safety: Mapping[str, Any]
    details: Mapping[str, Any]


@dataclass(frozen=True)
class CaseView:
    """A case on its own page; `content` is None while it is withheld.

    `contacts` are the safety instructions; to see the details is a look of its own.
    """

    row: CaseRow
    proposed_code: str
    embed: str | None
    has_contact: bool
    content: Content | None
    contacts: tuple[ContactView, ...] = ()


@dataclass(frozen=True)
class ConflictView:
    """A conflict for a coordinator: the cases without content."""

    id: str
    cases: tuple[CaseRow, ...]
    clues: tuple[str, ...]
    state: str
    found: datetime
    resolved_by: str | None = None
    resolved: datetime | None = None


@dataclass(frozen=True)
class Receipt:
    """That something was erased: rows per table, and where it is still to be done."""

    code: str
    at: datetime
    removed: Mapping[str, int]
    pending: tuple[str, ...] = ()


@dataclass(frozen=True)
class LogEntry:
    """An entry of the audit log."""

    position: int
    at: datetime
    actor: str
    action: str
    subject: str
    details: Mapping[str, Any]
    actor_name: str | None = None


@dataclass(frozen=True)
class Colleague:
    """Someone a case can be assigned to."""

    id: str
    name: str
    role: str
