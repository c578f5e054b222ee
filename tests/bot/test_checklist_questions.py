"""The questions file: what it holds, what is said of a broken one, what a new question needs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from checklist_walks import (
    COMPUTED_CASES,
    TODAY,
    answered,
    favourable,
    other_questions,
    questions_text,
)

from bot import catalogue
from bot.checklist import flow, questions, rules, wording
from bot.checklist.examples import labels_of
from bot.checklist.questions import COMPUTED, EVALUATE, checklist, parse
from bot.checklist.result import result
from bot.checklist.values import MalformedAnswer
from bot.contacts import contacts
from bot.errors import ProjectFileError
from bot.languages import languages
from bot.nlg import checklist_messages as messages

TEXT = questions._FILE.read_text(encoding="utf-8")


def row(data: dict[str, Any], name: str) -> dict[str, Any]:
    return next(each for each in data["questions"] if each["id"] == name)


def faults_of(text: str) -> list[str]:
    with pytest.raises(ProjectFileError) as caught:
        parse(text)
    return caught.value.faults


def test_the_projects_file_reads() -> None:
    assert list(checklist().questions)[0] == "q_safety"
    assert list(checklist().questions)[-1] == "q_documents"
    assert set(checklist().conditions) == set(questions.AUTHORITIES)


def test_every_stop_names_another_route() -> None:
    for question in checklist().questions.values():
        for outcome in question.outcomes.values():
            assert outcome.verdict != "stop" or outcome.next in checklist().routes


def test_every_contact_of_an_authority_is_known() -> None:
    for listed in checklist().contacts.values():
        assert set(listed) <= set(contacts())


def test_the_rules_of_the_file_and_of_the_code_are_the_same() -> None:
    assert set(EVALUATE) == set(rules.SUMMARY_RULES)
    assert {each for each, _, _ in checklist().evaluate} <= set(EVALUATE)


def test_every_computed_outcome_has_a_case_in_these_tests() -> None:
    assert set(COMPUTED_CASES) == {(name, o) for name, each in COMPUTED.items() for o in each}


def test_an_outcome_that_a_question_lacks_counts_as_not_known() -> None:
    assert checklist().questions["q_police"].outcome("unknown").verdict == "unknown"


Edit = Callable[[dict[str, Any]], object]

# What is broken, and what the fault must say: the place, and the remedy.
BROKEN: dict[str, tuple[Edit, str, str]] = {
    "an option without an outcome": (
        lambda d: row(d, "q_event")["options"].append("sold"),
        "q_event: options and outcomes differ in sold",
        "Make them equal",
    ),
    "an outcome without an option": (
        lambda d: row(d, "q_event")["options"].remove("taken"),
        "q_event: options and outcomes differ in taken",
        "Make them equal",
    ),
    "a computed outcome that is missing": (
        lambda d: row(d, "q_date")["outcomes"].pop("under_nine_months"),
        "q_date: options and outcomes differ in under_nine_months",
        "Make them equal",
    ),
    "an unknown route": (
        lambda d: row(d, "q_safety")["outcomes"]["danger"].update(next="route_nowhere"),
        "q_safety: danger: next 'route_nowhere' is no route",
        "Add it under routes",
    ),
    "a stop without another route": (
        lambda d: row(d, "q_safety")["outcomes"]["danger"].pop("next"),
        "q_safety: danger: stops without another route",
        "Name one under `next`",
    ),
    "an unknown verdict": (
        lambda d: row(d, "q_event")["outcomes"]["taken"].update(verdict="perhaps"),
        "q_event: taken: verdict is none of",
        "Choose one",
    ),
    "an unknown type": (
        lambda d: row(d, "q_event").update(type="essay"),
        "q_event: type 'essay' is none of",
        "Choose one",
    ),
    "a date that no rule reads": (
        lambda d: row(d, "q_event").update(type="date"),
        "q_event: no rule of bot/checklist/rules.py",
        "ask a choice",
    ),
    "an unknown question in the order": (
        lambda d: d["flow"]["order"].append("q_new"),
        "flow.order: q_new is no question",
        "Add it or correct the name",
    ),
    "a question that is never asked": (
        lambda d: d["flow"]["order"].remove("q_police"),
        "q_police: is not in flow.order",
        "Add it there",
    ),
    "two questions of one name": (
        lambda d: d["questions"].append(dict(row(d, "q_police"))),
        "two questions have the same id",
        "Rename one",
    ),
    "a condition on an unknown question": (
        lambda d: d["conditions"]["BE"][0]["tests"].update(q_new={"met": [], "not_met": []}),
        "be1: q_new is no question",
        "Correct the name",
    ),
    "a condition on an unknown outcome": (
        lambda d: d["conditions"]["NL"][1]["tests"]["q_custody"]["met"].append("perhaps"),
        "nl2: q_custody has no outcome 'perhaps'",
        "Mend it",
    ),
    "conditions of an unknown authority": (
        lambda d: d["conditions"].update(FR=[]),
        "conditions: FR is none of NL, BE",
        "Correct the name",
    ),
    "a summary that is not there": (
        lambda d: d["flow"]["evaluate"][0].update(say="sum_new"),
        "flow.evaluate: sum_new is no summary",
        "Add it under summaries",
    ),
    "a summary by an unknown rule": (
        lambda d: d["flow"]["evaluate"][0].update({"if": "any_jurrist"}),
        "flow.evaluate: any_jurrist is no rule of rules.py",
        "Correct the name",
    ),
    "a summary with an unknown verdict": (
        lambda d: d["flow"]["evaluate"][0].update(verdict="perhaps"),
        "flow.evaluate: left_the_list: verdict is none of",
        "Choose one",
    ),
    "nothing to say otherwise": (
        lambda d: d["flow"]["evaluate"].pop(),
        "flow.evaluate: does not end with otherwise",
        "Add it as the last rule",
    ),
    "a paper without the need of an authority": (
        lambda d: d["documents"][0]["need"].pop("BE"),
        "d_form: need has no BE",
        "Say how much it asks for it",
    ),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_file_names_place_fault_and_remedy(what: str) -> None:
    edit, fault, remedy = BROKEN[what]
    (said,) = faults_of(questions_text(edit))
    assert said.startswith("bot/checklist/questions.yml: ")
    assert fault in said
    assert remedy in said


def test_all_faults_are_told_together() -> None:
    # those that touch a place of their own
    chosen = [
        "an option without an outcome",
        "a stop without another route",
        "an unknown verdict",
        "a question that is never asked",
        "a condition on an unknown question",
        "a condition on an unknown outcome",
        "conditions of an unknown authority",
        "a summary that is not there",
        "a paper without the need of an authority",
    ]

    def break_all(data: dict[str, Any]) -> None:
        for what in chosen:
            BROKEN[what][0](data)

    said = faults_of(questions_text(break_all))
    assert len(said) == len(chosen)
    assert [what for what in chosen if BROKEN[what][1] not in "\n".join(said)] == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('options: ["no", notification, formal_complaint]', "options: [no, notification, other]"),
        ('options: ["no", notification, formal_complaint]', "options: [NO, yes, notification]"),
    ],
)
def test_yes_and_no_without_quotes_are_told(old: str, new: str) -> None:
    said = faults_of(TEXT.replace(old, new, 1))
    assert any("q_police: an option is no text. Put yes and no in quotes." in each for each in said)


def test_yes_without_quotes_in_option_and_outcome_is_told() -> None:
    def unquote(data: dict[str, Any]) -> None:
        police = row(data, "q_police")
        police["options"][0] = False
        police["outcomes"][False] = police["outcomes"].pop("no")

    (said,) = faults_of(questions_text(unquote))
    assert "Put yes and no in quotes" in said


@pytest.mark.parametrize(
    "text",
    [
        "flow: [",
        TEXT.replace("questions:\n", "questions:\n\t- id: q\n", 1),
        "a: b: c",
    ],
)
def test_what_is_not_yaml_is_told_with_its_line(text: str) -> None:
    (said,) = faults_of(text)
    assert said.startswith("bot/checklist/questions.yml: line ")
    assert "cannot be read. Compare the place with its neighbours." in said


@pytest.mark.parametrize(
    "text",
    [
        "",
        "7",
        "[]",
        "flow:",
        *(
            questions_text(lambda data, part=part: data.pop(part))
            for part in (
                "flow",
                "questions",
                "documents",
                "conditions",
                "routes",
                "summaries",
                "deadlines",
                "submission",
            )
        ),
        questions_text(lambda d: row(d, "q_police").pop("id")),
        questions_text(lambda d: row(d, "q_police")["outcomes"].update(no=None)),
        questions_text(lambda d: d["documents"][0].pop("need")),
        questions_text(lambda d: d["documents"][0].pop("id")),
        questions_text(lambda d: d["conditions"]["BE"][0].pop("tests")),
        questions_text(lambda d: d["deadlines"][0].pop("id")),
        questions_text(lambda d: d["submission"]["NL"].pop("contacts")),
        questions_text(lambda d: d["routes"].update(route_safety="112")),
    ],
)
def test_a_file_of_another_shape_is_told_as_a_fault_of_the_file(text: str) -> None:
    (said,) = faults_of(text)
    assert said.startswith("bot/checklist/questions.yml: cannot be read")
    assert "Compare the place with its neighbours" in said


# --- a question that is not in the project ----------------------------------------------------

NEW = "q_passport"
WORDS = {
    f"{NEW}_ask": "ask",
    f"{NEW}_why": "why",
    f"{NEW}_title": "title",
    f"{NEW}_option_with_me": "with me",
    f"{NEW}_option_with_other": "with the other parent",
    f"{NEW}_option_unknown": "no idea",
    f"{NEW}_tell_with_other": "tell the authority",
}


def add_question(data: dict[str, Any]) -> None:
    order = data["flow"]["order"]
    order.insert(order.index("q_police"), NEW)
    data["questions"].append(
        {
            "id": NEW,
            "type": "choice",
            "options": ["with_me", "with_other", "unknown"],
            "outcomes": {
                "with_me": {"verdict": "ok"},
                "with_other": {"verdict": "jurist", "tell": "Tell the authority."},
                "unknown": {"verdict": "unknown"},
            },
        }
    )


@pytest.fixture
def new_question(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    own = {
        language: {
            **catalogue._translations(language),
            **{key: f"{text} [{language}]" for key, text in WORDS.items()},
        }
        for language in languages()
    }
    monkeypatch.setattr(catalogue, "_translations", lambda language, *_: own[language])
    with other_questions(add_question, tmp_path):
        yield


@pytest.mark.usefixtures("new_question")
@pytest.mark.parametrize("language", languages())
def test_a_new_question_needs_nothing_but_the_file_and_words(language: str) -> None:
    order = list(checklist().questions)
    before = favourable(dict.fromkeys(order[order.index(NEW) :]))
    at = flow.walk(before, TODAY)
    assert (at.current, at.total) == (NEW, len(order))
    asked = messages.question({"answers": before}, language)
    assert asked["text"] == f"ask [{language}]"
    assert [button["title"] for button in asked["buttons"]][:2] == [
        f"with me [{language}]",
        f"with the other parent [{language}]",
    ]
    assert messages.why({"answers": before}, language)["text"] == f"why [{language}]"  # type: ignore[index]
    after = answered(f"{NEW}=with_other", after=before)
    said = messages.note({"answers": after}, NEW, language, noted=True)
    assert said is not None
    assert f"title [{language}]" in said["text"]
    assert f"tell the authority [{language}]" in said["text"]
    assert flow.walk(after, TODAY).current == "q_police"
    whole = answered("q_police=no", "q_documents=all", after=after)
    assert result(whole, TODAY).summary == "sum_jurist"
    assert NEW in [point.question for point in result(whole, TODAY).points]
    assert f"title [{language}]" in messages.detail({"answers": whole}, "points", language)["text"]
    assert wording.shown(NEW, "unknown", language) == f"no idea [{language}]"
    assert list(wording.faults()) == []


@pytest.mark.usefixtures("new_question")
def test_a_new_question_is_understood_by_its_labels() -> None:
    assert labels_of(NEW) == ("with_me", "with_other", "unknown", "_other", "_unclear")
    with pytest.raises(MalformedAnswer):
        answered(f"{NEW}=yes_joint")


def test_a_new_question_without_words_is_told(tmp_path: Path) -> None:
    with other_questions(add_question, tmp_path):
        said = list(wording.faults())
    assert {each.split(": ")[1].split()[0] for each in said} == set(WORDS)
