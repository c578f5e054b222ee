"""Ages of children that people name, in years, for babies also in months.

A number of years is an age only where the words around say so: "8 jaar" is one, "8 jaar getrouwd"
and "8 jaar geleden" are not. Everything works on folded text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from bot.languages import fold
from bot.numerals import number_pattern, number_value

OLDEST = 18
"""Whoever is older is no child."""


@dataclass(frozen=True)
class AgeMention:
    """A child's age named in `text[start:end]`.

    `months` are those beyond the whole `years`, where the age was told in months or half years.
    """

    years: int
    months: int | None
    start: int
    end: int


@dataclass(frozen=True)
class _Form:
    """A way to say an age.

    Groups of `pattern`: `age` is what is marked (else the whole match), `number` the number or
    numbers, unless the form always means `fixed`. `half`: and a half. `unit` is year, month, week
    or day. Where `before` or `after` match around it, it is no child's age.
    """

    pattern: re.Pattern[str]
    unit: str
    half: bool = False
    fixed: float | None = None
    before: re.Pattern[str] | None = None
    after: re.Pattern[str] | None = None


def find_ages(text: str, language: str | None) -> list[AgeMention]:
    """Ages of children in `text` in order, not overlapping.

    Only the words of `language` count; without one, or with one that has no words here, those of
    all languages do. Never raises for a text.
    """
    folded = fold(text)
    languages = [language] if language in _FORMS else list(_FORMS)
    taken: list[tuple[int, int]] = []
    found: list[AgeMention] = []
    for code in languages:
        for form in _FORMS[code]():
            for match in form.pattern.finditer(folded):
                start, end = match.span("age") if "age" in match.groupdict() else match.span()
                if any(start < other_end and end > other for other, other_end in taken):
                    continue
                if _is_excluded(form, folded, match):
                    # nor may a looser form take it for an age
                    taken.append(match.span())
                    continue
                mentions = [age for age in _ages(form, match, code) if age.years <= OLDEST]
                if mentions:
                    taken.append((start, end))
                    found.extend(mentions)
    return sorted(found, key=lambda mention: mention.start)


def _is_excluded(form: _Form, text: str, match: re.Match[str]) -> bool:
    before = text[max(0, match.start() - 40) : match.start()]
    return bool(
        form.before
        and form.before.search(before)
        or form.after
        and form.after.match(text, match.end())
    )


def _ages(form: _Form, match: re.Match[str], language: str) -> Iterator[AgeMention]:
    start, end = match.span("age") if "age" in match.groupdict() else match.span()
    if form.fixed is not None:
        yield _mention(form.fixed, form.unit, start, end)
        return
    number = re.compile(number_pattern(language) + r"(?:[.,]5)?(?![^\W\d_])")
    numbers = list(number.finditer(match.string, *match.span("number")))
    for index, each in enumerate(numbers):
        whole, comma, _ = each.group().replace(".", ",").partition(",")
        value = number_value(whole, language) + (0.5 if comma or form.half else 0)
        # of "12 en 7 jaar" each mention has its number; the last one goes on to the end
        yield _mention(
            value,
            form.unit,
            start if index == 0 else each.start(),
            end if index == len(numbers) - 1 else each.end(),
        )


def _mention(value: float, unit: str, start: int, end: int) -> AgeMention:
    if unit == "month":
        years, months = divmod(int(value), 12)
        return AgeMention(years, months, start, end)
    if unit == "week":
        return AgeMention(0, int(value) * 7 // 30 if value < 52 else 12, start, end)
    if unit == "day":
        return AgeMention(0, int(value) // 30, start, end)
    return AgeMention(int(value), 6 if value % 1 else None, start, end)


def _compile(pattern: str) -> re.Pattern[str]:
    return re.compile(r"(?<![\w.,/-])(?:" + pattern.replace(" ", r"\s+") + r")(?![\w])")


def _several(number: str, joint: str) -> str:
    one = number + r"(?:[.,]5)?"
    return f"(?P<number>{one}(?:(?:\\s*,\\s*|\\s*/\\s*|\\s+(?:{joint})\\s+){one}){{0,9}})"


_NL_CHILD = (
    r"(?:zoon|zoontje|dochter|dochtertje|kind|kinderen|kids|baby|babytje|peuter|kleuter|puber|tiener"
    r"|jongen|jongetje|meisje|meid|kleintje|kleine|dreumes|tweeling|oudste|jongste|middelste"
    r"|kleinkind|kleinzoon|kleindochter|neefje|nichtje|broertje|zusje|jongens|meisjes|zonen|zonnen"
    r"|zoons|dochters|leeftijd|ventje|kindje)"
)


@cache
def _dutch() -> tuple[_Form, ...]:
    number = number_pattern("nl")
    several = _several(number, "en|of")
    year = r"(?:jaar|jaren|jr|j)"
    # what makes years a duration
    duration = re.compile(
        r"\s*(?:oud\s+)?(?:getrouwd|gehuwd|samen|geleden|terug|lang|gescheiden|weg|later|bij elkaar"
        r"|cel|gevangenis\w*|eerder|bezig|ouder|jonger|niet|gezag|verkering|relatie|gewoond|hier"
        r"|in nederland|in belgie|wachten|duur\w*|termijn|tijd|alleen|of jonger|of ouder)"
    )
    before = re.compile(
        r"\b(?:over|binnen|sinds|(?<!is )al|na|tot|onder|vanaf|boven|ruim|gedurende|elke|om de|per"
        r"|tot en met|beneden|voor|hier|duurt|duren|van max|maximaal|minimaal|minstens|jonger dan"
        r"|ouder dan|laatste|afgelopen|eerste|komende|termijn van|periode van|straf van|duur van"
        r"|wordt|word|worden|man van|vrouw van|ik van|woon\w*|wonen|getrouwd)"
        r"(?: de| het| dan| bijna| al| ongeveer| nu)?\s+$"
    )
    adverb = r"(?:bijna |net |nu |al |pas |inmiddels |ongeveer )?"
    no_age = (
        r"(?:\w*jaar|jr|maand\w*|mnd|we(?:ek|ken)|dag\w*|uur|keer|x|van|kinderen|paspoort\w*|weg|euro"
        r"|januari|februari|maart|april|mei|juni|juli|augustus|[a-z]+ber)\b"
    )
    ending = r"(?= geworden|\s+(?:en|maar|dus|wil|jaar)\b|\s*[.,!?]|\s*$)"
    some_months = rf"(?P<number>{number})\s*(?:maanden|maand|mnd)"
    # "een" is hardly ever the age of one: "mijn kind een paspoort"
    ages = rf"(?!een\b(?!\s*{year})){several}"
    return (
        _Form(_compile(rf"(?P<number>{number})[\s-]*jarig(?:en?)?"), "year"),
        _Form(
            _compile(rf"{several}\s*{year} (?:oud|jong)"),
            "year",
            before=re.compile(r"(?:wordt|word|worden)\s+$"),
        ),
        _Form(
            _compile(rf"(?P<age>anderhalf {year})(?: oud)?"),
            "year",
            fixed=1.5,
            before=before,
            after=duration,
        ),
        _Form(
            _compile(rf"(?P<number>(?:een|twee|drie|vier|vijf|zes|zeven))enhalf {year}(?: oud)?"),
            "year",
            half=True,
            before=before,
            after=duration,
        ),
        _Form(_compile(rf"(?P<number>{number})\s*(?:maanden|maand|mnd) oud"), "month"),
        _Form(_compile(rf"(?P<number>{number})\s*(?:weken|week) oud"), "week"),
        _Form(
            _compile(rf"{_NL_CHILD} (?:van|is|zijn|die|:)?\s*(?P<age>{some_months})"),
            "month",
            after=duration,
        ),
        _Form(
            _compile(rf"{_NL_CHILD} (?:van|is) (?P<age>(?P<number>{number})\s*(?:weken|week))"),
            "week",
            after=duration,
        ),
        _Form(
            _compile(
                rf"{_NL_CHILD}(?:\s*[:,]\s*| (?:van|zijn|is|was|waren|op)?\s*{adverb})"
                rf"(?P<age>{ages}(?:\s*{year})?)(?!\s*{no_age})"
            ),
            "year",
            after=duration,
        ),
        _Form(_compile(rf"\((?P<age>{several}(?:\s*{year})?)\)"), "year"),
        _Form(_compile(rf"\((?P<age>{some_months})\)"), "month"),
        # "een jaar" and "1 jaar" are terms unless a child stands beside them
        _Form(
            _compile(rf"(?!(?:een|1)\b){several}\s*{year}"),
            "year",
            before=before,
            after=duration,
        ),
        # "ze is 3", "een kind dat 6 is"
        _Form(
            _compile(
                rf"(?:(?:hij|zij|ze|die|en) is|ik ben) {adverb}(?P<age>{several})"
                rf"(?!\s*{no_age}){ending}"
            ),
            "year",
        ),
        _Form(_compile(rf"dat (?P<age>(?P<number>{number})) is"), "year"),
        # "onze Lotte van 11"
        _Form(
            _compile(
                rf"\w+ van (?P<age>(?!een\b)(?P<number>{number}))"
                r"(?= (?:is|wil|moet|die|met|heeft|woont|mag)\b|\s*[.!?,](?!\d)|\s*$)"
            ),
            "year",
            before=re.compile(r"(?:artikel|nummer|groep|lid|stap|vraag)\s+$"),
        ),
        # "Emma is 5 en Noah is 3", "maar is nu 7"
        _Form(
            _compile(
                rf"\w+ is {adverb}(?P<age>(?P<number>{number}))"
                r"(?= en \w+ is|\s*$|\s*[.!?,](?!\d))"
            ),
            "year",
            before=re.compile(r"(?:artikel|nummer|groep|lid|stap|vraag)\s+$"),
        ),
    )


@cache
def _turkish() -> tuple[_Form, ...]:
    number = number_pattern("tr")
    several = _several(number, "ve|ile|veya")
    age = r"yas(?:l)?[ie]?[a-z]*"
    limit = re.compile(
        r"\s*(?:kucuk|buyuk|kadar|alti|ustu|asagi|once|sonra|sinir\w*|itibaren|gelene|dolana|altinda|ustunde)"
    )
    # the age of whoever writes, or of a limit in the law
    adult = re.compile(r"(?:kocam|esim|karim|ben)\s+$")
    duration = re.compile(
        r"\s*(?:sure\w*|vize\w*|izin\w*|izn\w*|tatil\w*|donem\w*|kontrat\w*|oturum\w*|kira\w*|hapis\w*|ceza\w*|bir\s+sure\w*)"
    )
    return (
        _Form(
            _compile(rf"(?P<number>{number}) bucuk {age}"),
            "year",
            half=True,
            after=limit,
        ),
        _Form(
            _compile(rf"{several}'?\s*{age}"),
            "year",
            before=adult,
            after=limit,
        ),
        _Form(
            _compile(
                rf"(?:biri|digeri|buyugu|kucugu) (?P<age>(?P<number>{number}))"
                r"(?=,? (?:ve )?(?:biri|digeri|kucugu|buyugu|obur\w*) )"
            ),
            "year",
        ),
        _Form(_compile(rf"yasi(?:m|miz)? (?P<age>(?P<number>{number}))"), "year"),
        _Form(_compile(rf"\((?P<age>{several})\)"), "year"),
        _Form(_compile(rf"(?P<number>{number}) bucuk aylik"), "month", after=duration),
        _Form(_compile(rf"(?P<number>{number})\s*aylik"), "month", after=duration),
        _Form(_compile(rf"(?P<number>{number})\s*haftalik(?= (?:bebe|cocu|kiz|ogl)\w*)"), "week"),
        _Form(_compile(rf"(?P<number>{number})\s*gunluk(?= (?:bebe|cocu|kiz|ogl)\w*)"), "day"),
    )


# Stems of the compound adjectives: "ośmio-letni", "dwu-latek".
_PL_STEMS = {
    "jedno": 1,
    "dwu": 2,
    "trzy": 3,
    "trzech": 3,
    "cztero": 4,
    "piecio": 5,
    "szescio": 6,
    "siedmio": 7,
    "osmio": 8,
    "dziewiecio": 9,
    "dziesiecio": 10,
    "jedenasto": 11,
    "dwunasto": 12,
    "trzynasto": 13,
    "czternasto": 14,
    "pietnasto": 15,
    "szesnasto": 16,
    "siedemnasto": 17,
    "osiemnasto": 18,
}


@cache
def _polish() -> tuple[_Form, ...]:
    number = number_pattern("pl")
    several = _several(number, "i|oraz|lub")
    years = r"(?:lat|lata|latka|latek|roku|l\.)"
    months = r"(?:miesiecy|miesiace|miesiac|mies\.?|m-cy)"
    adjective = r"(?:letni\w{0,4}|lat(?:ek|ka|ki|ke|ko|ce|kiem|kowi|kow|kom|kami|kach))"
    infant = r"miesieczn\w{1,3}"
    duration = re.compile(
        r"\s*(?:temu|wiezieni\w*|razem|po slubie|malzenstw\w*|pozniej|wczesniej|wstecz|zwiazk\w*"
        r"|i mniej|stazu|od|kary|sie nie)"
    )
    before = re.compile(
        r"\b(?:od|za|na|przez|do|ponizej|powyzej|po|przed|trwa|trwal\w*|co|w ciagu|ukonczeni\w"
        r"|ponad|okolo|przynajmniej|okres|maz ma|zona ma|mieszka\w*(?: tu)?|jestesmy|tu|tutaj"
        r"|termin|minie|minel\w+|(?<!ma )juz|ostatni\w*|najblizsz\w*|skonczy|maksymalnie|tylu)\s+$"
    )
    child = (
        r"(?:dziec\w+|syn\w*|cor\w+|chlop\w+|dziewczyn\w+|niemowl\w+|bobas\w*|malu\w+|wnu\w+"
        r"|bratan\w+)"
    )
    said = rf"(?:{child}(?: ma)?|maja|ma|w wieku|skonczyl\w?|wieku)[\s,:]+"
    one_of = r"(?:jedno|jeden|jedna|starsz\w+|mlodsz\w+)"
    forms = [
        _Form(
            _compile(rf"{one_of} ma (?P<age>(?P<number>{number}))(?=,| i | a )"),
            "year",
        ),
        _Form(_compile(rf"(?P<number>\d{{1,2}})[\s-]*{adjective}"), "year"),
        _Form(
            _compile(rf"(?P<number>\d{{1,2}})[\s-]*{infant}"),
            "month",
            after=re.compile(r"\s*(?:termin|okres|pobyt|wiz)\w*"),
        ),
        _Form(_compile(r"poltora?roczn\w{1,3}"), "year", fixed=1.5),
        _Form(_compile("poltora roku"), "year", fixed=1.5, before=before, after=duration),
        _Form(
            _compile(r"polroczn\w{1,3}(?= \w+)"),
            "month",
            fixed=6,
            after=re.compile(r"\s*(?:termin|okres|pobyt|kurs)\w*"),
        ),
        _Form(
            _compile(rf"(?:{child} ma|ma|maja|skonczyl\w?) (?P<age>pol roku)"),
            "month",
            fixed=6,
            after=duration,
        ),
        _Form(
            _compile(r"(?:ma|skonczyl\w?) (?P<age>rok|roczek|latko)"),
            "year",
            fixed=1,
            after=duration,
        ),
        _Form(_compile(rf"roczn(?:e|ego|emu|ym|a|ej)(?= {child})"), "year", fixed=1),
        _Form(
            _compile(rf"(?P<number>{number}) i pol roku"),
            "year",
            half=True,
            before=before,
            after=duration,
        ),
        _Form(
            _compile(rf"{said}(?P<age>(?P<number>{number})\s*{months})"),
            "month",
            after=duration,
        ),
        _Form(
            _compile(rf"lat (?P<age>(?P<number>{number}))"),
            "year",
            before=re.compile(r"\d\s+$|(?:od|do)\s+$"),
        ),
        _Form(_compile(rf"\((?P<age>{several}(?:\s*{years})?)\)"), "year"),
        _Form(_compile(rf"{several}\s*{years}"), "year", before=before, after=duration),
    ]
    for stem, value in _PL_STEMS.items():
        forms.append(_Form(_compile(rf"{stem}{adjective}"), "year", fixed=value))
        forms.append(_Form(_compile(rf"{stem}{infant}"), "month", fixed=value))
    return tuple(forms)


_FORMS = {"nl": _dutch, "tr": _turkish, "pl": _polish}
