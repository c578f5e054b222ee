"""What must hold for whatever is typed or sent: tests try it briefly, `make fuzz` for long.

Each check takes any input, raises for a fault, and never for a refusal that is meant.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Mapping
from datetime import date

from bot import emergency
from bot.ages import OLDEST, find_ages
from bot.checklist import reading, values, wording
from bot.checklist.examples import OTHER, UNCLEAR, VALUE
from bot.checklist.questions import UNKNOWN, checklist
from bot.checklist.result import result
from bot.dates import PRECISIONS, find_dates, names_impossible_day
from bot.gazetteer import find_countries
from bot.languages import SOURCE, clean, fold, has_words, languages, lower

TODAYS = (date(2026, 11, 22), date(2028, 2, 29), date(2027, 1, 1))
"""A day like others, one that not every year has, and the first of a year."""

_SCORES: tuple[dict[str, float], ...] = (
    {VALUE: 0.9, OTHER: 0.05, UNCLEAR: 0.03, UNKNOWN: 0.02},
    {VALUE: 0.3, OTHER: 0.3, UNCLEAR: 0.3, UNKNOWN: 0.1},
)
_BY_RULE = ("country", "date", "number_or_date_of_birth")


SPOKEN: tuple[str | None, ...] = (*languages(), None)
"""What a text may be taken for; before detection, nothing."""


def normalising(text: str, language: str | None) -> None:
    """Cleaning and folding end, repeat nothing, and leave what a database can store."""
    cleaned = clean(text)
    assert clean(cleaned) == cleaned, "cleaning twice cleans more"
    cleaned.encode()
    assert not cleaned or (not cleaned[0].isspace() and not cleaned[-1].isspace())
    folded = fold(cleaned)
    assert len(folded) == len(cleaned), "positions move"
    assert fold(folded) == folded, "folding twice folds more"
    assert isinstance(has_words(cleaned), bool)
    assert isinstance(lower(cleaned, language), str)


def extracting(text: str, language: str | None) -> None:
    """What is found lies in the text, in order, apart, and is of its kind."""
    today = _today(text)
    countries = find_countries(text, language)
    _in_order(text, [(m.start, m.end) for m in countries])
    assert all(len(m.code) == 2 and m.code.isupper() for m in countries)
    ages = find_ages(text, language)
    _in_order(text, [(m.start, m.end) for m in ages])
    assert all(0 <= m.years <= OLDEST for m in ages)
    dates = find_dates(text, language, today)
    _in_order(text, [(m.start, m.end) for m in dates])
    assert all(m.start_date <= m.end_date for m in dates)
    assert all(m.precision in PRECISIONS for m in dates)
    assert isinstance(names_impossible_day(text, language, today), bool)
    found = emergency.detect(text, language)
    assert found is None or found.kind in emergency.KINDS


def _today(text: str) -> date:
    return TODAYS[len(text) % len(TODAYS)]


def _in_order(text: str, spans: list[tuple[int, int]]) -> None:
    reached = 0
    for start, end in spans:
        assert reached <= start < end <= len(text), "a mention out of place"
        reached = end


def answering(text: str, language: str | None) -> None:
    """A typed answer is read as one that fits its question, or asked again."""
    cleaned, today = clean(text), _today(text)
    for question in checklist().questions.values():
        if question.type not in _BY_RULE:
            continue
        items = [question.id]
        if question.type == "number_or_date_of_birth":
            items.append(f"{question.id}/2")
        for item, scores in itertools.product(items, _SCORES):
            found = reading.read(question, item, cleaned, language, scores, today)
            if found is not None:
                _is_usable(found, today)


def _is_usable(found: reading.Reading, today: date) -> None:
    assert found.line or found.reason
    for line in (*((found.line,) if found.line else ()), *found.candidates):
        item, value = values.parse(line, today)
        for language in languages():
            assert wording.shown(item.partition("/")[0], value, language)


def payload(line: str, language: str | None) -> None:
    """An answer line is refused, does not fit, or can be kept, shown and judged."""
    today = _today(line)
    try:
        item, value = values.parse(line, today)
        kept = values.record({}, item, value, today)
    except (values.MalformedAnswer, values.DoesNotFit):
        return
    kept = json.loads(json.dumps(kept))
    assert result(kept, today).verdict
    name = item.partition("/")[0]
    assert isinstance(wording.shown(name, kept[name], language or SOURCE), str)


Check = Callable[[str, str | None], None]

TARGETS: Mapping[str, Check] = {
    "normaliser": normalising,
    "extractors": extracting,
    "answers": answering,
    "payloads": payload,
}
"""What `make fuzz` can work on."""
