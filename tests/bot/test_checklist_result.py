"""What the walk leaves a parent with, as data."""

from __future__ import annotations

import json
from typing import Any

import pytest
from checklist_walks import TODAY, answered, favourable, outcome_cases, texts_for
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.checklist.questions import VERDICTS, checklist
from bot.checklist.result import Point, result
from bot.checklist.rules import STATUSES
from bot.contacts import contacts

QUESTIONS = list(checklist().questions)


def test_nothing_answered_is_no_result_yet() -> None:
    found = result({}, TODAY)
    assert (found.finished, found.answers, found.route, found.home) == (False, (), None, None)
    assert found.authority == "other"
    assert found.contacts == ()
    assert found.points == ()
    assert {paper.status for paper in found.papers} == {None}


def test_a_favourable_walk_meets_every_condition() -> None:
    found = result(favourable(), TODAY)
    assert (found.finished, found.verdict, found.summary) == (True, "ok", "sum_ok")
    assert [name for name, _ in found.answers] == QUESTIONS
    assert (found.count("met"), found.count("unclear"), found.count("not_met")) == (4, 0, 0)
    assert found.points == ()
    assert {paper.status for paper in found.papers} == {"have"}


@pytest.mark.parametrize(
    ("home", "authority", "first_contact", "place"),
    [
        ("NL", "NL", "central_authority_nl", "NL"),
        ("BE", "BE", "federal_contact_point_be", "BE"),
        ("TR", "other", None, "TR"),
        ("PL", "other", None, "PL"),
        ("US", "other", None, None),
        ("unknown", "other", None, None),
    ],
)
def test_it_names_the_authority_and_where_papers_are_obtained(
    home: str, authority: str, first_contact: str | None, place: str | None
) -> None:
    found = result(favourable({"q_home_country": home}), TODAY)
    assert (found.authority, found.home) == (authority, place)
    assert next(iter(found.contacts), None) == first_contact
    assert set(found.contacts) <= set(contacts())


def test_the_belgian_authority_asks_two_powers_of_attorney() -> None:
    def power(home: str) -> tuple[str, int]:
        papers = result(favourable({"q_home_country": home}), TODAY).papers
        return next((paper.need, paper.copies) for paper in papers if paper.id == "d_poa")

    assert power("BE") == ("required", 2)
    assert power("NL") == power("TR") == ("on_request", 1)


@pytest.mark.parametrize(
    ("home", "route"),
    [("NL", "route_non_hague_NL"), ("BE", "route_non_hague_BE"), ("US", "route_non_hague_other")],
)
def test_the_route_outside_the_convention_goes_by_the_authority(home: str, route: str) -> None:
    found = result(favourable({"q_home_country": home, "q_child_where": "EG"}), TODAY)
    assert (found.route, found.verdict, found.summary) == (route, "stop", "other_route")
    # nothing that was said after the turn counts
    assert [name for name, _ in found.answers][-1] == "q_child_where"


@pytest.mark.parametrize(("name", "outcome", "changed"), outcome_cases())
def test_a_point_is_made_of_every_outcome_that_needs_a_look(
    name: str, outcome: str, changed: dict[str, str | None]
) -> None:
    verdict = checklist().questions[name].outcomes[outcome].verdict
    points = result(favourable(changed), TODAY).points
    expected = verdict in ("jurist", "attention", "stop")
    assert (Point(name, outcome, verdict) in points) is expected


def test_what_a_jurist_must_see_stands_first() -> None:
    changed: dict[str, str | None] = {
        "q_role": "professional",
        "q_custody": "no",
        "q_defences": "child_objects+grave_risk_or_violence",
    }
    found = result(favourable(changed), TODAY)
    assert [(point.question, point.verdict) for point in found.points] == [
        ("q_custody", "jurist"),
        ("q_defences", "jurist"),
        ("q_role", "attention"),
        ("q_defences", "attention"),
    ]


@pytest.mark.parametrize(
    ("lines", "statuses"),
    [
        (["q_documents=unknown"], {"unknown"}),
        (["q_documents=none"], {"can_get"}),
        (["q_documents=one_by_one"], {None}),
        (["q_documents=one_by_one", "q_documents/d_birth=not_available"], {None, "not_available"}),
    ],
)
def test_papers_have_the_status_that_was_told(lines: list[str], statuses: set[str | None]) -> None:
    answers = answered(*lines, after=favourable({"q_documents": None}))
    assert {paper.status for paper in result(answers, TODAY).papers} == statuses


def test_papers_that_may_be_replaced_name_their_alternatives() -> None:
    parts = {paper.id: paper.parts for paper in result({}, TODAY).papers}
    assert len(parts["d_residence"]) == 6
    assert parts["d_form"] == ()


@settings(max_examples=80)
@given(
    st.fixed_dictionaries(
        {}, optional={name: texts_for(question) for name, question in checklist().questions.items()}
    ),
    st.sampled_from(["", "q_age=+1", "q_documents=one_by_one", "q_documents/d_birth=have"]),
)
def test_any_answers_at_any_moment_give_a_result(texts: dict[str, str], more: str) -> None:
    answers: dict[str, Any] = answered(*(f"{name}={text}" for name, text in texts.items()))
    answers = answered(*filter(None, [more]), after=answers)
    found = result(answers, TODAY)
    assert found.verdict in VERDICTS
    assert (found.route is not None) == (found.summary == "other_route")
    assert {status for _, status in found.conditions} <= set(STATUSES)
    # the slot is kept as JSON, and says the same afterwards
    assert result(json.loads(json.dumps(answers)), TODAY) == found
