"""The checker: what is wrong with a text, and what would be better.

`make strings` stops at a fault; `make words` prints the advice too. Rules are data
(`rules/<language>.yml`), so are their exceptions (`exceptions.yml`, each with its reason). What
compares a translation with its Dutch goes through the filters of translate-toolkit that fit.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from babel.messages.pofile import read_po
from translate.filters.checks import CheckerConfig, StandardChecker
from translate.lang import factory
from translate.storage.base import TranslationUnit

from bot import catalogue, translator_notes, yaml_text
from bot.errors import raise_faults
from bot.languages import SOURCE, languages, lower
from words import reading, wished_words

FAULT, ADVICE = "fault", "advice"
_FOLDER = Path(__file__).parent
_EXCEPTIONS = _FOLDER / "exceptions.yml"

FILTERS = (
    "doublespacing",
    "emails",
    "endpunc",
    "endwhitespace",
    "numbers",
    "purepunc",
    "startwhitespace",
    "tabs",
    "unchanged",
    "urls",
)
"""Filters of translate-toolkit. Left out: what is no fault between these languages (the number of
sentences, capitals, kinds of quotes, brackets that explain a Dutch word), and what is checked here
with our own markup and placeholders (doubled words, where a full stop may stand between them)."""


@dataclass(frozen=True)
class Finding:
    """What is wrong with a text. `rule` is the name under which `exceptions.yml` can allow it."""

    language: str
    domain: str
    key: str
    rule: str
    severity: str
    says: str

    def __str__(self) -> str:
        file = f"locales/{self.language}/LC_MESSAGES/{self.domain}.po"
        return f"{file}: {self.key}: {self.says} [{self.rule}]"


@dataclass(frozen=True)
class Text:
    """A wording with the Dutch that it translates (the same, for Dutch)."""

    language: str
    domain: str
    key: str
    wording: str
    dutch: str

    def finding(self, rule: str, says: str, severity: str = FAULT) -> Finding:
        """A finding about this text."""
        return Finding(self.language, self.domain, self.key, rule, severity, says)


@dataclass(frozen=True)
class Pattern:
    """Words that do not belong in a text, why, and what to write."""

    find: re.Pattern[str]
    why: str
    write: str
    not_for: re.Pattern[str] | None


@dataclass(frozen=True)
class Rules:
    """What `rules/<language>.yml` says."""

    formula: reading.Formula
    vowels: re.Pattern[str]
    most_words: int
    far_too_many: int
    patterns: Mapping[str, tuple[Pattern, ...]]
    accepted: Mapping[str, tuple[str, ...]]
    twice: frozenset[str]


@lru_cache(maxsize=8)
def rules(language: str) -> Rules:
    """The rules of a language. Raises `ProjectFileError` when the file cannot be used."""
    name = f"words/rules/{language}.yml"
    try:
        data: dict[str, Any] = yaml_text.load((_FOLDER / "rules" / f"{language}.yml").read_text())
        return Rules(
            formula=reading.read_formula(data["readability"]),
            vowels=re.compile(data["vowels"]),
            most_words=data["most_words"],
            far_too_many=data["far_too_many"],
            patterns={
                rule: tuple(_pattern(entry) for entry in data.get(rule, ()))
                for rule in ("forbidden", "address")
            },
            accepted={k: tuple(v) for k, v in (data.get("accepted") or {}).items()},
            twice=frozenset(data.get("twice", ())),
        )
    except FileNotFoundError:
        raise_faults([f"{name}: is missing. Copy that of another language and change it."])
        raise
    except (yaml.YAMLError, KeyError, TypeError, ValueError, re.error) as error:
        said = " ".join(str(error).split())
        raise_faults([f"{name}: cannot be used ({said}). Mend it; nl.yml explains the fields."])
        raise


def _pattern(entry: Mapping[str, Any]) -> Pattern:
    not_for = "|".join(f"(?:{each})" for each in entry.get("not_for", ()))
    return Pattern(
        re.compile(entry["find"]),
        entry["why"],
        entry["write"],
        re.compile(not_for) if not_for else None,
    )


@lru_cache(maxsize=1)
def exceptions() -> Mapping[str, Mapping[str, str]]:
    """Rule → key, or `<language>/<key>`, → why it is allowed there."""
    data = yaml_text.load(_EXCEPTIONS.read_text(encoding="utf-8")) or {}
    return {rule: {str(k): str(why) for k, why in keys.items()} for rule, keys in data.items()}


@lru_cache(maxsize=1)
def ordinary_words() -> Mapping[str, str]:
    """Dutch words that are a term in some texts only → what else they are."""
    data = yaml_text.load((_FOLDER / "rules" / "ordinary.yml").read_text(encoding="utf-8"))
    return {str(word): str(why) for word, why in data.items()}


def allowed(finding: Finding) -> bool:
    """Whether `exceptions.yml` allows this finding."""
    keys = exceptions().get(finding.rule, {})
    return finding.key in keys or f"{finding.language}/{finding.key}" in keys


# --- the rules ------------------------------------------------------------------------------

_LIST = re.compile(r"- |\d+\. ")


def _shape(text: str) -> list[str]:
    """A text as its paragraphs, and how many lines of which list each has."""
    return [
        "".join(
            "-" if line.startswith("- ") else "1" if _LIST.match(line) else "."
            for line in block.splitlines()
        )
        for block in text.split("\n\n")
    ]


def markup(text: Text) -> Iterator[Finding]:
    """Emphasis that closes; paragraphs and lists as in the Dutch."""
    for line in text.wording.splitlines():
        if line.count("**") % 2:
            yield text.finding("markup", "** opens and does not close in a line. Close it.")
    if text.wording.count("(") != text.wording.count(")"):
        yield text.finding("markup", "a bracket opens and does not close. Close it.")
    if text.wording.count("**") != text.dutch.count("**"):
        own, dutch = text.wording.count("**") // 2, text.dutch.count("**") // 2
        yield text.finding(
            "markup", f"emphasises {own} parts, the Dutch {dutch}. Emphasise the same ones."
        )
    own_shape, dutch_shape = _shape(text.wording), _shape(text.dutch)
    if len(own_shape) != len(dutch_shape):
        yield text.finding(
            "markup",
            f"has {len(own_shape)} paragraphs, the Dutch {len(dutch_shape)}. Divide it alike.",
        )
        return
    for number, (own_block, dutch_block) in enumerate(zip(own_shape, dutch_shape), 1):
        if own_block != dutch_block:
            yield text.finding(
                "markup",
                f"paragraph {number} has {_lines(own_block)}, the Dutch {_lines(dutch_block)}. "
                "Write a line for each line of the Dutch list.",
            )


def _lines(block: str) -> str:
    kinds = (("-", "points"), ("1", "numbered lines"), (".", "plain lines"))
    return ", ".join(f"{block.count(mark)} {name}" for mark, name in kinds if mark in block)


_TWICE = re.compile(r"(?<!['’])\b([^\W\d_]{2,}) \1\b", re.IGNORECASE)


def repetition(text: Text) -> Iterator[Finding]:
    """A word that stands twice where it is not the language's way ("tek tek")."""
    own = rules(text.language)
    for found in _TWICE.finditer(text.wording):
        if found.group().lower() not in own.twice:
            yield text.finding("repetition", f'says "{found.group()}". Remove one of the words.')


