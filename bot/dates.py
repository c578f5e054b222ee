"""Dates that people name: days, months, seasons, years, and "three weeks ago".

A vague date is the range of days it may mean. Without a year the nearest one is taken and said to
be a guess, for "in March" can be the plan or the past. Everything works on folded text.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache, partial

from dateutil.easter import easter
from dateutil.relativedelta import relativedelta

from bot.languages import fold
from bot.numerals import number_pattern, number_value, ordinal_words
from bot.words import chosen, words

PRECISIONS = ("day", "week", "month", "season", "year")
"""How exact a date was said; the range is at least as wide."""

_LONGEST_YEARS = 100


@dataclass(frozen=True)
class DateMention:
    """A date named in `text[start:end]`: any day from `start_date` to `end_date` may be meant.

    `precision` is one of `PRECISIONS`; `guessed_year` tells that the text names no year,
    `guessed_week` that it names no more than a weekday.
    """

    start_date: date
    end_date: date
    precision: str
    start: int
    end: int
    guessed_year: bool = False
    guessed_week: bool = False


@dataclass(frozen=True)
class _Range:
    first: date
    last: date
    precision: str
    guessed_year: bool = False
    guessed_week: bool = False


# The year in the name of a convention is no date of the family's.
_TREATY_YEARS = (1980, 1996)

_UNITS = ("day", "week", "month", "year")


def find_dates(text: str, language: str | None, today: date) -> list[DateMention]:
    """Dates in `text` in order, not overlapping, as seen from `today`.

    Only the words of `language` count; without one, or with one that has no words here, those of
    all languages do. A day that does not exist is no date. Never raises for a text.
    """
    return [
        DateMention(
            meant.first,
            meant.last,
            meant.precision,
            start,
            end,
            meant.guessed_year,
            meant.guessed_week,
        )
        for start, end, meant in _matches(text, language, today)
        if meant is not None
    ]


def names_impossible_day(text: str, language: str | None, today: date) -> bool:
    """Whether `text` names a day that does not exist, such as 31 February."""
    return any(meant is None for _, _, meant in _matches(text, language, today))


def as_past(mention: DateMention, today: date) -> tuple[date, date]:
    """First and last day of a mention that speaks of what has happened.

    "In December" and "on Friday", said without a year or week, are then the last ones.
    """
    first, last = mention.start_date, mention.end_date
    years = 0
    while first > today and mention.guessed_year:
        years += 1
        leap_day = (mention.start_date.month, mention.start_date.day) == (2, 29)
        if not leap_day or calendar.isleap(mention.start_date.year - years):
            first, last = in_another_year(mention.start_date, mention.end_date, -years)
    while first > today and mention.guessed_week:
        first, last = first - timedelta(days=7), last - timedelta(days=7)
    return first, last


def in_another_year(first: date, last: date, years: int) -> tuple[date, date]:
    """The same days `years` later; what ends with February ends with it there, too."""
    to_the_end = first != last and last.day == calendar.monthrange(last.year, last.month)[1]
    moved = relativedelta(years=years, day=31 if to_the_end else None)
    return first + relativedelta(years=years), last + moved


@cache
def duration_pattern(language: str) -> re.Pattern[str]:
    """A pattern for folded text whose group `duration` is a stretch of time: "drie weken"."""
    found = words(language, "dates")
    units = "|".join(found["units"].values())
    amounts = "|".join(found["amounts"])
    return re.compile(
        rf"(?<![\w.,/-])(?P<duration>(?:{amounts}|{number_pattern(language)})\s+(?:{units}))"
        r"(?:d[iu]r|l[iu]k|tir)?(?!\w)"
    )


def _matches(text: str, language: str | None, today: date) -> list[tuple[int, int, _Range | None]]:
    folded = fold(text)
    found: list[tuple[int, int, _Range | None]] = []
    for code in chosen(language):
        for pattern, rule in _rules(code):
            for match in pattern.finditer(folded):
                try:
                    meant = rule(match, today)
                except (ValueError, OverflowError):
                    # 31 February still takes its place, lest "February" be read out of it
                    meant = None
                if meant is not _SKIP:
                    start, end = match.span("date") if "date" in match.groupdict() else match.span()
                    found.append((start, end, meant))
    found.sort(key=lambda item: (item[0] - item[1], item[0]))
    kept: list[tuple[int, int, _Range | None]] = []
    for start, end, meant in found:
        if all(end <= other[0] or start >= other[1] for other in kept):
            kept.append((start, end, meant))
    return sorted(kept, key=lambda item: item[0])


# A match that turns out to be something else, and leaves its words to other rules.
_SKIP = _Range(date.min, date.min, "")

_Rule = tuple[re.Pattern[str], Callable[[re.Match[str], date], "_Range | None"]]


@cache
def _rules(language: str) -> tuple[_Rule, ...]:
    return tuple(_Builder(language).rules())


@cache
def _treaties() -> re.Pattern[str]:
    return re.compile("|".join(words(code, "dates")["treaties"] for code in chosen(None)))


_NAME = re.compile(r"\{([a-z_]+)\}")
_YEAR = r"(?P<year>(?:19|20)\d\d)"


def _filled(form: str, parts: Mapping[str, str]) -> str | None:
    """`form` with its {names}; None where the language has nothing for one of them."""
    if not all(parts[name] for name in _NAME.findall(form)):
        return None
    return _NAME.sub(lambda match: parts[match[1]], form)


class _Builder:
    """Puts the words of one language into patterns."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.words = words(language, "dates")
        self.number = number_pattern(language)
        self.since = re.compile(self.words["since"])
        self.weekday = _grouped("w", self.words["weekdays"])
        self.month = _grouped("m", self.words["months"], 1)
        self.season = _grouped("s", self.words["seasons"])

    def rules(self) -> Iterator[_Rule]:
        yield from self.numeric()
        yield from self.named_days()
        yield from self.feasts()
        yield from self.days_of_months()
        yield from self.months()
        yield from self.seasons()
        yield from self.years()
        yield from self.directed()
        yield from self.undirected()
        yield from self.offsets()

    def forms(self, key: str, **parts: str) -> Iterator[re.Pattern[str]]:
        """The forms listed under `key`, with `parts` in the places of their {names}."""
        for form in self.words[key]:
            if (filled := _filled(form, parts)) is not None:
                yield self.compile(filled)

    def compile(self, pattern: str) -> re.Pattern[str]:
        # a space in a pattern is any space in the text
        return re.compile(r"(?<![\w'])(?:" + pattern.replace(" ", r"\s+") + r")(?!\w)")

    # "12-3-2025", "2025-03-12"
    def numeric(self) -> Iterator[_Rule]:
        tail = r"(?:'\w+)?(?: r(?:\.|oku)?)?"
        yield (
            re.compile(
                r"(?<![\w.,/-])(?P<day>\d{1,2})([-./])(?P<month>\d{1,2})\2(?P<year>\d{4}|\d{2})"
                + r"(?![\d/-])"
                + tail
            ),
            lambda match, today: _day(
                _full_year(match["year"], today), int(match["month"]), int(match["day"])
            ),
        )
        yield (
            re.compile(
                r"(?<![\w.,/-])(?P<year>(?:19|20)\d\d)([-./])(?P<month>\d{1,2})\2(?P<day>\d{1,2})"
                r"(?![\d/-])" + tail
            ),
            lambda match, today: _day(int(match["year"]), int(match["month"]), int(match["day"])),
        )
        if self.words["roman_months"]:
            roman = "|".join(_ROMAN[::-1])
            yield (
                re.compile(
                    rf"(?<![\w.,/-])(?P<day>\d{{1,2}})[.\s/-]\s?(?P<roman>{roman})"
                    r"(?:[.\s/-]\s?(?P<year>\d{4}))?(?![\w])" + tail
                ),
                _with_roman_month,
            )
        # without a year, only where the words around say that it is a date
        short = r"(?P<day>\d{1,2})[-/.](?P<month>\d{1,2})"
        for pattern in self.forms("short_dates", day_and_month=short):
            yield pattern, _short_date

    def named_days(self) -> Iterator[_Rule]:
        for pattern, offset in self.words["days"].items():

            def rule(match: re.Match[str], today: date, offset: int = offset) -> _Range:
                return _exactly(today + timedelta(days=offset))

            yield self.compile(pattern), rule

    def feasts(self) -> Iterator[_Rule]:
        yield self.compile(self.words["easter"]), _nearest_easter
        for names, days in self.words["feasts"].items():

            def rule(match: re.Match[str], today: date, days: list[int] = days) -> _Range:
                month, first, last = days
                if match["year"]:
                    year = int(match["year"])
                    return _Range(date(year, month, first), date(year, month, last), "day")
                nearest = _nearest_day(today, month, first)
                assert nearest is not None, "a feast is on a day of every year"
                return replace(nearest, last=nearest.first.replace(day=last))

            yield self.compile(f"(?:{names})(?:,? {_YEAR})?"), rule

    # "12 maart 2025", "dwunastego marca"
    def days_of_months(self) -> Iterator[_Rule]:
        pairs = zip(self.words["months"], self.words["month_abbreviations"])
        ordinals = "|".join([r"\d{1,2}", *map(re.escape, ordinal_words(self.language))])

        def rule(match: re.Match[str], today: date) -> _Range | None:
            day = number_value(match["day"], self.language)
            month = _index(match, "m", range(1, 13))
            if match["year"]:
                return _day(_full_year(match["year"].strip("'"), today), month, day)
            return _nearest_day(today, month, day)

        for pattern in self.forms(
            "day_forms",
            # "dinsdag 17 november" is one date
            weekday="|".join(self.words["weekdays"]),
            day=f"(?P<day>{number_pattern(self.language, ordinals=True)})",
            ordinal=f"(?P<day>{ordinals})",
            month=_grouped("m", [f"{names}|{short}\\.?" for names, short in pairs], 1),
            maybe_year=r"(?:,? (?P<year>(?:19|20)\d\d|'\d\d))?",
        ):
            yield pattern, rule

    # "in maart", "half juni", "augustus 2024"
    def months(self) -> Iterator[_Rule]:
        names = zip(
            self.words["months"], self.words["months_alone"], self.words["months_after_lead"]
        )
        for month, (usual, alone, after_lead) in enumerate(names, start=1):

            def rule(match: re.Match[str], today: date, month: int = month) -> _Range:
                groups = match.groupdict()
                part = next((i for i in range(3) if groups.get(f"part{i}")), None)
                since = bool(self.since.search(match.group()))
                return _month_of(groups.get("year"), month, part, since, today)

            for pattern in self.forms(
                "month_forms",
                part=_grouped("part", self.words["parts"]),
                month=usual,
                alone=alone,
                after_lead=after_lead,
                lead=self.words["month_lead"],
                year=_YEAR,
            ):
                yield pattern, rule

    # "zomer 2024", "in de zomer"
    def seasons(self) -> Iterator[_Rule]:
        for season, names in enumerate(self.words["seasons"]):

            def rule(match: re.Match[str], today: date, season: int = season) -> _Range:
                year = match.groupdict().get("year")
                return _season(int(year), season) if year else _nearest_season(today, season)

            for pattern in self.forms(
                "season_forms",
                season=names,
                in_season=self.words["in_season"][season],
                year=_YEAR,
            ):
                yield pattern, rule

    # "in 2019"
    def years(self) -> Iterator[_Rule]:
        def rule(match: re.Match[str], today: date) -> _Range:
            year = int(match["year"])
            before = match.string[: match.start("year")]
            if year in _TREATY_YEARS and _treaties().search(match.string):
                return _SKIP
            if re.search(r"\d[\s.,]*$", before):
                return _SKIP
            return _Range(date(year, 1, 1), date(year, 12, 31), "year")

        for pattern in self.forms("year_forms", year=r"(?P<year>(?:19[5-9]|20[0-4])\d)"):
            yield pattern, rule

    # "volgende week", "geçen yaz", "w zeszłym roku"
    def directed(self) -> Iterator[_Rule]:
        units = self.words["units"]
        unit = "|".join(f"(?P<{kind}>{units[kind]})" for kind in _UNITS[1:])
        unit = f"(?P<weekend>{self.words['weekend']})|{unit}"
        target = f"(?:{self.season})|(?:{unit})|(?:{self.weekday})|(?:{self.month})"
        for word, direction in (("next", 1), ("last", -1), ("this", 0)):

            def some(match: re.Match[str], today: date, direction: int = direction) -> _Range:
                return _directed(match, today, direction)

            # "volgende week vrijdag" and "vrijdag volgende week"
            def in_week(match: re.Match[str], today: date, direction: int = direction) -> _Range:
                return _exactly(
                    _monday(today) + timedelta(days=7 * direction + _index(match, "w", range(7)))
                )

            # "vorig jaar zomer", "geçen yıl martta"
            def in_year(match: re.Match[str], today: date, direction: int = direction) -> _Range:
                return _in_year(match, today.year + direction)

            parts = {
                "direction": self.words[word],
                "target": target,
                "week": units["week"],
                "weekday": self.weekday,
                "year_word": units["year"],
                "month_or_season": f"(?:{self.month})|(?:{self.season})",
            }
            for key, rule in (
                ("directed_forms", some),
                ("weekday_in_week_forms", in_week),
                ("month_in_year_forms", in_year),
            ):
                for pattern in self.forms(key, **parts):
                    yield pattern, rule

    # "haftaya", "vrijdag", "dit weekend"
    def undirected(self) -> Iterator[_Rule]:
        for pattern in self.forms("next_week_forms", weekday=self.weekday):
            yield pattern, _next_week
        for pattern in self.forms("next_year_forms"):
            yield (
                pattern,
                lambda match, today: _Range(
                    date(today.year + 1, 1, 1), date(today.year + 1, 12, 31), "year"
                ),
            )
        repeated = re.compile(f"(?:{self.words['repeated']}) (?:\\w+ )?$")
        the_weekend = self.words["the_weekend"]
        in_it = re.compile(f"(?:{the_weekend})\\s+$" if the_weekend else "")

        def bare(match: re.Match[str], today: date) -> _Range:
            before = match.string[: match.start()]
            if repeated.search(before):
                return _SKIP
            if match["weekend"]:
                # "a weekend in Germany" is none in particular
                return _weekend(today, 0) if in_it.search(before) else _SKIP
            coming = _weekday(today, _index(match, "w", range(7)), 1)
            return replace(coming, guessed_week=True)

        either = f"(?:(?P<weekend>{self.words['weekend']})|{self.weekday})"
        for pattern in self.forms("weekday_forms", weekday_or_weekend=either):
            yield pattern, bare

    # "over drie weken", "3 hafta önce", "rok temu"
    def offsets(self) -> Iterator[_Rule]:
        number = self.number
        half = f"(?P<half>{self.words['and_a_half']})?" if self.words["and_a_half"] else ""
        amounts = _grouped("a", self.words["amounts"])
        amount = (
            f"(?:(?:{amounts})|(?P<low>{number})(?:{self.words['to']}(?P<high>{number}))?{half})"
        )
        units = self.words["units"]
        unit = "(?:" + "|".join(f"(?P<{kind}>{units[kind]})" for kind in _UNITS) + ")"
        for key, sign in (("later", 1), ("earlier", -1)):

            def rule(match: re.Match[str], today: date, sign: int = sign) -> _Range:
                return self.offset(match, today, sign)

            for pattern in self.forms(key, amount=amount, unit=unit):
                yield pattern, rule

    def offset(self, match: re.Match[str], today: date, sign: int) -> _Range:
        groups = match.groupdict()
        low, high = 1.0, 1.0
        for index, value in enumerate(self.words["amounts"].values()):
            if groups.get(f"a{index}"):
                low, high = value
        if groups.get("low"):
            low = number_value(match["low"], self.language)
            high = number_value(match["high"], self.language) if match["high"] else low
        if groups.get("half"):
            low, high = low + 0.5, high + 0.5
        kind = next(kind for kind in _UNITS if match[kind])
        return _offset(today, kind, sign * low, sign * high)


