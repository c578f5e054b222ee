"""A walled case does not exist for its colleague, by any route of the registry."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import pytest
from cast import COLLEAGUES, Desk, case_body
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desk.access import Member
from desk.errors import NotAllowed, NotFound, NotPossible, Refused, Withheld
from desk.intake import parse_case
from desk.models import Case, Conflict, Staff, Wall
from desk.registry import Filters, Registry

CHILD = {"given": "Elif", "family": "Yılmaz", "birth_date": "2019-03-04"}

# Every method that takes a colleague and the reference of a case, with arguments that would do.
ON_A_CASE: dict[str, Callable[[Registry, Member, str], Any]] = {
    "look": lambda r, m, ref: r.look(m, ref),
    "contacts": lambda r, m, ref: r.contacts(m, ref),
    "assign": lambda r, m, ref: r.assign(m, ref, m.id),
    "colleagues": lambda r, m, ref: r.colleagues(m, ref),
    "close": lambda r, m, ref: r.close(m, ref, "advised"),
    "reopen": lambda r, m, ref: r.reopen(m, ref),
    "change_code": lambda r, m, ref: r.change_code(m, ref, "preventie", "why"),
    "add_moment": lambda r, m, ref: r.add_moment(m, ref, channel="phone", incoming=True, minutes=1),
    "add_note": lambda r, m, ref: r.add_note(m, ref, "note"),
    "set_child": lambda r, m, ref: r.set_child(m, ref, None, CHILD),
    "set_person": lambda r, m, ref: r.set_person(m, ref, "client", {"given": "A"}),
    "use_reply": lambda r, m, ref: r.use_reply(m, ref, "reply", "nl"),
    "declare_conflict": lambda r, m, ref: r.declare_conflict(m, ref),
    "release": lambda r, m, ref: r.release(m, ref, m.id),
    "erase_case": lambda r, m, ref: r.erase_case(m, ref),
    "related": lambda r, m, ref: r.related(m, ref),
    "set_role": lambda r, m, ref: r.set_role(m, ref, "left_behind", None),
    "set_urgent": lambda r, m, ref: r.set_urgent(m, ref, True),
    "releasable_to": lambda r, m, ref: r.releasable_to(m, ref),
}
# Every other method that takes a colleague: what it shows is compared with and without the case.
OVER_CASES: dict[str, Callable[[Registry, Member], Any]] = {
    "queue": lambda r, m: r.queue(m, Filters(status=("new", "open", "closed"))),
    "count": lambda r, m: r.count(m, Filters(status=("new", "open", "closed"))),
    "figures": lambda r, m: dict(r.figures(m, 2026).numbers),
    "handled_by": lambda r, m: r.handled_by(m),
    "conflicts": lambda r, m: r.conflicts(m),
    "figure_years": lambda r, m: r.figure_years(m),
    "search": lambda r, m: [row.reference for row in r.search(m, "Elif 04-03-2019")],
}
ELSEWHERE = {
    "resolve",
    "conflict",
    "retention",
    "audit_log",
    "audit_actors",
    "verify_audit",
    "record_refusal",
}
"""Tested by themselves below."""


def test_no_method_of_the_registry_is_left_out():
    taking_members = {
        name
        for name, method in inspect.getmembers(Registry, inspect.isfunction)
        if not name.startswith("_") and "member" in inspect.signature(method).parameters
    }
    assert taking_members == ON_A_CASE.keys() | OVER_CASES.keys() | ELSEWHERE


def parents(desk: Desk, **changes: Any) -> tuple[str, str]:
    """Both parents' cases, not yet known as a conflict: the second has no child's name."""
    mother = desk.bring(role="left_behind", **changes)
    father = desk.bring(role="taking", **changes)
    desk.registry.set_child(desk["jan"], mother, None, CHILD)
    return mother, father


def meet(desk: Desk) -> tuple[str, str]:
    """Both parents' cases in conflict: Jan handles the mother's, Joke the father's."""
    mother, father = parents(desk)
    desk.registry.assign(desk["jan"], mother, desk["jan"].id)
    desk.registry.assign(desk["joke"], father, desk["joke"].id)
    desk.registry.set_child(desk["joke"], father, None, CHILD)
    return mother, father


