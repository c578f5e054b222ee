"""The tables of the registry. Columns marked `sealed` hold what `crypto.Vault` made.

A row with a sealed column has a random id, made before it is stored: what is sealed is bound
to it. Times are UTC.
"""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    DateTime,
    ForeignKey,
    Index,
    LargeBinary,
    MetaData,
    String,
    Text,
    UniqueConstraint,
    or_,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

NEW, OPEN, CLOSED = "new", "open", "closed"
STATUSES = (NEW, OPEN, CLOSED)
CHANNELS = ("phone", "email", "form", "chat")
PARTS = ("client", "other_parent")
"""Whose details staff can add to a case, beside the children's."""


class UtcTime(TypeDecorator[datetime]):
    """Aware times in Python, the same naive UTC in both databases."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        return value.astimezone(UTC).replace(tzinfo=None) if value is not None else None

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        return value.replace(tzinfo=UTC) if value is not None else None


def new_id() -> str:
    """A random id of a row."""
    return uuid.uuid4().hex


def sealed(*, nullable: bool = False) -> Any:
    """A column of what `Vault.seal` made."""
    return mapped_column(LargeBinary, nullable=nullable, info={"sealed": True})


def place(row: Base, column: str) -> str:
    """What a sealed value is bound to."""
    return f"{row.__tablename__}.{column}:{row.id}"


class Base(DeclarativeBase):
    """What all tables have in common."""

    # names of constraints must be known, or a later migration cannot drop them
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: UtcTime()}
    id: Any


def _row_id() -> Any:
    return mapped_column(String(32), primary_key=True, default=new_id)


def _case() -> Any:
    return mapped_column(ForeignKey("cases.id", ondelete="CASCADE"), index=True)


def _staff(*, nullable: bool = False) -> Any:
    return mapped_column(ForeignKey("staff.id"), nullable=nullable, index=True)


class Staff(Base):
    """A colleague; `totp_step` is the last time step whose code was used, which works once.

    `oidc` is the hash of who they are at the identity provider (desk/oidc.py).
    """

    __tablename__ = "staff"
    id: Mapped[str] = _row_id()
    name: Mapped[str] = mapped_column(String(80), unique=True)
    role: Mapped[str] = mapped_column(String(20))
    password: Mapped[str] = mapped_column(String(200))
    oidc: Mapped[str | None] = mapped_column(String(64), unique=True, index=True)
    totp: Mapped[bytes] = sealed()
    totp_step: Mapped[int] = mapped_column(default=0)
    active: Mapped[bool] = mapped_column(default=True)
    created: Mapped[datetime]


class StaffSession(Base):
    """A login; the id is a hash of the token that the browser holds."""

    __tablename__ = "staff_sessions"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    staff_id: Mapped[str] = _staff()
    csrf: Mapped[str] = mapped_column(String(64))
    created: Mapped[datetime]
    seen: Mapped[datetime]


class LoginAttempt(Base):
    """An attempt to log in; name and address only as blind indexes."""

    __tablename__ = "login_attempts"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(32), index=True)
    address: Mapped[str] = mapped_column(String(32), index=True)
    at: Mapped[datetime] = mapped_column(index=True)
    success: Mapped[bool]


class Counter(Base):
    """The last case number given out in a year."""

    __tablename__ = "counters"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]


class Case(Base):
    """A question that a person of the service looks at.

    `month` is that of `created` in Dutch time, as 202611; figures go by it.
    """

    __tablename__ = "cases"
    __table_args__ = (
        # all that the queue is ordered, filtered and counted by, so that it reads nothing else
        Index("ix_cases_queue", "status", "urgent", "created", "id", "line", "code", "language"),
        Index("ix_cases_line", "line", "status", "urgent", "created"),
        # all that figures count by, so that they read nothing but this
        Index(
            "ix_cases_figures",
            "month",
            "line",
            "code",
            "role",
            "third_party",
            "language",
            "country_from",
            "country_to",
        ),
    )
    id: Mapped[str] = _row_id()
    reference: Mapped[str] = mapped_column(String(20), unique=True)
    line: Mapped[int]
    code: Mapped[str] = mapped_column(String(40), index=True)
    proposed_code: Mapped[str] = mapped_column(String(40))
    role: Mapped[str] = mapped_column(String(20))
    third_party: Mapped[str | None] = mapped_column(String(40))
    country_from: Mapped[str | None] = mapped_column(String(2))
    country_to: Mapped[str | None] = mapped_column(String(2))
    urgent: Mapped[bool]
    language: Mapped[str] = mapped_column(String(8))
    embed: Mapped[str | None] = mapped_column(String(64))
    status: Mapped[str] = mapped_column(String(10), default=NEW)
    created: Mapped[datetime] = mapped_column(index=True)
    month: Mapped[int]
    changed: Mapped[datetime] = mapped_column(index=True)
    first_opened: Mapped[datetime | None]
    assigned_to: Mapped[str | None] = _staff(nullable=True)
    closed: Mapped[datetime | None]
    closed_reason: Mapped[str | None] = mapped_column(String(40))
    conflict: Mapped[bool] = mapped_column(default=False)
    conversation: Mapped[str] = mapped_column(String(128), index=True)
    idempotency_key: Mapped[str] = mapped_column(String(160), unique=True)
    contact_ref: Mapped[str | None] = mapped_column(String(64), index=True)


class Child(Base):
    """A child of a case. `details`: given, family, birth_date, as far as staff added them."""

    __tablename__ = "children"
    id: Mapped[str] = _row_id()
    case_id: Mapped[str] = _case()
    position: Mapped[int]
    birth_year: Mapped[int | None]
    age: Mapped[int | None]
    details: Mapped[bytes | None] = sealed(nullable=True)


class Person(Base):
    """A parent as staff know them. `details`: given, family, maiden, phone, email, birth_date."""

    __tablename__ = "people"
    id: Mapped[str] = _row_id()
    case_id: Mapped[str] = _case()
    part: Mapped[str] = mapped_column(String(20))
    details: Mapped[bytes] = sealed()


class SummaryRow(Base):
    """An answer of the checklist."""

    __tablename__ = "summary_rows"
    id: Mapped[str] = _row_id()
    case_id: Mapped[str] = _case()
    position: Mapped[int]
    question_id: Mapped[str] = mapped_column(String(80))
    verdict: Mapped[str | None] = mapped_column(String(20))
    answer: Mapped[bytes] = sealed()


class Transcript(Base):
    """The conversation that led to a case."""

    __tablename__ = "transcripts"
    id: Mapped[str] = _row_id()
    case_id: Mapped[str] = _case()
    content: Mapped[bytes] = sealed()


class Contact(Base):
    """A contact form; it can come before its case or after."""

    __tablename__ = "contacts"
    id: Mapped[str] = _row_id()
    case_id: Mapped[str | None] = mapped_column(
        ForeignKey("cases.id", ondelete="CASCADE"), index=True
    )
    contact_ref: Mapped[str] = mapped_column(String(64), unique=True)
    conversation: Mapped[str | None] = mapped_column(String(128), index=True)
    created: Mapped[datetime]
    details: Mapped[bytes] = sealed()


def contacts_of(case: Case) -> ColumnElement[bool]:
    """The condition on `Contact` for the forms that belong to `case`."""
    return or_(
        Contact.case_id == case.id,
        Contact.contact_ref == case.contact_ref,
        Contact.conversation == case.conversation,
    )


class Moment(Base):
    """A contact with a client, as the annual report counts them: in the line of its moment."""

    __tablename__ = "moments"
    __table_args__ = (Index("ix_moments_figures", "month", "line", "channel"),)
    id: Mapped[str] = _row_id()
    case_id: Mapped[str] = _case()
    at: Mapped[datetime]
    month: Mapped[int]
    line: Mapped[int]
    channel: Mapped[str] = mapped_column(String(10))
    incoming: Mapped[bool]
    minutes: Mapped[int]
    staff_id: Mapped[str | None] = _staff(nullable=True)
    note: Mapped[bytes | None] = sealed(nullable=True)


class Note(Base):
    """A note of a colleague."""

    __tablename__ = "notes"
    id: Mapped[str] = _row_id()
    case_id: Mapped[str] = _case()
    at: Mapped[datetime]
    staff_id: Mapped[str] = _staff()
    content: Mapped[bytes] = sealed()


class CodeChange(Base):
    """Another code for a case, and why."""

    __tablename__ = "code_changes"
    id: Mapped[str] = _row_id()
    case_id: Mapped[str] = _case()
    at: Mapped[datetime]
    staff_id: Mapped[str] = _staff()
    old: Mapped[str] = mapped_column(String(40))
    new: Mapped[str] = mapped_column(String(40))
    reason: Mapped[bytes] = sealed()


class ReplyUse(Base):
    """An approved reply text that was sent."""

    __tablename__ = "reply_uses"
    id: Mapped[str] = _row_id()
    case_id: Mapped[str] = _case()
    at: Mapped[datetime]
    staff_id: Mapped[str] = _staff()
    key: Mapped[str] = mapped_column(String(80))
    language: Mapped[str] = mapped_column(String(8))


class Handler(Base):
    """Who has had a hand in a case: looked at it, or had it assigned."""

    __tablename__ = "handlers"
    __table_args__ = (UniqueConstraint("case_id", "staff_id"),)
    id: Mapped[str] = _row_id()
    case_id: Mapped[str] = _case()
    staff_id: Mapped[str] = _staff()
    since: Mapped[datetime]


class Clue(Base):
    """A blind index of something about a case's people, to find the other parent's case by."""

    __tablename__ = "clues"
    # with the case, so that looking for names reads nothing but this
    __table_args__ = (Index("ix_clues_kind_token", "kind", "token", "case_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[str] = _case()
    kind: Mapped[str] = mapped_column(String(20))
    token: Mapped[str] = mapped_column(String(32))


class Conflict(Base):
    """Two cases about one child, or (without a second) one that a colleague withdrew from.

    `clues` names the kinds of evidence, never the evidence.
    """

    __tablename__ = "conflicts"
    __table_args__ = (UniqueConstraint("first_id", "second_id"),)
    id: Mapped[str] = _row_id()
    first_id: Mapped[str] = _case()
    second_id: Mapped[str | None] = mapped_column(
        ForeignKey("cases.id", ondelete="CASCADE"), index=True
    )
    clues: Mapped[str] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(10))
    found: Mapped[datetime]
    resolved_by: Mapped[str | None] = _staff(nullable=True)
    resolved: Mapped[datetime | None]


class Wall(Base):
    """A case that does not exist for a colleague."""

    __tablename__ = "walls"
    __table_args__ = (UniqueConstraint("case_id", "staff_id", "conflict_id"),)
    id: Mapped[str] = _row_id()
    case_id: Mapped[str] = _case()
    staff_id: Mapped[str] = _staff()
    conflict_id: Mapped[str] = mapped_column(
        ForeignKey("conflicts.id", ondelete="CASCADE"), index=True
    )


class Release(Base):
    """The content of a case in conflict, opened to a coordinator by its handler."""

    __tablename__ = "releases"
    __table_args__ = (UniqueConstraint("case_id", "staff_id"),)
    id: Mapped[str] = _row_id()
    case_id: Mapped[str] = _case()
    staff_id: Mapped[str] = _staff()
    released_by: Mapped[str] = _staff()
    at: Mapped[datetime]


class Alarm(Base):
    """An urgent case that nobody opened in time."""

    __tablename__ = "alarms"
    id: Mapped[str] = _row_id()
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id", ondelete="CASCADE"), unique=True)
    raised: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    delivered: Mapped[datetime | None]


class ErasureReceipt(Base):
    """That something was erased, and how many rows; `subject` is a blind index.

    It also keeps what arrives late of an erased conversation from coming in again.
    """

    __tablename__ = "erasure_receipts"
    id: Mapped[str] = _row_id()
    at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(String(20))
    subject: Mapped[str] = mapped_column(String(32), index=True)
    removed: Mapped[str] = mapped_column(Text)


class PendingErasure(Base):
    """A conversation that is erased here and still to be erased in the Rasa server."""

    __tablename__ = "pending_erasures"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    since: Mapped[datetime]
    failed: Mapped[bool] = mapped_column(default=False)


class TextChange(Base):
    """Another wording for a text, proposed by a colleague.

    `base` is the digest of the wording it started from, which is `before`; `source` that of the
    Dutch wording it was made from, where it is a translation. `before` and `proposal` are lists in
    JSON, of one text for each plural form.
    """

    __tablename__ = "text_changes"
    __table_args__ = (Index("ix_text_changes_key_language", "key", "language"),)
    id: Mapped[str] = _row_id()
    key: Mapped[str] = mapped_column(String(80))
    domain: Mapped[str] = mapped_column(String(20))
    language: Mapped[str] = mapped_column(String(8))
    base: Mapped[str] = mapped_column(String(8))
    source: Mapped[str | None] = mapped_column(String(8))
    before: Mapped[str] = mapped_column(Text)
    proposal: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    author: Mapped[str] = _staff()
    created: Mapped[datetime] = mapped_column(index=True)
    state: Mapped[str] = mapped_column(String(10), index=True)
    closed_by: Mapped[str | None] = _staff(nullable=True)
    closed: Mapped[datetime | None]
    closed_reason: Mapped[str | None] = mapped_column(Text)
    exported_by: Mapped[str | None] = _staff(nullable=True)
    exported: Mapped[datetime | None]


class TextApproval(Base):
    """That a colleague has read a proposal and stands by it; kind is content or language."""

    __tablename__ = "text_approvals"
    __table_args__ = (
        UniqueConstraint("change_id", "kind"),
        UniqueConstraint("change_id", "staff_id"),
    )
    id: Mapped[str] = _row_id()
    change_id: Mapped[str] = mapped_column(
        ForeignKey("text_changes.id", ondelete="CASCADE"), index=True
    )
    staff_id: Mapped[str] = _staff()
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(10))


class AuditEntry(Base):
    """A look or a change; each entry is hashed together with the one before."""

    __tablename__ = "audit"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(32), index=True)
    action: Mapped[str] = mapped_column(String(40), index=True)
    subject: Mapped[str] = mapped_column(String(32), index=True)
    details: Mapped[str] = mapped_column(Text)
    hash: Mapped[str] = mapped_column(String(64))


class AuditHead(Base):
    """Where the audit log ends: found there, an entry cut off at the end is noticed."""

    __tablename__ = "audit_head"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    position: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64))
