"""The answer to "does the convention apply with this country?", from the table of states."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot import countries, reviews
from bot.nlg import answers

HOME = "NL"
_KEY = "utter_hague_country"
# The pairs the table of states has a column for.
_COLUMNS = ("NL", "BE", "TR", "PL")
_MOST = 3

Part = tuple[str, Mapping[str, str]]


def compose(codes: Sequence[str], language: str) -> answers.Message:
    """The message for the countries named, in the order named; without any, the general one."""
    found = parts(codes, language)
    # the first country decides on the next steps
    return answers.compose(_KEY, language, text_keys=found, entry_key=found[0][0])


def parts(codes: Sequence[str], language: str) -> list[Part]:
    """Catalogue keys with their values: a paragraph per country, then one per other pair."""
    named = list(dict.fromkeys(codes))
    if not named:
        return [(_KEY, {})]
    abroad = [code for code in named if code != HOME][:_MOST]
    if not abroad:
        return [(f"{_KEY}_nl", {})]
    found: list[Part] = []
    doubtful = False
    for code in abroad:
        found.append(_paragraph(code, language))
        doubtful |= is_old(HOME, language) or is_old(code, language)
        doubtful |= code != "BE" and countries.convention_between(HOME, code).confidence != "sure"
    for pair in _other_pairs(abroad):
        status = countries.convention_between(*pair)
        doubtful |= is_old(pair[0], language) or is_old(pair[1], language)
        doubtful |= status.confidence != "sure"
        names = {
            "country_a": countries.country_name(pair[0], language),
            "country_b": countries.country_name(pair[1], language),
        }
        found.append((f"line_country_pair_{status.answer}", names))
    if doubtful:
        found.append(("line_country_check", {}))
    return found


def is_old(code: str, language: str) -> bool:
    """Whether the record of a state is past its date, so that what follows from it is hedged."""
    key = f"state:{code.upper()}"
    return key in reviews.reviews() and not reviews.served(
        key, language, answers.current_time().date()
    )


def _paragraph(code: str, language: str) -> Part:
    if code == "BE":
        return f"{_KEY}_be", {}
    value = countries.convention_between(HOME, code).answer
    if value == "yes" and countries.brussels_iib_between(HOME, code):
        value = "yes_eu"
    return f"{_KEY}_{value}", {"country": countries.country_name(code, language)}


def _other_pairs(abroad: Sequence[str]) -> list[tuple[str, str]]:
    """Pairs of named countries, one of them with a column of its own in the table."""
    pairs = []
    for position, first in enumerate(abroad):
        for second in abroad[position + 1 :]:
            if first in _COLUMNS:
                pairs.append((first, second))
            elif second in _COLUMNS:
                pairs.append((second, first))
    return pairs