@pytest.mark.parametrize("method", ON_A_CASE)
def test_a_walled_case_is_as_one_that_is_not_there(desk: Desk, method: str):
    mother, father = meet(desk)
    with pytest.raises(Refused) as absent:
        ON_A_CASE[method](desk.registry, desk["jan"], "K-2026-9999-A")
    with pytest.raises(Refused) as walled:
        ON_A_CASE[method](desk.registry, desk["jan"], father)
    assert isinstance(walled.value, NotFound)
    assert (type(walled.value), str(walled.value)) == (type(absent.value), str(absent.value))


@pytest.mark.both_databases
@pytest.mark.parametrize("method", sorted(OVER_CASES.keys() - {"conflicts"}))
def test_nothing_that_is_counted_or_listed_changes_with_a_walled_case(desk: Desk, method: str):
    mother, father = meet(desk)
    with_it = OVER_CASES[method](desk.registry, desk["jan"])
    desk.registry.erase_case(desk["cor"], father)
    without = OVER_CASES[method](desk.registry, desk["jan"])
    if method == "queue":
        assert [row.reference for row in with_it] == [row.reference for row in without]
    else:
        assert with_it == without


def test_the_other_handler_still_works_on_it(desk: Desk):
    mother, father = meet(desk)
    desk.registry.add_note(desk["jan"], mother, "seen")
    desk.registry.add_note(desk["joke"], father, "seen")
    with pytest.raises(NotFound):
        desk.registry.look(desk["joke"], mother)


def test_both_cases_are_marked(desk: Desk):
    mother, father = meet(desk)
    assert desk.registry.look(desk["jan"], mother).row.conflict
    assert desk.registry.look(desk["joke"], father).row.conflict


@pytest.mark.both_databases
def test_who_only_looked_at_one_cannot_look_at_the_other(desk: Desk):
    mother, father = parents(desk)
    desk.registry.set_child(desk["joke"], father, None, CHILD)
    with pytest.raises(NotFound):
        desk.registry.look(desk["jan"], father)


def test_who_looks_at_one_later_loses_the_other_then(desk: Desk):
    mother, father = meet(desk)
    # new at the service: sees both in the queue, and after one look one of them
    desk.login.create_account("nora", "jurist", "a long enough password")
    with desk.database.reading() as session:
        nora = session.query(Staff).filter_by(name="nora").one()
    member = Member(nora.id, "nora", "jurist")
    assert desk.registry.count(member) == 2
    desk.registry.look(member, father)
    assert [row.reference for row in desk.registry.queue(member)] == [father]


@pytest.mark.both_databases
def test_who_had_a_hand_in_both_keeps_the_one_assigned(desk: Desk):
    mother, father = parents(desk)
    desk.registry.look(desk["jan"], father)
    desk.registry.assign(desk["jan"], mother, desk["jan"].id)
    desk.registry.set_child(desk["joke"], father, None, CHILD)
    desk.registry.look(desk["jan"], mother)
    with pytest.raises(NotFound):
        desk.registry.look(desk["jan"], father)


def test_who_was_assigned_both_keeps_neither(desk: Desk):
    mother, father = parents(desk)
    for case in (mother, father):
        desk.registry.assign(desk["jan"], case, desk["jan"].id)
    desk.registry.set_child(desk["jan"], father, None, CHILD)
    assert desk.registry.queue(desk["jan"]) == []
    assert {row.assignee for row in desk.registry.queue(desk["cor"])} == {None}


@pytest.mark.both_databases
def test_a_coordinator_sees_no_content_until_the_handler_releases_it(desk: Desk):
    mother, father = meet(desk)
    view = desk.registry.look(desk["cor"], mother)
    assert view.content is None
    assert view.row.conflict
    for method in ("contacts", "add_note", "set_child", "change_code", "use_reply"):
        with pytest.raises(Withheld):
            ON_A_CASE[method](desk.registry, desk["cor"], mother)
    desk.registry.release(desk["jan"], mother, desk["cor"].id)
    assert desk.registry.look(desk["cor"], mother).content is not None
    # with one side's story in mind, the other case is gone
    with pytest.raises(NotFound):
        desk.registry.look(desk["cor"], father)
    assert desk.registry.conflicts(desk["cor"]) == []
    assert len(desk.registry.conflicts(desk["cora"])) == 1


