"""Proposed wordings: two colleagues besides the author approve each, then it is exported.

A jurist stands for the content, a native reader (a translator) for the language. What is proposed
is stored here and changes nothing that visitors read: the export is a patch of the catalogues.
Every act is in the audit log, by key and language, never with a wording. Methods block.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot import catalogue
from bot.languages import SOURCE, is_language
from desk.access import Member, Scope
from desk.crypto import BlindIndex
from desk.database import Database
from desk.errors import Malformed, NotFound, NotPossible
from desk.models import Staff, TextApproval, TextChange, new_id
from desk.texts import checks
from desk.texts.checks import Fault
from desk.texts.patch import NewWording, patch
from desk.texts.views import (
    APPROVED,
    EXPORTED,
    KINDS,
    LIVE,
    OPEN,
    OVERTAKEN,
    REJECTED,
    WITHDRAWN,
    Catalogues,
    ChangeView,
    Proposal,
    forms_of,
    view,
)
from desk.texts.wordings import Book, Forms, Wording, book, digest_of
from desk.work import Clock, Work, current_time, working

_MOST_OPEN = 200
_MOST_LISTED = 500


class WrongWording(Malformed):
    """The wording does not keep to the rules of the catalogues; `faults` say where."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        names = {f"text{fault.form}": None for fault in self.faults}
        super().__init__("The wording cannot be used.", names)


