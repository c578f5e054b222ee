"""`make words`: what the checker says of the texts, faults and advice; `python -m words tr pl`."""

from __future__ import annotations

import statistics
import sys
from collections import Counter
from collections.abc import Iterable

from bot import translator_notes
from bot.catalogue import DOMAINS
from bot.errors import ProjectFileError
from bot.languages import languages
from words import checks, extraction, reading
from words.arguments import chosen_languages


def summary(language: str) -> str:
    """One line: how many texts a language has, and how easy they are to read."""
    own = checks.rules(language)
    texts = list(checks.texts(language))
    long = [
        text.wording
        for text in texts
        if len(reading.words(reading.plain(text.wording))) >= own.formula.from_words
    ]
    scores = [reading.score(text, own.formula, own.vowels) for text in long]
    lengths = [len(reading.words(s)) for text in texts for s in reading.sentences(text.wording)]
    if not scores:
        return f"{language}: {len(texts)} texts."
    better = "less" if own.formula.lower_is_easier else "more"
    return (
        f"{language}: {len(texts)} texts, {statistics.mean(lengths):.1f} words a sentence, "
        f"{own.formula.name} {statistics.median(scores):.0f} in the middle of {len(scores)} longer "
        f"ones (B1: {own.formula.limit:.0f} or {better})."
    )


def report(of: Iterable[str]) -> tuple[list[str], bool]:
    """The lines to print, and whether there is a fault among them."""
    of = list(of)
    found = checks.findings(of)
    listed = [f"{each.severity}: {each}" for each in found]
    faulty = any(each.severity == checks.FAULT for each in found)
    if set(of) == set(languages()):
        unused = extraction.faults()
        listed += [f"{checks.FAULT}: {each}" for each in unused]
        listed += [f"{checks.ADVICE}: {each}" for each in checks.needless_exceptions()]
        listed += [
            f"{checks.ADVICE}: locales/notes.yml: no entry fits {key}, so translators do not see "
            "where it is shown. Add one."
            for key, name in extraction.domains_of_keys().items()
            if name in DOMAINS and translator_notes.note(key) is None
        ]
        faulty = faulty or bool(unused)
    counted = Counter(each.language for each in found)
    listed += [f"{summary(language)} Findings: {counted[language]}." for language in of]
    return listed, faulty


def main() -> None:
    """Print the findings; exit with 1 when there is a fault."""
    given = chosen_languages("python -m words", __doc__)
    try:
        listed, faulty = report(given)
    except ProjectFileError as error:
        sys.exit(str(error))
    print("\n".join(listed))
    sys.exit(1 if faulty else 0)


if __name__ == "__main__":
    main()