def test_only_its_handler_releases_a_case_and_only_to_a_coordinator(desk: Desk):
    mother, father = meet(desk)
    with pytest.raises(Withheld):
        desk.registry.release(desk["cora"], mother, desk["cor"].id)
    with pytest.raises(NotPossible):
        desk.registry.release(desk["jan"], mother, desk["wim"].id)


def test_a_walled_case_cannot_be_given_to_its_walled_colleague(desk: Desk):
    mother, father = meet(desk)
    names = {each.name for each in desk.registry.colleagues(desk["cor"], father)}
    assert "jan" not in names
    with pytest.raises(NotPossible):
        desk.registry.assign(desk["cor"], father, desk["jan"].id)


@pytest.mark.both_databases
def test_a_coordinator_confirms_and_the_walls_stay(desk: Desk):
    mother, father = meet(desk)
    (conflict,) = desk.registry.conflicts(desk["cor"])
    assert {row.reference for row in conflict.cases} == {mother, father}
    desk.registry.resolve(desk["cor"], conflict.id, confirmed=True)
    with pytest.raises(NotFound):
        desk.registry.look(desk["jan"], father)
    assert desk.registry.conflicts(desk["cor"]) == []
    done = desk.registry.conflict(desk["cor"], conflict.id)
    assert (done.state, done.resolved_by, done.resolved) == ("confirmed", "cor", desk.clock())


@pytest.mark.both_databases
def test_a_coordinator_dismisses_and_the_walls_go(desk: Desk):
    mother, father = meet(desk)
    (conflict,) = desk.registry.conflicts(desk["cor"])
    desk.registry.resolve(desk["cor"], conflict.id, confirmed=False)
    assert desk.registry.look(desk["jan"], father).row.conflict is False
    # and the same evidence does not bring it back
    desk.registry.set_child(desk["joke"], father, None, CHILD)
    assert desk.registry.conflicts(desk["cor"]) == []


def test_a_coordinator_who_thinks_again_has_the_walls_built_again(desk: Desk):
    mother, father = meet(desk)
    (conflict,) = desk.registry.conflicts(desk["cor"])
    desk.registry.resolve(desk["cor"], conflict.id, confirmed=False)
    desk.registry.resolve(desk["cor"], conflict.id, confirmed=True)
    for name, other in (("jan", father), ("joke", mother)):
        with pytest.raises(NotFound):
            desk.registry.look(desk[name], other)
    desk.registry.add_note(desk["jan"], mother, "still mine")


def test_a_withheld_case_does_not_tell_by_which_site_the_parent_came(desk: Desk):
    mother, father = parents(desk, embed="stichting-x")
    assert desk.registry.look(desk["cor"], mother).embed == "stichting-x"
    desk.registry.set_child(desk["joke"], father, None, CHILD)
    assert desk.registry.look(desk["cora"], mother).embed is None


def test_a_receipt_does_not_count_a_walled_case_of_the_same_conversation(desk: Desk):
    first = desk.bring(conversation="one")
    second = desk.bring_again(2, conversation="one")
    desk.registry.assign(desk["cor"], second, desk["cor"].id)
    desk.registry.declare_conflict(desk["cor"], second)
    assert desk.registry.erase_case(desk["cor"], first).removed["cases"] == 1
    assert desk.registry.search(desk["jan"], second) == []


@pytest.mark.parametrize("name", ["wim", "jan", "tess", "aad"])
def test_only_a_coordinator_resolves(desk: Desk, name: str):
    meet(desk)
    (conflict,) = desk.registry.conflicts(desk["cor"])
    with pytest.raises(NotAllowed):
        desk.registry.resolve(desk[name], conflict.id, confirmed=True)
    with pytest.raises(NotAllowed):
        desk.registry.conflicts(desk[name])
    with pytest.raises(NotAllowed):
        desk.registry.conflict(desk[name], conflict.id)


def test_a_coordinator_with_a_hand_in_one_case_cannot_resolve(desk: Desk):
    mother, father = meet(desk)
    (conflict,) = desk.registry.conflicts(desk["cora"])
    desk.registry.assign(desk["cora"], mother, desk["cora"].id)
    with pytest.raises(NotFound):
        desk.registry.resolve(desk["cora"], conflict.id, confirmed=True)
    with pytest.raises(NotFound):
        desk.registry.conflict(desk["cora"], conflict.id)


