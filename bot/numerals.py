"""Whole numbers as digits or words in our languages, on folded text (`bot.languages.fold`)."""

from __future__ import annotations

from functools import cache

_NL_ONES = ["een", "twee", "drie", "vier", "vijf", "zes", "zeven", "acht", "negen"]
_NL_TEENS = [
    "tien",
    "elf",
    "twaalf",
    "dertien",
    "veertien",
    "vijftien",
    "zestien",
    "zeventien",
    "achttien",
    "negentien",
]
_NL_TENS = ["twintig", "dertig", "veertig", "vijftig", "zestig"]

_TR_ONES = ["bir", "iki", "uc", "dort", "bes", "alti", "yedi", "sekiz", "dokuz"]
_TR_TENS = ["on", "yirmi", "otuz", "kirk", "elli", "altmis"]

# Cases that go with a noun after a number; several spellings stand for one value.
_PL_ONES = (
    "jeden jedna jedno jednego jednej",
    "dwa dwie dwoch dwu dwoma dwom",
    "trzy trzech trzema trzem",
    "cztery czterech czterema czterem",
    "piec pieciu",
    "szesc szesciu",
    "siedem siedmiu",
    "osiem osmiu",
    "dziewiec dziewieciu",
)
_PL_TEENS = (
    "dziesiec dziesieciu",
    "jedenascie jedenastu",
    "dwanascie dwunastu",
    "trzynascie trzynastu",
    "czternascie czternastu",
    "pietnascie pietnastu",
    "szesnascie szesnastu",
    "siedemnascie siedemnastu",
    "osiemnascie osiemnastu",
    "dziewietnascie dziewietnastu",
)
_PL_TENS = (
    "dwadziescia dwudziestu",
    "trzydziesci trzydziestu",
    "czterdziesci czterdziestu",
    "piecdziesiat piecdziesieciu",
    "szescdziesiat szescdziesieciu",
)

# Ordinals of days, in the genitive: "dwunastego marca".
_PL_ORDINALS = [
    "pierwszego",
    "drugiego",
    "trzeciego",
    "czwartego",
    "piatego",
    "szostego",
    "siodmego",
    "osmego",
    "dziewiatego",
    "dziesiatego",
    "jedenastego",
    "dwunastego",
    "trzynastego",
    "czternastego",
    "pietnastego",
    "szesnastego",
    "siedemnastego",
    "osiemnastego",
    "dziewietnastego",
    "dwudziestego",
]
_NL_ORDINALS = [
    "eerste",
    "tweede",
    "derde",
    "vierde",
    "vijfde",
    "zesde",
    "zevende",
    "achtste",
    "negende",
    "tiende",
    "elfde",
    "twaalfde",
    "dertiende",
    "veertiende",
    "vijftiende",
    "zestiende",
    "zeventiende",
    "achttiende",
    "negentiende",
    "twintigste",
]


@cache
def number_words(language: str) -> dict[str, int]:
    """Folded words from one to sixty-nine → value; empty for a language without a table."""
    words: dict[str, int] = {}
    if language == "nl":
        words.update((word, number) for number, word in enumerate(_NL_ONES + _NL_TEENS, start=1))
        for ten, word in enumerate(_NL_TENS, start=2):
            words[word] = 10 * ten
            for one, prefix in enumerate(_NL_ONES, start=1):
                words[f"{prefix}en{word}"] = 10 * ten + one
        # the trema of "tweeëntwintig" is folded away
    elif language == "tr":
        words.update((word, one) for one, word in enumerate(_TR_ONES, start=1))
        for ten, word in enumerate(_TR_TENS, start=1):
            words[word] = 10 * ten
            for one, suffix in enumerate(_TR_ONES, start=1):
                words[f"{word} {suffix}"] = words[f"{word}{suffix}"] = 10 * ten + one
    elif language == "pl":
        for number, forms in enumerate(_PL_ONES + _PL_TEENS, start=1):
            words.update(dict.fromkeys(forms.split(), number))
        for ten, forms in enumerate(_PL_TENS, start=2):
            for form in forms.split():
                words[form] = 10 * ten
                for one, ones in enumerate(_PL_ONES, start=1):
                    for suffix in ones.split():
                        words[f"{form} {suffix}"] = 10 * ten + one
    return words


@cache
def ordinal_words(language: str) -> dict[str, int]:
    """Folded ordinals of the days of a month → value, where dates are written with them."""
    words = {
        "nl": dict(zip(_NL_ORDINALS, range(1, 21))),
        "pl": dict(zip(_PL_ORDINALS, range(1, 21))),
    }.get(language, {})
    if language == "nl":
        words["dertigste"] = 30
        words.update(
            (f"{prefix}entwintigste", 20 + one) for one, prefix in enumerate(_NL_ONES, start=1)
        )
        words["eenendertigste"] = 31
    if language == "pl":
        words["trzydziestego"] = 30
        words["trzydziestego pierwszego"] = 31
        words.update(
            (f"dwudziestego {suffix}", 20 + one)
            for one, suffix in enumerate(_PL_ORDINALS[:9], start=1)
        )
    return words


def number_pattern(language: str, ordinals: bool = False) -> str:
    """A regular expression, without groups, for digits (up to three) or a number word."""
    words = {**number_words(language), **(ordinal_words(language) if ordinals else {})}
    longest_first = sorted(words, key=lambda word: (-len(word), word))
    spaced = [word.replace(" ", r"\s+") for word in longest_first]
    return "(?:" + "|".join([r"\d{1,3}", *spaced]) + ")"


def number_value(text: str, language: str) -> int:
    """The value of what `number_pattern` matched. Raises KeyError for anything else."""
    if text.isdigit():
        return int(text)
    text = " ".join(text.split())
    words = number_words(language)
    return words[text] if text in words else ordinal_words(language)[text]
