"""The way through the list: every gate, jump and outcome, and that no order of answers matters."""

from __future__ import annotations

import copy

import pytest
from checklist_walks import (
    TODAY,
    answered,
    favourable,
    favourable_value,
    outcome_cases,
    texts_for,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.checklist import flow, rules
from bot.checklist.questions import UNKNOWN, checklist
from bot.checklist.result import result
from bot.checklist.state import WHICH_ITEM, State
from bot.checklist.values import MOST_CHILDREN, STATUSES, Answers, parse, record

QUESTIONS = list(checklist().questions)
DOCUMENTS = list(checklist().documents)
MOST_STEPS = len(QUESTIONS) + len(DOCUMENTS) + MOST_CHILDREN
bounded = settings(max_examples=60)


def test_a_straight_walk_asks_every_question_in_order() -> None:
    answers: Answers = {}
    asked = []
    while (at := flow.walk(answers, TODAY)).current is not None:
        assert (at.step, at.total) == (len(asked) + 1, len(QUESTIONS))
        asked.append(at.current)
        question = checklist().questions[at.current]
        answers = answered(f"{at.current}={favourable_value(question)}", after=answers)
    assert asked == QUESTIONS
    end = flow.walk(answers, TODAY)
    assert end.finished
    assert (end.route, end.items, end.step) == (None, tuple(QUESTIONS), len(QUESTIONS))


@pytest.mark.parametrize(("name", "outcome", "changed"), outcome_cases())
def test_every_outcome_leads_to_its_route_or_to_the_next_question(
    name: str, outcome: str, changed: dict[str, str | None]
) -> None:
    question = checklist().questions[name]
    following = QUESTIONS[QUESTIONS.index(name) + 1 :]
    answers = favourable({**changed, **dict.fromkeys(following)})
    found = rules.outcomes(question, answers, TODAY)
    expected = question.outcomes[outcome]
    assert [each.name for each in found] == [outcome]
    at = flow.walk(answers, TODAY)
    if expected.next:
        assert (at.current, at.route) == (None, expected.next)
    else:
        assert (at.current, at.route) == (following[0] if following else None, None)
    assert at.items[-1] == name


@pytest.mark.parametrize("name", [n for n in QUESTIONS if n != "q_documents"])
def test_every_question_may_be_skipped_without_leaving_the_list(name: str) -> None:
    answers = favourable({name: UNKNOWN})
    assert flow.walk(answers, TODAY).route is None
    assert flow.walk(answers, TODAY).finished


# Every gate of the list, and every jump (shared domain, checklist.yml).
GATES: list[tuple[dict[str, str | None], str, str]] = [
    ({"q_safety": "danger"}, "q_safety", "route_safety"),
    ({"q_safety": "leaving_now"}, "q_safety", "route_threat"),
    ({"q_role": "taking_parent"}, "q_role", "route_taking_parent"),
    ({"q_child_where": "NL"}, "q_child_where", "route_domestic"),
    ({"q_child_where": "same_as_home"}, "q_child_where", "route_domestic"),
    (
        {"q_home_country": "unknown", "q_child_where": "same_as_home"},
        "q_child_where",
        "route_domestic",
    ),
    ({"q_home_country": "TR", "q_child_where": "NL"}, "q_child_where", "route_incoming"),
    ({"q_home_country": "TR", "q_child_where": "BE"}, "q_child_where", "route_incoming"),
    ({"q_home_country": "EG", "q_child_where": "NL"}, "q_child_where", "route_incoming"),
    ({"q_home_country": "CW", "q_child_where": "NL"}, "q_child_where", "route_incoming"),
    ({"q_child_where": "EG"}, "q_child_where", "route_non_hague"),
    ({"q_home_country": "BE", "q_child_where": "IN"}, "q_child_where", "route_non_hague"),
    ({"q_age": "16"}, "q_age", "route_sixteen"),
    ({"q_age": "16+17"}, "q_age/2", "route_sixteen"),
    ({"q_date": "not_yet"}, "q_date", "route_threat"),
]


@pytest.mark.parametrize(("changed", "last", "route"), GATES)
def test_a_gate_leaves_the_list_whatever_was_answered_after_it(
    changed: dict[str, str | None], last: str, route: str
) -> None:
    answers = favourable(changed)
    at = flow.walk(answers, TODAY)
    assert (at.items[-1], at.route, at.current, at.finished) == (last, route, None, True)
    assert at.step == at.total == len(at.items)
    kept = flow.reachable(answers, TODAY)
    assert list(kept) == QUESTIONS[: QUESTIONS.index(last.partition("/")[0]) + 1]
    assert rules.evaluate(kept, TODAY) == ("stop", "other_route")


def test_every_route_is_reached_by_a_gate() -> None:
    assert {route for _, _, route in GATES} == set(checklist().routes)


@pytest.mark.parametrize(
    ("home", "where"), [("NL", "BE"), ("BE", "NL"), ("NL", "TR"), ("BE", "MA"), ("TR", "PL")]
)
def test_between_bound_countries_the_list_goes_on(home: str, where: str) -> None:
    answers = favourable({"q_home_country": home, "q_child_where": where})
    assert flow.walk(answers, TODAY).route is None


def test_leaving_the_list_is_undone_by_a_correction() -> None:
    left = favourable({"q_safety": "danger"})
    again = answered("q_safety=no", after=left)
    assert flow.walk(again, TODAY) == flow.walk(favourable(), TODAY)


def test_several_children_are_items_of_their_own() -> None:
    answers = favourable({"q_age": "8+?+?", "q_event": None})
    at = flow.walk(answers, TODAY)
    assert (at.current, at.items[-1]) == ("q_age/2", "q_age/1")
    assert at.total == len(QUESTIONS) + 2
    answers = answered("q_age/2=5", "q_age/3=unknown", after=answers)
    assert flow.walk(answers, TODAY).current == "q_event"


def test_one_more_child_is_asked_for_at_once() -> None:
    answers = answered("q_age=+1", after=favourable())
    assert flow.walk(answers, TODAY).current == "q_age/2"
    answers = answered("q_age/2=3", after=answers)
    assert flow.walk(answers, TODAY).finished


def test_one_more_child_before_the_first_is_still_one() -> None:
    answers = answered("q_age=+1", after=favourable({"q_age": None}))
    assert flow.walk(answers, TODAY).current == "q_age"


def test_papers_are_asked_one_by_one_and_then_no_more() -> None:
    answers = favourable({"q_documents": "one_by_one"})
    for number, name in enumerate(DOCUMENTS):
        at = flow.walk(answers, TODAY)
        assert at.current == f"q_documents/{name}"
        assert at.step == len(QUESTIONS) + number + 1
        assert at.total == len(QUESTIONS) + len(DOCUMENTS)
        # the result can be asked for at any moment
        assert result(answers, TODAY).summary == "sum_ok"
        answers = answered(f"q_documents/{name}={STATUSES[number % 4]}", after=answers)
    assert flow.walk(answers, TODAY).finished


def test_one_by_one_does_not_ask_again_what_is_known() -> None:
    answers = favourable({"q_documents": "one_by_one"})
    answers = answered(f"q_documents/{DOCUMENTS[0]}=have", "q_documents=one_by_one", after=answers)
    assert flow.walk(answers, TODAY).current == f"q_documents/{DOCUMENTS[1]}"


def test_the_state_asks_out_of_turn_first() -> None:
    assert State(None).given is False
    assert State({}).current(TODAY) == QUESTIONS[0]
    state = State({"answers": favourable(), "item": WHICH_ITEM})
    assert (state.given, state.current(TODAY)) == (True, WHICH_ITEM)
    state.item = None
    assert state.current(TODAY) is None
    assert State(state.as_slot()).answers == favourable()


# --- properties -------------------------------------------------------------------------------

whole_walks = st.fixed_dictionaries(
    {name: texts_for(q) for name, q in checklist().questions.items()}
)
single_lines = st.sampled_from(QUESTIONS).flatmap(
    lambda name: texts_for(checklist().questions[name]).map(lambda text: f"{name}={text}")
)


@bounded
@given(st.data())
def test_any_order_of_corrections_ends_where_straight_answers_end(data: st.DataObject) -> None:
    final = data.draw(whole_walks)
    straight = answered(*(f"{name}={text}" for name, text in final.items()))
    lines = data.draw(st.lists(single_lines, max_size=12))
    lines += [f"{name}={final[name]}" for name in data.draw(st.permutations(QUESTIONS))]
    corrected = answered(*lines)
    assert flow.walk(corrected, TODAY) == flow.walk(straight, TODAY)
    assert flow.reachable(corrected, TODAY) == flow.reachable(straight, TODAY)
    assert result(corrected, TODAY) == result(straight, TODAY)


@bounded
@given(st.permutations(DOCUMENTS), st.permutations([1, 2, 3]))
def test_parts_may_be_answered_in_any_order(papers: list[str], children: list[int]) -> None:
    answers = favourable({"q_age": "?+?+?", "q_documents": "one_by_one"})
    answers = answered(*(f"q_age/{number}={number + 3}" for number in children), after=answers)
    statuses = {name: STATUSES[DOCUMENTS.index(name) % 4] for name in papers}
    answers = answered(*(f"q_documents/{n}={s}" for n, s in statuses.items()), after=answers)
    assert flow.walk(answers, TODAY).finished
    assert [child["years"] for child in answers["q_age"]] == [4, 5, 6]
    assert answers["q_documents"] == statuses


@bounded
@given(st.data())
def test_no_walk_is_endless_and_the_progress_is_true(data: st.DataObject) -> None:
    answers: Answers = {}
    seen: list[str] = []
    while (at := flow.walk(answers, TODAY)).current is not None:
        assert 1 <= at.step <= at.total <= MOST_STEPS
        assert at.current not in at.items
        assert len(set(at.items)) == len(at.items)
        seen.append(at.current)
        assert len(seen) <= MOST_STEPS
        name, _, part = at.current.partition("/")
        question = checklist().questions[name]
        if not part:
            texts = texts_for(question)
            extra = {"q_documents": "one_by_one", "q_age": "+".join("?" * MOST_CHILDREN)}
            if name in extra:
                texts = st.one_of(st.just(extra[name]), texts)
        else:
            texts = st.sampled_from(STATUSES if name == "q_documents" else ("5", UNKNOWN))
        answers = answered(f"{at.current}={data.draw(texts)}", after=answers)
    assert len(set(seen)) == len(seen)
    assert at.step == at.total == len(at.items) <= MOST_STEPS


@bounded
@given(whole_walks, single_lines)
def test_noting_an_answer_leaves_the_answers_before_as_they_were(
    texts: dict[str, str], line: str
) -> None:
    before = answered(*(f"{name}={text}" for name, text in texts.items()))
    kept = copy.deepcopy(before)
    record(before, *parse(line, TODAY), TODAY)
    assert before == kept


@pytest.mark.parametrize(
    "line", ["q_age/1=5", "q_age=+1", "q_documents/d_birth=can_get", "q_documents=one_by_one"]
)
def test_noting_a_part_leaves_the_answers_before_as_they_were(line: str) -> None:
    before = favourable({"q_age": "8+9"})
    kept = copy.deepcopy(before)
    assert record(before, *parse(line, TODAY), TODAY) is not before
    assert before == kept
