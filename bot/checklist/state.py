"""Where a conversation stands with the list: the slot `checklist`."""

from __future__ import annotations

from datetime import date
from typing import Any

from bot.checklist import flow
from bot.checklist.values import Answers

FORM = "checklist_form"
"""Name of the form that asks the questions, in domain.yml."""

WHICH_ITEM = "which"
"""Value of `item` while the visitor chooses which answer to change."""


class State:
    """`answers`, and `item`, the one to ask out of turn, if any. `given`: the list was begun."""

    def __init__(self, slot: Any) -> None:
        self.given = isinstance(slot, dict)
        slot = slot if isinstance(slot, dict) else {}
        self.answers: Answers = slot.get("answers") or {}
        self.item: str | None = slot.get("item")

    def as_slot(self) -> dict[str, Any]:
        """The state as JSON keeps it."""
        return {"answers": self.answers, "item": self.item}

    def current(self, today: date) -> str | None:
        """The item that is asked now; None when the walk is at its end."""
        return self.item or flow.walk(self.answers, today).current
