"""Ages of children that people name, in years, for babies also in months.

A number of years is an age only where the words around say so: "8 jaar" is one, "8 jaar getrouwd"
and "8 jaar geleden" are not. Everything works on folded text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from bot.languages import fold
from bot.numerals import number_pattern, number_value
from bot.words import chosen, words

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
    taken: list[tuple[int, int]] = []
    found: list[AgeMention] = []
    for code in chosen(language):
        for form in _forms(code):
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


_NAME = re.compile(r"\{([a-z_]+)\}")


@cache
def _forms(language: str) -> tuple[_Form, ...]:
    """The forms of `bot/words/<language>/ages.yml`."""
    table = words(language, "ages")
    number = number_pattern(language)
    parts = {
        "n": number,
        "number": f"(?P<number>{number})",
        "several": _several(number, table["joint"]),
        **table["parts"],
    }
    found: list[_Form] = []
    for form in table["forms"]:
        stems: dict[str, float | None] = {"": form.get("fixed")}
        if "{stem}" in form["pattern"]:
            stems = table["stems"]
        for stem, value in stems.items():
            found.append(
                _Form(
                    _compile(_filled(form["pattern"], {**parts, "stem": stem})),
                    form["unit"],
                    form.get("half", False),
                    value,
                    *(
                        re.compile(form[key]) if key in form else None
                        for key in ("before", "after")
                    ),
                )
            )
    return tuple(found)


def _filled(pattern: str, parts: Mapping[str, str]) -> str:
    """`pattern` with its {names}; parts may name others."""
    while _NAME.search(pattern):
        pattern = _NAME.sub(lambda match: parts[match[1]], pattern)
    return pattern
