"""Forms of nouns and adjectives in Dutch, Turkish and Polish, on folded words.

The rules make too many forms rather than too few: nobody writes the wrong ones, and the tests of
the gazetteer look for those that happen to be other words.
"""

from __future__ import annotations

import re
from functools import cache

# --- Polish ---------------------------------------------------------------------------------

_ADJECTIVE = [
    "i",
    "y",
    "a",
    "e",
    "ie",
    "iego",
    "ego",
    "iemu",
    "emu",
    "im",
    "ym",
    "ej",
    "iej",
    "ich",
    "ych",
    "imi",
    "ymi",
    "o",
]
_MASCULINE = ["a", "u", "owi", "em", "owie", "ow", "om", "ami", "ach", "y", "i"]
# for stems whose last letter is soft when diacritics are on: Poznań, Wrocław, Radom
_SOFT = ["ia", "iu", "ie", "iem", "iowi"]
# The last letter of the stem → how it changes before an ending such as the locative's.
_LOCATIVE = {"r": "rze", "t": "cie", "d": "dzie", "k": "ce", "g": "dze", "l": "le"}
_PLURAL = {"k": "cy", "g": "dzy", "r": "rzy", "t": "ci", "d": "dzi", "h": "si", "n": "ni"}


def polish_adjective(word: str) -> set[str]:
    """All cases of an adjective given in any nominative ("turecki", "polska", "nowe")."""
    stem = word[:-2] if word.endswith("ie") else word[:-1]
    forms = {stem + ending for ending in _ADJECTIVE}
    if stem.endswith("sk"):
        forms.add(stem[:-1] + "cy")
    if stem.endswith("ck"):
        forms.add(stem[:-1] + "cy")
    return forms


@cache
def polish_noun(word: str) -> frozenset[str]:
    """All cases of a noun; a word that the rules do not know is taken as indeclinable."""
    last = word[-1]
    if last == "a":
        forms = _feminine(word[:-1])
    elif len(word) < 5 and last in "oeiu":
        forms = set()
    elif last == "o":
        forms = {word[:-1] + ending for ending in ("o", "a", "u", "em", "om", "ach")}
        forms |= {word[:-1] + ("iem" if word[-2:-1] in "kg" else "ie")}
    elif last == "e":
        stem = word[:-1]
        endings = "om ami ach a u em" if stem[-1:] in "ijc" else "ego emu em ym om ami ach y a u"
        forms = {stem + ending for ending in endings.split()}
        if stem.endswith("i"):
            forms |= {stem + "i", stem}
        if stem.endswith("c"):
            forms.add(stem)
    elif last in "yi":
        stem = word[:-1]
        forms = {stem + ending for ending in ("om", "ami", "ach", "ow")} | {stem}
        if last == "i":
            forms |= {stem + "ow", stem + "i"}
    elif last in "u":
        forms = set()
    else:
        forms = _consonant(word)
    return frozenset({word, *forms})


def _feminine(stem: str) -> set[str]:
    forms = {stem + ending for ending in ("a", "e", "o", "y", "i", "om", "ami", "ach")}
    if stem[-1:] in ("i", "j"):
        # "Belgii" is often written "Belgi"
        return forms - {stem + "y"} | {stem + "i"} | ({stem} if len(stem) > 4 else set())
    if stem.endswith("ch"):
        return forms | {stem[:-2] + "sze"}
    if stem.endswith("k"):
        forms |= {stem[:-1] + "ek", stem[:-1] + "ce", stem[:-1] + "iek"}
    elif stem[-1:] in _LOCATIVE:
        forms.add(stem[:-1] + _LOCATIVE[stem[-1]])
    else:
        forms.add(stem + "ie")
    return forms


def _consonant(word: str) -> set[str]:
    stems = {word}
    if word.endswith(("ek", "ec")) and len(word) > 4:
        stems.add(word[:-2] + word[-1])
    forms = {stem + ending for stem in stems for ending in _MASCULINE}
    if word[-1] in "kg":
        forms |= {stem + "iem" for stem in stems}
        forms -= {stem + "em" for stem in stems}
    if word[-1] in "nwbpmczsf":
        forms |= {word + ending for ending in _SOFT}
    if word.endswith("anin"):
        forms |= {word[:-2] + ending for ending in ("ie", "", "ow", "om", "ami", "ach")}
    for table in (_LOCATIVE, _PLURAL):
        if word[-1] in table:
            forms.add(word[:-1] + table[word[-1]])
    if word.endswith("st"):
        forms.add(word[:-2] + "scie")
    return forms


# --- Dutch ----------------------------------------------------------------------------------


def dutch_adjective(word: str) -> set[str]:
    """ "Turks" → Turks, Turkse, Turksen; "Chinees" → Chinese."""
    stem = word[:-3] + "es" if word.endswith("ees") else word
    return {word, stem + "e", stem + "en", word + "e"}


def dutch_person(word: str) -> set[str]:
    """ "Marokkaan" → Marokkanen, "Belg" → Belgen, Belgs, "Braziliaan" → Braziliaanse."""
    forms = {word, word + "en", word + "s"}
    for long, short in (("aan", "an"), ("ees", "ez"), ("oon", "on"), ("aal", "al"), ("een", "en")):
        if word.endswith(long):
            forms |= {word[: -len(long)] + short + "en"}
    if word.endswith("aar"):
        forms.add(word[:-3] + "aren")
    if word.endswith("e"):
        forms.add(word + "n")
    return forms


def dutch_place(word: str) -> set[str]:
    """ "Amsterdam" → Amsterdams, Amsterdamse; "Antwerpen" → Antwerpse."""
    stem = word[:-2] if word.endswith("en") and len(word) > 6 else word
    return {word, word + "s", word + "se", stem + "s", stem + "se"}


# --- Turkish --------------------------------------------------------------------------------

# Vowels are folded and harmony is not asked for: people type a for e, and i for ı.
_CASES = (
    r"(?:[yn]?[aeiu]|n?[dt][ae]n?|[dt][ae]ki(?:l[ae]r)?(?:n?[dt]?[iuae]n?)?|n?[iu]n"
    r"|nd[ae]ki|y?l[ae]|[yn][iu])"
)
_COPULA = r"(?:[dt][iu]r|y?[dt][iu]|m[iu]|y[iu]m|[iu]m|y[iu]z|[iu]z|s[iu]n|y?m[iu]s|yken|ys[ae])"
_LONGEST_SUFFIX = 20
_SUFFIX = re.compile(
    rf"(?:l[iu])?(?:l[ae]r)?(?:[iu]m[iu]z|[iu]n[iu]z|m[iu]z|n[iu]z|[iu]?m|s[iu])?{_CASES}?{_COPULA}?"
)


def turkish_stems(word: str) -> list[str]:
    """What may be left of `word` without its Turkish suffixes, the longest first."""
    # No cache: it would keep visitors' words in memory.
    shortest = max(2, len(word) - _LONGEST_SUFFIX - 1)
    return [
        word[:cut] for cut in range(len(word) - 1, shortest, -1) if _SUFFIX.fullmatch(word, cut)
    ]