def _grouped(prefix: str, patterns: Iterable[str], first: int = 0) -> str:
    """Alternatives that are told apart by the names of their groups: w0, w1 …"""
    return "|".join(
        f"(?P<{prefix}{index}>{pattern})" for index, pattern in enumerate(patterns, start=first)
    )


# --- ranges ---------------------------------------------------------------------------------


def _exactly(day: date) -> _Range:
    return _Range(day, day, "day")


def _day(year: int, month: int, day: int) -> _Range:
    return _exactly(date(year, month, day))


# Months as Poles write them by hand: 3 X 2026.
_ROMAN = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii")


def _with_roman_month(match: re.Match[str], today: date) -> _Range | None:
    day, month = int(match["day"]), _ROMAN.index(match["roman"]) + 1
    if match["year"]:
        return _day(int(match["year"]), month, day)
    # "2 i 5" is a list
    return _SKIP if month == 1 else _nearest_day(today, month, day)


def _full_year(text: str, today: date) -> int:
    if len(text) == 4:
        return int(text)
    # two digits: a birth year of a child or a coming holiday, never 60 years away
    year = 2000 + int(text)
    return year if year <= today.year + 20 else year - 100


def _nearest_day(today: date, month: int, day: int) -> _Range | None:
    # within four years there is a 29 February, but near 1900 and 2100
    days = [
        date(year, month, day)
        for year in range(today.year - 4, today.year + 5)
        if 1 <= month <= 12 and 1 <= day <= calendar.monthrange(year, month)[1]
    ]
    if not days:
        return None
    nearest = min(days, key=lambda each: abs((each - today).days))
    return _Range(nearest, nearest, "day", guessed_year=True)


