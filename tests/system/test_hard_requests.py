"""Hard requests end to end: the lawful way at any moment, and the conversation goes on."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from checklist_steps import QUESTION, asked, walk_to
from handover_steps import ASK, ROLE, step
from stack import LANGUAGES, ROOT, Visitor, in_turn

from bot import hard_request_data
from bot.hard_requests import KINDS, own_answer

Arrive = Callable[..., Visitor]

INSTRUCTED = "utter_hard_hidden_instructions"
WHOLE = [kind for kind in KINDS if own_answer(kind)]


# Where the first message of a file is one that the lane lets pass, which other tests count.
_PLAIN = {("forged_consent", "en"): 1}


def typed(kind: str, language: str) -> str:
    """A message of the kind that a person of the language would write, plain enough to be seen."""
    path = ROOT / "data" / "hard_requests" / language / f"{kind}.yml"
    return hard_request_data.messages_of(path)[_PLAIN.get((kind, language), 0)].text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", WHOLE)
def test_it_is_answered_with_the_text_of_its_kind(arrive: Arrive, kind: str, language: str) -> None:
    reply = arrive(language).say(typed(kind, language))
    assert reply.ids == [f"utter_hard_{kind}"]
    assert reply.lang == reply.messages[0]["lang"] == language
    assert reply.messages[0]["reviewed"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_before_the_usual_answer_stands_that_nobody_can_predict(
    arrive: Arrive, language: str
) -> None:
    reply = arrive(language).say(typed("prediction", language))
    assert reply.ids[0] == "utter_hard_prediction"
    assert len(reply.ids) > 1
    assert "utter_hard_prediction" not in reply.ids[1:]


IN_THE_MIDDLE = [
    (item, kind, language)
    for start, item in enumerate(["q_role", "q_event"])
    for number, kind in enumerate(WHOLE, start)
    for language in in_turn(number)
]


@pytest.mark.parametrize(("item", "kind", "language"), IN_THE_MIDDLE)
def test_in_the_middle_of_the_checklist_its_question_comes_again(
    arrive: Arrive, kind: str, language: str, item: str
) -> None:
    visitor = arrive(language)
    assert asked(walk_to(visitor, item)) == item
    reply = visitor.say(typed(kind, language))
    assert reply.ids == [f"utter_hard_{kind}", QUESTION]
    assert asked(reply) == item


@pytest.mark.parametrize(
    ("kind", "language"),
    [(kind, each) for number, kind in enumerate(WHOLE) for each in in_turn(number)],
)
def test_in_the_middle_of_handing_over_it_can_still_be_handed_over(
    arrive: Arrive, kind: str, language: str
) -> None:
    visitor = arrive(language)
    assert visitor.press("/ask_human").ids == [ASK]
    assert visitor.say(typed(kind, language)).ids == [f"utter_hard_{kind}"]
    assert visitor.press(step("yes")).ids == [ROLE]
    assert visitor.say(typed(kind, language)).ids == [f"utter_hard_{kind}"]
    assert visitor.press("/ask_human").ids == [ASK]


@pytest.mark.parametrize("kind", WHOLE)
def test_it_is_said_again_in_another_language(arrive: Arrive, kind: str) -> None:
    visitor = arrive("nl")
    first = visitor.say(typed(kind, "nl"))
    again = visitor.choose("pl")
    assert again.ids == ["utter_language_changed", f"utter_hard_{kind}"]
    assert again.messages[1]["lang"] == "pl"
    assert again.messages[1]["text"] != first.messages[0]["text"]


def test_hidden_instructions_get_one_answer_that_repeats_nothing(arrive: Arrive) -> None:
    path = ROOT / "data" / "hard_requests" / "nl" / "hidden_instructions.yml"
    texts = [message.text for message in hard_request_data.messages_of(path)[:10]]
    answers = set()
    for text in texts:
        reply = arrive("nl").say(text)
        assert text not in reply.text
        answers |= {m["text"] for m in reply.messages if m["id"] == INSTRUCTED}
    assert len(answers) == 1


@pytest.mark.parametrize(
    "payload", ["/hard_request", '/hard_request{"hard_request": "prediction"}']
)
def test_no_button_asks_for_it(arrive: Arrive, payload: str) -> None:
    assert arrive("nl").press(payload).status == 400
