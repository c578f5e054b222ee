"""Where a visitor can be when something fails, and what must hold afterwards."""

from __future__ import annotations

import http.client
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from checklist_steps import GOOD, ORDER, answer, asked, walk_to
from handover_steps import (
    ASK,
    DONE,
    FORM,
    KNOWN,
    ROLE,
    WAITING,
    Desk,
    eventually,
    number_told,
    send_form,
    step,
    to_the_form,
)
from stack import Answer, Stack, Visitor, fetch

WORDS = "IJsvogelstraat"
"""What visitors write, found again wherever it should not be."""
_COSTS = "utter_hague_costs"
MENDED = "utter_conversation_mended"
_ACCEPTED = frozenset({DONE, WAITING, KNOWN})
_BEFORE, _MIDDLE, _NEXT = ORDER[2:5]


@dataclass(frozen=True)
class Told:
    """What came of a request: a reply or none, and after how many seconds."""

    answer: Answer | None
    seconds: float

    @property
    def ids(self) -> list[str]:
        """The response keys; none of an error."""
        if self.answer is None or self.answer.status != 200:
            return []
        return [one for one in self.answer.ids if one != MENDED]

    @property
    def worked(self) -> bool:
        """Whether the visitor was told so."""
        return bool(self.ids) and self.answer is not None and not self.answer.failed

    def either(self, done: str, not_done: str) -> list[str]:
        """What may follow: what the visitor was told, and without any word either of the two."""
        if self.answer is None:
            return [done, not_done]
        return [done] if self.worked else [not_done]


def timed(ask: Callable[[], Answer]) -> Told:
    """Ask, and take the time."""
    began = time.monotonic()
    try:
        found: Answer | None = ask()
    except (OSError, http.client.HTTPException):
        found = None
    return Told(found, time.monotonic() - began)


@dataclass
class Persistent(Visitor):
    """Tries again what failed, as the error message says: a turn that failed left nothing."""

    tries: int = 8

    def send(self, body: Any) -> Answer:
        """One turn."""
        return self.until(lambda: super(Persistent, self).send(body))

    def begin(self, lang: str) -> None:
        """Open the conversation."""
        body = {"lang": lang}
        begun = self.until(lambda: fetch(self.stack, "POST", "/api/chat/start", body))
        self.token = begun.body["token"]

    def until(self, ask: Callable[[], Answer]) -> Answer:
        """The first answer that is no failure, or the last."""
        for left in reversed(range(self.tries)):
            found = ask()
            if not left or (found.status < 500 and not found.failed):
                break
            time.sleep(0.5)
        return found


class Moment(ABC):
    """A visitor at one place of a conversation."""

    name: str

    def __init__(self, stack: Stack, desk: Desk, lang: str) -> None:
        self.visitor = Persistent(stack)
        self.desk = desk
        self.lang = lang

    def arrive(self) -> None:
        """Come to the place."""
        self.visitor.tries = 8
        self.visitor.begin(self.lang)
        self.visitor.say(f"{WORDS} 7, dag")
        self.come()
        # from now on every touch counts
        self.visitor.tries = 1

    def afterwards(self, told: Told, loses: bool) -> None:
        """All is well again: it goes on where it was, after what the visitor was `told`."""
        self.visitor.tries = 8
        self.go_on(told, loses)

    @abstractmethod
    def come(self) -> None:
        """Come to the place from the beginning."""

    @abstractmethod
    def act(self) -> Answer:
        """What the visitor does next, while something is wrong."""

    @abstractmethod
    def go_on(self, told: Told, loses: bool) -> None:
        """Go on, and see that it does."""


class Idle(Moment):
    """Between two questions."""

    name = "idle"

    def come(self) -> None:
        assert self.visitor.press("/hague_costs").ids[-1] == _COSTS

    def act(self) -> Answer:
        return self.visitor.press("/mediation")

    def go_on(self, told: Told, loses: bool) -> None:
        other = "pl" if self.lang != "pl" else "nl"
        reply = timed(lambda: self.visitor.choose(other))
        assert reply.answer is not None
        assert reply.answer.lang == other
        if not loses:
            assert reply.ids[0] == "utter_language_changed"
            assert reply.ids[1:] in ([last] for last in told.either("utter_mediation", _COSTS))