class TextChanges:
    """The changes in a database; `locales` and `clock` are for tests."""

    def __init__(
        self,
        database: Database,
        index: BlindIndex,
        clock: Clock = current_time,
        locales: Path = catalogue.LOCALES,
    ) -> None:
        self._database = database
        self._index = index
        self._clock = clock
        self.locales = locales

    def book(self) -> Book:
        """The wordings in force."""
        return book(self.locales)

    # Reading --------------------------------------------------------------------------------

    def allow(self, member: Member, permission: str = "texts") -> None:
        """Raise `NotAllowed`, and note it, unless the colleague's role includes `permission`."""
        if permission not in Scope(member).permissions:
            with self._work(member, "texts") as work:
                work.require(permission)

    def source(self, member: Member, key: str) -> tuple[Forms, bool]:
        """The Dutch to translate `key` from, and whether it is approved but not yet in force."""
        self.allow(member)
        with self._database.reading() as session:
            known = Catalogues(self.book(), session)
            return known.source(key), known.is_coming(key)

    def changes(
        self, member: Member, *, key: str | None = None, language: str | None = None
    ) -> list[ChangeView]:
        """The changes, those newest first; all of a text or language, or of everything."""
        self.allow(member)
        query = sa.select(TextChange).order_by(TextChange.created.desc(), TextChange.id)
        if key is not None:
            query = query.where(TextChange.key == key)
        if language is not None:
            query = query.where(TextChange.language == language)
        with self._database.reading() as session:
            known = Catalogues(self.book(), session)
            return self._views(session, known, session.scalars(query.limit(_MOST_LISTED)), member)

    def change(self, member: Member, change_id: str) -> ChangeView:
        """A change. Raises `NotFound`."""
        self.allow(member)
        with self._database.reading() as session:
            known = Catalogues(self.book(), session)
            return self._views(session, known, [_find(session, change_id)], member)[0]

    # Acts -----------------------------------------------------------------------------------

    def propose(self, member: Member, key: str, language: str, proposal: Proposal) -> str:
        """Store another wording for a text; the id of the change.

        Raises `Malformed`, `WrongWording`, `NotFound`, and `NotPossible` while another change of
        the same text is under way.
        """
        with self._work(member, "text_proposed") as work:
            work.require("texts")
            known = Catalogues(self.book(), work.session)
            wording = self._wording(known, key, language)
            source = self._checked(known, wording, proposal)
            self._alone(work, known, wording)
            self._few(work)
            change = TextChange(
                id=new_id(),
                key=key,
                domain=wording.domain,
                language=language,
                author=member.id,
                created=work.now,
                state=OPEN,
            )
            _fill(change, wording, proposal, source)
            work.session.add(change)
            work.session.flush()
            work.log("text_proposed", change.id, key=key, language=language)
            made: str = change.id
            return made

    def edit(self, member: Member, change_id: str, proposal: Proposal) -> None:
        """Change one's own proposal, or renew one that is overtaken; its approvals are gone."""
        with self._work(member, "text_edited") as work:
            work.require("texts")
            known = Catalogues(self.book(), work.session)
            change = self._mine(work, known, change_id, (*LIVE, OVERTAKEN))
            wording = self._wording(known, change.key, change.language)
            source = self._checked(known, wording, proposal)
            self._alone(work, known, wording, change)
            _fill(change, wording, proposal, source)
            change.state, change.exported, change.exported_by = OPEN, None, None
            removed = work.session.execute(
                sa.delete(TextApproval).where(TextApproval.change_id == change.id)
            )
            work.log(
                "text_edited",
                change.id,
                key=change.key,
                language=change.language,
                # how many colleagues have to read it again
                number=removed.rowcount,  # type: ignore[attr-defined]
            )

    def approve(self, member: Member, change_id: str, kind: str, seen: str) -> None:
        """Stand for a proposal, as it was `seen` (its digest).

        Raises `NotPossible` for one's own, one already approved by the same colleague or in the
        same way, and one that has changed since it was seen.
        """
        if kind not in KINDS:
            raise Malformed("There is no such approval.", ["kind"])
        with self._work(member, "text_approved") as work:
            work.require("texts")
            work.require(KINDS[kind])
            known = Catalogues(self.book(), work.session)
            change = _find(work.session, change_id)
            approvals = _approvals(work.session, change)
            if (
                change.author == member.id
                or known.state(change) != OPEN
                or member.id in {each.staff_id for each in approvals}
                or kind in {each.kind for each in approvals}
                or digest_of(forms_of(change.proposal)) != seen
            ):
                raise NotPossible("This proposal cannot be approved.")
            work.session.add(
                TextApproval(change_id=change.id, staff_id=member.id, at=work.now, kind=kind)
            )
            if {each.kind for each in approvals} | {kind} == KINDS.keys():
                change.state = APPROVED
            work.log(
                "text_approved", change.id, key=change.key, language=change.language, kind=kind
            )

    def reject(self, member: Member, change_id: str, reason: str) -> None:
        """Say no to a colleague's proposal, and why."""
        reason = _reason(reason)
        with self._work(member, "text_rejected") as work:
            work.require("texts")
            known = Catalogues(self.book(), work.session)
            change = _find(work.session, change_id)
            if change.author == member.id or known.state(change) not in (*LIVE, OVERTAKEN):
                raise NotPossible("This proposal cannot be rejected.")
            self._close(work, change, member, REJECTED, reason)

    def withdraw(self, member: Member, change_id: str) -> None:
        """Take one's own proposal back."""
        with self._work(member, "text_withdrawn") as work:
            work.require("texts")
            known = Catalogues(self.book(), work.session)
            change = self._mine(work, known, change_id, (*LIVE, OVERTAKEN))
            self._close(work, change, member, WITHDRAWN, None)

    # Export ---------------------------------------------------------------------------------

    def exportable(self, member: Member) -> list[ChangeView]:
        """What an export holds now."""
        self.allow(member, "export_texts")
        with self._database.reading() as session:
            known = Catalogues(self.book(), session)
            return self._views(session, known, self._ready(session, known), member)

    def export(self, actor: Member | str) -> str:
        """The patch of everything approved that is not in force; what it holds is marked.

        What was exported before and is not in force yet is in it again, so that no patch is lost.
        Raises `NotPossible` when there is nothing.
        """
        if isinstance(actor, Member):
            self.allow(actor, "export_texts")
        # made before the transaction that marks it: others are not to wait for the catalogues
        with self._database.reading() as session:
            ready = self._ready(session, Catalogues(self.book(), session))
            held = [(change.id, change.proposal, change.source) for change in ready]
            text = _preamble(session, ready) + patch(map(_new_wording, ready), self.locales)
        with self._work(actor, "text_exported") as work:
            ready = self._ready(work.session, Catalogues(self.book(), work.session))
            if not ready:
                raise NotPossible("There is nothing to export: no approved proposal waits for it.")
            if [(change.id, change.proposal, change.source) for change in ready] != held:
                raise NotPossible("The proposals have changed in the meantime. Export again.")
            for change in ready:
                change.state, change.exported = EXPORTED, work.now
                change.exported_by = work.actor if work.scope is not None else None
                work.log("text_exported", change.id, key=change.key, language=change.language)
        return text

    # Inside ---------------------------------------------------------------------------------

    def _work(self, actor: Member | str, wanted: str) -> AbstractContextManager[Work]:
        return working(self._database, self._index, self._clock, actor, wanted)

    def _mine(
        self, work: Work, known: Catalogues, change_id: str, states: Sequence[str]
    ) -> TextChange:
        change = _find(work.session, change_id)
        if change.author != work.actor or known.state(change) not in states:
            raise NotPossible("This is for the author, while the proposal is under way.")
        return change

    @staticmethod
    def _wording(known: Catalogues, key: str, language: str) -> Wording:
        wording = known.book.get(key, language) if is_language(language) else None
        if wording is None:
            raise NotFound("There is no such text.")
        return wording

    @staticmethod
    def _checked(known: Catalogues, wording: Wording, proposal: Proposal) -> str | None:
        """The digest of the Dutch that the proposal translates. Raises `Malformed`."""
        _reason(proposal.reason)
        source = known.source(wording.key)
        beside = wording.forms if wording.language == SOURCE else source
        faults = checks.faults(proposal.forms, beside, len(wording.forms))
        if faults:
            raise WrongWording(faults)
        same = proposal.forms == wording.forms
        if same and digest_of(source) == wording.made_from and not wording.fuzzy:
            raise WrongWording([Fault(0, "same")])
        if same and wording.language == SOURCE:
            raise WrongWording([Fault(0, "same")])
        made_from = digest_of(source) if wording.language != SOURCE else None
        if proposal.base != wording.digest or proposal.source != made_from:
            # whoever wrote it was shown something else
            raise Malformed("The text has changed in the meantime.", ["base"])
        return made_from

    @staticmethod
    def _alone(
        work: Work, known: Catalogues, wording: Wording, own: TextChange | None = None
    ) -> None:
        others = work.session.scalars(
            sa.select(TextChange).where(
                TextChange.key == wording.key,
                TextChange.language == wording.language,
                TextChange.state.in_(LIVE),
            )
        )
        if any(change is not own and known.state(change) in LIVE for change in others):
            raise NotPossible("Another change of this text is under way.")

    @staticmethod
    def _few(work: Work) -> None:
        number = work.session.scalar(
            sa.select(sa.func.count(TextChange.id)).where(
                TextChange.author == work.actor, TextChange.state == OPEN
            )
        )
        if (number or 0) >= _MOST_OPEN:
            raise NotPossible("There are too many open proposals of one author.")

    @staticmethod
    def _close(
        work: Work, change: TextChange, member: Member, state: str, reason: str | None
    ) -> None:
        change.state, change.closed, change.closed_by = state, work.now, member.id
        change.closed_reason = reason
        work.log(f"text_{state}", change.id, key=change.key, language=change.language)

    @staticmethod
    def _ready(session: Session, known: Catalogues) -> list[TextChange]:
        waiting = session.scalars(
            sa.select(TextChange)
            .where(TextChange.state.in_((APPROVED, EXPORTED)))
            .order_by(TextChange.key, TextChange.language)
        )
        return [change for change in waiting if known.state(change) in (APPROVED, EXPORTED)]

    def _views(
        self,
        session: Session,
        known: Catalogues,
        changes: Iterable[TextChange],
        member: Member,
    ) -> list[ChangeView]:
        changes = list(changes)
        names: dict[str | None, str] = dict(session.execute(sa.select(Staff.id, Staff.name)).all())
        approvals: dict[str, list[TextApproval]] = {}
        found = session.scalars(
            sa.select(TextApproval)
            .where(TextApproval.change_id.in_([change.id for change in changes]))
            .order_by(TextApproval.at)
        )
        for each in found:
            approvals.setdefault(each.change_id, []).append(each)
        return [view(each, known, names, approvals.get(each.id, []), member) for each in changes]