def _short_date(match: re.Match[str], today: date) -> _Range | None:
    """ "On 3/5", or "3/5 last year" where the form has a group for that."""
    day, month = int(match["day"]), int(match["month"])
    for group, shift in (("this_year", 0), ("last_year", -1), ("next_year", 1)):
        if match.groupdict().get(group):
            return _day(today.year + shift, month, day)
    return _nearest_day(today, month, day)


def _nearest_easter(match: re.Match[str], today: date) -> _Range:
    days = [easter(year) for year in (today.year - 1, today.year, today.year + 1)]
    nearest = min(days, key=lambda each: abs((each - today).days))
    # wide enough to hold the Easter of another year when that one is meant
    return _Range(nearest - timedelta(days=9), nearest + timedelta(days=9), "day", True)


def _month(year: int, month: int) -> _Range:
    return _Range(
        date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1]), "month"
    )


def _nearest(today: date, ranges: list[_Range]) -> _Range:
    def distance(each: _Range) -> int:
        if each.first <= today <= each.last:
            return 0
        return min(abs((each.first - today).days), abs((each.last - today).days))

    found = min(ranges, key=distance)
    return _Range(found.first, found.last, found.precision, guessed_year=True)


def _month_of(year: str | None, month: int, part: int | None, since: bool, today: date) -> _Range:
    if year:
        found = _month(int(year), month)
    elif since:
        # "since March" is the last March
        found = _turn(today, -1, lambda each: _month(each, month))
        found = _Range(found.first, found.last, found.precision, guessed_year=True)
    else:
        found = _nearest(today, [_month(today.year + shift, month) for shift in (-1, 0, 1)])
    if part is None:
        return found
    first = found.first.replace(day=1 + 10 * part)
    last = found.last if part == 2 else found.first.replace(day=10 * (part + 1))
    return _Range(first, last, "month", found.guessed_year)


