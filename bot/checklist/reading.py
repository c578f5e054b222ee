"""What a typed answer says: a line for `values.parse`, or why it has to be asked again.

Plain rules over the scores of the answer classifier (bot/nlu/answer_model.py) and over the
countries, dates and ages in the text. Asking again with buttons is cheap; a wrong answer noted
without a word is not. So where two readings are near, nothing is noted.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import NamedTuple

from dateutil.relativedelta import relativedelta

from bot.ages import AgeMention, find_ages
from bot.checklist.examples import OTHER, UNCLEAR, VALUE
from bot.checklist.questions import UNKNOWN, Question
from bot.checklist.values import MOST_CHILDREN, NOT_YET, SAME_AS_HOME
from bot.dates import (
    DateMention,
    as_past,
    duration_pattern,
    find_dates,
    in_another_year,
    names_impossible_day,
)
from bot.gazetteer import find_countries
from bot.languages import fold
from bot.numerals import number_pattern, number_value
from bot.words import chosen, words

Scores = Mapping[str, float]
"""Label → how likely, from 0 to 1 (see `bot.checklist.examples`)."""

SURE = 0.85
"""Beside a country, date or age: from here on a label is believed, or that it is no answer."""
SURE_OF_CHOICE = 0.75
"""An option is noted from here on."""
MARGIN = 0.35
"""And only when the second is so far behind."""
FAR = 30
"""So many times the odds are as far, near certainty: 0.99 beside 0.7."""
SURE_OF_ONE = 0.65
"""The same for the likeliest option of an answer that may hold several."""
SURE_OF_MORE = 0.8
"""And for each option beside it."""
DOUBT = 0.3
"""An option of such an answer that is likelier than this, but not sure, makes it unclear."""
NO_ANSWER = 0.6
"""From here on a message is taken for something else than an answer."""


@dataclass(frozen=True)
class Reading:
    """What was read: `line` is an answer; without one, `reason` is the key of what to say.

    `candidates` are answer lines to offer as buttons, likeliest first.
    """

    item: str
    line: str | None = None
    reason: str | None = None
    candidates: tuple[str, ...] = ()


def read(
    question: Question, item: str, text: str, language: str | None, scores: Scores, today: date
) -> Reading | None:
    """Read `text` as an answer to `item`; None for a message that answers something else.

    `language` is the one the visitor writes, None when it is not known.
    """
    if question.type == "country":
        return _country(item, text, language, scores)
    if question.type == "date":
        return _date(item, text, language, scores, today)
    if question.type == "number_or_date_of_birth":
        return _age(item, text, language, scores, today)
    if question.type == "multi" or (question.type == "per_document" and "/" not in item):
        return _several(item, scores)
    return _choice(item, scores)


def is_no_answer(scores: Scores) -> bool:
    """Whether the message is likelier something else than an answer."""
    return scores.get(OTHER, 0.0) >= NO_ANSWER


def _choice(item: str, scores: Scores) -> Reading | None:
    if is_no_answer(scores):
        return None
    ranked = sorted(scores.items(), key=lambda pair: -pair[1])
    (first, best), (_, second) = ranked[0], ranked[1]
    if first not in (OTHER, UNCLEAR) and best >= SURE_OF_CHOICE and best - second >= MARGIN:
        return Reading(item, f"{item}={first}")
    aside = (OTHER, UNCLEAR, UNKNOWN)
    likely = [label for label, score in ranked if label not in aside and score >= 0.15]
    if item == "q_safety" and {"danger", "leaving_now"} & set(likely + [first]) | (
        {UNCLEAR} & {first}
    ):
        # whichever it is, 112 comes first
        return Reading(
            item,
            reason="utter_checklist_which_danger",
            candidates=(f"{item}=danger", f"{item}=leaving_now"),
        )
    return Reading(
        item,
        reason="utter_checklist_unclear",
        candidates=tuple(f"{item}={label}" for label in likely[:2]),
    )


_ALONE = frozenset(["none", "nothing", "all", "one_by_one", UNKNOWN])
"""Labels beside which no other can be chosen."""


def _is_far(first: float, other: float) -> bool:
    """Whether `other` is out of the question beside `first`."""
    return first - other >= MARGIN or first * (1 - other) >= FAR * other * (1 - first)


def _several(item: str, scores: Scores) -> Reading | None:
    own = {label: score for label, score in scores.items() if label not in (OTHER, UNCLEAR)}
    first = max(own, key=lambda label: own[label])
    sure = [
        label
        for label, score in own.items()
        if score >= (SURE_OF_ONE if label == first else SURE_OF_MORE)
    ]
    if scores.get(OTHER, 0.0) >= max([SURE_OF_ONE, *own.values()]):
        return None
    doubtful = [label for label, score in own.items() if score >= DOUBT and label not in sure]
    alone = [label for label in sure if label in _ALONE]
    if alone == sure and len(sure) == 1:
        # what excludes all others is in no doubt by what it leaves far behind
        doubtful = [label for label in doubtful if not _is_far(own[first], own[label])]
    clear = max(scores.get(OTHER, 0.0), scores.get(UNCLEAR, 0.0)) < 0.5
    if sure and not doubtful and clear and (not alone or len(sure) == 1):
        return Reading(item, f"{item}={'+'.join(sure)}")
    if not sure and not doubtful and is_no_answer(scores):
        return None
    return Reading(item, reason="utter_checklist_unclear")


def _typed(item: str, scores: Scores, special: Sequence[str], found: bool) -> Reading | None | bool:
    """Reading of a label that is no value, None for no answer, True to go on with the values."""
    for label in special:
        if scores.get(label, 0.0) >= SURE:
            return Reading(item, f"{item}={label}")
    if is_no_answer(scores) and not (found and scores[OTHER] < SURE):
        return None
    return True


# What the words of `bot/words/<language>/answers.yml` are looked for in; {} is any of them.
_SHAPES = {
    "lived": r"\b(?:{})",
    "is_now": r"\b(?:{})\b",
    "earlier": r"\b(?:{})\b",
    "clause": r"[,.;!?]|\b(?:{})\b",
    # what joins two dates to one stretch of time: "eind juli, begin augustus"
    "date_joint": r"\s*(?:,|-|/|{})?\s*",
    "day_joint": r"(?<![\d.,/-])(?P<day>\d{1,2})\.?\s*(?:-|/|{})\s*$",
    "age_words": r"\b(?:{})\b",
    "twins": r"\b(?:{})\b",
    "nearly": r"\b(?:{})\s+(?:\w+\s+){0,3}$",
    "nearly_after": r"^'?\s*(?:{})",
    "and_a_half": r"^\s*(?:{})\b|^[.,]5\b",
    "months": r"^\s*(?:{})",
    "weeks": r"^\s*(?:{})",
    "days": r"^\s*(?:{})",
    "years_begin": r"{}",
    "one_year": r"(?:{})",
    "school_class": r"\b(?:{})\s+$",
    "school_class_after": r"\.? (?:{})",
}


def _any(key: str) -> str:
    """Alternatives for `key` of every language; people mix them, above all in short answers."""
    found = [words(code, "answers")[key] for code in chosen(None)]
    return "|".join(each for each in found if each) or "(?!)"


@cache
def _pattern(name: str) -> re.Pattern[str]:
    return re.compile(_SHAPES[name].replace("{}", _any(name)))


_CODES = frozenset(["nl", "be", "tr", "pl", "de", "fr", "ma", "uk"])


def countries_meant(item: str, text: str, language: str | None) -> list[str]:
    """Countries that a text can mean as the answer, in the order named; ideally one.

    Nationalities do not count beside a country. Of several, the one in the clause that speaks of
    living there answers where the child lived, that of being there where it is.
    """
    folded = fold(text)
    if folded.strip(" .!") in _CODES:
        return ["GB" if "uk" in folded else folded.strip(" .!").upper()]
    mentions = find_countries(text, language)
    places = [mention for mention in mentions if mention.kind != "people"] or mentions
    codes = list(dict.fromkeys(mention.code for mention in places))
    if len(codes) < 2 or _pattern("earlier").search(folded):
        return codes
    said = _pattern("lived" if item == "q_home_country" else "is_now")
    spans = _clauses(folded)
    fitting = {
        mention.code
        for mention in places
        for start, end in spans
        if start <= mention.start < end and said.search(folded[start:end])
    }
    return list(fitting) if len(fitting) == 1 else codes


def _clauses(folded: str) -> list[tuple[int, int]]:
    ends = [match.start() for match in _pattern("clause").finditer(folded)]
    return list(zip([0, *ends], [*ends, len(folded)]))


def _is_alone(text: str, language: str | None) -> bool:
    """Whether there is little in `text` besides one country."""
    mentions = find_countries(text, language)
    left = fold(text)
    for mention in reversed(mentions):
        left = left[: mention.start] + left[mention.end :]
    return len(mentions) == 1 and len("".join(c for c in left if c.isalnum())) <= 2


def _country(item: str, text: str, language: str | None, scores: Scores) -> Reading | None:
    codes = countries_meant(item, text, language)
    if codes and _is_alone(text, language):
        # no classifier is needed to see that "Polska" is a country
        scores = {VALUE: 1.0}
    special = [UNKNOWN] if codes else [UNKNOWN, SAME_AS_HOME]
    said = _typed(item, scores, special, bool(codes))
    if not isinstance(said, bool):
        return said
    if len(codes) == 1 and scores.get(VALUE, 0.0) >= 0.5:
        return Reading(item, f"{item}={codes[0]}")
    if codes:
        reason = "problem_countries_several" if len(codes) > 1 else "utter_checklist_unclear"
        return Reading(
            item, reason=reason, candidates=tuple(f"{item}={code}" for code in codes[:3])
        )
    return Reading(item, reason="utter_checklist_no_country")


_SHORT = 4
_BARE_DAY = re.compile(r"\W*(\d{1,2})[-./ ](\d{1,2})\W*")


def _date(
    item: str, text: str, language: str | None, scores: Scores, today: date
) -> Reading | None:
    ranges = date_ranges(text, language, today)
    special = [UNKNOWN] if ranges else [UNKNOWN, NOT_YET]
    said = _typed(item, scores, special, bool(ranges))
    if not isinstance(said, bool):
        return said
    if names_impossible_day(text, language, today):
        return Reading(item, reason="problem_date_impossible")
    if scores.get(NOT_YET, 0.0) >= NO_ANSWER:
        return Reading(item, reason="problem_date_future")
    if len(ranges) == 1 and (scores.get(VALUE, 0.0) >= 0.4 or len(text.split()) <= _SHORT):
        return Reading(item, f"{item}={_joined(ranges[0])}")
    if ranges:
        return Reading(
            item,
            reason="utter_checklist_unclear",
            candidates=tuple(f"{item}={_joined(each)}" for each in ranges[:3]),
        )
    return Reading(item, reason="utter_checklist_no_date")


def _joined(days: tuple[date, date]) -> str:
    return f"{days[0].isoformat()}/{days[1].isoformat()}"


def date_ranges(text: str, language: str | None, today: date) -> list[tuple[date, date]]:
    """When something happened, as ranges of days in the order of the text, without doubles."""
    mentions = find_dates(text, language, today)
    if not mentions and language is not None:
        # "juli", typed by who writes Turkish for the rest
        mentions = find_dates(text, None, today)
    if not mentions and len(text.split()) <= _SHORT:
        mentions = _bare_mentions(text, language, today)
    if not mentions:
        mentions = _durations(text, language, today)
    years = {m.start_date.year for m in mentions if m.precision == "year"}
    ranges: list[tuple[date, date]] = []
    end_of_last = None
    for mention in mentions:
        first, last = as_past(mention, today)
        if mention.guessed_year and len(years) == 1:
            # "vorig jaar, op 3 mei" names the year elsewhere
            first, last = in_another_year(first, last, years.copy().pop() - first.year)
        before = _pattern("day_joint").search(fold(text)[: mention.start])
        if before and first == last and 0 < int(before["day"]) < last.day:
            # "tussen 3 en 5 mei"
            first = last.replace(day=int(before["day"]))
        joined = end_of_last is not None and _pattern("date_joint").fullmatch(
            fold(text)[end_of_last : mention.start]
        )
        if joined and ranges and abs((first - ranges[-1][1]).days) <= 62:
            other = ranges.pop()
            first, last = min(other[0], first), max(other[1], last)
        ranges.append((first, last))
        end_of_last = mention.end
    return _without_wider(list(dict.fromkeys(ranges)))


def _without_wider(ranges: list[tuple[date, date]]) -> list[tuple[date, date]]:
    """Of "vorig jaar, op 3 mei" only the day: a range that holds another says less."""
    return [
        each
        for each in ranges
        if not any(
            other != each and each[0] <= other[0] and other[1] <= each[1] for other in ranges
        )
    ]


def _bare_mentions(text: str, language: str | None, today: date) -> list[DateMention]:
    """A word or number that is a date only because a date was asked for."""
    if match := _bare_year().fullmatch(fold(text)):
        year = int(match[1])
        return [DateMention(date(year, 1, 1), date(year, 12, 31), "year", 0, len(text))]
    if match := _BARE_DAY.fullmatch(text):
        for year in (today.year, today.year - 1):
            try:
                day = date(year, int(match[2]), int(match[1]))
            except ValueError:
                continue
            return [DateMention(day, day, "day", 0, len(text), guessed_year=True)]
    folded = fold(text).strip(" .,!?")
    for code in chosen(language):
        for sentence in words(code, "answers")["about_time"]:
            if found := find_dates(sentence.format(folded), code, today):
                return found
    return []


@cache
def _bare_year() -> re.Pattern[str]:
    return re.compile(
        rf"\W*(?:(?:{_any('before_year')}) )?((?:19|20)\d\d)\W*(?:{_any('after_year')})?\W*"
    )


def _durations(text: str, language: str | None, today: date) -> list[DateMention]:
    """ "3 hafta oldu", "al drie weken": how long ago, told as how long it lasts."""
    folded = fold(text)
    for code in chosen(language):
        match = duration_pattern(code).search(folded)
        if match:
            ago = words(code, "answers")["ago"].format(match["duration"])
            return find_dates(ago, code, today)
    return []


def _age(item: str, text: str, language: str | None, scores: Scores, today: date) -> Reading | None:
    question = item.partition("/")[0]
    values, problem = children(text, language, today)
    counted = bool(values) and set(values) == {"?"}
    if _NUMBER_ONLY.fullmatch(text) or counted or (values and not _words_besides(text, language)):
        # no classifier is needed to see that "8" is an age and "45" is none
        scores = {VALUE: 1.0}
    said = _typed(item, scores, [] if values else [UNKNOWN], bool(values))
    if not isinstance(said, bool):
        return said
    if problem:
        return Reading(item, reason=problem)
    if values and "/" in item:
        # one child was asked for, and perhaps all were told
        name = item if len(values) == 1 else question
        return Reading(item, f"{name}={'+'.join(values[:MOST_CHILDREN])}")
    if values and scores.get(VALUE, 0.0) >= 0.4:
        return Reading(item, f"{item}={'+'.join(values[:MOST_CHILDREN])}")
    return Reading(item, reason="utter_checklist_no_age")


@cache
def _counted_children(language: str) -> re.Pattern[str]:
    """How many there are, as the last group that matched."""
    table = words(language, "answers")
    count = "|".join([number_pattern(language), *table["collectives"]])
    return re.compile(
        "|".join(form.replace("{count}", f"({count})") for form in table["counted_children"])
    )


_BIRTH_YEAR = re.compile(r"(?:19|20)\d\d|[-./]\d\d\b|'\d\d")
_YEAR_ALONE = re.compile(r"(?<![\d.,/-])(20\d\d)(?![\d/-])")


def _words_besides(text: str, language: str | None) -> bool:
    """Whether there is more in the text than numbers and words for ages."""
    left = fold(text)
    for code in chosen(language):
        left = re.sub(rf"\b{number_pattern(code)}\b", " ", left)
    left = _pattern("age_words").sub(" ", left)
    return bool(re.search(r"[^\W\d_]{2}", left))


_NUMBER_ONLY = re.compile(r"[\s\d+&.,;/-]+")


@cache
def _not_of_a_child() -> re.Pattern[str]:
    return re.compile(rf"^\s*(?:(?:{_any('years')})\w*)?\s*(?:{_any('not_of_a_child')})")


@cache
def _ages_in_a_word() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple(
        (re.compile(pattern), value)
        for code in chosen(None)
        for pattern, value in words(code, "answers")["ages_in_a_word"].items()
    )


_OLDEST_CHILD = 17
_NO_AGE_BELOW = 100


def children(text: str, language: str | None, today: date) -> tuple[list[str], str | None]:
    """Children in a text that answers "how old?", as `values` writes them, and what is wrong.

    A number alone is an age here. `2 kinderen` without an age gives `?` for each.
    """
    folded = fold(text)
    codes = chosen(language)
    taken: list[tuple[int, int]] = []
    found: list[tuple[int, str]] = []
    count = 0
    for mention in find_dates(text, language, today):
        taken.append((mention.start, mention.end))
        if not _BIRTH_YEAR.search(folded[mention.start : mention.end]):
            # "in maart", "volgende maand": when a birthday is, not when one was born
            continue
        if mention.start_date > today:
            return [], "problem_birth_future"
        if mention.start_date >= today - relativedelta(years=_OLDEST_CHILD + 1):
            span = f"b{mention.start_date.isoformat()}/{mention.end_date.isoformat()}"
            found.append((mention.start, span))
    if names_impossible_day(text, language, today):
        return [], "problem_date_impossible"
    for code in codes:
        for match in _counted_children(code).finditer(folded):
            group = match.lastindex or 0
            word = match[group]
            collectives = words(code, "answers")["collectives"]
            count = collectives.get(word) or number_value(word, code)
            taken.append(match.span(group))
    for match in _YEAR_ALONE.finditer(folded):
        year = int(match[1])
        inside = any(match.start() < end and match.end() > start for start, end in taken)
        if not inside and today.year - _OLDEST_CHILD - 1 <= year <= today.year:
            taken.append(match.span())
            found.append((match.start(), f"b{year}-01-01/{min(date(year, 12, 31), today)}"))
    twins = bool(_pattern("twins").search(folded))
    for pattern, value in _ages_in_a_word():
        for match in pattern.finditer(folded):
            taken.append(match.span())
            found.append((match.start(), value))
    numbers = _numbers(folded, codes, find_ages(text, language), taken)
    exact = [each for each in numbers if not each.nearly]
    # "14, ze is bijna 15" and "negen, in mei wordt ze tien" speak of one child
    numbers = exact if exact and len(exact) < len(numbers) else numbers
    too_old = False
    for start, years, months, _ in numbers:
        if years > _OLDEST_CHILD:
            too_old = True
            continue
        found.append((start, _age_text(years, months)))
    if too_old:
        return [], "problem_age"
    values = [value for _, value in sorted(_joined_ages(found, folded), key=lambda each: each[0])]
    if twins and len(values) == 1:
        values *= 2
    if not values and (twins or 1 < count <= MOST_CHILDREN):
        values = ["?"] * (count or 2)
    return values, None


@cache
def _years_and_months() -> re.Pattern[str]:
    return re.compile(rf"\s*(?:(?:{_any('years')})\s*)?(?:(?:{_any('and')}|,)\s*)?")


def _joined_ages(found: list[tuple[int, str]], folded: str) -> list[tuple[int, str]]:
    """ "1 jaar en 2 maanden" is one child."""
    joined: list[tuple[int, str]] = []
    for start, value in sorted(found):
        before = joined[-1] if joined else None
        if before and before[1].isdigit() and re.fullmatch(r"\d+m", value):
            between = re.sub(r"^\w+", "", folded[before[0] : start], count=1)
            one_year = _pattern("one_year").match(folded, before[0])
            told = one_year or _pattern("years_begin").search(between)
            if told and (_years_and_months().fullmatch(between)):
                joined[-1] = (before[0], f"{before[1]}y{value}")
                continue
        joined.append((start, value))
    return joined


def _age_text(years: int, months: int | None) -> str:
    if months is None:
        return str(years)
    return f"{months}m" if years == 0 else f"{years}y{months}m"


class _Number(NamedTuple):
    """An age at a place of the text; `nearly`: told as the next birthday, and one taken off."""

    start: int
    years: int
    months: int | None
    nearly: bool = False


@cache
def _articles() -> frozenset[str]:
    """Number words that are more often articles."""
    return frozenset(word for code in chosen(None) for word in words(code, "answers")["articles"])


def _numbers(
    folded: str,
    codes: Sequence[str],
    ages: Sequence[AgeMention],
    taken: list[tuple[int, int]],
) -> list[_Number]:
    """Those that are told as ages, and numbers that stand alone."""
    found: list[_Number] = []
    for mention in ages:
        if any(mention.start < end and mention.end > start for start, end in taken):
            continue
        if folded[mention.start : mention.end] in _articles():
            continue
        taken.append((mention.start, mention.end))
        nearly = mention.months is None and _is_nearly(folded, mention.start, mention.end)
        found.append(_Number(mention.start, mention.years - nearly, mention.months, nearly))
    for code in codes:
        pattern = re.compile(rf"(?<![\w.,/-]){number_pattern(code)}(?![\w/-])")
        for match in pattern.finditer(folded):
            start, end = match.span()
            if any(start < other_end and end > other for other, other_end in taken):
                continue
            if match.group() in _articles() and len(folded.split()) > 1:
                continue
            after = folded[end:]
            value = number_value(match.group(), code)
            if _is_school_class(folded, start, end):
                continue
            if _not_of_a_child().match(after) or value >= _NO_AGE_BELOW:
                continue
            taken.append((start, end))
            if _pattern("weeks").match(after):
                found.append(_Number(start, 0, min(value * 7 // 30, 11)))
            elif _pattern("days").match(after):
                found.append(_Number(start, 0, 0))
            elif _pattern("months").match(after) and value < 24:
                found.append(_Number(start, value // 12, value % 12))
            elif _pattern("and_a_half").match(after):
                found.append(_Number(start, value, 6))
            else:
                nearly = _is_nearly(folded, start, end)
                found.append(_Number(start, value - nearly, None, nearly))
    return found


def _is_school_class(folded: str, start: int, end: int) -> bool:
    return bool(
        _pattern("school_class").search(folded[:start])
        or _pattern("school_class_after").match(folded[end:])
    )


def _is_nearly(folded: str, start: int, end: int) -> bool:
    """ "Bijna 9": eight years have passed."""
    return bool(
        _pattern("nearly").search(folded[:start]) or _pattern("nearly_after").match(folded[end:])
    )