def patterns(text: Text) -> Iterator[Finding]:
    """Predictions, accusations, guarantees; the form of address."""
    said = lower(text.wording, text.language)
    for rule, listed in rules(text.language).patterns.items():
        for each in listed:
            if each.not_for and each.not_for.match(text.key):
                continue
            if found := each.find.search(said):
                yield text.finding(rule, f'"{found.group()}": {each.why}. Write {each.write}.')


def length(text: Text) -> Iterator[Finding]:
    """Titles that do not fit where they are shown."""
    most = translator_notes.most(text.key)
    # a placeholder is as long as what stands in its place; the layout counts that itself
    if most and "{" not in text.wording and len(text.wording) > most:
        yield text.finding(
            "length", f"is {len(text.wording)} characters long, {most} fit. Make it shorter."
        )


def sentences(text: Text) -> Iterator[Finding]:
    """Sentences that are too long to be read in a hurry."""
    own = rules(text.language)
    for sentence in reading.sentences(text.wording):
        number = len(reading.words(sentence))
        if number > own.most_words:
            severity = FAULT if number > own.far_too_many else ADVICE
            start = " ".join(sentence.split()[:5])
            yield text.finding(
                "sentence",
                f'the sentence "{start} …" has {number} words; at most {own.most_words} read well. '
                "Make two of it.",
                severity,
            )


