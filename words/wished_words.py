"""Whether a translation uses the agreed words: terms are compared by their stems.

Turkish and Polish inflect, so a word counts as used when the text has words that begin with the
stems of all its parts. Stems are cut, not looked up: a few letters less, and the last consonant
where it changes. What this does not see, `accepted` in `rules/<language>.yml` says.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache

from bot import glossary
from bot.languages import fold

_WORD = re.compile(r"[^\W\d_]+")
_SHORTEST = 3
# how much of a word may change at its end, by language
_CUT = {"tr": 1, "pl": 3, "en": 2}
_TOO_SHORT_TO_TELL = 3
_LONG = 5


@lru_cache(maxsize=4096)
def stem(word: str, language: str) -> str:
    """The part of a word that stays when it is inflected, folded."""
    folded = fold(word)
    if len(folded) <= _TOO_SHORT_TO_TELL:
        return folded
    if language == "tr" and len(folded) > _LONG and folded[-1] in "aeiou":
        # belge, belgesi, belgeleri: what two nouns are tied with goes with the plural
        folded = folded[:-1]
    return folded[: max(_SHORTEST, len(folded) - _CUT.get(language, 2))]


def _stems(phrase: str, language: str) -> list[str]:
    # small words (do, na, za) come and go with the sentence
    found = [stem(word, language) for word in _WORD.findall(phrase) if len(word) > _SHORTEST - 1]
    return found or [fold(phrase)]


def has(text: str, phrase: str, language: str) -> bool:
    """Whether a text has a phrase, inflected or not. `phrase*` is a stem as it stands."""
    words = [fold(word) for word in _WORD.findall(text)]
    if phrase.endswith("*"):
        wanted = [fold(part) for part in phrase[:-1].split()]
    else:
        wanted = _stems(phrase, language)
    return all(any(word.startswith(part) for word in words) for part in wanted)


def missing(
    dutch: str,
    wording: str,
    language: str,
    accepted: Mapping[str, tuple[str, ...]],
    ordinary: Collection[str] = (),
) -> Iterator[tuple[str, str]]:
    """Terms of the Dutch that a translation does not have: the Dutch word, the wished ones.

    `ordinary` are Dutch words that are a term in some texts and an everyday word in others.
    """
    for word, meant in glossary.found_in(dutch):
        if any(word.lower().startswith(each) for each in ordinary):
            continue
        if any(language not in term.words for term in meant):
            continue
        wished = list(dict.fromkeys(w for term in meant for w in term.words[language]))
        others = [w for term in meant for w in accepted.get(term.concept, ())]
        if "" in others or any(has(wording, each, language) for each in (*wished, *others)):
            continue
        # a Dutch word may also stand in a translation as it is, explained beside it
        if any(has(wording, each, "nl") for each in meant[0].words["nl"]):
            continue
        yield word, ", ".join(f'"{each}"' for each in wished)
