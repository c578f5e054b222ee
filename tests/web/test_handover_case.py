"""The case of a hand-over is one that the desk takes: `bot.handover` against `desk.intake`.

Here and not beside the other tests of the hand-over, because the desk's checks need pydantic 2.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from walks import WALKS

from bot import handover
from bot.checklist import values
from bot.checklist.questions import checklist
from bot.checklist.state import State
from bot.handover import Handover
from bot.languages import languages
from bot.nlg import answers, checklist_messages, handover_messages
from bot.nlg.answers import current_time
from desk.api import MOST_BODY
from desk.intake import CaseBody, parse_case

CONVERSATION = "0a" * 32
REFERENCE = "r" * 43
WORDS = {
    "nl": "Mijn ex heeft onze dochter meegenomen naar Turkije",
    "tr": "Eşim çocuğu Türkiye'ye götürdü, İzmir'den geri getirmiyor",
    "pl": "Ojciec zabrał córkę do Polski i nie chce jej oddać",
    "en": "Her father took our daughter to Poland and won’t bring her back",
}


class Talk:
    """A conversation as Rasa hands it to the action server: events and slots."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.events: list[dict[str, Any]] = [{"event": "action", "name": "action_session_start"}]
        self.slots: dict[str, Any] = {"language": language}
        self._clock = 1_795_000_000.0

    def types(self, text: str, intent: str, **entities: Any) -> None:
        """The visitor writes."""
        found = [{"entity": name, "value": value} for name, value in entities.items()]
        found.append({"entity": "detected_language", "value": self.language})
        parse = {"text": text, "intent": {"name": intent, "confidence": 0.9}, "entities": found}
        self._add({"event": "user", "text": text, "parse_data": parse})

    def presses(self, payload: str) -> None:
        """The visitor presses a button."""
        name = payload.lstrip("/").partition("{")[0]
        parse = {"text": payload, "intent": {"name": name, "confidence": 1.0}, "entities": []}
        self._add({"event": "user", "text": payload, "parse_data": parse})

    def hears(self, message: Mapping[str, Any], dutch: Mapping[str, Any] | None = None) -> None:
        """The assistant says a message; `dutch` is the same one in Dutch."""
        custom = {k: v for k, v in message.items() if k not in ("text", "buttons")}
        if dutch is not None and self.language != "nl":
            custom["nl"] = dutch["text"]
        data = {"buttons": message["buttons"], "custom": custom, "elements": None}
        self._add({"event": "bot", "text": message["text"], "data": data})

    def _add(self, event: dict[str, Any]) -> None:
        self._clock += 7.25
        self.events.append({**event, "timestamp": self._clock})

    def case(self, role: str | None = "left_behind", ref: str | None = REFERENCE) -> dict[str, Any]:
        """The case, as JSON carries it."""
        state = Handover({"role": role, "contact_ref": ref})
        body = handover.case(
            CONVERSATION,
            self.language,
            self.events,
            self.slots,
            state,
            today=current_time().date(),
        )
        found: dict[str, Any] = json.loads(json.dumps(body))
        return found


def asked(language: str) -> Talk:
    """A conversation up to the contact form."""
    talk = Talk(language)
    talk.presses(f'/start_conversation{{"language": "{language}"}}')
    talk.hears(answers.compose("utter_greet", language))
    talk.types(WORDS[language], "child_abducted", country="TR")
    talk.hears(answers.compose("utter_child_abducted", language))
    talk.presses("/ask_human")
    talk.hears(handover_messages.ask(language), handover_messages.ask("nl"))
    talk.presses('/handover{"handover": "yes"}')
    talk.hears(handover_messages.role(language), handover_messages.role("nl"))
    talk.presses('/handover{"handover": "role=left_behind"}')
    talk.hears(handover_messages.form(language), handover_messages.form("nl"))
    talk.presses(f'/handover{{"handover": "ref={REFERENCE}"}}')
    return talk


def walked(talk: Talk, lines: Iterator[str]) -> None:
    """The checklist, question by question, each answered with the next of `lines`."""
    today = current_time().date()
    slot: dict[str, Any] = {"answers": {}, "item": None}
    for line in lines:
        question = checklist_messages.question(slot, talk.language)
        talk.hears(question, checklist_messages.question(slot, "nl"))
        talk.presses(f'/checklist_answer{{"answer": "{line}"}}')
        slot["answers"] = values.record(slot["answers"], *values.parse(line, today), today)
    talk.slots["checklist"] = slot


