"""Both parents of one child turn to the service: find it, and keep the two cases apart.

Candidates are found over blind indexes, then compared in memory. Detection runs in the
transaction of every edit that changes what is known of a case's people. It looks at the cases
of everyone, so nothing it returns is shown to a colleague but through `access.Scope`.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from desk import matching
from desk.crypto import BlindIndex, Vault
from desk.matching import Individual
from desk.models import (
    Case,
    Child,
    Clue,
    Conflict,
    Contact,
    Handler,
    Person,
    Wall,
    contacts_of,
    new_id,
    place,
)

OPEN, CONFIRMED, DISMISSED = "open", "confirmed", "dismissed"
_OPPOSITE = {frozenset({"left_behind", "taking"})}
_BATCH = 500


@dataclass
class People:
    """Everyone that is known of a case."""

    case: Case
    clients: list[Individual] = field(default_factory=list)
    others: list[Individual] = field(default_factory=list)
    children: list[Individual] = field(default_factory=list)


def evidence(one: People, other: People) -> frozenset[str]:
    """Kinds of evidence that two cases come from the two parents of a child; empty without.

    A second case of the same person is none, and a doubt is one: a coordinator can dismiss it,
    nobody can take back what the wrong colleague has read.
    """
    if one.case.conversation == other.case.conversation:
        return frozenset()
    opposite = frozenset({one.case.role, other.case.role}) in _OPPOSITE
    shared = _any(matching.same_contact, one.clients, other.clients)
    if shared and not opposite:
        return frozenset()
    found: set[str] = set()
    for first, second in itertools.product(one.children, other.children):
        found |= matching.same_child(first, second)
    same_person = (
        not opposite
        and one.case.role == other.case.role
        and _any(matching.same_name, one.clients, other.clients)
    )
    if same_person:
        return frozenset()
    if shared:
        # one telephone, two sides: a couple that still shares it
        found.add("contact")
    crossed = (one.clients, other.others), (one.others, other.clients)
    if any(_any(matching.same_contact, *pair) for pair in crossed):
        found.add("contact")
    named = [_any(matching.same_name, *pair) for pair in crossed]
    if all(named) or (any(named) and _children_agree(one, other)):
        found.add("parent_name")
    return frozenset(found)


def _any(
    rule: Callable[[Individual, Individual], bool],
    first: Iterable[Individual],
    second: Iterable[Individual],
) -> bool:
    return any(rule(a, b) for a, b in itertools.product(first, second))


def _children_agree(one: People, other: People) -> bool:
    return any(
        matching.ages_agree(a, b) or matching.same_birth_date(a, b)
        for a, b in itertools.product(one.children, other.children)
    )


class ConflictFinder:
    """Detection over the database of the registry."""

    def __init__(self, vault: Vault, index: BlindIndex) -> None:
        self._vault = vault
        self._index = index

    def people(self, session: Session, case: Case) -> People:
        """What is known of the people of `case`, opened."""
        known = People(case)
        for child in session.scalars(sa.select(Child).where(Child.case_id == case.id)):
            details = (
                self._vault.open(child.details, place(child, "details")) if child.details else {}
            )
            year = case.created.year
            years = [child.birth_year] if child.birth_year is not None else []
            years += [year - child.age, year - child.age - 1] if child.age is not None else []
            known.children.append(
                matching.individual(
                    names=[details.get("family")],
                    given=details.get("given"),
                    birth_date=details.get("birth_date"),
                    birth_years=years,
                )
            )
        for person in session.scalars(sa.select(Person).where(Person.case_id == case.id)):
            details = self._vault.open(person.details, place(person, "details"))
            someone = matching.individual(
                names=[details.get("family"), details.get("maiden")],
                given=details.get("given"),
                birth_date=details.get("birth_date"),
                phone=details.get("phone"),
                email=details.get("email"),
            )
            (known.clients if person.part == "client" else known.others).append(someone)
        for contact in session.scalars(sa.select(Contact).where(contacts_of(case))):
            details = self._vault.open(contact.details, place(contact, "details"))
            known.clients.append(
                matching.individual(
                    names=[details.get("name")],
                    phone=details.get("phone"),
                    email=details.get("email"),
                )
            )
        return known

    def update(self, session: Session, case: Case, now: datetime) -> list[Conflict]:
        """Index the people of `case` anew and find cases of the other parent; the new ones."""
        session.flush()
        known = self.people(session, case)
        session.execute(sa.delete(Clue).where(Clue.case_id == case.id))
        tokens = self._tokens(known)
        session.add_all(
            Clue(case_id=case.id, kind=kind, token=token)
            for kind, groups in tokens.items()
            for token in sorted(set().union(*groups.values()))
        )
        session.flush()
        found = []
        for other in self._candidates(session, case, tokens):
            clues = evidence(known, self.people(session, other))
            if clues:
                conflict = self._mark(session, case, other, clues, now)
                if conflict is not None:
                    found.append(conflict)
        return found

    def _tokens(self, known: People) -> dict[str, dict[str, set[str]]]:
        """Kind → what is searched for → its tokens."""
        tokens: dict[str, dict[str, set[str]]] = defaultdict(dict)
        for someone in (*known.clients, *known.others, *known.children):
            for part in someone.names:
                tokens["name"][part] = {
                    self._index.token("name", each) for each in matching.shortened(part)
                }
            for number in someone.phones:
                tokens["phone"][number] = {self._index.token("phone", number)}
            for mailbox in someone.emails:
                tokens["email"][mailbox] = {self._index.token("email", mailbox)}
            if someone.birth_date is not None:
                key = matching.date_key(someone.birth_date)
                tokens["birth_date"][key] = {self._index.token("birth_date", key)}
        return tokens

    def _candidates(
        self, session: Session, case: Case, tokens: dict[str, dict[str, set[str]]]
    ) -> list[Case]:
        """Cases worth comparing: one number, mailbox or date in common, or two names."""
        candidates: set[str] = set()
        names: dict[str, set[str]] = defaultdict(set)
        for kind, groups in tokens.items():
            for searched, group in groups.items():
                hits = session.scalars(
                    sa.select(Clue.case_id).where(
                        Clue.kind == kind, Clue.token.in_(group), Clue.case_id != case.id
                    )
                )
                for case_id in hits:
                    if kind == "name":
                        names[case_id].add(searched)
                    else:
                        candidates.add(case_id)
        candidates |= {case_id for case_id, parts in names.items() if len(parts) >= 2}
        ordered = sorted(candidates)
        return [
            other
            for start in range(0, len(ordered), _BATCH)
            for other in session.scalars(
                sa.select(Case).where(Case.id.in_(ordered[start : start + _BATCH]))
            )
        ]

    def _mark(
        self, session: Session, one: Case, other: Case, clues: frozenset[str], now: datetime
    ) -> Conflict | None:
        first, second = sorted((one, other), key=lambda case: case.id)
        known: Conflict | None = session.scalar(
            sa.select(Conflict).where(
                Conflict.first_id == first.id, Conflict.second_id == second.id
            )
        )
        if known is not None:
            # what a coordinator has dismissed stays dismissed unless there is more to go by
            if known.state != DISMISSED or clues <= set(known.clues.split(",")):
                return None
            known.state, known.clues = OPEN, ",".join(sorted(clues))
            known.resolved = known.resolved_by = None
            conflict = known
        else:
            conflict = Conflict(
                id=new_id(),
                first_id=first.id,
                second_id=second.id,
                clues=",".join(sorted(clues)),
                state=OPEN,
                found=now,
            )
            session.add(conflict)
        one.conflict = other.conflict = True
        session.flush()
        separate(session, conflict, first, second)
        return conflict


def separate(session: Session, conflict: Conflict, first: Case, second: Case) -> None:
    """Walls between the colleagues of two cases.

    Whoever had a hand in both keeps the one that is assigned to them; assigned to both or to
    none, they keep neither, because they know too much for either.
    """
    hands: dict[str, set[str]] = {
        case.id: set(session.scalars(sa.select(Handler.staff_id).where(Handler.case_id == case.id)))
        | ({case.assigned_to} if case.assigned_to else set())
        for case in (first, second)
    }
    for staff_id in sorted(hands[first.id] | hands[second.id]):
        assigned = [case for case in (first, second) if case.assigned_to == staff_id]
        in_both = staff_id in hands[first.id] and staff_id in hands[second.id]
        if in_both and len(assigned) != 1:
            walled = [first, second]
        elif in_both:
            walled = [second if assigned[0] is first else first]
        else:
            walled = [second if staff_id in hands[first.id] else first]
        for case in walled:
            wall_off(session, conflict, case, staff_id)


def wall_off(session: Session, conflict: Conflict, case: Case, staff_id: str) -> None:
    """Let `case` not exist for a colleague any more."""
    known = session.scalar(
        sa.select(Wall.id).where(
            Wall.case_id == case.id, Wall.staff_id == staff_id, Wall.conflict_id == conflict.id
        )
    )
    if known is None:
        session.add(Wall(case_id=case.id, staff_id=staff_id, conflict_id=conflict.id))
    if case.assigned_to == staff_id:
        case.assigned_to = None
    session.flush()


def take_hand(session: Session, case: Case, staff_id: str, now: datetime) -> None:
    """Note that a colleague has a hand in `case`, and close the other parent's cases to them."""
    known = session.scalar(
        sa.select(Handler.id).where(Handler.case_id == case.id, Handler.staff_id == staff_id)
    )
    if known is None:
        session.add(Handler(case_id=case.id, staff_id=staff_id, since=now))
    for conflict in session.scalars(
        sa.select(Conflict).where(
            sa.or_(Conflict.first_id == case.id, Conflict.second_id == case.id),
            Conflict.state != DISMISSED,
            Conflict.second_id.is_not(None),
        )
    ).all():
        other_id = conflict.second_id if conflict.first_id == case.id else conflict.first_id
        other = session.get(Case, other_id)
        if other is not None:
            wall_off(session, conflict, other, staff_id)


def refresh_marks(session: Session, case_ids: Iterable[str | None]) -> None:
    """Set the mark of cases by the conflicts that are left."""
    session.flush()
    for case_id in case_ids:
        case = session.get(Case, case_id) if case_id else None
        if case is not None:
            case.conflict = bool(
                session.scalar(
                    sa.select(sa.func.count(Conflict.id)).where(
                        sa.or_(Conflict.first_id == case_id, Conflict.second_id == case_id),
                        Conflict.state != DISMISSED,
                    )
                )
            )
