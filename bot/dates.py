"""Dates that people name: days, months, seasons, years, and "three weeks ago".

A vague date is the range of days it may mean. Without a year the nearest one is taken and said to
be a guess, for "in March" can be the plan or the past. Everything works on folded text.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache, partial

from dateutil.easter import easter
from dateutil.relativedelta import relativedelta

from bot.languages import fold
from bot.numerals import number_pattern, number_value

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


@dataclass(frozen=True)
class _Words:
    """A language: alternatives of a regular expression → what they stand for."""

    days: dict[str, int]
    weekdays: tuple[str, ...]
    months: tuple[str, ...]
    seasons: tuple[str, ...]
    units: dict[str, str]
    directions: dict[str, int]
    amounts: dict[str, tuple[float, float]]
    parts: dict[str, int]
    feasts: dict[str, tuple[int, int, int]]


# Feasts on the same days each year: pattern → month, first and last day.
# Months and weekdays: one pattern each, in order; seasons: spring, summer, autumn, winter.
_WORDS = {
    "nl": _Words(
        days={
            r"over\s*morgen(?:ochtend|middag|avond|nacht|vroeg)?": 2,
            r"(?<!goede\s)(?<!goeie\s)morgen\s*(?:ochtend|middag|avond|nacht|vroeg)?": 1,
            r"vandaag|van(?:avond|nacht|middag|ochtend|morgen)": 0,
            r"eer\s*gister(?:en)?": -2,
            r"gister(?:en)?\s*(?:ochtend|middag|avond|nacht)?": -1,
        },
        weekdays=tuple(
            f"{day}(?:ochtend|middag|avond|nacht)?"
            for day in [
                "maandag",
                "dinsdag",
                "woensdag",
                "donderdag",
                "vrijdag",
                "zaterdag",
                "zondag",
            ]
        ),
        months=(
            "januari",
            "februari",
            "maart|mrt",
            "april",
            "mei",
            "juni",
            "juli",
            "augustus",
            "september|sept",
            "oktober|okt",
            "november",
            "december",
        ),
        seasons=(
            "lente|voorjaar",
            "zomer|zomervakantie|grote vakantie",
            "herfst|najaar|herfstvakantie",
            "winter",
        ),
        units={
            r"dag(?:en)?": "day",
            r"we(?:ek|ken)": "week",
            r"maand(?:en)?": "month",
            "jaar|jaren": "year",
        },
        directions={
            "volgende?|komende?|aanstaande|aankomende?|eerstvolgende": 1,
            "vorige?|afgelopen|voorbije|verleden": -1,
            "deze|dit": 0,
        },
        amounts={
            "anderhal(?:f|ve)": (1.5, 1.5),
            "(?:een )?half|(?:een )?halve": (0.5, 0.5),
            "(?:een )?paar|enkele": (2, 2.6),
            "een|n": (1, 1),
        },
        parts={"begin(?: van)?": 0, "half|medio|midden": 1, "einde?(?: van)?": 2},
        feasts={
            r"kerst(?:mis|dag(?:en)?|avond|nacht)?": (12, 24, 27),
            "sinterklaas": (12, 5, 6),
            "koningsdag": (4, 26, 27),
            "oudjaar|oud en nieuw|oudejaarsavond": (12, 31, 31),
            "nieuwjaar": (1, 1, 2),
        },
    ),
    "tr": _Words(
        days={
            r"(?:obur|ertesi) gun|yarindan sonra(?:ki gun)?": 2,
            r"yarin(?:ki|dan|a)?(?: (?:sabah|aksam|gece|ogle(?:n|den sonra)?))?": 1,
            r"bugun(?:ku|den|e)?|bu (?:aksam|gece|sabah|gun)(?:ki|ku)?": 0,
            r"evvel(?:si|ki) gun|onceki gun": -2,
            r"dun(?:ku|den)?(?: (?:sabah|aksam|gece))?": -1,
        },
        weekdays=("pazartesi", "sali", "carsamba", "persembe", "cuma", "cumartesi", "pazar"),
        months=(
            "ocak",
            "subat",
            "mart",
            "nisan",
            "mayis",
            "haziran",
            "temmuz",
            "agustos",
            "eylul",
            "ekim",
            "kasim",
            "aralik",
        ),
        seasons=("ilkbahar|bahar", "yaz", "sonbahar|guz", "kis"),
        units={"gun": "day", "hafta": "week", "ay": "month", "yil|sene": "year"},
        directions={"gelecek|onumuzdeki": 1, "gecen|gectigimiz": -1, "bu": 0},
        amounts={
            "bir bucuk": (1.5, 1.5),
            "yarim": (0.5, 0.5),
            "birkac|bir kac": (2, 2.6),
        },
        parts={
            "bas(?:i|lari)(?:nda|ndan|nda)?": 0,
            "ortasi(?:nda|ndan)?": 1,
            "son(?:u|lari)(?:nda|ndan)?": 2,
        },
        feasts={r"yilbasi(?:nda|ndan|ni)?|yeni yil(?:da)?": (1, 1, 2), "noel(?:de)?": (12, 24, 27)},
    ),
    "pl": _Words(
        days={
            r"pojutrze": 2,
            r"jutro|jutra|jutrzejsz\w+": 1,
            r"dzisiaj|dzis|dzisiejsz\w+": 0,
            r"przedwczoraj\w*": -2,
            r"wczoraj\w*": -1,
        },
        weekdays=(
            "poniedzialek|poniedzialku",
            "wtorek|wtorku",
            "sroda|srode|srody",
            "czwartek|czwartku",
            "piatek|piatku",
            "sobota|sobote|soboty",
            "niedziela|niedziele|niedzieli",
        ),
        months=(
            "styczen|stycznia|styczniu",
            "luty|lutego|lutym",
            "marzec|marca|marcu",
            "kwiecien|kwietnia|kwietniu",
            "maj|maja|maju",
            "czerwiec|czerwca|czerwcu",
            "lipiec|lipca|lipcu",
            "sierpien|sierpnia|sierpniu",
            "wrzesien|wrzesnia|wrzesniu",
            "pazdziernik|pazdziernika|pazdzierniku",
            "listopad|listopada|listopadzie",
            "grudzien|grudnia|grudniu",
        ),
        seasons=(
            "wiosna|wiosne|wiosny",
            "lato|lata|latem|lecie|wakacje|wakacji|wakacjach",
            "jesien|jesieni|jesienia",
            "zima|zime|zimy|zimie",
        ),
        units={
            "dni|dzien|dnia": "day",
            "tydzien|tygodni|tygodnie|tygodnia|tygodniu": "week",
            "miesiac|miesiace|miesiecy|miesiaca|miesiacu": "month",
            "rok|roku|lat|lata": "year",
        },
        directions={
            r"(?:przyszl|nastepn|nadchodzac|kolejn)\w*|najblizsz\w*": 1,
            r"(?:zeszl|ubiegl|minion|poprzedni|ostatni)\w*": -1,
            "tym|tego|ten|ta|te|to|biezacym": 0,
        },
        amounts={
            "poltora|poltorej": (1.5, 1.5),
            "pol": (0.5, 0.5),
            "kilka|pare": (2, 2.6),
        },
        parts={
            "(?:na )?poczatk(?:u|iem)": 0,
            "(?:w )?polow(?:ie|y)": 1,
            "(?:pod )?koniec|koncem|konca": 2,
        },
        feasts={
            "boze narodzenie|bozego narodzenia|wigili\\w+|gwiazdk\\w+": (12, 24, 27),
            "sylwest\\w+": (12, 31, 31),
            "nowy rok|nowego roku": (1, 1, 2),
            "mikolajki|mikolajek": (12, 6, 6),
            r"majowk\w+": (5, 1, 3),
        },
    ),
}

_MONTH_ABBREVIATIONS = {
    "nl": ["jan", "feb", "mrt", "apr", "mei", "jun", "jul", "aug", "sep", "okt", "nov", "dec"],
    "tr": ["oca", "sub", "mar", "nis", "may", "haz", "tem", "agu", "eyl", "eki", "kas", "ara"],
    "pl": ["sty", "lut", "mar", "kwi", "maj", "cze", "lip", "sie", "wrz", "paz", "lis", "gru"],
}

# Weekdays that come back are no date: "elke vrijdag", "her cuma", "co piątek".
_REPEATED = re.compile(r"(?:elke|iedere|om de|om het|op elke|her|co|kazd\w+) (?:\w+ )?$")

# "Since March" is the last March.
_SINCE = re.compile(r"^sinds\b|\bberi$")

# The year in the name of a convention is no date of the family's.
_TREATY_YEARS = (1980, 1996)


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
    words = _WORDS[language]
    units = "|".join(words.units)
    amounts = "|".join(words.amounts)
    return re.compile(
        rf"(?<![\w.,/-])(?P<duration>(?:{amounts}|{number_pattern(language)})\s+(?:{units}))"
        r"(?:d[iu]r|l[iu]k|tir)?(?!\w)"
    )


def _matches(text: str, language: str | None, today: date) -> list[tuple[int, int, _Range | None]]:
    folded = fold(text)
    chosen = [language] if language in _WORDS else list(_WORDS)
    found: list[tuple[int, int, _Range | None]] = []
    for code in chosen:
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
    words = _WORDS[language]
    build = _Builder(language, words)
    return tuple(build.rules())


class _Builder:
    """Puts the words of one language into patterns."""

    def __init__(self, language: str, words: _Words) -> None:
        self.language = language
        self.words = words
        self.number = number_pattern(language)
        self.suffix = r"(?:'?[a-z]{1,6})?" if language == "tr" else ""

    def rules(self) -> Iterator[_Rule]:
        yield from self.numeric()
        yield from self.named_days()
        yield from self.feasts()
        yield from self.days_of_months()
        yield from self.months_and_years()
        yield from self.directed()
        yield from self.offsets()

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

        if self.language == "pl":
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
        form = {
            "nl": f"(?:op|vanaf|tot|van) (?P<date>{short})(?![-/.]?\\d)",
            "tr": f"{short}'?[dt][ae]n?",
            "pl": f"(?:dnia|od|do) (?P<date>{short})(?![-/.]?\\d)",
        }[self.language]
        yield (
            self.compile(form),
            lambda match, today: _nearest_day(today, int(match["month"]), int(match["day"])),
        )

    def named_days(self) -> Iterator[_Rule]:
        for pattern, offset in self.words.days.items():

            def rule(match: re.Match[str], today: date, offset: int = offset) -> _Range:
                return _exactly(today + timedelta(days=offset))

            yield self.compile(pattern), rule

    def feasts(self) -> Iterator[_Rule]:
        easters = {"nl": "pasen|paasvakantie|paasweekend", "tr": "paskalya", "pl": r"wielkano\w+"}
        yield self.compile(easters[self.language]), _nearest_easter
        for names, (month, first, last) in self.words.feasts.items():

            def rule(
                match: re.Match[str],
                today: date,
                month: int = month,
                first: int = first,
                last: int = last,
            ) -> _Range:
                if match["year"]:
                    year = int(match["year"])
                    return _Range(date(year, month, first), date(year, month, last), "day")
                nearest = _nearest_day(today, month, first)
                assert nearest is not None, "a feast is on a day of every year"
                return replace(nearest, last=nearest.first.replace(day=last))

            yield self.compile(f"(?:{names})(?:,? (?P<year>(?:19|20)\\d\\d))?"), rule

    # "12 maart 2025", "dwunastego marca"
    def days_of_months(self) -> Iterator[_Rule]:
        number = number_pattern(self.language, ordinals=True)
        after_number = {"nl": r"(?:e|de|ste)?", "tr": "", "pl": r"(?:\.|-?go|-?ego)?"}[
            self.language
        ]
        year = r"(?:,? (?P<year>(?:19|20)\d\d|'\d\d))?(?: r(?:oku|\.)?)?"
        abbreviations = _MONTH_ABBREVIATIONS[self.language]
        # "dinsdag 17 november" is one date
        lead = f"(?:(?:{'|'.join(self.words.weekdays)}),? (?:de )?)?"
        months = "|".join(
            f"(?P<m{month}>{names}|{abbreviations[month - 1]}\\.?)"
            for month, names in enumerate(self.words.months, start=1)
        )

        def rule(match: re.Match[str], today: date) -> _Range | None:
            day = number_value(match["day"], self.language)
            month = _index(match, "m", range(1, 13))
            if match["year"]:
                return _day(_full_year(match["year"].strip("'"), today), month, day)
            return _nearest_day(today, month, day)

        yield (
            self.compile(
                f"{lead}(?P<day>{number}){after_number} (?:{months}){self.month_suffix()}"
                f"{year}{self.suffix_of_year()}"
            ),
            rule,
        )

    def month_suffix(self) -> str:
        if self.language != "tr":
            return ""
        # the case of a Turkish month, or of the word for month after it
        return r"(?:'?(?:t?[dt][ae]n?|[dt]an|[ae]|y[ae]|n?[iu]n|i|u)(?:ki)?)?(?: ay[iu]n?\w{0,4})?"

    def suffix_of_year(self) -> str:
        return (
            r"(?:'?[dt][ae]n?)?(?: y[iu]l[iu]nd[ae]n?| senesi\w*)?" if self.language == "tr" else ""
        )

    # "in maart", "half juni", "augustus 2024", "zomer 2024", "in 2019"
    def months_and_years(self) -> Iterator[_Rule]:
        parts = self.words.parts
        part = "|".join(f"(?P<part{index}>{words})" for words, index in parts.items())
        year = r"(?:,? (?:van )?(?P<year>(?:19|20)\d\d))"
        lead = {
            "nl": r"(?:in|sinds|vanaf|tot|rond|na|voor|van|eind|deze)",
            "tr": r"\b\B",
            "pl": r"(?:w|od|do|po|na|z|przed|we)",
        }[self.language]
        for month, names in enumerate(self.words.months, start=1):
            short = self.language == "nl" and month in (1, 2, 4, 5, 6, 7, 8, 11, 12)

            def rule(match: re.Match[str], today: date, month: int = month) -> _Range | None:
                index = next((i for i in range(3) if match[f"part{i}"]), None)
                return _month_of(match, match["year"], month, index, today)

            def whole(match: re.Match[str], today: date, month: int = month) -> _Range | None:
                return _month_of(match, match.groupdict().get("year"), month, None, today)

            if self.language == "tr":
                suffix = r"(?:'?(?:[dt][ae]n?|[ae]|y[ae]|n?[iu]n)(?:ki)?| ay[iu]n?\w{0,4})"
                # Nisan, Eylül and Ekim are first names, ocak a stove: they need more than the word
                bare = "?" if month in (2, 3, 5, 6, 7, 8, 11) else ""
                yield (
                    self.compile(
                        f"(?:(?P<year>(?:19|20)\\d\\d) )?(?:{names})(?:{suffix})?"
                        f"(?: (?:{part}))(?: beri)?"
                    ),
                    rule,
                )
                yield (
                    self.compile(f"(?:{names}){suffix}{bare}(?: beri)?"),
                    whole,
                )
                yield (
                    self.compile(f"(?:{names}) (?P<year>(?:19|20)\\d\\d){self.suffix_of_year()}"),
                    whole,
                )
                continue
            names_alone = names
            if self.language == "nl" and month == 5:
                names_alone = r"\b\B"
            if self.language == "pl" and month == 5:
                # Maja is a girl's name
                names_alone = "maj|maju"
            lead_names = f"{names}|{_MONTH_ABBREVIATIONS['nl'][month - 1]}" if short else names
            yield (
                self.compile(f"(?:(?:{lead}) )?(?P<date>(?:{part}) (?:{names}){year}?)"),
                rule,
            )
            for form in (
                f"(?:{lead}) (?P<date>(?:{lead_names}){year}?)",
                f"(?P<date>(?:{names_alone}){year}?)",
                f"(?P<date>(?:{names}){year})",
            ):
                yield (
                    self.compile(form),
                    whole,
                )
        yield from self.seasons()
        yield from self.years()

    def seasons(self) -> Iterator[_Rule]:
        for season, names in enumerate(self.words.seasons):

            def rule(match: re.Match[str], today: date, season: int = season) -> _Range | None:
                if match["year"]:
                    return _season(int(match["year"]), season)
                return _nearest_season(today, season)

            year = r"(?P<year>(?:19|20)\d\d)"
            if self.language == "nl":
                lead = "(?:in|tijdens|na|voor|sinds) (?:de|het)"
                forms = [f"{lead} (?P<date>(?:{names})(?:,? (?:van )?{year})?)"]
                forms.append(f"(?:{names}) (?:van )?{year}")
            elif self.language == "tr":
                # "yazın" is also "write": then it ends the sentence, or "please" follows
                in_it = r"(?:in(?= \w)(?! lutfen)|inda|da|aylarinda| tatilinde| ayinda)"
                forms = [f"(?:{year} )?(?:{names}){in_it}", f"{year} (?:{names})in"]
            else:
                adverb = ("wiosna", "latem", "jesienia", "zima")[season]
                forms = [f"(?:{adverb})(?: {year})?(?: r(?:oku|\\.)?)?"]
                forms.append(f"(?:w|we|na|do|od|przez) (?P<date>(?:{names})(?: {year})?)")
            for form in forms:
                yield self.compile(form), rule

    def years(self) -> Iterator[_Rule]:
        number = r"(?P<year>(?:19[5-9]|20[0-4])\d)"
        forms = {
            "nl": [f"(?:in|sinds|vanaf|van|tot|eind|begin|anno) (?P<date>{number})"],
            "tr": [
                f"{number}'?[dt][ae]n?(?: beri)?",
                f"{number} (?:y[iu]l[iu]|senesi)\\w*",
            ],
            "pl": [
                f"(?:w|od|do|z) (?P<date>{number}(?: r(?:oku|\\.)?)?)",
                f"{number} rok(?:u|iem)?",
            ],
        }[self.language]

        def rule(match: re.Match[str], today: date) -> _Range:
            year = int(match["year"])
            before = match.string[: match.start("year")]
            if year in _TREATY_YEARS and re.search(
                r"verdrag|conventie|konwenc|sozlesme", match.string
            ):
                return _SKIP
            if re.search(r"\d[\s.,]*$", before):
                return _SKIP
            return _Range(date(year, 1, 1), date(year, 12, 31), "year")

        for form in forms:
            yield self.compile(form), rule

    # "volgende week", "geçen yaz", "w zeszłym roku", "vrijdag"
    def directed(self) -> Iterator[_Rule]:
        weekday = "|".join(f"(?P<w{i}>{names})" for i, names in enumerate(self.words.weekdays))
        month = "|".join(f"(?P<m{i}>{names})" for i, names in enumerate(self.words.months, 1))
        season = "|".join(f"(?P<s{i}>{names})" for i, names in enumerate(self.words.seasons))
        unit = "|".join(
            f"(?P<{kind}>{names})" for names, kind in self.words.units.items() if kind != "day"
        )
        weekend = {"nl": "weekend", "tr": "hafta sonu", "pl": "weekend"}[self.language]
        unit = f"(?P<weekend>{weekend})|{unit}"
        suffix = {
            "nl": "",
            "tr": r"(?:'?(?:y[ae]|n?[dt][ae]n?|n?[iu]n|[iu]|[ae]|da)(?:ki)?)?(?: (?:gun|ay)\w*)?",
            "pl": "",
        }[self.language]
        target = f"(?:(?:{season})|(?:{unit})|(?:{weekday})|(?:{month})){suffix}"
        lead = r"(?:(?:w|we|na|od|do|z) )?" if self.language == "pl" else ""
        between = r" (?:w |we )?" if self.language == "pl" else " (?:op )?"
        for words, direction in self.words.directions.items():

            def rule(
                match: re.Match[str], today: date, direction: int = direction
            ) -> _Range | None:
                return _directed(match, today, direction)

            yield self.compile(f"{lead}(?P<date>(?:{words}) {target})"), rule
            # "volgende week vrijdag" and "vrijdag volgende week"
            week = next(names for names, kind in self.words.units.items() if kind == "week")

            def in_week(match: re.Match[str], today: date, direction: int = direction) -> _Range:
                return _exactly(
                    _monday(today) + timedelta(days=7 * direction + _index(match, "w", range(7)))
                )

            yield self.compile(f"(?:{words}) (?:{week}){between}(?:{weekday}){suffix}"), in_week
            yield self.compile(f"(?:{weekday}){suffix} (?:in |w )?(?:{words}) (?:{week})"), in_week
            # "vorig jaar zomer", "geçen yıl martta"
            year = next(names for names, kind in self.words.units.items() if kind == "year")
            target_in_year = f"(?:(?:{month})|(?:{season}))"

            def in_year(
                match: re.Match[str], today: date, direction: int = direction
            ) -> _Range | None:
                return _in_year(match, today.year + direction)

            adverbs = {"nl": "", "tr": "(?:in|inda|[dt]a|[dt]e)?", "pl": ""}[self.language]
            lead_in = {"nl": "(?:in )?(?:de )?", "tr": "", "pl": "(?:w |we )?"}[self.language]
            yield (
                self.compile(
                    f"{lead}(?P<date>(?:{words}) (?:{year}) {lead_in}{target_in_year}{adverbs})"
                ),
                in_year,
            )
        if self.language == "tr":
            yield (
                self.compile(f"haftaya(?: (?:{weekday}){suffix})?"),
                lambda match, today: _next_week(match, today),
            )
            yield (
                self.compile("seneye"),
                lambda match, today: _Range(
                    date(today.year + 1, 1, 1), date(today.year + 1, 12, 31), "year"
                ),
            )

        def bare(match: re.Match[str], today: date) -> _Range:
            if _REPEATED.search(match.string[: match.start()]):
                return _SKIP
            if match["weekend"]:
                # "a weekend in Germany" is none in particular
                in_it = re.search(r"(?:het|dit|ten|w|na)\s+$", match.string[: match.start()])
                return _weekend(today, 0) if in_it or self.language == "tr" else _SKIP
            coming = _weekday(today, _index(match, "w", range(7)), 1)
            return replace(coming, guessed_week=True)

        yield self.compile(f"(?:(?P<weekend>{weekend})|{weekday}){suffix}"), bare

    # "over drie weken", "3 hafta önce", "rok temu"
    def offsets(self) -> Iterator[_Rule]:
        number = self.number
        amounts = "|".join(
            f"(?P<a{index}>{words})" for index, words in enumerate(self.words.amounts)
        )
        joint = {
            "nl": r"(?:\s*-\s*| tot | a | of )",
            "tr": r"(?:\s*-\s*| ila | )",
            "pl": r"(?:\s*-\s*| do | czy | lub )",
        }
        amount = f"(?:(?:{amounts})|(?P<low>{number})(?:{joint[self.language]}(?P<high>{number}))?)"
        unit = "|".join(f"(?P<{kind}>{names})" for names, kind in self.words.units.items())
        unit = f"(?:{unit})"
        later, earlier = {
            "nl": (
                f"(?:over|binnen) (?:ongeveer )?{amount} {unit}",
                f"{amount} {unit} (?:terug(?! naar| in)|geleden)",
            ),
            "tr": (
                f"{amount} {unit} (?:sonra\\w*|icinde)|{amount} {unit}y[ae] kadar",
                f"{amount} {unit} (?:once\\w*|evvel\\w*)",
            ),
            "pl": (
                f"za (?:okolo )?(?:{amount} )?{unit}",
                f"(?:{amount} )?{unit} temu|przed (?:{amount} )?{unit}",
            ),
        }[self.language]
        for pattern, sign in ((later, 1), (earlier, -1)):
            for alternative in _alternatives(pattern):

                def rule(match: re.Match[str], today: date, sign: int = sign) -> _Range:
                    return self.offset(match, today, sign)

                yield self.compile(alternative), rule

    def offset(self, match: re.Match[str], today: date, sign: int) -> _Range:
        low, high = 1.0, 1.0
        for index, value in enumerate(self.words.amounts.values()):
            if match[f"a{index}"]:
                low, high = value
        if match["low"]:
            low = number_value(match["low"], self.language)
            high = number_value(match["high"], self.language) if match["high"] else low
        kind = next(kind for kind in ("day", "week", "month", "year") if match[kind])
        return _offset(today, kind, sign * low, sign * high)


def _alternatives(pattern: str) -> list[str]:
    """Parts of a pattern at its outermost bars, so that group names occur once in each."""
    parts, depth, current = [], 0, ""
    for character in pattern:
        depth += {"(": 1, ")": -1}.get(character, 0)
        if character == "|" and depth == 0:
            parts.append(current)
            current = ""
        else:
            current += character
    return [*parts, current]


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


def _month_of(
    match: re.Match[str], year: str | None, month: int, part: int | None, today: date
) -> _Range:
    if year:
        found = _month(int(year), month)
    elif _SINCE.search(match.group()):
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


def _directed(match: re.Match[str], today: date, direction: int) -> _Range | None:
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