@pytest.mark.parametrize("language", languages())
def test_the_desk_takes_the_case_with_every_field(language: str) -> None:
    talk = asked(language)
    talk.slots["countries"] = ["TR"]
    body = talk.case()
    taken = parse_case(body)
    assert isinstance(taken, CaseBody)
    assert taken.conversation == CONVERSATION
    assert (taken.language, taken.role, taken.contact_ref) == (language, "left_behind", REFERENCE)
    assert (taken.code, taken.line_hint) == ("Internationale Kinderontvoering", 2)
    assert taken.countries.to == "TR"
    assert set(body) == {
        "conversation",
        "language",
        "line_hint",
        "code",
        "role",
        "countries",
        "children",
        "urgent",
        "summary",
        "contact_ref",
        "transcript",
    }


@pytest.mark.parametrize("language", languages())
def test_no_payload_and_no_reference_stands_in_the_transcript(language: str) -> None:
    transcript = asked(language).case()["transcript"]
    said = [entry["text"] for entry in transcript if entry["from"] == "visitor"]
    assert WORDS[language] in said
    assert len(said) == 4
    for entry in transcript:
        assert not entry["text"].startswith("/")
        assert REFERENCE not in json.dumps(entry)


@pytest.mark.parametrize("language", [code for code in languages() if code != "nl"])
def test_what_code_put_together_comes_with_its_dutch(language: str) -> None:
    transcript = asked(language).case()["transcript"]
    dutch = {e["id"]: e["variables"]["nl"] for e in transcript if "id" in e and "variables" in e}
    assert dutch["utter_ask_human"] == handover_messages.ask("nl")["text"]
    pressed = [e["variables"]["nl"] for e in transcript if e.get("intent") == "handover"]
    assert pressed == ["Ja, geef door", "Het kind is weg, of ik ben daar bang voor"]


LINES = [
    "q_safety=no",
    "q_role=left_behind_parent",
    "q_home_country=NL",
    "q_child_where=TR",
    "q_age=8",
    "q_age=+1",
    "q_age/2=b2020-03-04/2020-03-04",
    "q_event=unknown",
    "q_date=2026-08-01/2026-08-31",
    "q_proceedings=case_here+case_there",
    "q_documents=one_by_one",
    "q_documents/d_birth=have",
    "q_documents=d_birth+d_id",
]


@pytest.mark.parametrize("language", languages())
def test_every_kind_of_answer_is_written_as_it_was_given(language: str) -> None:
    talk = Talk(language)
    walked(talk, iter(LINES))
    transcript = talk.case()["transcript"]
    pressed = [entry for entry in transcript if entry["from"] == "visitor"]
    assert len(pressed) == len(LINES)
    for line, entry in zip(LINES, pressed):
        assert entry["text"]
        assert line.partition("=")[2] != entry["text"]
        if language != "nl":
            assert entry["variables"]["nl"] != ""
    parse_case(talk.case())


def buttons(language: str) -> Iterator[tuple[Mapping[str, Any], str]]:
    """Every button that a response or a question of the list can have, and each tick."""
    for key, entry in answers.answers().entries.items():
        own = [answers.button(name, language) for name in entry.buttons]
        message = {"id": key, "text": "…", "lang": language, "buttons": own}
        yield from ((message, each["payload"]) for each in own)
    for made in handover_messages_of(language).values():
        yield from ((made, each["payload"]) for each in made["buttons"])
    for item in checklist().questions:
        question = checklist_messages.question({"answers": {}, "item": item}, language)
        yield from ((question, each["payload"]) for each in question["buttons"])
        for tick in question.get("choices", {"options": []})["options"]:
            choices = question["choices"]
            yield question, f"{choices['prefix']}{tick['id']}{choices['suffix']}"


def handover_messages_of(language: str) -> dict[str, Mapping[str, Any]]:
    state = Handover({"number": 1, "state": "sent", "reference": "K-2026-1", "contact_ref": "r"})
    return {
        "utter_ask_human": handover_messages.ask(language),
        "utter_handover_role": handover_messages.role(language),
        "utter_handover_form": handover_messages.form(language),
        "utter_handover_withdraw_ask": handover_messages.withdraw_ask(language),
        "utter_handover_known": handover_messages.known(state, language, more=True),
        "utter_handover_waiting": handover_messages.done("utter_handover_waiting", state, language),
        "utter_handover_done": handover_messages.done("utter_handover_done", state, language),
        "utter_handover_kept": handover_messages.kept(state, language),
    }