def _season(year: int, season: int) -> _Range:
    """The season that begins in `year`; winter runs into the next."""
    first = date(year, 3 + 3 * season, 1)
    last_month = _month(year + 1, 2) if season == 3 else _month(year, 5 + 3 * season)
    return _Range(first, last_month.last, "season")


def _nearest_season(today: date, season: int) -> _Range:
    return _nearest(today, [_season(today.year + shift, season) for shift in (-1, 0, 1)])


def _monday(today: date) -> date:
    return today - timedelta(days=today.weekday())


def _weekday(today: date, weekday: int, direction: int) -> _Range:
    if direction == 0:
        return _exactly(_monday(today) + timedelta(days=weekday))
    step = timedelta(days=direction)
    day = today + step
    while day.weekday() != weekday:
        day += step
    return _exactly(day)


def _weekend(today: date, direction: int) -> _Range:
    saturday = _monday(today) + timedelta(days=5)
    if direction >= 0 and today >= saturday + timedelta(days=1):
        # on Sunday people speak of the next one
        saturday += timedelta(days=7)
    elif direction < 0:
        saturday -= timedelta(days=7)
    return _Range(saturday, saturday + timedelta(days=1), "week")


def _index(match: re.Match[str], prefix: str, numbers: range) -> int:
    return next(number for number in numbers if match[f"{prefix}{number}"])


