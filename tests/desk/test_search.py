"""A case is found by what somebody names on the telephone, and by nothing it must not be."""

from __future__ import annotations

import pytest
from cast import Desk

from desk.errors import Malformed
from desk.registry import Registry

CHILD = {"given": "Elif", "family": "Yılmaz", "birth_date": "2019-03-04"}


def known(desk: Desk) -> str:
    """A case of which a name, a number, a mailbox and a birth date are known."""
    reference = desk.bring(conversation="known")
    desk.contact(
        conversation="known", name="Ayşe Yılmaz", phone="+31 6 12345678", email="Ayse@Example.org"
    )
    desk.registry.set_child(desk["jan"], reference, None, CHILD)
    desk.registry.set_person(
        desk["jan"], reference, "other_parent", {"given": "Szymon", "family": "Wójcik"}
    )
    return reference


def found(registry: Registry, desk: Desk, text: str, name: str = "jan") -> list[str]:
    return [row.reference for row in registry.search(desk[name], text)]


WORDS = [
    "06-12345678",
    "0031 6 1234 5678",
    "ayse@example.org",
    "AYSE@EXAMPLE.ORG",
    "Yilmaz",
    "ayşe yılmaz",
    "Yilmas",
    "Shimon Voicik",
    "04-03-2019",
    "4.3.2019",
    "2019-03-04",
    "03/04/2019",
    "Elif 4-3-2019",
    "Yılmaz, 0612345678",
]
NOT_WORDS = [
    "",
    "   ",
    "%",
    "'; DROP TABLE cases; --",
    "a\x00b",
    "😢",
    "06-87654321",
    "other@example.org",
    "Elif 05-03-2019",
    "Ayşe Kowalska",
    "31-31-2019",
]


@pytest.mark.both_databases
def test_it_is_found_by_each_thing_that_is_known(desk: Desk):
    reference = known(desk)
    desk.bring()
    for words in WORDS:
        assert found(desk.registry, desk, words) == [reference], words
    for words in NOT_WORDS:
        assert found(desk.registry, desk, words) == [], words


@pytest.mark.parametrize("change", [str, str.lower, lambda text: text.replace("-", " - ")])
def test_it_is_found_by_its_reference_as_it_is_read_out(desk: Desk, change):  # type: ignore[no-untyped-def]
    reference = known(desk)
    assert found(desk.registry, desk, change(f" {reference} ")) == [reference]


def test_the_newest_comes_first_and_closed_ones_are_found(desk: Desk):
    first = known(desk)
    desk.registry.close(desk["jan"], first, "advised")
    desk.clock.turn(days=1)
    second = desk.bring(conversation="again")
    desk.contact(conversation="again", phone="0612345678")
    assert found(desk.registry, desk, "0612345678") == [second, first]


def test_what_is_no_longer_known_finds_nothing(desk: Desk):
    reference = known(desk)
    desk.registry.set_person(desk["jan"], reference, "other_parent", {"given": "Piotr"})
    assert found(desk.registry, desk, "Wójcik") == []
    desk.registry.erase_case(desk["cor"], reference)
    assert found(desk.registry, desk, "0612345678") == []


def test_a_worker_finds_no_case_of_line_two(desk: Desk):
    reference = known(desk)
    assert found(desk.registry, desk, "0612345678", "wim") == []
    assert found(desk.registry, desk, reference, "wim") == []


@pytest.mark.both_databases
def test_a_walled_case_is_not_found(desk: Desk):
    mother = known(desk)
    father = desk.bring(role="taking")
    desk.registry.set_child(desk["joke"], father, None, CHILD)
    assert found(desk.registry, desk, "Elif") == [mother]
    assert found(desk.registry, desk, father) == []
    assert found(desk.registry, desk, "Elif", "joke") == [father]


def test_without_content_a_case_is_found_by_its_reference_alone(desk: Desk):
    mother = known(desk)
    father = desk.bring(role="taking")
    desk.registry.set_child(desk["joke"], father, None, CHILD)
    for words in ("Elif", "0612345678", "04-03-2019"):
        assert found(desk.registry, desk, words, "cor") == []
    assert found(desk.registry, desk, mother, "cor") == [mother]
    desk.registry.assign(desk["jan"], mother, desk["jan"].id)
    desk.registry.release(desk["jan"], mother, desk["cor"].id)
    assert found(desk.registry, desk, "Elif", "cor") == [mother]


def test_the_log_knows_what_kind_was_searched_for_and_not_the_words(desk: Desk):
    known(desk)
    found(desk.registry, desk, "Elif SECRETWORDS 0612345678")
    entry = desk.registry.audit_log(desk["aad"])[0]
    assert (entry.action, entry.details) == ("search", {"by": ["name", "phone"], "number": 0})


def test_a_whole_letter_is_not_searched_for(desk: Desk):
    with pytest.raises(Malformed) as raised:
        found(desk.registry, desk, "x" * 301)
    assert raised.value.fields == ("text",)


@pytest.mark.both_databases
def test_cases_of_one_conversation_are_related(desk: Desk):
    first, other = desk.bring(conversation="one"), desk.bring(conversation="other")
    body = {"conversation": "one"}
    second = desk.bring_again(2, **body)
    assert [row.reference for row in desk.registry.related(desk["jan"], first)] == [second]
    assert [row.reference for row in desk.registry.related(desk["jan"], second)] == [first]
    assert desk.registry.related(desk["jan"], other) == []
