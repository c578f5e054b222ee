"""No text makes reading it slow: every regular expression and rule, with long repeats."""

from __future__ import annotations

import dataclasses
import importlib
import re
import time
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest

from bot import dates, emergency, numerals
from bot.ages import find_ages
from bot.checklist import reading
from bot.gazetteer import find_countries
from bot.languages import clean, fold, languages

TODAY = date(2026, 11, 22)
LONGEST = 2_000
MODULES = (
    "ages",
    "dates",
    "gazetteer",
    "emergency",
    "handover",
    "languages",
    "numerals",
    "checklist.reading",
    "checklist.values",
    "nlg.answers",
    "saved_checklists",
)
REPEATS = [
    *("a", "A", "1", " ", "-", "'", "\n", "\u0301", "e\u0301", "1 ", "a ", "8,", "1.", "1-", "20"),
    *("12 ", "8 ", "a'", "2026-", "3 mei ", "i ", "ve ", "en ", "van ", "over een ", "geleden "),
    *("vijf", "eenentwintig", "jaar ", "8 jaar en ", "tussen 3 en ", "bijna ", "bir ", "yirmi "),
    *("yas ", "once ", "temu ", "dwadziescia ", "lat ", "Turkije'", "naar turkije en ", "nu weg "),
]
# lengths at which what doubles with each letter shows before it takes for ever
GROWING = (20, 26, LONGEST)


def spent(work: Callable[[], Any]) -> float:
    """Seconds of this thread's own: a busy machine does not count."""
    began = time.thread_time()
    work()
    return time.thread_time() - began


@pytest.fixture(scope="module")
def limit() -> float:
    """Forty times what it takes to go once over a hundred long messages, on this machine."""
    words = re.compile(r"\w+|\W+")
    text = "mijn zoon is 8 jaar, " * (100 * LONGEST // 21)
    return 40 * min(spent(lambda: words.findall(text)) for _ in range(3))


def patterns() -> dict[str, re.Pattern[str]]:
    """Every regular expression that the modules keep, by where it is kept."""
    found: dict[tuple[str, int], tuple[str, re.Pattern[str]]] = {}

    def look(value: Any, place: str, depth: int = 0) -> None:
        if isinstance(value, re.Pattern):
            found.setdefault((value.pattern, value.flags), (place, value))
        elif depth < 6:
            for each in parts(value):
                look(each, place, depth + 1)

    for name in MODULES:
        module = importlib.import_module(f"bot.{name}")
        for variable, value in vars(module).items():
            look(value, f"{name}.{variable}")
    for code in languages():
        look(dates._rules(code), f"dates._rules({code})")
        look(dates.duration_pattern(code), f"dates.duration_pattern({code})")
        look(re.compile(numerals.number_pattern(code)), f"numerals.number_pattern({code})")
    return {f"{place} #{n}": pattern for n, (place, pattern) in enumerate(found.values())}


def parts(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        yield from value.values()
    elif isinstance(value, (list, tuple, set, frozenset)):
        yield from value
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        for field in dataclasses.fields(value):
            yield getattr(value, field.name)


def test_no_regular_expression_is_slow(limit: float):
    kept = patterns()
    assert len(kept) > 200
    for place, pattern in kept.items():
        for repeat in REPEATS:
            for length in GROWING:
                text = (repeat * length)[:length] + "!"
                took = spent(lambda text=text, use=pattern: (use.search(text), use.fullmatch(text)))
                assert took < limit, f"{place} takes {took:.2f} s for {length} of {repeat!r}"


RULES: dict[str, Callable[[str], Any]] = {
    "clean": clean,
    "fold": fold,
    "countries": find_countries,
    "ages": lambda text: find_ages(text, None),
    "dates": lambda text: dates.find_dates(text, None, TODAY),
    "emergency": emergency.detect,
    "when": lambda text: reading.date_ranges(text, None, TODAY),
    "children": lambda text: reading.children(text, None, TODAY),
    "where": lambda text: reading.countries_meant("q_home_country", text, None),
}


@pytest.mark.parametrize("rule", RULES)
def test_no_rule_is_slow(rule: str, limit: float):
    RULES[rule]("a")
    for repeat in REPEATS:
        text = (repeat * LONGEST)[:LONGEST]
        took = spent(lambda text=text: RULES[rule](text))
        assert took < limit, f"{took:.2f} s for {repeat!r}"
