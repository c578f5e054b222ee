"""The answer about a country: what the table of states says, in words of each language."""

from __future__ import annotations

import re

import pytest

from bot import catalogue
from bot.countries import country_name, states
from bot.languages import languages
from bot.nlg import country_answer

KEY = "utter_hague_country"


def keys(*codes: str) -> list[str]:
    return [key for key, _ in country_answer.parts(codes, "nl")]


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        ((), [KEY]),
        (("NL",), [f"{KEY}_nl"]),
        (("NL", "NL"), [f"{KEY}_nl"]),
        (("TR",), [f"{KEY}_yes"]),
        (("NL", "TR"), [f"{KEY}_yes"]),
        (("TR", "NL"), [f"{KEY}_yes"]),
        (("TR", "TR"), [f"{KEY}_yes"]),
        (("PL",), [f"{KEY}_yes_eu"]),
        (("DE",), [f"{KEY}_yes_eu"]),
        # Denmark takes no part in the regulation, and the United Kingdom has left
        (("DK",), [f"{KEY}_yes"]),
        (("GB",), [f"{KEY}_yes"]),
        (("BE",), [f"{KEY}_be"]),
        (("IN",), [f"{KEY}_no"]),
        (("EG",), [f"{KEY}_no"]),
    ],
)
def test_a_country_has_its_paragraph(codes: tuple[str, ...], expected: list[str]):
    assert [key for key in keys(*codes) if key != "line_country_check"] == expected


def test_a_country_outside_of_the_table_is_unknown_and_to_be_checked():
    assert keys("XX") == [f"{KEY}_unknown", "line_country_check"]


def test_each_answer_of_the_table_occurs_and_a_doubtful_one_asks_for_a_check():
    seen = set()
    for code, state in states().items():
        if code in ("NL", "BE"):
            continue
        answer = state.in_force["NL"]
        found = keys(code)
        assert found[0].removesuffix("_eu") == f"{KEY}_{answer}", code
        assert (len(found) == 2) == (state.confidence["NL"] != "sure"), code
        seen.add(answer)
    assert seen == {"yes", "no", "unknown"}


@pytest.mark.parametrize(
    ("codes", "pair"),
    [
        (("TR", "PL"), ("TR", "PL")),
        (("PL", "TR"), ("PL", "TR")),
        (("DE", "TR"), ("TR", "DE")),
        (("BE", "MA"), ("BE", "MA")),
    ],
)
def test_two_countries_are_also_compared_with_each_other(codes, pair):
    found = country_answer.parts(codes, "tr")
    [(key, values)] = [part for part in found if part[0].startswith("line_country_pair_")]
    assert values == {
        "country_a": country_name(pair[0], "tr"),
        "country_b": country_name(pair[1], "tr"),
    }
    assert key.rsplit("_", 1)[1] in ("yes", "no", "unknown")


def test_two_countries_without_a_column_are_not_compared():
    assert not [key for key in keys("DE", "FR") if "pair" in key]


def test_at_most_three_countries_are_answered():
    paragraphs = [key for key in keys("TR", "PL", "DE", "FR", "IT") if key.startswith(KEY)]
    assert len(paragraphs) == 3


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize(
    "codes", [[], ["NL"], ["BE"], ["TR"], ["PL"], ["IN"], ["XX"], ["TR", "PL"], ["BE", "MA", "EG"]]
)
def test_the_message_is_complete_in_each_language(codes: list[str], language: str):
    message = country_answer.compose(codes, language)
    assert message["id"] == KEY
    assert message["lang"] == language
    assert not re.search(r"[{}]", message["text"])
    assert message["buttons"]
    for code in codes:
        if code not in ("NL", "BE", "XX"):
            assert country_name(code, language) in message["text"]


@pytest.mark.parametrize("language", languages())
def test_every_state_of_the_table_has_a_name_and_an_answer(language: str):
    for code in states():
        message = country_answer.compose([code], language)
        assert message["text"]
        assert code == "NL" or country_name(code, language)


def test_the_check_names_whom_to_ask():
    message = country_answer.compose(["XX"], "nl")
    assert catalogue.has_text("nl", "line_country_check")
    assert len(message["text"].split("\n\n")) > 1