@pytest.mark.parametrize("language", languages())
def test_every_button_there_is_can_stand_in_a_case(language: str) -> None:
    talk, pressed = Talk(language), []
    for message, payload in buttons(language):
        talk.hears(message)
        talk.presses(payload)
        pressed.append(payload)
    transcript = parse_case(talk.case()).transcript
    said = [entry for entry in transcript if entry.from_ == "visitor"]
    assert len(said) == len(pressed)
    for entry in said:
        assert entry.text
        assert "{" not in entry.text
        assert not entry.text.startswith("/")


@pytest.mark.parametrize("walk", WALKS)
def test_the_desk_takes_the_answers_of_every_walk(walk: str) -> None:
    talk = Talk("nl")
    talk.slots["checklist"] = {"answers": WALKS[walk], "item": None}
    taken = parse_case(talk.case(role=None))
    assert {row.question_id for row in taken.summary} <= set(WALKS[walk])
    assert all(row.verdict for row in taken.summary)


@pytest.mark.parametrize(
    ("text", "count"), [("Merhaba", 4000), ("çocuğum " * 60, 3990), ("ğ" * 2000, 1500)]
)
def test_the_longest_conversation_fits_through_the_door_of_the_desk(text: str, count: int) -> None:
    talk = Talk("tr")
    talk.types("the beginning", "greet")
    for _ in range(count):
        talk.types(text, "child_abducted")
    talk.types("the end", "thank")
    body = talk.case()
    assert len(json.dumps(body)) < MOST_BODY
    taken = parse_case(body)
    assert taken.transcript[-1].text == "the end"
    assert 200 < len(taken.transcript) <= 4000


def test_what_was_said_before_the_part_that_fits_still_counts() -> None:
    talk = Talk("nl")
    talk.types("Ze gaan nu weg", "threat_imminent")
    for _ in range(4500):
        talk.types("nog iets", "thank")
    body = talk.case()
    assert body["urgent"] is True
    assert len(body["transcript"]) == 4000


PIECES = st.one_of(
    st.text(alphabet=st.characters(blacklist_categories=()), max_size=40),
    st.sampled_from(["/", "/start_conversation", "{", "/handover{}", "x" * 3000]),
)
NAMES = st.sampled_from(
    ["child_abducted", "handover", "ask_human", "ask_back", "greet", "threat_imminent", "Ğ", ""]
)
STEPS = st.one_of(
    st.tuples(st.just("types"), PIECES, NAMES),
    st.tuples(
        st.just("presses"),
        st.one_of(
            st.sampled_from([f'/checklist_answer{{"answer": "{line}"}}' for line in LINES]),
            st.sampled_from(sorted(handover.STEPS)).map(
                lambda step: f'/handover{{"handover": "{step}"}}'
            ),
            PIECES.map("/".__add__),
        ),
    ),
)


@settings(max_examples=80, suppress_health_check=[HealthCheck.too_slow])
@given(
    language=st.sampled_from(sorted(languages())),
    steps=st.lists(STEPS, max_size=12),
    checklist_slot=st.sampled_from(
        [None, {}, "broken", *({"answers": walk, "item": None} for walk in WALKS.values())]
    ),
    countries=st.sampled_from([None, [], ["NL"], ["TR", "NL"], ["XX", "tr", None, 3]]),
    role=st.sampled_from([None, *handover.ROLES]),
)
def test_whatever_is_said_the_desk_takes_the_case(
    language: str, steps: list[Any], checklist_slot: Any, countries: Any, role: str | None
) -> None:
    talk = Talk(language)
    talk.slots |= {"checklist": checklist_slot, "countries": countries}
    for how, *parts in steps:
        getattr(talk, how)(*parts)
    body = talk.case(role)
    parse_case(body)
    for entry in body["transcript"]:
        assert entry["text"] != "" or entry["from"] == "assistant"


@given(today=st.dates(date(2026, 1, 1), date(2030, 12, 31)))
def test_the_answers_are_read_as_of_any_day(today: date) -> None:
    slots = {"checklist": {"answers": WALKS["several_children"], "item": None}}
    parse_case(
        json.loads(
            json.dumps(handover.case(CONVERSATION, "nl", [], slots, Handover(None), today=today))
        )
    )


def test_a_restarted_list_hands_over_only_its_new_answers() -> None:
    talk = Talk("nl")
    walked(talk, iter(LINES))
    talk.presses('/hague_start_checklist{"checklist": "restart"}')
    walked(talk, iter(LINES[:3]))
    assert State(talk.slots["checklist"]).answers.keys() == {"q_safety", "q_role", "q_home_country"}
    assert [row["question_id"] for row in talk.case()["summary"]] == [
        "q_safety",
        "q_role",
        "q_home_country",
    ]
    assert talk.case()["children"] == []