def _find(session: Session, change_id: str) -> TextChange:
    change: TextChange | None = session.get(
        TextChange, change_id if change_id.isprintable() else "?"
    )
    if change is None:
        raise NotFound("There is no such change.")
    return change


def _fill(change: TextChange, wording: Wording, proposal: Proposal, source: str | None) -> None:
    change.base, change.source = wording.digest, source
    change.before = json.dumps(wording.forms, ensure_ascii=False)
    change.proposal = json.dumps(proposal.forms, ensure_ascii=False)
    change.reason = _reason(proposal.reason)


def _approvals(session: Session, change: TextChange) -> list[TextApproval]:
    query = sa.select(TextApproval).where(TextApproval.change_id == change.id)
    return list(session.scalars(query.order_by(TextApproval.kind)))


def _reason(text: str) -> str:
    text = checks.cleaned(text)
    if not text or len(text) > checks.MOST_REASON or not checks.is_plain(text):
        raise Malformed("A reason is missing or cannot be used.", ["reason"])
    return text


def _new_wording(change: TextChange) -> NewWording:
    return NewWording(
        change.key, change.domain, change.language, forms_of(change.proposal), change.source
    )


def _preamble(session: Session, changes: Sequence[TextChange]) -> str:
    """What the patch holds, for who applies it; git passes over it. No names, no free text."""
    lines = []
    for change in changes:
        dates = [f"{each.kind} {each.at:%Y-%m-%d}" for each in _approvals(session, change)]
        lines.append(f"# {change.domain} {change.key} {change.language}: {', '.join(dates)}\n")
    return "".join(lines) + "\n"
