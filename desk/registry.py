"""The registry of cases: everything that is done with a case is a method here.

Methods for colleagues take the `Member` first and go through its `Scope`. What lies outside of
it raises `NotFound`, just as what does not exist. Every look and change is in the audit log
within the same transaction. Methods block: call them outside the event loop.
"""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from bot.languages import is_language
from desk import access, audit, conflicts, erasure, figures, matching, references, search
from desk.access import Member, Scope
from desk.codes import codebook, propose
from desk.crypto import BlindIndex, Vault
from desk.database import Database
from desk.erased import ErasedList
from desk.errors import Erased, Malformed, NotAllowed, NotFound, NotPossible, Withheld
from desk.intake import ERASURES_A_PAGE, CaseBody, ChildBody, ContactBody
from desk.models import (
    CHANNELS,
    CLOSED,
    NEW,
    OPEN,
    PARTS,
    Alarm,
    AuditEntry,
    Case,
    Child,
    CodeChange,
    Conflict,
    Contact,
    Handler,
    Moment,
    Note,
    PendingErasure,
    Person,
    Release,
    ReplyUse,
    Staff,
    SummaryRow,
    Transcript,
    Wall,
    contacts_of,
    new_id,
    place,
)
from desk.reading import ZONE, is_safe, month_of, next_reading, next_safe
from desk.views import (
    AnswerView,
    CaseReceipt,
    CaseRow,
    CaseView,
    ChildView,
    CodeChangeView,
    Colleague,
    ConflictView,
    ContactView,
    Content,
    LogEntry,
    MomentView,
    NoteView,
    PersonView,
    Receipt,
)
from desk.work import Clock, Work, current_time, working

_ATTEMPTS = 5
_MOST_TEXT = 20_000
_MOST_ROWS = 200
_MOST_LOGGED = 5000
_MOST_SEARCHED = 300
_CHILD_FIELDS = ("given", "family", "birth_date")
_PERSON_FIELDS = ("given", "family", "maiden", "phone", "email", "birth_date")
# what helps to reach a client safely without being a way to reach them
_SAFETY = (
    "safe_times",
    "voicemail_allowed",
    "if_someone_else_answers",
    "code_word",
    "language",
    "interpreter",
    "channel",
)


@dataclass(frozen=True)
class Filters:
    """What to list; None is everything. `reference` takes one as it is read out."""

    reference: str | None = None
    status: tuple[str, ...] | None = None
    line: int | None = None
    code: str | None = None
    language: str | None = None
    urgent: bool | None = None
    mine: bool = False


class _Rehearsed(Exception):
    """Ends the transaction of a rehearsal, which undoes it."""


