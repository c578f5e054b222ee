"""The one place that says who may see and do what.

Every query of the registry goes through a `Scope`: what is outside of it does not exist for the
colleague, in listings, searches, counts, figures, exports and addresses alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import sqlalchemy as sa

from desk.errors import NotAllowed
from desk.models import Case, Conflict, Release, Wall

WORKER, JURIST, COORDINATOR, TRANSLATOR, AUDITOR = (
    "worker",
    "jurist",
    "coordinator",
    "translator",
    "auditor",
)

_PERMISSIONS: dict[str, frozenset[str]] = {
    WORKER: frozenset({"cases", "work", "figures"}),
    JURIST: frozenset({"cases", "work", "figures", "texts", "approve_content"}),
    COORDINATOR: frozenset(
        {
            *("cases", "work", "figures", "assign_others", "conflicts", "erase", "retention"),
            *("staff", "texts", "export_texts"),
        }
    ),
    TRANSLATOR: frozenset({"texts", "approve_language", "export_texts"}),
    AUDITOR: frozenset({"audit"}),
}
ROLES = tuple(_PERMISSIONS)


@dataclass(frozen=True)
class Member:
    """A colleague who is logged in."""

    id: str
    name: str
    role: str


@dataclass(frozen=True)
class Scope:
    """What exists for a colleague.

    `by_line` lets a database go by the index of lines; False where something rarer is asked for,
    which SQLite does not see.
    """

    member: Member
    by_line: bool = True

    @property
    def permissions(self) -> frozenset[str]:
        """What the role may do; nothing for a role that is not known."""
        return _PERMISSIONS.get(self.member.role, frozenset())

    def require(self, permission: str) -> None:
        """Raise `NotAllowed` unless the role includes `permission`."""
        if permission not in self.permissions:
            raise NotAllowed(f"The role {self.member.role} does not include this.")

    @property
    def lines(self) -> tuple[int, ...]:
        """Whose line's cases the role works on."""
        if "cases" not in self.permissions:
            return ()
        return (1,) if self.member.role == WORKER else (1, 2)

    @property
    def walled(self) -> sa.ScalarSelect[str]:
        """The ids of the cases that a wall hides from this colleague."""
        return sa.select(Wall.case_id).where(Wall.staff_id == self.member.id).scalar_subquery()

    @cached_property
    def cases(self) -> sa.ColumnElement[bool]:
        """The condition on `Case` that every query carries."""
        if not self.lines:
            return sa.false()
        line = Case.line if self.by_line else Case.line + 0
        return sa.and_(line.in_(self.lines), Case.id.not_in(self.walled))

    @cached_property
    def content(self) -> sa.ColumnElement[bool]:
        """The condition on `Case` for what people wrote and who they are.

        A coordinator decides about conflicts without knowing what either parent said.
        """
        if self.member.role != COORDINATOR:
            return self.cases
        in_conflict = (
            sa.select(Conflict.id)
            .where(
                sa.or_(Conflict.first_id == Case.id, Conflict.second_id == Case.id),
                Conflict.state != "dismissed",
            )
            .exists()
        )
        released = (
            sa.select(Release.id)
            .where(Release.case_id == Case.id, Release.staff_id == self.member.id)
            .exists()
        )
        return sa.and_(self.cases, sa.or_(~in_conflict, released))


def may_handle(role: str, line: int) -> bool:
    """Whether a case of this line can be assigned to a colleague of this role."""
    return role in (JURIST, COORDINATOR) or (role == WORKER and line == 1)
