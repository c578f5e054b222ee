"""Proposals as they are seen: what is stored of one, beside the catalogues of today."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot.languages import SOURCE
from desk.access import Member, Scope
from desk.models import TextApproval, TextChange
from desk.texts.wordings import Book, Forms, digest_of

OPEN, APPROVED, EXPORTED, REJECTED, WITHDRAWN = (
    "open",
    "approved",
    "exported",
    "rejected",
    "withdrawn",
)
"""What is stored of a change."""
IN_FORCE, OVERTAKEN = "in_force", "overtaken"
"""What the catalogues make of it: they have it, or another wording than it started from."""
STATES = (OPEN, APPROVED, EXPORTED, OVERTAKEN, IN_FORCE, REJECTED, WITHDRAWN)
CONTENT, LANGUAGE = "content", "language"
KINDS = {CONTENT: "approve_content", LANGUAGE: "approve_language"}
"""Kinds of approval, with the permission for each."""

LIVE = (OPEN, APPROVED, EXPORTED)
"""While it is so, nobody else proposes for the same text."""


@dataclass(frozen=True)
class Approval:
    """Who stands for what, since when."""

    kind: str
    name: str
    at: datetime


@dataclass(frozen=True)
class Proposal:
    """What a form sends: the wording and why; `base` and `source` are what it was shown beside."""

    forms: Forms
    reason: str
    base: str
    source: str | None = None


@dataclass(frozen=True)
class ChangeView:
    """A change as its page shows it; `may` names what the colleague can do with it."""

    id: str
    key: str
    domain: str
    language: str
    before: Forms
    proposal: Forms
    digest: str
    reason: str
    author: str
    created: datetime
    state: str
    approvals: tuple[Approval, ...]
    closed: datetime | None
    closed_by: str | None
    closed_reason: str | None
    exported: datetime | None
    exported_by: str | None
    may: frozenset[str]


class Catalogues:
    """The wordings in force, and the Dutch ones that are approved and on their way."""

    def __init__(self, in_force: Book, session: Session) -> None:
        self.book = in_force
        self._coming: dict[str, Forms] = {}
        waiting = session.scalars(
            sa.select(TextChange).where(
                TextChange.language == SOURCE, TextChange.state.in_((APPROVED, EXPORTED))
            )
        )
        for change in waiting:
            if self.state(change) in LIVE:
                self._coming[change.key] = forms_of(change.proposal)

    def source(self, key: str) -> Forms:
        """The Dutch that a translation is to be made from."""
        wording = self.book.get(key, SOURCE)
        return self._coming.get(key) or (wording.forms if wording else ())

    def is_coming(self, key: str) -> bool:
        """Whether that Dutch is approved and not yet in force."""
        return key in self._coming

    def state(self, change: TextChange) -> str:
        """The state of a change beside the catalogues of today."""
        stored: str = change.state
        if stored not in LIVE:
            return stored
        wording = self.book.get(change.key, change.language)
        if wording is None:
            return OVERTAKEN
        # a stale translation that is found right again is as it was, and yet to come
        stale = self.book.is_stale(change.key, change.language)
        if wording.forms == forms_of(change.proposal) and not stale:
            return IN_FORCE
        if wording.digest != change.base:
            return OVERTAKEN
        if change.language != SOURCE and change.source != digest_of(self.source(change.key)):
            return OVERTAKEN
        return stored


def view(
    change: TextChange,
    known: Catalogues,
    names: Mapping[str | None, str],
    approvals: list[TextApproval],
    member: Member,
) -> ChangeView:
    """A change as `member` sees it; `names` are those of all colleagues, by id."""
    state = known.state(change)
    return ChangeView(
        id=change.id,
        key=change.key,
        domain=change.domain,
        language=change.language,
        before=forms_of(change.before),
        proposal=forms_of(change.proposal),
        digest=digest_of(forms_of(change.proposal)),
        reason=change.reason,
        author=names.get(change.author, ""),
        created=change.created,
        state=state,
        approvals=tuple(
            Approval(each.kind, names.get(each.staff_id, ""), each.at) for each in approvals
        ),
        closed=change.closed,
        closed_by=names.get(change.closed_by),
        closed_reason=change.closed_reason,
        exported=change.exported,
        exported_by=names.get(change.exported_by),
        may=_may(change, state, approvals, member),
    )


def _may(
    change: TextChange, state: str, approvals: list[TextApproval], member: Member
) -> frozenset[str]:
    if state not in (*LIVE, OVERTAKEN):
        return frozenset()
    if change.author == member.id:
        return frozenset({"edit", "withdraw"})
    allowed = {"reject"}
    if state == OPEN and member.id not in {each.staff_id for each in approvals}:
        given = {each.kind for each in approvals}
        permissions = Scope(member).permissions
        allowed |= {k for k, needed in KINDS.items() if needed in permissions and k not in given}
    return frozenset(allowed)


def forms_of(stored: str) -> Forms:
    """A wording as it is stored."""
    return tuple(json.loads(stored))