def readability(text: Text) -> Iterator[Finding]:
    """A text that is harder than B1, as the formula of the language estimates it."""
    own = rules(text.language)
    if len(reading.words(reading.plain(text.wording))) < own.formula.from_words:
        return
    score = reading.score(text.wording, own.formula, own.vowels)
    if not own.formula.passes(score):
        yield text.finding(
            "readability",
            f"reads hard: {own.formula.name} {score:.0f}, wished is {own.formula.limit:.0f} "
            f"{'or less' if own.formula.lower_is_easier else 'or more'}. "
            "Use shorter sentences and shorter words.",
            ADVICE,
        )


def glossary(text: Text) -> Iterator[Finding]:
    """A term of the law that is called otherwise than agreed upon."""
    if text.language == SOURCE:
        return
    accepted = rules(text.language).accepted
    for word, wished in wished_words.missing(
        text.dutch, text.wording, text.language, accepted, ordinary_words()
    ):
        yield text.finding(
            "glossary",
            f'the Dutch says "{word}", and the text none of {wished}. Use the agreed word '
            "(locales/glossary.csv), or allow another in words/rules.",
            ADVICE,
        )


_TOOLKIT_SAYS = {
    "doublespacing": "has two spaces together, or where the Dutch has. Leave one",
    "emails": "has other e-mail addresses than the Dutch. Make them equal",
    "endpunc": "ends with another mark than the Dutch. End it alike",
    "endwhitespace": "ends with a space. Remove it",
    "numbers": "has other numbers than the Dutch. Make them equal",
    "purepunc": "differs from a text that is only marks. Copy the Dutch",
    "startwhitespace": "begins with a space. Remove it",
    "tabs": "has a tab. Remove it",
    "unchanged": "is the same as the Dutch. Translate it, or allow it in words/exceptions.yml",
    "urls": "has other addresses than the Dutch. Make them equal",
}


@lru_cache(maxsize=8)
def _toolkit(language: str) -> StandardChecker:
    config = CheckerConfig(targetlanguage=language)
    config.sourcelang = factory.getlanguage(SOURCE)
    return StandardChecker(config, limitfilters=list(FILTERS))


def toolkit(text: Text) -> Iterator[Finding]:
    """What the filters of translate-toolkit find in a translation beside its Dutch."""
    if text.language == SOURCE:
        return
    unit = TranslationUnit(text.dutch)
    unit.target = text.wording
    for name in sorted(_toolkit(text.language).run_filters(unit)):
        yield text.finding(name, f"{_TOOLKIT_SAYS[name]}.")


RULES = (markup, repetition, patterns, length, sentences, readability, glossary, toolkit)


# --- all texts ------------------------------------------------------------------------------


def texts(language: str, locales: Path = catalogue.LOCALES) -> Iterator[Text]:
    """Every text for visitors in a language; of plural forms each."""
    for domain in catalogue.DOMAINS:
        dutch = _messages(SOURCE, domain, locales)
        for key, wordings in _messages(language, domain, locales).items():
            for number, wording in enumerate(wordings):
                source = dutch.get(key, ("",))
                if wording:
                    yield Text(language, domain, key, wording, source[min(number, len(source) - 1)])


def _messages(language: str, domain: str, locales: Path) -> dict[str, tuple[str, ...]]:
    with catalogue.po_file(language, domain, locales).open("rb") as file:
        return {
            message.id if isinstance(message.id, str) else message.id[0]: catalogue.forms(message)
            for message in read_po(file, locale=language)
            if message.id
        }


def check(text: Text) -> list[Finding]:
    """What is wrong with one text, without what is allowed."""
    return [found for rule in RULES for found in rule(text) if not allowed(found)]


def findings(of: Iterable[str] | None = None, locales: Path = catalogue.LOCALES) -> list[Finding]:
    """What is wrong with the texts of these languages, by default all."""
    return [
        found
        for language in (languages() if of is None else of)
        for text in texts(language, locales)
        for found in check(text)
    ]


def needless_exceptions(locales: Path = catalogue.LOCALES) -> list[str]:
    """Exceptions that allow nothing, because the text has been mended or is gone."""
    used = {
        (found.rule, key)
        for language in languages()
        for text in texts(language, locales)
        for rule in RULES
        for found in rule(text)
        for key in (found.key, f"{language}/{found.key}")
    }
    return [
        f"words/exceptions.yml: {rule}: {key} allows nothing. Remove the line."
        for rule, keys in exceptions().items()
        for key in keys
        # of a language that is still to come, nobody can tell
        if (rule, key) not in used and ("/" not in key or key.partition("/")[0] in languages())
    ]