class Writing(Moment):
    """With words of one's own."""

    name = "writing"

    def come(self) -> None:
        pass

    def act(self) -> Answer:
        return self.visitor.say(f"Kan ik met mijn kind van {WORDS} 7 naar Turkije op vakantie?")

    def go_on(self, told: Told, loses: bool) -> None:
        reply = self.visitor.choose(self.lang)
        assert not reply.failed
        assert "utter_language_changed" in reply.ids


class Question(Moment):
    """In the middle of the checklist."""

    name = "mid-question"

    def come(self) -> None:
        walk_to(self.visitor, _MIDDLE)

    def act(self) -> Answer:
        return self.visitor.press(answer(_MIDDLE, GOOD[_MIDDLE]))

    def go_on(self, told: Told, loses: bool) -> None:
        reply = self.visitor.choose(self.lang)
        assert not reply.failed, reply.ids
        if loses:
            self.visitor.press("/hague_start_checklist")
        else:
            assert asked(reply) in told.either(_NEXT, _MIDDLE), (told.ids, reply.ids)
        for item in (_MIDDLE, _NEXT):
            reply = self.visitor.press(answer(item, GOOD[item]))
            assert not reply.failed
        assert asked(reply) is not None, reply.ids


class Typing(Question):
    """In the middle of the checklist, with words of one's own."""

    name = "mid-question, typing"

    def act(self) -> Answer:
        return self.visitor.say("Türkiye" if self.lang == "tr" else "Turkije")


class Permission(Moment):
    """Asked whether a person may read along."""

    name = "mid-hand-off, permission"

    def come(self) -> None:
        assert self.visitor.press("/ask_human").ids == [ASK]

    def act(self) -> Answer:
        return self.visitor.press(step("yes"))

    def go_on(self, told: Told, loses: bool) -> None:
        reply = self.visitor.press(step("yes"))
        assert reply.ids[-1] == ROLE
        assert self.visitor.press(step("role=left_behind")).ids[-1] == FORM
        _handed_over_once(self, None)


class Form(Moment):
    """Before the contact form, which is sent."""

    name = "mid-hand-off, form"

    def come(self) -> None:
        to_the_form(self.visitor)

    def act(self) -> Answer:
        return send_form(self.visitor)

    def go_on(self, told: Told, loses: bool) -> None:
        if set(told.ids) & _ACCEPTED:
            # without a further touch of the visitor
            eventually(lambda: self.desk.references(self.visitor))
        reply = self.visitor.until(lambda: send_form(self.visitor))
        assert set(reply.ids) & _ACCEPTED, (told.ids, reply.ids)
        _one_case(self)
        eventually(lambda: self.desk.contacts(self.visitor))
        assert self.desk.contacts(self.visitor) == 1


class Creation(Moment):
    """While the case is being made."""

    name = "mid-hand-off, case"

    def come(self) -> None:
        to_the_form(self.visitor)

    def act(self) -> Answer:
        return self.visitor.press(step("none"))

    def go_on(self, told: Told, loses: bool) -> None:
        _handed_over_once(self, told)


def _handed_over_once(moment: Moment, told: Told | None) -> None:
    if told is not None and set(told.ids) & _ACCEPTED:
        eventually(lambda: moment.desk.references(moment.visitor))
    reply = moment.visitor.press(step("none"))
    assert set(reply.ids) & _ACCEPTED, (told and told.ids, reply.ids)
    _one_case(moment)


def _one_case(moment: Moment) -> None:
    told = number_told(moment.visitor)
    assert moment.desk.references(moment.visitor) == [told]


MOMENTS: tuple[type[Moment], ...] = (
    Idle,
    Writing,
    Question,
    Typing,
    Permission,
    Form,
    Creation,
)