def _next_week(match: re.Match[str], today: date) -> _Range:
    monday = _monday(today) + timedelta(days=7)
    for weekday in range(7):
        if match[f"w{weekday}"]:
            return _exactly(monday + timedelta(days=weekday))
    return _Range(monday, monday + timedelta(days=6), "week")


def _directed(match: re.Match[str], today: date, direction: int) -> _Range:
    """ "Last", "this" or "next" with whatever follows."""
    groups = match.groupdict()
    if groups["weekend"]:
        return _weekend(today, direction)
    if groups["week"]:
        monday = _monday(today) + timedelta(days=7 * direction)
        return _Range(monday, monday + timedelta(days=6), "week")
    if groups["month"]:
        index = today.year * 12 + today.month - 1 + direction
        return _month(index // 12, index % 12 + 1)
    if groups["year"]:
        year = today.year + direction
        return _Range(date(year, 1, 1), date(year, 12, 31), "year")
    for weekday in range(7):
        if groups[f"w{weekday}"]:
            return _weekday(today, weekday, direction)
    for month in range(1, 13):
        if groups[f"m{month}"]:
            return _turn(today, direction, partial(_month_in, month))
    for season in range(4):
        if groups[f"s{season}"]:
            return _turn(today, direction, partial(_season_in, season))
    return _SKIP


def _month_in(month: int, year: int) -> _Range:
    return _month(year, month)


def _season_in(season: int, year: int) -> _Range:
    return _season(year, season)


def _in_year(match: re.Match[str], year: int) -> _Range:
    groups = match.groupdict()
    for month in range(1, 13):
        if groups[f"m{month}"]:
            return _month(year, month)
    return _season(year, _index(match, "s", range(4)))


def _turn(today: date, direction: int, of_year: Callable[[int], _Range]) -> _Range:
    """The last one that is over, the next one to begin, or the one of this year."""
    ranges = [of_year(today.year + shift) for shift in (-2, -1, 0, 1, 2)]
    if direction < 0:
        return [each for each in ranges if each.last < today][-1]
    if direction > 0:
        return next(each for each in ranges if each.first > today)
    now = [each for each in ranges if each.first <= today <= each.last]
    return now[0] if now else of_year(today.year)


def _offset(today: date, kind: str, low: float, high: float) -> _Range:
    if max(abs(low), abs(high)) * {"year": 1, "month": 1 / 12}.get(kind, 1 / 365) > _LONGEST_YEARS:
        raise ValueError("too far away")
    if kind == "year" and not float(low).is_integer():
        kind, low, high = "month", low * 12, high * 12
    # Half the unit on either side: "three weeks ago" is no day.
    slack = {"day": 0, "week": 3, "month": 15, "year": 183}[kind]
    days = [_shift(today, kind, amount) for amount in (low, high)]
    return _Range(
        min(days) - timedelta(days=slack),
        max(days) + timedelta(days=slack),
        kind,
    )


def _shift(today: date, kind: str, amount: float) -> date:
    if kind == "day":
        return today + timedelta(days=round(amount))
    if kind == "week":
        return today + timedelta(days=round(7 * amount))
    if kind == "month" and not float(amount).is_integer():
        return today + timedelta(days=round(30.4 * amount))
    months = round(amount * (12 if kind == "year" else 1))
    index = today.year * 12 + today.month - 1 + months
    last = calendar.monthrange(index // 12, index % 12 + 1)[1]
    return date(index // 12, index % 12 + 1, min(today.day, last))
