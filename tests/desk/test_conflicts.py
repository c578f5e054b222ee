"""Both parents of a child turn to the service: it is found whoever adds what last."""

from __future__ import annotations

from typing import Any

import pytest
from cast import Desk

CHILD = {"given": "Elif", "family": "Yılmaz", "birth_date": "2019-03-04"}
OTHER_CHILD = {"given": "Zofia", "family": "Nowak", "birth_date": "2016-01-02"}


def clues(desk: Desk) -> list[tuple[str, ...]]:
    return [conflict.clues for conflict in desk.registry.conflicts(desk["cor"])]


def two(desk: Desk, first: str = "left_behind", second: str = "taking") -> tuple[str, str]:
    return desk.bring(role=first), desk.bring(role=second)


@pytest.mark.parametrize("first", [0, 1])
def test_it_is_found_when_the_second_child_is_named(desk: Desk, first: int):
    cases = two(desk)
    desk.registry.set_child(desk["jan"], cases[first], None, CHILD)
    assert clues(desk) == []
    desk.registry.set_child(desk["joke"], cases[1 - first], None, CHILD)
    assert clues(desk) == [("child_birth_date", "child_name")]


@pytest.mark.both_databases
def test_it_is_found_when_a_slip_is_mended(desk: Desk):
    mother, father = two(desk)
    desk.registry.set_child(desk["jan"], mother, None, CHILD)
    child_id = desk.registry.set_child(
        desk["joke"], father, None, {**CHILD, "given": "Zeynep", "family": "Can"}
    )
    assert clues(desk) == []
    desk.registry.set_child(desk["joke"], father, child_id, CHILD)
    assert len(clues(desk)) == 1


def test_any_child_of_several_is_enough(desk: Desk):
    mother, father = two(desk)
    desk.registry.set_child(desk["jan"], mother, None, OTHER_CHILD)
    desk.registry.set_child(desk["jan"], mother, None, CHILD)
    desk.registry.set_child(desk["joke"], father, None, CHILD)
    assert len(clues(desk)) == 1


@pytest.mark.parametrize("detail", [{"phone": "06-12 34 56 78"}, {"email": "A.Yilmaz@gmail.com"}])
def test_the_other_parents_number_is_the_clients_of_another_case(
    desk: Desk, detail: dict[str, str]
):
    mother = desk.bring(role="left_behind")
    desk.registry.set_person(desk["jan"], mother, "other_parent", detail)
    desk.bring(role="taking", conversation="father")
    desk.contact(conversation="father", name="Ali", phone="+31612345678", email="ayilmaz@gmail.com")
    assert clues(desk) == [("contact",)]


def test_the_contact_form_can_come_first(desk: Desk):
    mother = desk.bring(role="left_behind")
    desk.registry.set_person(desk["jan"], mother, "other_parent", {"phone": "0612345678"})
    desk.contact(conversation="father")
    assert clues(desk) == []
    desk.bring(role="taking", conversation="father")
    assert clues(desk) == [("contact",)]


@pytest.mark.both_databases
def test_both_name_each_other(desk: Desk):
    mother, father = two(desk)
    ayse, ali = {"given": "Ayşe", "family": "Yılmaz"}, {"given": "Ali", "family": "Kaya"}
    desk.registry.set_person(desk["jan"], mother, "client", ayse)
    desk.registry.set_person(desk["jan"], mother, "other_parent", ali)
    desk.registry.set_person(desk["joke"], father, "client", {"given": "Ali", "family": "KAYA"})
    desk.registry.set_person(
        desk["joke"],
        father,
        "other_parent",
        {"given": "Ayse", "maiden": "Yilmaz", "family": "Kaya"},
    )
    assert ("parent_name",) in clues(desk)


def test_one_name_needs_a_child_of_the_same_age(desk: Desk):
    for years, expected in (((2019, 2012), 0), ((2005, 2005), 1)):
        mother = desk.bring(role="left_behind", children=[{"birth_year": years[0]}])
        father = desk.bring(role="taking", children=[{"birth_year": years[1]}])
        name = {"given": f"Ali{years[0]}", "family": "Kaya" if expected else "Demir"}
        desk.registry.set_person(desk["jan"], mother, "other_parent", name)
        desk.registry.set_person(desk["joke"], father, "client", name)
        assert len(clues(desk)) == expected


def test_a_second_case_of_the_same_parent_is_none(desk: Desk):
    for conversation in ("a", "b"):
        reference = desk.bring(role="left_behind", conversation=conversation)
        desk.contact(conversation=conversation)
        desk.registry.set_child(desk["jan"], reference, None, CHILD)
    assert clues(desk) == []


def test_a_couple_with_one_telephone_on_two_sides_is_one(desk: Desk):
    for conversation, role in (("a", "left_behind"), ("b", "taking")):
        desk.bring(role=role, conversation=conversation)
        desk.contact(conversation=conversation)
    assert clues(desk) == [("contact",)]


@pytest.mark.parametrize("role", ["left_behind", "relative", "unknown"])
def test_in_doubt_it_is_one(desk: Desk, role: str):
    """Two who both say they are left behind can be the two parents."""
    mother, other = two(desk, "left_behind", role)
    desk.registry.set_child(desk["jan"], mother, None, CHILD)
    desk.registry.set_child(desk["joke"], other, None, CHILD)
    assert len(clues(desk)) == 1


def test_children_of_the_hand_off_alone_are_no_evidence(desk: Desk):
    two(desk)
    assert clues(desk) == []


@pytest.mark.both_databases
def test_more_evidence_opens_a_dismissed_conflict_again(desk: Desk):
    mother, father = two(desk)
    named = {"given": "Elif", "family": "Yılmaz"}
    first = desk.registry.set_child(desk["jan"], mother, None, named)
    second = desk.registry.set_child(desk["joke"], father, None, named)
    (conflict,) = desk.registry.conflicts(desk["cor"])
    desk.registry.resolve(desk["cor"], conflict.id, confirmed=False)
    desk.registry.set_child(desk["jan"], mother, first, CHILD)
    assert clues(desk) == []
    desk.registry.set_child(desk["joke"], father, second, CHILD)
    assert clues(desk) == [("child_birth_date", "child_name")]


@pytest.mark.both_databases
def test_many_cases_with_common_names_do_not_meet(desk: Desk):
    names = ["Yılmaz", "Kaya", "Demir", "Çelik", "Şahin"]
    starts = ["Bar", "Tom", "Kel", "Ful", "Mir", "Sad", "Per", "Gon"]
    ends = ["lina", "dort", "kemu", "sofa", "vika", "rupel", "hanno", "bicze"]
    for number in range(60):
        reference = desk.bring(role="left_behind", transcript=[])
        desk.registry.set_child(
            desk["jan"],
            reference,
            None,
            {
                "given": starts[number % 8] + ends[number // 8],
                "family": names[number % 5],
                "birth_date": f"20{number % 15:02d}-01-{1 + number % 28:02d}",
            },
        )
    assert len(clues(desk)) == 0


def test_the_log_does_not_say_who_found_it(desk: Desk):
    mother, father = two(desk)
    desk.registry.set_child(desk["jan"], mother, None, CHILD)
    desk.registry.set_child(desk["joke"], father, None, CHILD)
    found: list[Any] = [
        entry for entry in desk.registry.audit_log(desk["aad"]) if entry.action == "conflict"
    ]
    assert {entry.actor for entry in found} == {"system"}
    assert "Elif" not in str(found)
