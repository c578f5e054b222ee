"""The table of contracting states, and the names of countries."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from bot import countries
from bot.countries import (
    StatesFileError,
    Status,
    brussels_iib_between,
    convention_between,
    country_name,
    parse_states,
    states,
)
from bot.languages import languages

TABLE = Path(countries.__file__).with_name("contracting-states.csv").read_text(encoding="utf-8")
HEADER, FIRST = TABLE.splitlines()[:2]


def test_it_reads_every_row_with_its_confidence() -> None:
    assert len(states()) == len(TABLE.splitlines()) - 1
    russia = states()["RU"]
    assert russia.in_force["BE"] == "unknown"
    assert russia.in_force_with_nl_since == date(2016, 6, 1)
    assert russia.confidence["party"] == "sure"
    assert russia.confidence["NL"] == "check"
    assert states()["NL"].in_force["NL"] == "self"


@pytest.mark.parametrize(
    ("a", "b", "answer", "confidence"),
    [
        ("NL", "TR", "yes", "sure"),
        ("tr", "nl", "yes", "sure"),
        ("NL", "PL", "yes", "sure"),
        ("TR", "PL", "yes", "check"),
        ("BE", "TR", "yes", "sure"),
        ("AL", "BE", "unknown", "check"),
        ("NL", "AF", "no", "sure"),
        ("NL", "CW", "unknown", "check"),
        ("NL", "AO", "no", "check"),
        ("NL", "XX", "unknown", "check"),
        ("XX", "YY", "unknown", "check"),
        ("", "", "unknown", "check"),
        ("NL", "NL", "no", "sure"),
        ("DE", "FR", "unknown", "check"),
        ("DE", "AF", "no", "sure"),
        ("NL", "GB", "yes", "sure"),
        ("PL", "GB", "yes", "check"),
    ],
)
def test_it_says_whether_the_convention_is_in_force(
    a: str, b: str, answer: str, confidence: str
) -> None:
    status = convention_between(a, b)
    assert (status.answer, status.confidence) == (answer, confidence)


@pytest.mark.parametrize("view", countries.VIEWS)
@pytest.mark.parametrize("other", countries.VIEWS)
def test_the_four_columns_agree(view: str, other: str) -> None:
    assert convention_between(view, other) == convention_between(other, view)
    assert convention_between(view, other).answer == ("no" if view == other else "yes")


@pytest.mark.parametrize("part", ["AW", "CW", "SX", "BQ"])
def test_a_part_of_the_kingdom_is_marked_and_left_open(part: str) -> None:
    assert convention_between("NL", part) == Status("unknown", "check", same_kingdom=True)
    assert not convention_between("TR", part).same_kingdom


@pytest.mark.parametrize(
    ("a", "b", "applies"),
    [
        ("NL", "BE", True),
        ("PL", "NL", True),
        ("NL", "IE", True),
        ("NL", "DK", False),
        ("NL", "GB", False),
        ("NL", "TR", False),
        ("NL", "CW", False),
        ("NL", "NL", False),
        ("NL", "XX", False),
    ],
)
def test_it_knows_where_brussels_iib_applies(a: str, b: str, applies: bool) -> None:
    assert brussels_iib_between(a, b) is applies


@pytest.mark.parametrize(
    ("code", "language", "name"),
    [
        ("TR", "nl", "Turkije"),
        ("TR", "tr", "Türkiye"),
        ("TR", "pl", "Turcja"),
        ("TR", "en", "Turkey"),
        ("NL", "nl", "Nederland"),
        ("NL", "tr", "Hollanda"),
        ("NL", "pl", "Holandia"),
        ("NL", "en", "the Netherlands"),
        ("US", "nl", "Verenigde Staten"),
        ("us", "pl", "Stany Zjednoczone"),
        ("gb", "en", "United Kingdom"),
        ("CI", "en", "Ivory Coast"),
        ("HK", "nl", "Hongkong"),
        ("PS", "tr", "Filistin"),
        ("PS", "pl", "Palestyna"),
        ("PS", "en", "Palestine"),
        ("MM", "nl", "Myanmar"),
        ("NO", "nl", "Noorwegen"),
        ("QQ", "nl", "QQ"),
        ("TR", "xx", "TR"),
    ],
)
def test_it_names_countries_as_parents_do(code: str, language: str, name: str) -> None:
    assert country_name(code, language) == name


@pytest.mark.parametrize("language", languages())
def test_every_state_has_a_name(language: str) -> None:
    assert [code for code in states() if country_name(code, language) == code] == []


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("AF,", "Af,", "iso2 is 'Af'"),
        (",no,none,", ",maybe,none,", "party is 'maybe'. Use yes or no or unknown"),
        ("party:sure", "party:certain", "confidence is"),
        ("AF,Afghanistan", "AF", "fields"),
        (",none,,", ",none,2020-02-30,", "entry_into_force is '2020-02-30'. Write YYYY-MM-DD"),
    ],
)
def test_it_names_line_fault_and_remedy(old: str, new: str, fault: str) -> None:
    with pytest.raises(StatesFileError) as error:
        parse_states(TABLE.replace(FIRST, FIRST.replace(old, new, 1)))
    assert "bot/contracting-states.csv:2:" in str(error.value)
    assert fault in str(error.value)


def test_it_collects_all_faults() -> None:
    with pytest.raises(StatesFileError) as error:
        parse_states("\n".join([HEADER, FIRST.replace("AF,", "A,"), FIRST.replace("AF,", "B,")]))
    assert len(error.value.faults) == 2


def test_it_refuses_a_double_line_and_a_lost_column() -> None:
    with pytest.raises(StatesFileError, match="AF occurs twice"):
        parse_states("\n".join([HEADER, FIRST, FIRST]))
    with pytest.raises(StatesFileError, match="has no column party"):
        parse_states(TABLE.replace(",party,", ",parti,", 1))
