"""Handing over: how far it is, and what of the conversation becomes the case."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import catalogue, handover
from bot.handover import Handover
from bot.languages import languages
from desk.codes import codebook

TODAY = date(2026, 11, 22)
CONVERSATION = "0a" * 32
PRESSED_YES = '/handover{"handover": "yes"}'


def typed(text: str, intent: str = "out_of_scope", **entities: Any) -> dict[str, Any]:
    found = [{"entity": name, "value": value} for name, value in entities.items()]
    parse = {"intent": {"name": intent, "confidence": 0.9}, "entities": found}
    return {"event": "user", "text": text, "timestamp": 1_795_000_000.5, "parse_data": parse}


def pressed(payload: str) -> dict[str, Any]:
    return typed(payload, payload.lstrip("/").partition("{")[0])


def said(
    text: str, key: str = "utter_greet", language: str = "nl", **custom: Any
) -> dict[str, Any]:
    buttons = custom.pop("buttons", [])
    data = {"custom": {"id": key, "lang": language, **custom}, "buttons": buttons}
    return {"event": "bot", "text": text, "timestamp": 1_795_000_001, "data": data}


def case(
    events: list[dict[str, Any]] | None = None,
    answers: dict[str, Any] | None = None,
    countries: Any = None,
    **state: Any,
) -> dict[str, Any]:
    slots = {"checklist": {"answers": answers or {}, "item": None}, "countries": countries}
    return handover.case(CONVERSATION, "nl", events or [], slots, Handover(state), today=TODAY)


def transcript(*events: dict[str, Any]) -> list[dict[str, Any]]:
    return list(handover.transcript(events, TODAY))


# --- the transcript ---------------------------------------------------------------------------


def test_what_was_said_stands_in_its_order_with_its_time():
    found = transcript(
        typed("Mijn ex is weg", "child_abducted", detected_language="nl"),
        said("Bel direct.", "utter_child_abducted"),
    )
    assert found == [
        {
            "from": "visitor",
            "text": "Mijn ex is weg",
            "at": "2026-11-18T12:06:40+01:00",
            "intent": "child_abducted",
            "lang": "nl",
        },
        {
            "from": "assistant",
            "text": "Bel direct.",
            "at": "2026-11-18T12:06:41+01:00",
            "id": "utter_child_abducted",
            "lang": "nl",
        },
    ]


@pytest.mark.parametrize(
    "text", ["<b>x</b>", "{phone}", "' OR 1=1", "ığüşöç łą 😢", "a/b", "x" * 2000]
)
def test_the_visitors_words_stay_as_they_are(text: str):
    assert [entry["text"] for entry in transcript(typed(text))] == [text]


@pytest.mark.parametrize("language", languages())
def test_a_pressed_button_is_what_stood_on_it(language: str):
    title = catalogue.text(language, "button_handover_yes")
    question = said(
        "?", language=language, buttons=[{"payload": PRESSED_YES, "title": "Wat er stond"}]
    )
    [_, entry] = transcript(question, pressed(PRESSED_YES))
    assert (entry["from"], entry["text"], entry["lang"]) == ("visitor", "Wat er stond", language)
    # also where the button is no longer there
    [_, entry] = transcript(said("?", language=language), pressed(PRESSED_YES))
    assert entry["text"] == title


@pytest.mark.parametrize(
    ("payload", "dutch"),
    [
        (PRESSED_YES, "Ja, geef door"),
        ('/handover{"handover": "role=taking"}', "Ik ging met het kind weg, of wil dat"),
        ('/checklist_answer{"answer": "q_home_country=PL"}', "Polen"),
        ('/checklist_answer{"answer": "q_age=8"}', "8 jaar"),
        ('/checklist_answer{"answer": "q_age=+1"}', "Nog een kind"),
        ('/checklist_answer{"answer": "q_documents/d_birth=have"}', "Dit heb ik"),
        ("/hague_costs", catalogue.text("nl", "button_hague_costs")),
    ],
)
@pytest.mark.parametrize("language", ["tr", "pl"])
def test_a_pressed_button_comes_with_its_dutch(payload: str, dutch: str, language: str):
    [_, entry] = transcript(said("?", language=language), pressed(payload))
    assert entry["variables"] == {"nl": dutch}


def test_ticked_papers_are_named():
    [entry] = transcript(pressed('/checklist_answer{"answer": "q_documents=d_birth+d_id"}'))
    for name in ("d_birth", "d_id"):
        assert catalogue.text("nl", f"{name}_name") in entry["text"]


@pytest.mark.parametrize(
    "payload",
    [
        "/start_conversation",
        '/start_conversation{"language": "tr"}',
        "/session_start",
        '/handover{"handover": "ref=' + "r" * 43 + '"}',
        '/handover{"handover": ["yes"]}',
        '/checklist_answer{"answer": "q_nothing=1"}',
        '/checklist_answer{"answer": "q_age=nine"}',
        "/checklist_answer{broken}",
        "/handover" + '{"a": ' * 3000,
        "/",
        "//",
        "/ not a payload",
        "/UNKNOWN",
    ],
)
def test_what_no_button_says_leaves_no_trace(payload: str):
    assert transcript(pressed(payload)) == []


def test_a_message_that_code_put_together_carries_its_dutch():
    [entry] = transcript(said("Soru", "utter_checklist_ask", "tr", question_id="q_age", nl="Vraag"))
    assert entry["variables"] == {"nl": "Vraag"}
    assert entry["question_id"] == "q_age"


def test_a_message_of_the_catalogue_needs_none():
    [entry] = transcript(said("Merhaba", "utter_greet", "tr"))
    assert "variables" not in entry


def test_silence_and_other_events_are_left_out():
    events = [
        {"event": "slot", "name": "language", "value": "tr"},
        {"event": "action", "name": "action_listen"},
        {"event": "bot", "text": None, "data": None},
        {"event": "user", "text": None, "parse_data": None},
        {"event": "user", "text": "", "parse_data": {}},
        {"event": "session_started"},
    ]
    assert transcript(*events) == []


def test_only_our_own_languages_and_intents_are_told():
    [entry] = transcript(typed("bonjour", "NLU fallback!", detected_language="fr"))
    assert set(entry) == {"from", "text", "at"}


def test_only_the_end_of_an_endless_conversation_is_handed_over():
    events = [typed(str(number)) for number in range(4100)]
    found = case(events)["transcript"]
    assert [found[index]["text"] for index in (0, 1, -1)] == ["[…]", "101", "4099"]
    assert len(found) == 4000


# --- the rest of the case ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answers", "named", "expected"),
    [
        ({}, None, (None, None)),
        ({}, [], (None, None)),
        ({}, ["TR"], (None, "TR")),
        ({}, ["NL"], (None, None)),
        ({}, ["NL", "PL"], ("NL", "PL")),
        ({}, ["PL", "NL"], ("NL", "PL")),
        ({}, ["turkije", None, 3], (None, None)),
        ({"q_home_country": "NL", "q_child_where": "TR"}, ["PL"], ("NL", "TR")),
        ({"q_home_country": "TR", "q_child_where": "NL"}, None, ("TR", "NL")),
        ({"q_home_country": "NL", "q_child_where": "same_as_home"}, None, ("NL", "NL")),
        ({"q_home_country": "NL", "q_child_where": "unknown"}, None, ("NL", None)),
        ({"q_home_country": "unknown", "q_child_where": "PL"}, None, (None, "PL")),
        ({"q_home_country": "unknown", "q_child_where": "same_as_home"}, ["PL"], (None, "PL")),
    ],
)
def test_countries_are_those_of_the_checklist_or_else_those_named(
    answers: dict[str, Any], named: Any, expected: tuple[str | None, str | None]
):
    found = case(answers=answers, countries=named)["countries"]
    assert (found["from"], found["to"]) == expected


@pytest.mark.parametrize(
    ("child", "expected"),
    [
        ({"years": 8, "on": "2026-11-22"}, {"age": 8}),
        ({"years": 0, "months": 11, "on": "2026-11-22"}, {"age": 0}),
        ({"born": ["2020-03-04", "2020-03-04"]}, {"birth_year": 2020}),
        ({"born": ["2020-01-01", "2020-12-31"]}, {"birth_year": 2020}),
        ({"born": ["2019-12-01", "2020-02-28"]}, {}),
        ("unknown", {}),
        (None, {}),
    ],
)
def test_of_each_child_only_the_age_or_year_of_birth_is_told(child: Any, expected: dict[str, int]):
    assert case(answers={"q_age": [child, child]})["children"] == [expected, expected]


def test_of_an_unknown_number_of_children_none_is_told():
    assert case(answers={"q_age": "unknown"})["children"] == []


def test_the_answers_come_with_their_verdicts_in_the_order_of_the_list():
    answers = {"q_home_country": "NL", "q_safety": "no", "q_role": "left_behind_parent"}
    rows = case(answers=answers)["summary"]
    assert [row["question_id"] for row in rows] == ["q_safety", "q_role", "q_home_country"]
    assert all(set(row) == {"question_id", "answer", "verdict"} for row in rows)


def test_without_the_list_there_is_no_summary():
    assert case()["summary"] == []
    assert (
        handover.case(CONVERSATION, "nl", [], {}, Handover(None), today=TODAY)["summary"]
        == case()["summary"]
    )


def test_without_a_form_there_is_no_reference():
    assert "contact_ref" not in case()
    assert case(contact_ref="r" * 43)["contact_ref"] == "r" * 43


@pytest.mark.parametrize(
    ("intents", "label", "line"),
    [
        ([], "Overig advies", 2),
        (["greet", "ask_human"], "Overig advies", 2),
        (["travel_consent_form"], "Toestemming vakantie", 1),
        (["travel_consent_form", "child_abducted"], "Internationale Kinderontvoering", 2),
        (["child_abducted", "travel_consent_form"], "Internationale Kinderontvoering", 2),
    ],
)
def test_code_and_line_follow_from_what_was_asked(intents: list[str], label: str, line: int):
    found = case([typed("…", intent) for intent in intents])
    assert (found["code"], found["line_hint"]) == (label, line)


@pytest.mark.parametrize("intent", sorted(codebook().urgent))
def test_some_matters_are_urgent_by_themselves(intent: str):
    assert case([typed("…", intent)])["urgent"] is True
    assert handover.role_of(None, [typed("…", intent)]) == "unknown"


@pytest.mark.parametrize("kind", ["departure", "violence", "child", "suicide"])
def test_words_of_an_emergency_make_it_urgent_whatever_the_intent(kind: str):
    assert case([typed("…", "greet", emergency=kind), typed("dank u", "thank")])["urgent"] is True


def test_other_matters_are_not_urgent():
    calm = [typed("…", "travel_consent_form"), pressed("/menu"), said("Bel 112")]
    assert case(calm)["urgent"] is False
    assert handover.role_of(None, calm) is None


# --- who it is --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "role"),
    [
        ("left_behind_parent", "left_behind"),
        ("other_person_with_custody", "left_behind"),
        ("institution", "professional"),
        ("taking_parent", "taking"),
        ("family_or_friend", "relative"),
        ("professional", "professional"),
        ("unknown", None),
    ],
)
def test_the_checklists_answer_says_who_it_is(answer: str, role: str | None):
    assert handover.role_of({"answers": {"q_role": answer}}, []) == role


def test_every_role_that_is_told_is_one_of_the_contract():
    assert set(handover._ROLE_OF.values()) | set(handover._ROLE_OF_INTENT.values()) <= set(
        handover.ROLES
    )


@pytest.mark.parametrize(
    ("line", "candidates", "intent", "role"),
    [
        ("q_role=taking_parent", (), None, "taking"),
        ("q_role=unknown", (), None, "unknown"),
        (None, ("q_role=family_or_friend",), None, "relative"),
        (None, ("q_role=family_or_friend", "q_role=professional"), None, "unknown"),
        (None, (), "child_abducted", "left_behind"),
        (None, (), "professional_question", "professional"),
        (None, (), "hague_costs", "unknown"),
        (None, (), None, "unknown"),
    ],
)
def test_a_typed_answer_says_it_or_leaves_it_open(
    line: str | None, candidates: tuple[str, ...], intent: str | None, role: str
):
    assert handover.role_said(line, candidates, intent) == role


# --- steps and state --------------------------------------------------------------------------


def test_each_step_of_a_button_is_one_and_the_forms_is_not():
    for step in [*handover.STEPS, *(handover.role_step(role) for role in handover.ROLES)]:
        assert handover.is_step(step)
        assert handover.contact_ref(step) is None
    form = handover.contact_step("r" * 43)
    assert handover.contact_ref(form) == "r" * 43
    for other in [form, "role=jurist", "", "ref=", "YES"]:
        assert not handover.is_step(other)


@given(
    st.dictionaries(
        st.sampled_from(
            [
                "number",
                "state",
                "role",
                "contact_ref",
                "reference",
                "reading",
                "urgent",
                "turn",
                "x",
            ]
        ),
        st.none() | st.integers(0, 9) | st.text(max_size=5),
    )
    | st.none()
    | st.text(max_size=5)
)
def test_any_slot_is_read_and_its_state_survives_json(slot: Any):
    state = Handover(slot).as_slot()
    assert Handover(json.loads(json.dumps(state))).as_slot() == state


def test_only_messages_that_say_something_count_as_turns():
    events = [
        pressed('/start_conversation{"language": "nl"}'),
        typed("Mijn ex is weg", "child_abducted"),
        pressed("/ask_human"),
        pressed(PRESSED_YES),
        typed("ja", "affirm"),
        typed("dank u", "thank"),
        said("Graag gedaan"),
        pressed("/hague_costs"),
    ]
    assert handover.turns(events) == 2


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-23T08:00:00+00:00", datetime.fromisoformat("2026-11-23T08:00:00+00:00")),
        ("2026-11-23T08:00:00Z", datetime.fromisoformat("2026-11-23T08:00:00+00:00")),
        (
            "2026-11-23T09:00:00.123456+01:00",
            datetime.fromisoformat("2026-11-23T09:00:00.123456+01:00"),
        ),
        ("2026-11-23T09:00:00", None),
        ("tomorrow", None),
        ("", None),
        (None, None),
        (5, None),
    ],
)
def test_a_time_of_the_desk_is_read_or_not_believed(text: Any, expected: datetime | None):
    assert handover.moment(text) == expected


SOME_EVENTS = st.lists(
    st.one_of(
        st.builds(
            typed,
            st.text(alphabet=st.characters(blacklist_categories=()), max_size=30),
            st.sampled_from(["child_abducted", "greet", "handover", ""]),
        ),
        st.builds(lambda text: pressed("/" + text), st.text(max_size=30)),
        st.builds(said, st.text(max_size=30), st.text(max_size=10), st.text(max_size=3)),
        st.fixed_dictionaries(
            {"event": st.sampled_from(["user", "bot"])},
            optional={
                "text": st.none() | st.text(max_size=5),
                "data": st.none() | st.just({}) | st.just({"custom": None, "buttons": None}),
                "parse_data": st.none() | st.just({}) | st.just({"intent": None}),
                "timestamp": st.none() | st.text(max_size=3),
            },
        ),
    ),
    max_size=10,
)


@given(events=SOME_EVENTS)
def test_no_conversation_is_too_strange_to_hand_over(events: list[dict[str, Any]]):
    found = case(events)
    json.dumps(found)
    for entry in found["transcript"]:
        assert entry["from"] == "assistant" or not entry["text"].startswith("/")
