"""Every item of the checklist, every kind of interruption, every language, on the real stack.

Generated from bot/checklist/questions.yml: a question that is added there is tested here. The
conversations of a language are held once; each cell of the matrix is a test of its own. Every kind
meets every item in three languages, which take turns: each language meets every item and kind.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from checklist_steps import (
    DOCUMENTS,
    GOOD,
    NOTE,
    OFFER,
    ORDER,
    QUESTION,
    RESULT,
    START,
    answer,
    asked,
    correct,
    walk_to,
)
from stack import LANGUAGES, Answer, Stack, Visitor, fetch, in_turn

from bot import catalogue
from bot.checklist.questions import checklist

TYPED = {
    "nl": {
        "costs": "wat kost een advocaat?",
        "why": "waarom vraagt u dat?",
        "skip": "dat weet ik niet",
        "pass": "sla deze vraag maar over",
        "stop": "ik wil stoppen",
        "violence": "mijn man slaat mij en de kinderen",
        "departure": "help, ze zijn nu op het vliegveld, hij neemt ze mee",
        "thanks": "dank u wel",
        "hello": "hallo",
    },
    "tr": {
        "costs": "avukat ne kadar tutar?",
        "why": "bunu neden soruyorsunuz?",
        "skip": "bilmiyorum",
        "pass": "bu soruyu atla",
        "stop": "iptal etmek istiyorum",
        "violence": "kocam beni ve çocukları dövüyor",
        "departure": "imdat, şu anda havaalanındalar, çocukları götürüyor",
        "thanks": "teşekkür ederim",
        "hello": "merhaba",
    },
    "pl": {
        "costs": "ile kosztuje adwokat?",
        "why": "dlaczego o to pytacie?",
        "skip": "nie wiem",
        "pass": "pomiń to pytanie",
        "stop": "chcę przerwać",
        "violence": "mąż bije mnie i dzieci",
        "departure": "pomocy, są teraz na lotnisku, on zabiera dzieci",
        "thanks": "dziękuję",
        "hello": "dzień dobry",
    },
    "en": {
        "costs": "how much does a lawyer cost?",
        "why": "why do you ask me that?",
        "skip": "I don't know",
        "pass": "please skip this question",
        "stop": "I want to stop",
        "violence": "my husband beats me and the kids",
        "departure": "help, they are at the airport now, he is taking them away",
        "thanks": "thank you very much",
        "hello": "hello",
    },
}
# Where "I don't know" is an answer to the question itself, one skips in so many words.
_ABOUT_KNOWING = "q_whereabouts"
# language, item, kind → what went wrong
Faults = dict[tuple[str, str, str], str]


def _question(visitor: Visitor, item: str, language: str) -> None:
    reply = visitor.say(TYPED[language]["costs"])
    assert reply.ids[0] in ("utter_hague_costs", "utter_lawyer"), reply.ids
    assert NOTE not in reply.ids
    assert asked(reply) == item, reply.ids
    assert {message["lang"] for message in reply.messages} == {language}


def _why(visitor: Visitor, item: str, language: str) -> None:
    reply = visitor.say(TYPED[language]["why"])
    assert reply.ids == ["utter_why_ask", QUESTION], reply.ids
    assert asked(reply) == item
    name, _, part = item.partition("/")
    key = "document_status_why" if part in DOCUMENTS else f"{name}_why"
    assert catalogue.text(language, key) in reply.messages[0]["text"]


def _language(visitor: Visitor, item: str, language: str) -> None:
    other = LANGUAGES[(LANGUAGES.index(language) + 1) % len(LANGUAGES)]
    for chosen in (other, language):
        reply = visitor.press(f'/change_language{{"language": "{chosen}"}}')
        assert asked(reply) == item, reply.ids
        assert {message["lang"] for message in reply.messages} == {chosen}


def _correct(visitor: Visitor, item: str, language: str) -> None:
    before = ORDER.index(item.partition("/")[0]) - 1
    if before < 0:
        reply = visitor.press("/correct_answer")
        assert reply.ids == ["utter_checklist_nothing_to_change", QUESTION], reply.ids
        assert asked(reply) == item
        return
    earlier = ORDER[before]
    reply = visitor.press(correct(earlier))
    assert asked(reply) == earlier, reply.ids
    reply = visitor.press(answer(earlier, GOOD[earlier]))
    assert reply.ids == [NOTE, QUESTION], reply.ids
    assert asked(reply) == item


def _cancel(visitor: Visitor, item: str, language: str) -> None:
    reply = visitor.say(TYPED[language]["stop"])
    assert reply.ids == ["utter_checklist_paused"], reply.ids
    assert START in reply.payloads
    reply = visitor.press(START)
    assert asked(reply) == item, reply.ids


def _emergency(visitor: Visitor, item: str, language: str) -> None:
    reply = visitor.press("/threat_imminent")
    assert "utter_threat_imminent" in reply.ids, reply.ids
    _assert_list_waits(reply)
    assert asked(visitor.press(START)) == item


def _assert_list_waits(reply: Answer) -> None:
    """The emergency first, then the offer to go on; no question."""
    assert reply.messages[0]["kind"] == "emergency", reply.ids
    assert reply.ids[-1] == OFFER, reply.ids
    assert QUESTION not in reply.ids
    assert START in reply.payloads


def _cry(said: str, intent: str) -> Callable[[Visitor, str, str], bool]:
    def interrupt(visitor: Visitor, item: str, language: str) -> bool:
        reply = visitor.say(TYPED[language][said])
        assert "112" in reply.text, reply.ids
        overlaps = checklist().questions[item.partition("/")[0]].overlaps
        if intent in overlaps and NOTE in reply.ids:
            # it is an answer as well: noted, with the number to call
            return False
        _assert_list_waits(reply)
        assert asked(visitor.press(START)) == item
        return True

    return interrupt


def _courtesy(visitor: Visitor, item: str, language: str) -> None:
    said, key = (("thanks", "utter_thank"), ("hello", "utter_greet"))[len(item) % 2]
    reply = visitor.say(TYPED[language][said])
    assert reply.ids == [key, QUESTION], reply.ids
    assert asked(reply) == item


def _skip(visitor: Visitor, item: str, language: str) -> None:
    reply = visitor.say(TYPED[language]["pass" if item == _ABOUT_KNOWING else "skip"])
    assert reply.ids[0] == NOTE, reply.ids
    assert reply.lang == language
    expected = _after(item)
    if expected is None:
        assert reply.ids[-1] == RESULT, reply.ids
    else:
        assert asked(reply) == expected, (asked(reply), expected)


# A kind that returns False has left the item.
KINDS: dict[str, Callable[[Visitor, str, str], bool | None]] = {
    "an informational question": _question,
    "why": _why,
    "another language and back": _language,
    "a correction": _correct,
    "cancelled and resumed": _cancel,
    "an emergency": _emergency,
    "violence, typed": _cry("violence", "domestic_violence"),
    "a departure, typed": _cry("departure", "threat_imminent"),
    "thanks or a greeting": _courtesy,
    # the last, since it goes on to the next item
    "skipped": _skip,
}
SKIPPED = "skipped"


def _after(item: str) -> str | None:
    """What is asked once `item` is skipped; None at the end."""
    name, _, part = item.partition("/")
    if part == "1":
        return f"{name}/2"
    if part in DOCUMENTS[:-1]:
        return f"{name}/{DOCUMENTS[DOCUMENTS.index(part) + 1]}"
    following = ORDER.index(name) + 1
    return ORDER[following] if following < len(ORDER) else None


def _plan() -> list[tuple[str, list[str]]]:
    """Each item with what interrupts it: everything; the parts of a question in turn."""
    planned = []
    kinds = list(KINDS)
    others = [kind for kind in kinds if kind != SKIPPED]
    for name, question in checklist().questions.items():
        planned.append((name, kinds))
        if question.type == "number_or_date_of_birth":
            planned += [(f"{name}/1", kinds), (f"{name}/2", [SKIPPED])]
        if question.type == "per_document":
            planned.append((f"{name}/{DOCUMENTS[0]}", kinds))
            planned += [
                (f"{name}/{document}", [others[number % len(others)], SKIPPED])
                for number, document in enumerate(DOCUMENTS[1:])
            ]
    return planned


PLAN = _plan()
CASES = [
    (language, item, kind)
    for number, (item, kinds) in enumerate(PLAN)
    for position, kind in enumerate(kinds)
    # what comes once comes in every language
    for language in (in_turn(number + position) if len(kinds) > 1 else LANGUAGES)
]
_CASES = frozenset(CASES)
# A turn of a long conversation takes longer; so the list is taken to a new one now and then.
_TURNS = 28
_NUMBER = "314159"


def _good(item: str) -> str:
    """What a button answers, for the language that does not skip the item."""
    name, _, part = item.partition("/")
    if part in DOCUMENTS:
        return "have"
    # as a skip does, it leaves every paper to be asked for one by one
    return "unknown" if checklist().questions[name].type == "per_document" else GOOD[name]


class _Walk:
    """The conversations in one language."""

    def __init__(self, stack: Stack, language: str) -> None:
        self._stack, self._language = stack, language
        self._visitor: Visitor | None = None
        self._here: str | None = None
        self._turns = 0
        self.faults: Faults = {}

    def run(self) -> Faults:
        """Take every item of the plan; what went wrong, by case."""
        for item, kinds in PLAN:
            for kind in kinds:
                if (self._language, item, kind) not in _CASES:
                    continue
                visitor = self._at(item)
                self._turns += 2
                try:
                    stayed = KINDS[kind](visitor, item, self._language) is not False
                except AssertionError as fault:
                    self.faults[self._language, item, kind] = str(fault) or "failed"
                    stayed = False
                if not stayed:
                    self._visitor = None
            if self._visitor and (self._language, item, SKIPPED) not in _CASES:
                self._at(item).press(answer(item, _good(item)))
                self._turns += 1
            self._here = _after(item)
        return self.faults

    def _at(self, item: str) -> Visitor:
        """A conversation in which `item` is asked: that which runs, or a new one."""
        name, _, part = item.partition("/")
        visitor = self._visitor
        if visitor is not None and self._here != item:
            # the parts of a question that was skipped are asked for with a button
            visitor.press(answer(name, {"1": "?+?"}.get(part, "one_by_one")))
        if visitor is None:
            visitor = self._new()
            walk_to(visitor, item)
        elif self._turns > _TURNS and item != ORDER[0]:
            visitor = self._taken_along(visitor, item)
        self._visitor, self._here = visitor, item
        return visitor

    def _taken_along(self, visitor: Visitor, item: str) -> Visitor:
        headers = {"Authorization": f"Bearer {visitor.token}"}
        body = {"number": _NUMBER}
        made = fetch(self._stack, "POST", "/api/checklist/code", body, headers)
        body["words"] = made.text.split("**")[1]
        visitor = self._new()
        headers = {"Authorization": f"Bearer {visitor.token}"}
        opened = fetch(self._stack, "POST", "/api/checklist/open", body, headers)
        assert asked(opened) == item, (item, opened.ids)
        return visitor

    def _new(self) -> Visitor:
        visitor = Visitor(self._stack)
        visitor.start(self._language)
        self._turns = 0
        return visitor


@pytest.fixture(scope="module")
def faults(stack: Stack) -> Faults:
    with ThreadPoolExecutor(len(LANGUAGES)) as pool:
        walks = pool.map(lambda language: _Walk(stack, language).run(), LANGUAGES)
        return {case: fault for part in walks for case, fault in part.items()}


@pytest.mark.parametrize(("language", "item", "kind"), CASES)
def test_an_item_is_interrupted_and_returns(
    faults: Faults, language: str, item: str, kind: str
) -> None:
    fault = faults.get((language, item, kind))
    assert fault is None, fault


def test_every_item_is_in_the_matrix() -> None:
    items = {item for _, item, _ in CASES}
    assert set(ORDER) <= items
    assert {f"q_documents/{document}" for document in DOCUMENTS} <= items
    for item in ORDER:
        assert {kind for _, of, kind in CASES if of == item} == set(KINDS)
    for language in LANGUAGES:
        of_it = [case for case in CASES if case[0] == language]
        assert {item for _, item, _ in of_it} == items
        assert {kind for _, _, kind in of_it} == set(KINDS)