class Registry:
    """Cases in a database, with keys to what is sealed in it; `clock` is for tests.

    `erased` remembers erasures, for the day a backup is restored.
    """

    def __init__(
        self,
        database: Database,
        vault: Vault,
        index: BlindIndex,
        clock: Clock = current_time,
        erased: ErasedList | None = None,
    ) -> None:
        self.database = database
        self._erased = erased
        self._vault = vault
        self._index = index
        self._clock = clock
        self._finder = conflicts.ConflictFinder(vault, index)

    # What comes from visitors ---------------------------------------------------------------

    def create_case(self, body: CaseBody, key: str) -> tuple[CaseReceipt, bool]:
        """Take in a case once for each `key`; the case, and whether it is new.

        Raises `Erased` for a conversation that was erased, `Malformed` for a key that is not
        one of the conversation.
        """
        if not key.startswith(f"{body.conversation}-") or len(key) > 160 or not key.isascii():
            raise Malformed("The key is not <conversation>-<n>.", ["Idempotency-Key"])
        for attempt in range(_ATTEMPTS):
            try:
                return self._create_case(body, key)
            except IntegrityError:
                # the same key, or the first number of a year, in another process
                if attempt == _ATTEMPTS - 1:
                    raise
            except DBAPIError as error:
                # the database was restarted; the key keeps a second try from making a second case
                if not error.connection_invalidated or attempt == _ATTEMPTS - 1:
                    raise
                time.sleep(0.05 * 2**attempt)
        raise AssertionError("unreachable")

    def rehearse(self) -> None:
        """Take in a case and forget it, so that the first visitor's does not wait for what loads.

        Nothing of it is stored, neither its number nor an entry in the audit log.
        """
        body = CaseBody(
            conversation="rehearsal",
            language="nl",
            role="unknown",
            urgent=False,
            children=[ChildBody()],
        )
        matching.name_parts("Ayşe")
        with contextlib.suppress(_Rehearsed):
            self._create_case(body, "rehearsal-1", rehearsal=True)

    def _create_case(
        self, body: CaseBody, key: str, *, rehearsal: bool = False
    ) -> tuple[CaseReceipt, bool]:
        with self._work(audit.SERVICE, "create_case") as work:
            session, now = work.session, work.now
            known = session.scalar(sa.select(Case).where(Case.idempotency_key == key))
            if known is not None:
                return self._case_receipt(known), False
            if erasure.is_erased(session, self._index, body.conversation):
                raise Erased("The conversation was erased.")
            proposal = propose(
                body.code,
                [entry.intent for entry in body.transcript if entry.intent],
                role=body.role,
                verdicts=[row.verdict for row in body.summary],
                line_hint=body.line_hint,
            )
            year = now.astimezone(ZONE).year
            case = Case(
                id=new_id(),
                reference=references.reference(year, references.take_number(session, year)),
                line=proposal.line,
                code=proposal.code,
                proposed_code=proposal.code,
                role=body.role,
                third_party=body.third_party,
                country_from=body.countries.from_,
                country_to=body.countries.to,
                urgent=body.urgent or proposal.urgent,
                language=body.language,
                embed=body.embed,
                status=NEW,
                created=now,
                month=month_of(now),
                changed=now,
                conflict=False,
                conversation=body.conversation,
                idempotency_key=key,
                contact_ref=body.contact_ref,
            )
            session.add(case)
            session.flush()
            for position, child in enumerate(body.children):
                session.add(
                    Child(
                        id=new_id(),
                        case_id=case.id,
                        position=position,
                        birth_year=child.birth_year,
                        age=child.age,
                    )
                )
            for position, row in enumerate(body.summary):
                answer = SummaryRow(
                    id=new_id(),
                    case_id=case.id,
                    position=position,
                    question_id=row.question_id,
                    verdict=row.verdict,
                )
                answer.answer = self._vault.seal(row.answer, place(answer, "answer"))
                session.add(answer)
            transcript = Transcript(id=new_id(), case_id=case.id)
            transcript.content = self._vault.seal(
                [entry.model_dump(by_alias=True, exclude_none=True) for entry in body.transcript],
                place(transcript, "content"),
            )
            session.add(transcript)
            session.add(
                Moment(
                    case_id=case.id,
                    at=now,
                    month=month_of(now),
                    line=case.line,
                    channel="chat",
                    incoming=True,
                    minutes=0,
                )
            )
            for contact in session.scalars(sa.select(Contact).where(contacts_of(case))):
                contact.case_id = case.id
            work.log("create_case", case.id, line=case.line, code=case.code)
            self._find_conflicts(work, case)
            receipt = self._case_receipt(case)
            if rehearsal:
                work.session.flush()
                raise _Rehearsed
            return receipt, True

    def _case_receipt(self, case: Case) -> CaseReceipt:
        return CaseReceipt(
            case.reference,
            case.line,
            codebook().codes[case.code].label,
            case.urgent,
            next_reading(case.created, urgent=case.urgent),
        )

    def store_contact(self, body: ContactBody) -> tuple[str, bool]:
        """Keep a contact form; its `contact_ref`, and whether it is new.

        It is joined to its case whichever of the two comes first.
        """
        with self._work(audit.SERVICE, "store_contact") as work:
            session = work.session
            if body.contact_ref is not None:
                known = session.scalar(
                    sa.select(Contact.id).where(Contact.contact_ref == body.contact_ref)
                )
                if known is not None:
                    return body.contact_ref, False
            if erasure.is_erased(session, self._index, body.conversation):
                raise Erased("The conversation was erased.")
            contact = Contact(
                id=new_id(),
                contact_ref=body.contact_ref or new_id(),
                conversation=body.conversation,
                created=work.now,
            )
            contact.details = self._vault.seal(
                body.model_dump(
                    by_alias=True, exclude_none=True, exclude={"conversation", "contact_ref"}
                ),
                place(contact, "details"),
            )
            conditions = [Case.contact_ref == contact.contact_ref]
            if body.conversation is not None:
                conditions.append(Case.conversation == body.conversation)
            case = session.scalar(
                sa.select(Case).where(sa.or_(*conditions)).order_by(Case.created.desc()).limit(1)
            )
            contact.case_id = case.id if case is not None else None
            session.add(contact)
            work.log("store_contact", case.id if case is not None else "")
            if case is not None:
                self._find_conflicts(work, case)
            return contact.contact_ref, True

    def erase_conversation(self, conversation: str) -> Receipt:
        """Erase all there is of a conversation, at the visitor's wish."""
        with self._work(audit.SERVICE, "erase_conversation") as work:
            self._remember(work, conversation)
            receipt = erasure.erase_conversation(
                work.session, self._index, conversation, "visitor", work.now
            )
            work.log("erase_conversation", receipt.code, removed=dict(receipt.removed))
        self.database.forget_traces()
        return receipt

    # Looking --------------------------------------------------------------------------------

    def queue(
        self, member: Member, filters: Filters | None = None, *, limit: int = 50, offset: int = 0
    ) -> list[CaseRow]:
        """Cases: urgent ones first, then who has waited longest. Closed ones only when asked."""
        filters = filters or Filters()
        with self._work(member, "list") as work:
            scope = self._scope(work, "cases")
            scope = replace(scope, by_line=False)
            order = (Case.urgent.desc(), Case.created, Case.id)
            # first which, out of an index; whole rows only of those
            ids = work.session.scalars(
                sa.select(Case.id)
                .where(self._condition(scope, filters))
                .order_by(*order)
                .limit(max(1, min(limit, _MOST_ROWS)))
                .offset(max(0, offset))
            ).all()
            rows = self._rows(work, Case.id.in_(ids), *order)
            asked = sorted(name for name, value in vars(filters).items() if value)
            work.log("list", number=len(rows), filters=asked)
            return rows

    def count(self, member: Member, filters: Filters | None = None) -> int:
        """How many cases `queue` would list without limit."""
        with self.database.reading() as session:
            scope = Scope(member, by_line=False)
            scope.require("cases")
            condition = self._condition(scope, filters or Filters())
            return session.scalar(sa.select(sa.func.count(Case.id)).where(condition)) or 0

    def _condition(self, scope: Scope, filters: Filters) -> sa.ColumnElement[bool]:
        conditions: list[sa.ColumnElement[bool]] = [scope.cases]
        if filters.reference is not None:
            conditions.append(Case.reference == (references.parse(filters.reference) or ""))
        elif filters.status is None:
            conditions.append(Case.status.in_((NEW, OPEN)))
        if filters.status is not None:
            conditions.append(Case.status.in_([_given(each) for each in filters.status]))
        for column, value in (
            (Case.line, filters.line),
            (Case.code, filters.code),
            (Case.language, filters.language),
            (Case.urgent, filters.urgent),
        ):
            if value is not None:
                conditions.append(column == (_given(value) if isinstance(value, str) else value))
        if filters.mine:
            conditions.append(Case.assigned_to == scope.member.id)
        return sa.and_(*conditions)

    def _row(self, case: Case, assignee: str | None, now: datetime) -> CaseRow:
        return CaseRow(
            reference=case.reference,
            line=case.line,
            code=case.code,
            role=case.role,
            third_party=case.third_party,
            country_from=case.country_from,
            country_to=case.country_to,
            urgent=case.urgent,
            language=case.language,
            status=case.status,
            created=case.created,
            waiting=(case.first_opened or case.closed or now) - case.created,
            first_opened=case.first_opened,
            assignee=assignee,
            conflict=case.conflict,
            closed=case.closed,
            closed_reason=case.closed_reason,
        )

    def look(self, member: Member, reference: str) -> CaseView:
        """Open the page of a case. Who reads the content has a hand in the case from then on."""
        with self._work(member, "look") as work:
            case = self._case(work, reference)
            content = None
            if self._sees_content(work, case):
                content = self._content(work.session, case)
                if member.role != access.COORDINATOR or case.conflict:
                    conflicts.take_hand(work.session, case, member.id, work.now)
                if case.first_opened is None:
                    case.first_opened = case.changed = work.now
                if case.status == NEW:
                    case.status = OPEN
            work.log("look", case.id, content=content is not None)
            has_contact = work.session.scalar(sa.select(Contact.id).where(contacts_of(case)))
            withheld = content is None
            return CaseView(
                row=self._row(case, self._name(work.session, case.assigned_to), work.now),
                proposed_code=case.proposed_code,
                # the site a parent came by tells where they belong
                embed=None if withheld else case.embed,
                has_contact=has_contact is not None,
                content=content,
                contacts=() if withheld else tuple(self._contacts(work, case, reveal=False)),
            )

    def _content(self, session: Session, case: Case) -> Content:
        names = self._names(session)

        def rows(model: Any, *order: Any) -> list[Any]:
            found = sa.select(model).where(model.case_id == case.id).order_by(*order, model.id)
            return list(session.scalars(found))

        def opened(row: Any, column: str) -> Any:
            value = getattr(row, column)
            return None if value is None else self._vault.open(value, place(row, column))

        transcripts = rows(Transcript)
        return Content(
            children=tuple(
                ChildView(child.id, child.birth_year, child.age, opened(child, "details") or {})
                for child in rows(Child, Child.position)
            ),
            people=tuple(
                PersonView(person.part, opened(person, "details"))
                for person in rows(Person, Person.part)
            ),
            summary=tuple(
                AnswerView(row.question_id, opened(row, "answer"), row.verdict)
                for row in rows(SummaryRow, SummaryRow.position)
            ),
            transcript=tuple(entry for each in transcripts for entry in opened(each, "content")),
            notes=tuple(
                NoteView(note.at, names[note.staff_id], opened(note, "content"))
                for note in rows(Note, Note.at)
            ),
            moments=tuple(
                MomentView(
                    moment.at,
                    moment.channel,
                    moment.incoming,
                    moment.minutes,
                    names.get(moment.staff_id),
                    opened(moment, "note"),
                )
                for moment in rows(Moment, Moment.at)
            ),
            code_changes=tuple(
                CodeChangeView(
                    change.at,
                    names[change.staff_id],
                    change.old,
                    change.new,
                    opened(change, "reason"),
                )
                for change in rows(CodeChange, CodeChange.at)
            ),
        )

    def contacts(self, member: Member, reference: str) -> list[ContactView]:
        """How to reach the client: always the safety instructions, the details in safe hours."""
        with self._work(member, "look_contact") as work:
            case = self._case(work, reference, content=True)
            conflicts.take_hand(work.session, case, member.id, work.now)
            found = self._contacts(work, case, reveal=True)
            work.log("look_contact", case.id, shown=sum(each.safe for each in found))
            return found

    def _contacts(self, work: Work, case: Case, *, reveal: bool) -> list[ContactView]:
        found = []
        for contact in work.session.scalars(
            sa.select(Contact).where(contacts_of(case)).order_by(Contact.created.desc())
        ):
            given = self._vault.open(contact.details, place(contact, "details"))
            times = given.get("safe_times", [])
            safe = is_safe(times, work.now)
            hidden = {*_SAFETY, "consent"} if safe and reveal else given.keys()
            found.append(
                ContactView(
                    safe=safe,
                    next_safe=next_safe(times, work.now),
                    safety={name: given[name] for name in _SAFETY if name in given},
                    details={name: each for name, each in given.items() if name not in hidden},
                )
            )
        return found

    def search(self, member: Member, text: str) -> list[CaseRow]:
        """Cases by reference, telephone number, mailbox, birth date or names; the newest first.

        A name may have a slip. Without content, a case is found by its reference alone. The log
        has the kinds of what was searched for, not the words.
        """
        if len(text) > _MOST_SEARCHED:
            raise Malformed(f"More than {_MOST_SEARCHED} characters are searched for.", ["text"])
        reference = references.parse(text)
        clues = search.wanted("" if reference else text, self._index)
        with self._work(member, "search") as work:
            scope = replace(self._scope(work, "cases"), by_line=False)
            condition = (
                sa.and_(scope.cases, Case.reference == reference)
                if reference
                else sa.and_(scope.content, clues.condition())
            )
            # not by the index of `created`, along which a database would look at every case
            newest = sa.func.coalesce(Case.created, Case.created).desc()
            rows = self._rows(work, condition, newest, Case.id)
            kinds = ["reference"] if reference else clues.kinds
            work.log("search", number=len(rows), by=kinds)
            return rows

    def related(self, member: Member, reference: str) -> list[CaseRow]:
        """Other cases of the same conversation, the newest first."""
        with self._work(member, "related") as work:
            case = self._case(work, reference)
            scope = self._scope(work, "cases")
            others = sa.and_(
                scope.cases, Case.conversation == case.conversation, Case.id != case.id
            )
            rows = self._rows(work, others, Case.created.desc(), Case.id)
            work.log("related", case.id, number=len(rows))
            return rows

    def _rows(self, work: Work, condition: sa.ColumnElement[bool], *order: Any) -> list[CaseRow]:
        found = work.session.execute(
            sa.select(Case, Staff.name)
            .outerjoin(Staff, Staff.id == Case.assigned_to)
            .where(condition)
            .order_by(*order)
            .limit(_MOST_ROWS)
        ).all()
        return [self._row(case, name, work.now) for case, name in found]

    def figure_years(self, member: Member) -> list[int]:
        """The years with figures, the last first."""
        with self.database.reading() as session:
            return figures.years(session, Scope(member, by_line=False))

    def figures(self, member: Member, year: int) -> figures.Figures:
        """The figures of a year over what exists for this colleague."""
        if not 2000 <= year <= 2200:
            raise Malformed("There are no figures of this year.", ["year"])
        with self._work(member, "figures") as work:
            found = figures.figures(work.session, self._scope(work, "figures"), year)
            work.log("figures", year=year)
            return found

    # Working --------------------------------------------------------------------------------

    def assign(self, member: Member, reference: str, staff_id: str | None) -> None:
        """Give a case to a colleague, or to nobody; workers and jurists only to themselves."""
        with self._work(member, "assign") as work:
            case = self._case(work, reference)
            scope = self._scope(work, "work")
            others = {staff_id, case.assigned_to} - {None, member.id}
            if others:
                scope.require("assign_others")
            if staff_id is not None:
                known = {each.id: each for each in self._colleagues(work, case)}
                if staff_id not in known:
                    raise NotPossible("This colleague cannot take this case.", ["staff"])
            case.assigned_to = staff_id
            case.changed = work.now
            if staff_id is not None:
                conflicts.take_hand(work.session, case, staff_id, work.now)
            work.log("assign", case.id, to=staff_id)

    def colleagues(self, member: Member, reference: str) -> list[Colleague]:
        """Who can take a case: by role, and without a hand in the other parent's case."""
        with self._work(member, "colleagues") as work:
            case = self._case(work, reference)
            self._scope(work, "assign_others")
            return self._colleagues(work, case)

    def _colleagues(self, work: Work, case: Case) -> list[Colleague]:
        walled = sa.select(Wall.staff_id).where(Wall.case_id == case.id)
        return [
            Colleague(staff.id, staff.name, staff.role)
            for staff in work.session.scalars(
                sa.select(Staff).where(Staff.active, Staff.id.not_in(walled)).order_by(Staff.name)
            )
            if access.may_handle(staff.role, case.line)
        ]

    def close(self, member: Member, reference: str, reason: str) -> None:
        """Close a case for one of the reasons of codes.yml."""
        if reason not in codebook().closing:
            raise Malformed("This is no reason for closing.", ["reason"])
        with self._work(member, "close") as work:
            case = self._case(work, reference)
            self._scope(work, "work")
            if case.status == CLOSED:
                raise NotPossible("The case is closed already.")
            case.status, case.closed, case.closed_reason = CLOSED, work.now, reason
            case.changed = work.now
            work.log("close", case.id, reason=reason)

    def reopen(self, member: Member, reference: str) -> None:
        """Open a closed case again."""
        with self._work(member, "reopen") as work:
            case = self._case(work, reference)
            self._scope(work, "work")
            if case.status != CLOSED:
                raise NotPossible("The case is not closed.")
            case.status, case.closed, case.closed_reason = OPEN, None, None
            case.changed = work.now
            work.log("reopen", case.id)

    def change_code(self, member: Member, reference: str, code: str, reason: str) -> None:
        """Register a case under another code, and with it in its line."""
        named = codebook().named(code)
        if named is None:
            raise Malformed("There is no such code.", ["code"])
        reason = _text(reason, "reason")
        with self._work(member, "change_code") as work:
            case = self._case(work, reference, content=True)
            change = CodeChange(
                id=new_id(),
                case_id=case.id,
                at=work.now,
                staff_id=member.id,
                old=case.code,
                new=named.id,
            )
            change.reason = self._vault.seal(reason, place(change, "reason"))
            work.session.add(change)
            case.code, case.line, case.changed = named.id, named.line, work.now
            handler = work.session.get(Staff, case.assigned_to) if case.assigned_to else None
            if handler is not None and not access.may_handle(handler.role, case.line):
                case.assigned_to = None
            work.log("change_code", case.id, old=change.old, new=change.new)

    def set_role(self, member: Member, reference: str, role: str, third_party: str | None) -> None:
        """Say who is asking; a professional by the kind of their organisation."""
        book = codebook()
        if role not in book.roles:
            raise Malformed("This is no role.", ["role"])
        if third_party is not None and (
            role != "professional" or third_party not in book.third_parties
        ):
            raise Malformed("This is no kind of professional.", ["third_party"])
        with self._work(member, "set_role") as work:
            case = self._case(work, reference, content=True)
            case.role, case.third_party = role, third_party
            self._touch(work, case)
            work.log("set_role", case.id, role=role, third_party=third_party)
            # which side someone is on is part of what makes a conflict
            self._find_conflicts(work, case)

    def set_urgent(self, member: Member, reference: str, urgent: bool) -> None:
        """Say whether a case can wait."""
        with self._work(member, "set_urgent") as work:
            case = self._case(work, reference)
            self._scope(work, "work")
            case.urgent, case.changed = urgent, work.now
            work.log("set_urgent", case.id, urgent=urgent)

    def add_moment(
        self,
        member: Member,
        reference: str,
        *,
        channel: str,
        incoming: bool,
        minutes: int,
        note: str = "",
        at: datetime | None = None,
    ) -> None:
        """Register a contact."""
        if channel not in CHANNELS:
            raise Malformed("This is no channel.", ["channel"])
        if not 0 <= minutes <= 1440:
            raise Malformed("A contact takes from 0 to 1440 minutes.", ["minutes"])
        if at is not None and at.tzinfo is None:
            raise Malformed("The time has no time zone.", ["at"])
        with self._work(member, "add_moment") as work:
            case = self._case(work, reference, content=True)
            moment = Moment(
                id=new_id(),
                case_id=case.id,
                at=at or work.now,
                month=month_of(at or work.now),
                line=case.line,
                channel=channel,
                incoming=incoming,
                minutes=minutes,
                staff_id=member.id,
            )
            if note:
                moment.note = self._vault.seal(_text(note, "note"), place(moment, "note"))
            work.session.add(moment)
            self._touch(work, case)
            work.log("add_moment", case.id, channel=channel)

    def add_note(self, member: Member, reference: str, text: str) -> None:
        """Add a note; it stays as it was written."""
        text = _text(text, "text")
        with self._work(member, "add_note") as work:
            case = self._case(work, reference, content=True)
            note = Note(id=new_id(), case_id=case.id, at=work.now, staff_id=member.id)
            note.content = self._vault.seal(text, place(note, "content"))
            work.session.add(note)
            self._touch(work, case)
            work.log("add_note", case.id)

    def set_child(
        self, member: Member, reference: str, child_id: str | None, details: Mapping[str, str]
    ) -> str:
        """Add names and birth date of a child, or another child (`child_id` None); its id."""
        details = _details(details, _CHILD_FIELDS)
        with self._work(member, "set_child") as work:
            case = self._case(work, reference, content=True)
            if child_id is None:
                number = work.session.scalar(
                    sa.select(sa.func.count(Child.id)).where(Child.case_id == case.id)
                )
                child = Child(id=new_id(), case_id=case.id, position=number or 0)
                work.session.add(child)
            else:
                found = work.session.scalar(
                    sa.select(Child).where(Child.id == _given(child_id), Child.case_id == case.id)
                )
                if found is None:
                    raise NotFound("There is no such child.")
                child = found
            child.details = self._vault.seal(details, place(child, "details"))
            self._touch(work, case)
            work.log("set_child", case.id, fields=sorted(details))
            self._find_conflicts(work, case)
            return str(child.id)

    def set_person(
        self, member: Member, reference: str, part: str, details: Mapping[str, str]
    ) -> None:
        """Set what is known of the client or of the other parent."""
        if part not in PARTS:
            raise Malformed("This is no part in a case.", ["part"])
        details = _details(details, _PERSON_FIELDS)
        with self._work(member, "set_person") as work:
            case = self._case(work, reference, content=True)
            person = work.session.scalar(
                sa.select(Person).where(Person.case_id == case.id, Person.part == part)
            )
            if person is None:
                person = Person(id=new_id(), case_id=case.id, part=part)
                work.session.add(person)
            person.details = self._vault.seal(details, place(person, "details"))
            self._touch(work, case)
            work.log("set_person", case.id, part=part, fields=sorted(details))
            self._find_conflicts(work, case)

    def use_reply(self, member: Member, reference: str, key: str, language: str) -> None:
        """Note that an approved reply text was sent."""
        if not (key.isprintable() and 0 < len(key) <= 80 and is_language(language)):
            raise Malformed("This is no reply text.", ["key"])
        with self._work(member, "use_reply") as work:
            case = self._case(work, reference, content=True)
            work.session.add(
                ReplyUse(
                    case_id=case.id, at=work.now, staff_id=member.id, key=key, language=language
                )
            )
            self._touch(work, case)
            work.log("use_reply", case.id, key=key)

    def _touch(self, work: Work, case: Case) -> None:
        # who adds to a case knows it, as who reads it does
        assert work.scope is not None
        conflicts.take_hand(work.session, case, work.scope.member.id, work.now)
        case.changed = work.now

    # Conflicts ------------------------------------------------------------------------------

    def declare_conflict(self, member: Member, reference: str) -> None:
        """Withdraw from a case without a reason: it does not exist for this colleague any more."""
        with self._work(member, "declare_conflict") as work:
            case = self._case(work, reference)
            self._scope(work, "work")
            conflict = Conflict(
                id=new_id(), first_id=case.id, clues="declared", state="open", found=work.now
            )
            work.session.add(conflict)
            case.conflict = True
            work.session.flush()
            conflicts.wall_off(work.session, conflict, case, member.id)
            work.log("declare_conflict", case.id)

    def conflicts(self, member: Member, state: str = conflicts.OPEN) -> list[ConflictView]:
        """Conflicts whose cases all exist for this coordinator."""
        with self._work(member, "conflicts") as work:
            found = work.session.scalars(
                sa.select(Conflict)
                .where(Conflict.state == _given(state), self._visible_conflict(work))
                .order_by(Conflict.found)
                .limit(_MOST_ROWS)
            ).all()
            work.log("conflicts", number=len(found))
            return self._conflict_views(work, found)

    def _conflict_views(self, work: Work, found: Sequence[Conflict]) -> list[ConflictView]:
        ids = {each for conflict in found for each in (conflict.first_id, conflict.second_id)}
        cases = {
            case.id: case
            for case in work.session.scalars(sa.select(Case).where(Case.id.in_(ids - {None})))
        }
        names = self._names(work.session)
        return [
            ConflictView(
                conflict.id,
                tuple(
                    self._row(cases[case_id], names.get(cases[case_id].assigned_to), work.now)
                    for case_id in (conflict.first_id, conflict.second_id)
                    if case_id is not None
                ),
                tuple(conflict.clues.split(",")),
                conflict.state,
                conflict.found,
                names.get(conflict.resolved_by),
                conflict.resolved,
            )
            for conflict in found
        ]

    def conflict(self, member: Member, conflict_id: str) -> ConflictView:
        """One conflict in any state, whose cases all exist for this coordinator."""
        with self._work(member, "look_conflict") as work:
            conflict = self._conflict(work, conflict_id)
            work.log("look_conflict", conflict.first_id)
            return self._conflict_views(work, [conflict])[0]

    def _conflict(self, work: Work, conflict_id: str) -> Conflict:
        conflict: Conflict | None = work.session.scalar(
            sa.select(Conflict).where(
                Conflict.id == _given(conflict_id), self._visible_conflict(work)
            )
        )
        if conflict is None:
            raise NotFound("There is no such conflict.")
        return conflict

    def _visible_conflict(self, work: Work) -> sa.ColumnElement[bool]:
        """Both cases exist for this coordinator."""
        scope = self._scope(work, "conflicts")

        def visible(column: Any) -> sa.ColumnElement[bool]:
            return sa.exists().where(Case.id == column, scope.cases).correlate(Conflict)

        second = sa.or_(Conflict.second_id.is_(None), visible(Conflict.second_id))
        return sa.and_(visible(Conflict.first_id), second)

    def resolve(self, member: Member, conflict_id: str, *, confirmed: bool) -> None:
        """Say whether a conflict is one. Confirmed, the walls stay; dismissed, its walls go.

        A colleague who withdrew from a case stays out of it: that was theirs to decide.
        """
        with self._work(member, "resolve") as work:
            conflict = self._conflict(work, conflict_id)
            conflict.state = conflicts.CONFIRMED if confirmed else conflicts.DISMISSED
            conflict.resolved, conflict.resolved_by = work.now, member.id
            if conflict.second_id is not None and not confirmed:
                work.session.execute(sa.delete(Wall).where(Wall.conflict_id == conflict.id))
            elif conflict.second_id is not None:
                # the walls of one that was dismissed before are gone
                first, second = (
                    work.session.get_one(Case, each)
                    for each in (conflict.first_id, conflict.second_id)
                )
                conflicts.separate(work.session, conflict, first, second)
            conflicts.refresh_marks(work.session, (conflict.first_id, conflict.second_id))
            work.log("resolve", conflict.first_id, confirmed=confirmed)
            if conflict.second_id is not None:
                work.log("resolve", conflict.second_id, confirmed=confirmed)

    def release(self, member: Member, reference: str, staff_id: str) -> None:
        """Open the content of a case in conflict to a coordinator; only its handler can."""
        with self._work(member, "release") as work:
            case = self._case(work, reference, content=True)
            if case.assigned_to != member.id:
                raise NotAllowed("Only the handler of a case releases its content.")
            if staff_id not in {each.id for each in self._releasable(work, case)}:
                raise NotPossible("The content cannot be released to this colleague.", ["staff"])
            known = work.session.scalar(
                sa.select(Release.id).where(
                    Release.case_id == case.id, Release.staff_id == staff_id
                )
            )
            if known is None:
                work.session.add(
                    Release(case_id=case.id, staff_id=staff_id, released_by=member.id, at=work.now)
                )
                # knowing one side's story, they cannot decide about the other's
                conflicts.take_hand(work.session, case, staff_id, work.now)
            work.log("release", case.id, to=staff_id)

    def releasable_to(self, member: Member, reference: str) -> list[Colleague]:
        """Coordinators to whom this handler can release the content; nobody without conflict."""
        with self._work(member, "releasable_to") as work:
            case = self._case(work, reference)
            if case.assigned_to != member.id or not case.conflict:
                return []
            return self._releasable(work, case)

    def _releasable(self, work: Work, case: Case) -> list[Colleague]:
        return [each for each in self._colleagues(work, case) if each.role == access.COORDINATOR]

    def _find_conflicts(self, work: Work, case: Case) -> None:
        for conflict in self._finder.update(work.session, case, work.now):
            for case_id in (conflict.first_id, conflict.second_id):
                # as an act of the system: the log must not say who caused it
                work.entries.append(
                    audit.Entry(audit.SYSTEM, "conflict", case_id or "", {"clues": conflict.clues})
                )

    # Keeping and letting go -----------------------------------------------------------------

    def erase_case(self, member: Member, reference: str) -> Receipt:
        """Erase a case with its conversation."""
        with self._work(member, "erase_case") as work:
            case = self._case(work, reference)
            self._scope(work, "erase")
            scope = self._scope(work, "cases")
            case_id, conversation = case.id, case.conversation
            # the conversation goes as a whole; of a walled case of it, no number tells
            visible = work.session.scalars(
                sa.select(Case.id).where(scope.cases, Case.conversation == conversation)
            ).all()
            self._remember(work, conversation)
            receipt = erasure.erase_conversation(
                work.session, self._index, conversation, "staff", work.now, visible
            )
            pending = erasure.ask_for_erasure(work.session, [conversation], work.now)
            work.log("erase_case", case_id, receipt=receipt.code, pending=pending)
        self.database.forget_traces()
        return replace(receipt, pending=pending)

    def _remember(self, work: Work, conversation: str) -> None:
        """Note the erasure outside of the database, before it is done: a wish is not lost."""
        if self._erased is not None:
            tokens = erasure.tokens_of(work.session, self._index, conversation)
            self._erased.add(tokens, work.now.date())

    def note_backup(self, action: str, **details: Any) -> None:
        """Put a backup or its restoring into the audit log. `details` are numbers and times."""
        with self._work(audit.SYSTEM, action) as work:
            work.log(action, **details)

    def pending_erasures(self, skip: int = 0, most: int = ERASURES_A_PAGE) -> list[str]:
        """Conversations that are still to be erased in the Rasa server, the oldest first."""
        oldest_first = sa.select(PendingErasure.id).order_by(
            PendingErasure.since, PendingErasure.id
        )
        with self.database.reading() as session:
            return list(session.scalars(oldest_first.offset(skip).limit(most)))

    def note_erasures(self, erased: Iterable[str], failed: Iterable[str]) -> int:
        """Note how erasing in the Rasa server went; how many are gone by this.

        A failure is in the audit log once. What is told to be both is not gone.
        """
        not_gone = set(failed)
        with self._work(audit.SYSTEM, "note_erasures") as work:
            self._note_failures(work, PendingErasure.id.in_(not_gone))
            gone = work.session.scalars(
                sa.select(PendingErasure)
                .where(PendingErasure.id.in_(set(erased) - not_gone))
                .order_by(PendingErasure.since, PendingErasure.id)
            ).all()
            for row in gone:
                work.log("erased_elsewhere", erasure.conversation_token(self._index, row.id))
                work.session.delete(row)
        if gone:
            self.database.forget_traces()
        return len(gone)

    def late_erasures(self, minutes: int) -> int:
        """How many are pending for longer than that; in the audit log once, like a failure."""
        with self._work(audit.SYSTEM, "late_erasures") as work:
            late = PendingErasure.since <= work.now - timedelta(minutes=minutes)
            self._note_failures(work, late)
            return work.session.scalar(sa.select(sa.func.count()).where(late)) or 0

    def _note_failures(self, work: Work, which: sa.ColumnElement[bool]) -> None:
        rows = work.session.scalars(
            sa.select(PendingErasure)
            .where(which, PendingErasure.failed.is_(False))
            .order_by(PendingErasure.since, PendingErasure.id)
        ).all()
        for row in rows:
            row.failed = True
            work.log("erasure_failed", erasure.conversation_token(self._index, row.id))

    def retention(
        self, member: Member | None, days: Mapping[str, int], *, dry_run: bool
    ) -> dict[str, int]:
        """Let go of what is past its days, by status; with `dry_run` only count it.

        Without a member it is the nightly job. Numbers cover all cases, walls or not: a
        retention that spared walled ones would keep them for ever.
        """
        actor: Member | str = member or audit.SYSTEM
        with self._work(actor, "retention") as work:
            if member is not None:
                self._scope(work, "retention")
            found = erasure.overdue(work.session, days, work.now)
            numbers = {status: len(ids) for status, ids in found.items()}
            work.log("retention", dry_run=dry_run, numbers=numbers)
            if not dry_run and any(numbers.values()):
                erasure.let_go(work.session, self._index, found, work.now)
        if not dry_run and any(numbers.values()):
            self.database.forget_traces()
        return numbers

    def raise_alarms(self, minutes: int) -> list[str]:
        """References of urgent cases that nobody opened in time and nobody was told of."""
        with self._work(audit.SYSTEM, "alarm") as work:
            late = work.session.scalars(
                sa.select(Case).where(
                    Case.urgent,
                    Case.first_opened.is_(None),
                    Case.status == NEW,
                    Case.created <= work.now - timedelta(minutes=minutes),
                    Case.id.not_in(sa.select(Alarm.case_id)),
                )
            ).all()
            for case in late:
                work.session.add(Alarm(case_id=case.id, raised=work.now, attempts=0))
                work.log("alarm", case.id)
            work.session.flush()
            return list(
                work.session.scalars(
                    sa.select(Case.reference)
                    .join(Alarm, Alarm.case_id == Case.id)
                    .where(Alarm.delivered.is_(None), Case.first_opened.is_(None))
                    .order_by(Case.created)
                )
            )

    def alarm_sent(self, references: list[str], *, delivered: bool) -> None:
        """Note how sending went; what was not delivered is tried again."""
        with self._work(audit.SYSTEM, "alarm_sent") as work:
            for alarm in work.session.scalars(
                sa.select(Alarm)
                .join(Case, Case.id == Alarm.case_id)
                .where(Case.reference.in_(references))
            ):
                alarm.attempts += 1
                if delivered:
                    alarm.delivered = work.now
                work.log("alarm_sent", alarm.case_id, delivered=delivered)

    def audit_log(
        self,
        member: Member,
        *,
        subject: str | None = None,
        actor: str | None = None,
        action: str | None = None,
        before: int | None = None,
        after: int | None = None,
        limit: int = _MOST_ROWS,
    ) -> list[LogEntry]:
        """Entries of the audit log, the newest first: the last ones, those next before a
        position, or those next after one.
        """
        with self._work(member, "audit_log") as work:
            self._scope(work, "audit")
            query = sa.select(AuditEntry).limit(max(1, min(limit, _MOST_LOGGED)))
            for column, value in (
                (AuditEntry.subject, subject),
                (AuditEntry.actor, actor),
                (AuditEntry.action, action),
            ):
                if value is not None:
                    query = query.where(column == _given(value))
            if before is not None:
                query = query.where(AuditEntry.id < before)
            if after is not None:
                query = query.where(AuditEntry.id > after)
            forward = after is not None and before is None
            order = AuditEntry.id if forward else AuditEntry.id.desc()
            rows = list(work.session.scalars(query.order_by(order)))
            if forward:
                rows.reverse()
            names = self._names(work.session)
            work.log("audit_log", number=len(rows))
            return [
                LogEntry(
                    row.id,
                    row.at,
                    row.actor,
                    row.action,
                    row.subject,
                    json.loads(row.details),
                    names.get(row.actor),
                )
                for row in rows
            ]

    def audit_actors(self, member: Member) -> list[Colleague]:
        """Every colleague, also former ones, to look for in the audit log."""
        with self.database.reading() as session:
            Scope(member).require("audit")
            return [
                Colleague(staff.id, staff.name, staff.role)
                for staff in session.scalars(sa.select(Staff).order_by(Staff.name))
            ]

    def verify_audit(self, member: Member | None = None) -> audit.Verdict:
        """Go through the chain of the audit log; without a member it is the command."""
        if member is not None:
            Scope(member).require("audit")
        with self.database.reading() as session:
            return audit.verify(session, self._index)

    # Inside ---------------------------------------------------------------------------------

    @contextmanager
    def _work(self, actor: Member | str, wanted: str) -> Iterator[Work]:
        """A transaction with its entries in the audit log."""
        with working(self.database, self._index, self._clock, actor, wanted) as work:
            yield work

    def record_refusal(
        self,
        wanted: str,
        code: str,
        fields: tuple[str, ...] = (),
        member: Member | None = None,
    ) -> None:
        """Note what was refused to a service or (with `member`) in the console, before it got here.

        `fields` are names.
        """
        actor = member.id if member is not None else audit.SERVICE
        entry = audit.Entry(
            actor, "refused", "", {"code": code, "wanted": wanted, "fields": fields[:20]}
        )
        with self.database.writing() as session:
            audit.append(session, self._index, [entry], self._clock())

    @staticmethod
    def _scope(work: Work, permission: str) -> Scope:
        return work.require(permission)

    def _case(self, work: Work, reference: str, *, content: bool = False) -> Case:
        """The case, if it exists for this colleague. `content` needs its content open, too."""
        scope = self._scope(work, "cases")
        case: Case | None = work.session.scalar(
            sa.select(Case).where(
                scope.cases, Case.reference == (references.parse(reference) or "")
            )
        )
        if case is None:
            raise NotFound("There is no such case.")
        if content and not self._sees_content(work, case):
            raise Withheld("The content of a case in conflict is withheld.")
        return case

    @staticmethod
    def _sees_content(work: Work, case: Case) -> bool:
        assert work.scope is not None
        return (
            work.session.scalar(sa.select(Case.id).where(Case.id == case.id, work.scope.content))
            is not None
        )

    @staticmethod
    def _names(session: Session) -> dict[str | None, str]:
        return dict(session.execute(sa.select(Staff.id, Staff.name)).all())

    @staticmethod
    def _name(session: Session, staff_id: str | None) -> str | None:
        staff = session.get(Staff, staff_id) if staff_id else None
        return staff.name if staff is not None else None

    def handled_by(self, member: Member) -> int:
        """How many cases that exist for this colleague they have had a hand in."""
        with self.database.reading() as session:
            scope = Scope(member)
            scope.require("cases")
            return (
                session.scalar(
                    sa.select(sa.func.count(Case.id))
                    .join(Handler, Handler.case_id == Case.id)
                    .where(scope.cases, Handler.staff_id == member.id)
                )
                or 0
            )


def _given(text: str) -> str:
    """An id or key as someone gave it; what no database could hold is as good as none."""
    return text if text.isprintable() else "?"


def _text(text: str, name: str) -> str:
    if not text.strip():
        raise Malformed("A text is missing.", [name])
    if len(text) > _MOST_TEXT:
        raise Malformed(f"A text is longer than {_MOST_TEXT} characters.", [name])
    return text


def _details(given: Mapping[str, str], known: tuple[str, ...]) -> dict[str, str]:
    """`given` without what is empty. Raises `Malformed` naming what cannot be used."""
    wrong = [name for name in given if name not in known]
    wrong += [
        name
        for name, value in given.items()
        if name not in wrong and (not isinstance(value, str) or len(value) > 200)
    ]
    kept = {name: value.strip() for name, value in given.items() if name not in wrong}
    kept = {name: value for name, value in kept.items() if value}
    if "birth_date" in kept and "birth_date" not in wrong:
        try:
            kept["birth_date"] = date.fromisoformat(kept["birth_date"]).isoformat()
        except ValueError:
            wrong.append("birth_date")
    if wrong:
        raise Malformed("Fields are unknown or not usable.", [name[:80] for name in wrong])
    return kept
