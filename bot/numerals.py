"""Whole numbers as digits or words in our languages, on folded text (`bot.languages.fold`)."""

from __future__ import annotations

from functools import cache

from bot.words import words


@cache
def number_words(language: str) -> dict[str, int]:
    """Folded words from one to sixty-nine → value, from `bot/words/<language>/numbers.yml`."""
    table = words(language, "numbers")
    small = [forms.split() for forms in table["small"]]
    found = {form: value for value, forms in enumerate(small, start=1) for form in forms}
    for ten, forms in table["tens"].items():
        for form in forms.split():
            found[form] = int(ten)
            for compound in table["compounds"]:
                found.update(
                    (compound.format(ten=form, one=one), int(ten) + value)
                    for value, ones in enumerate(small[:9], start=1)
                    for one in ones
                )
    return found


@cache
def ordinal_words(language: str) -> dict[str, int]:
    """Folded ordinals of the days of a month → value, where dates are written with them."""
    return {
        form: value
        for value, forms in enumerate(words(language, "numbers")["ordinals"], start=1)
        for form in ([forms] if isinstance(forms, str) else forms)
    }


def number_pattern(language: str, ordinals: bool = False) -> str:
    """A regular expression, without groups, for digits (up to three) or a number word."""
    found = {**number_words(language), **(ordinal_words(language) if ordinals else {})}
    longest_first = sorted(found, key=lambda word: (-len(word), word))
    spaced = [word.replace(" ", r"\s+") for word in longest_first]
    return "(?:" + "|".join([r"\d{1,3}", *spaced]) + ")"


def number_value(text: str, language: str) -> int:
    """The value of what `number_pattern` matched. Raises KeyError for anything else."""
    if text.isdigit():
        return int(text)
    text = " ".join(text.split())
    found = number_words(language)
    return found[text] if text in found else ordinal_words(language)[text]
