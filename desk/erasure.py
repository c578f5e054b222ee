"""Erasing cases and conversations everywhere in the registry, and what retention lets go.

The audit log keeps its entries: they hold random ids that then belong to nothing.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot.conversation_ids import is_conversation
from desk.conflicts import refresh_marks
from desk.crypto import BlindIndex
from desk.models import (
    Base,
    Case,
    Conflict,
    Contact,
    ErasureReceipt,
    PendingErasure,
    Wall,
    new_id,
)
from desk.views import Receipt

_BATCH = 500
RASA = "conversation"
"""In a receipt: the conversation is still to be erased in the Rasa server."""


def conversation_token(index: BlindIndex, conversation: str) -> str:
    """What is remembered of an erased conversation, to know it again."""
    return index.token("erased", conversation)


def contact_token(index: BlindIndex, contact_ref: str) -> str:
    """What is remembered of an erased contact form, which may name no conversation."""
    return index.token("erased contact", contact_ref)


def tokens_of(session: Session, index: BlindIndex, conversation: str) -> set[str]:
    """What is remembered of `conversation` and its forms, so that no backup brings it back."""
    refs = session.scalars(
        sa.union(
            sa.select(Contact.contact_ref).where(Contact.conversation == conversation),
            sa.select(Case.contact_ref).where(
                Case.conversation == conversation, Case.contact_ref.is_not(None)
            ),
        )
    ).all()
    forms = {contact_token(index, ref) for ref in refs if ref is not None}
    return {conversation_token(index, conversation), *forms}


def erase_again(
    session: Session, index: BlindIndex, tokens: Collection[str], now: datetime
) -> Counter[str]:
    """In a registry from a backup: erase what `tokens` tells was erased since; rows per table.

    What is not in it leaves a receipt all the same, or what arrives late would come in again.
    """
    removed: Counter[str] = Counter()
    conversations = sorted(
        {
            each
            for column in (Case.conversation, Contact.conversation)
            for each in session.scalars(sa.select(column).distinct())
            if each is not None and conversation_token(index, each) in tokens
        }
    )
    for conversation in conversations:
        removed += Counter(erase_conversation(session, index, conversation, "restore", now).removed)
    ask_for_erasure(session, conversations, now)
    forms = [
        row.id
        for row in session.execute(sa.select(Contact.id, Contact.contact_ref))
        if contact_token(index, row.contact_ref) in tokens
    ]
    for start in range(0, len(forms), _BATCH):
        removed += _delete_contacts(session, Contact.id.in_(forms[start : start + _BATCH]))
    known = set(session.scalars(sa.select(ErasureReceipt.subject)))
    for token in sorted(set(tokens) - known):
        _receipt(session, token, "restore", {}, now)
    return removed


def is_erased(session: Session, index: BlindIndex, conversation: str | None) -> bool:
    """Whether `conversation` was erased at the visitor's or a colleague's wish."""
    if conversation is None:
        return False
    subject = conversation_token(index, conversation)
    return (
        session.scalar(sa.select(ErasureReceipt.id).where(ErasureReceipt.subject == subject))
        is not None
    )


def erase_conversation(
    session: Session,
    index: BlindIndex,
    conversation: str,
    reason: str,
    now: datetime,
    visible: Collection[str] | None = None,
) -> Receipt:
    """Erase every case and contact form of `conversation`; nothing of it is taken in again.

    With `visible` the receipt that is returned counts these cases only; the one that is kept
    counts all.
    """
    cases = session.scalars(sa.select(Case.id).where(Case.conversation == conversation)).all()
    refs = session.scalars(
        sa.select(Case.contact_ref).where(
            Case.conversation == conversation, Case.contact_ref.is_not(None)
        )
    ).all()
    shown = [each for each in cases if visible is None or each in visible]
    removed = erase_cases(session, shown)
    others = erase_cases(session, set(cases) - set(shown))
    forms = _delete_contacts(
        session, sa.or_(Contact.conversation == conversation, Contact.contact_ref.in_(refs))
    )
    subject = conversation_token(index, conversation)
    receipt = _receipt(session, subject, reason, removed + others + forms, now)
    return receipt if visible is None else replace(receipt, removed=dict(removed))


def ask_for_erasure(
    session: Session, conversations: Iterable[str], now: datetime
) -> tuple[str, ...]:
    """Note conversations that are to be erased in the Rasa server, too; what is thus pending."""
    asked = {each for each in conversations if is_conversation(each)}
    for conversation in sorted(asked):
        if session.get(PendingErasure, conversation) is None:
            session.add(PendingErasure(id=conversation, since=now))
    return (RASA,) if asked else ()


def erase_cases(session: Session, case_ids: Iterable[str]) -> Counter[str]:
    """Delete cases with all that hangs on them; rows per table."""
    removed: Counter[str] = Counter()
    ids = list(case_ids)
    for start in range(0, len(ids), _BATCH):
        removed += _erase_batch(session, ids[start : start + _BATCH])
    return removed


def _erase_batch(session: Session, ids: list[str]) -> Counter[str]:
    removed: Counter[str] = Counter()
    conflicts = session.execute(
        sa.select(Conflict.id, Conflict.first_id, Conflict.second_id).where(
            sa.or_(Conflict.first_id.in_(ids), Conflict.second_id.in_(ids))
        )
    ).all()
    left = {each for row in conflicts for each in row[1:]} - set(ids)
    conflict_ids = [row.id for row in conflicts]
    removed["walls"] += _delete(session, Wall, Wall.conflict_id.in_(conflict_ids))
    removed["conflicts"] += _delete(session, Conflict, Conflict.id.in_(conflict_ids))
    # every table that points to a case, so that a new one cannot be forgotten
    for mapper in Base.registry.mappers:
        model = mapper.class_
        column = mapper.columns.get("case_id")
        if column is not None:
            removed[model.__tablename__] += _delete(session, model, column.in_(ids))
    removed["cases"] += _delete(session, Case, Case.id.in_(ids))
    session.expire_all()
    refresh_marks(session, left)
    return +removed


def _delete_contacts(session: Session, condition: sa.ColumnElement[bool]) -> Counter[str]:
    return +Counter({"contacts": _delete(session, Contact, condition)})


def _delete(session: Session, model: type[Base], condition: sa.ColumnElement[bool]) -> int:
    result = session.execute(
        sa.delete(model).where(condition).execution_options(synchronize_session=False)
    )
    return int(getattr(result, "rowcount", 0))


def _receipt(
    session: Session, subject: str, reason: str, removed: Mapping[str, int], now: datetime
) -> Receipt:
    row = ErasureReceipt(
        id=new_id(),
        at=now,
        reason=reason,
        subject=subject,
        removed=json.dumps(dict(sorted(removed.items()))),
    )
    session.add(row)
    return Receipt(row.id, now, dict(removed))


def overdue(session: Session, days: Mapping[str, int], now: datetime) -> dict[str, list[str]]:
    """Ids of what retention lets go, by status: cases, and contact forms without a case."""
    found = {
        status: list(
            session.scalars(
                sa.select(Case.id).where(
                    Case.status == status, Case.changed < now - timedelta(days=days[status])
                )
            )
        )
        for status in ("new", "open", "closed")
    }
    found["unlinked"] = list(
        session.scalars(
            sa.select(Contact.id).where(
                Contact.case_id.is_(None),
                Contact.created < now - timedelta(days=days["unlinked"]),
            )
        )
    )
    return found


def let_go(
    session: Session, index: BlindIndex, found: Mapping[str, list[str]], now: datetime
) -> Receipt:
    """Erase what `overdue` found."""
    removed: Counter[str] = Counter()
    ids = [each for status in ("new", "open", "closed") for each in found[status]]
    conversations = _only_of(session, ids)
    removed += erase_cases(session, ids)
    ask_for_erasure(session, conversations, now)
    for start in range(0, len(found["unlinked"]), _BATCH):
        removed += _delete_contacts(
            session, Contact.id.in_(found["unlinked"][start : start + _BATCH])
        )
    return _receipt(session, index.token("retention", now.isoformat()), "retention", removed, now)


def _only_of(session: Session, case_ids: list[str]) -> set[str]:
    """The conversations of these cases that have no other."""
    found: set[str] = set()
    for start in range(0, len(case_ids), _BATCH):
        batch = case_ids[start : start + _BATCH]
        found.update(session.scalars(sa.select(Case.conversation).where(Case.id.in_(batch))))
    going = set(case_ids)
    ordered = sorted(found)
    for start in range(0, len(ordered), _BATCH):
        batch = ordered[start : start + _BATCH]
        for case_id, conversation in session.execute(
            sa.select(Case.id, Case.conversation).where(Case.conversation.in_(batch))
        ):
            if case_id not in going:
                found.discard(conversation)
    return found