@pytest.mark.both_databases
def test_a_colleague_withdraws_without_a_reason(desk: Desk):
    reference = desk.bring()
    desk.registry.assign(desk["jan"], reference, desk["jan"].id)
    desk.registry.declare_conflict(desk["jan"], reference)
    with pytest.raises(NotFound):
        desk.registry.look(desk["jan"], reference)
    (conflict,) = desk.registry.conflicts(desk["cor"])
    assert conflict.clues == ("declared",)
    assert conflict.cases[0].assignee is None
    desk.registry.resolve(desk["cor"], conflict.id, confirmed=False)
    with pytest.raises(NotFound):
        desk.registry.look(desk["jan"], reference)
    desk.registry.look(desk["joke"], reference)


def test_nothing_tells_the_other_parent(desk: Desk):
    meet(desk)
    alone = desk.registry.create_case(parse_case(case_body(conversation="a")), "a-1")[0]
    desk.contact(conversation="b", phone="0612345678")
    desk.registry.set_person(desk["jan"], alone.reference, "other_parent", {"phone": "0612345678"})
    known = desk.registry.create_case(
        parse_case(case_body(conversation="b", role="taking")), "b-1"
    )[0]
    assert len(desk.registry.conflicts(desk["cor"])) == 2
    assert (known.line, known.code, known.urgent, known.next_reading) == (
        alone.line,
        alone.code,
        alone.urgent,
        alone.next_reading,
    )


def test_a_refused_look_is_in_the_audit_log(desk: Desk):
    mother, father = meet(desk)
    with pytest.raises(NotFound):
        desk.registry.look(desk["jan"], father)
    entry = desk.registry.audit_log(desk["aad"])[0]
    assert (entry.actor, entry.action) == (desk["jan"].id, "refused")


LINES = st.lists(st.sampled_from(["toestemming_vakantie", "preventie"]), min_size=1, max_size=4)
WALLS = st.lists(st.tuples(st.sampled_from(sorted(COLLEAGUES)), st.integers(0, 3)), max_size=8)


@settings(
    max_examples=12,
    # one desk for all examples: each looks at its own cases, and removes them
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(codes=LINES, walls=WALLS)
def test_nobody_meets_what_is_out_of_their_scope(
    desk: Desk, codes: list[str], walls: list[tuple[str, int]]
):
    references = [desk.bring(code=code, transcript=[]) for code in codes]
    hidden: dict[str, set[str]] = {name: set() for name in COLLEAGUES}
    with desk.database.writing() as session:
        for name, number in walls:
            if number < len(references) and references[number] not in hidden[name]:
                case = session.query(Case).filter_by(reference=references[number]).one()
                conflict = Conflict(
                    first_id=case.id, clues="declared", state="confirmed", found=desk.clock()
                )
                session.add(conflict)
                session.flush()
                session.add(Wall(case_id=case.id, staff_id=desk[name].id, conflict_id=conflict.id))
                hidden[name].add(references[number])
    for name, role in COLLEAGUES.items():
        expected = {
            reference
            for reference, code in zip(references, codes)
            if role in ("jurist", "coordinator")
            or (role == "worker" and code == "toestemming_vakantie")
        } - hidden[name]
        for reference in references:
            for method, call in ON_A_CASE.items():
                if reference in expected and method not in ("look",):
                    continue
                if reference in expected:
                    assert call(desk.registry, desk[name], reference).row.reference == reference
                    continue
                with pytest.raises((NotFound, NotAllowed)):
                    call(desk.registry, desk[name], reference)
        if role in ("translator", "auditor"):
            for call_over in OVER_CASES.values():
                with pytest.raises(NotAllowed):
                    call_over(desk.registry, desk[name])
            continue
        everything = Filters(status=("new", "open", "closed"))
        listed = {row.reference for row in desk.registry.queue(desk[name], everything, limit=200)}
        assert listed & set(references) == expected
        for reference in references:
            found = desk.registry.queue(desk[name], Filters(reference=reference))
            assert [row.reference for row in found] == (
                [reference] if reference in expected else []
            )
            one = desk.registry.count(desk[name], Filters(reference=reference))
            assert one == (reference in expected)
    with desk.database.writing() as session:
        session.query(Case).delete()
