"""`make add-language LANG=xx`: writes everything a new language needs, ready to be filled.

The language is a draft then: not offered, not trained, and no gap of its files stops Kompas.
`make strings` lists what is still to be written; docs/tasks/add-a-language.md is the way on.
"""

from __future__ import annotations

import argparse
import importlib.util
import io
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from babel import Locale, UnknownLocaleError
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from bot import catalogue, strings, training_data, words, yaml_text
from bot.errors import ProjectFileError
from bot.languages import SOURCE, every_language, fold

ROOT = Path(__file__).parents[1]
_CODE = re.compile(r"[a-z]{2,3}")
_DOTTED_I = frozenset(["tr", "az"])
_TODO = words.TO_DO
_CATALOGUE = """\
# {language} texts of Kompas, domain {domain}.
# The msgid is the key, the msgstr the text. Placeholders in braces stay as they are.
# Rules for the wording: docs/tasks/change-an-answer.md; terms: locales/glossary.csv."""
_LABELLED = ("data/answers", "data/emergency", "data/hard_requests")
_SETS = (
    "tests/nlu/development_{}.csv",
    "tests/answers/{}.csv",
    "tests/emergency/{}_unseen.csv",
    "tests/hard_requests/{}_unseen.csv",
)


class CannotAdd(ProjectFileError):
    """Why there is no new language."""


def add_language(code: str, name: str | None = None, root: Path = ROOT) -> list[Path]:
    """Write the files of a new draft; return them. Raises `CannotAdd`, and then wrote nothing."""
    locale = _locale(code)
    files = dict(_files(code, name or _own_name(locale), locale, root))
    standing = [path for path in files if path.exists() and code in (path.stem, path.parent.name)]
    if standing:
        raise CannotAdd(
            [
                f"{path.relative_to(root)}: stands already, though {code} is no language of "
                "bot/languages.yml. Remove it or give it another name."
                for path in standing
            ]
        )
    for path, content in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return list(files)


def _locale(code: str) -> Locale:
    if not _CODE.fullmatch(code):
        raise CannotAdd(
            [f"LANG={code}: is no language code. Give two or three small letters, such as fr."]
        )
    if code in every_language():
        raise CannotAdd([f"LANG={code}: stands in bot/languages.yml already. Choose another one."])
    try:
        return Locale.parse(code)
    except (UnknownLocaleError, ValueError):
        raise CannotAdd(
            [f"LANG={code}: is no language that Babel knows. Give its ISO 639 code, such as fr."]
        ) from None


def _own_name(locale: Locale) -> str:
    name = str(locale.display_name or locale.language)
    return name[:1].upper() + name[1:]


def _files(code: str, name: str, locale: Locale, root: Path) -> Iterator[tuple[Path, str]]:
    """Each file with its whole content: those that gain a line, then the new ones."""
    yield root / "bot/languages.yml", _with_line(root, code, name, locale)
    yield root / "bot/contacts.yml", _with_contacts(root, code)
    yield root / "bot/nlu/language_names.yml", _with_names(root, code, name, locale)
    api = root / "docs/visitor-api.yaml"
    if api.is_file():
        yield (
            api,
            re.sub(
                r"(enum: \[nl(?:, [a-z]{2,3})*)\]", rf"\1, {code}]", api.read_text(encoding="utf-8")
            ),
        )
    for domain in catalogue.DOMAINS:
        path = catalogue.po_file(code, domain, root / "locales")
        yield path, _catalogue(code, domain, root / "locales")
    yield from _messages(code, root)
    for folder in _LABELLED:
        for path in sorted((root / folder / SOURCE).glob("*.yml")):
            yield root / folder / code / path.name, _labelled(path)
    for part in words.PARTS:
        source = root / "bot/words" / SOURCE / f"{part}.yml"
        known = _calendar(locale) if part == "dates" else {}
        yield root / "bot/words" / code / f"{part}.yml", _template(source, known)
    yield root / f"bot/emergency/{code}.yml", _emergency(root)
    yield root / f"bot/gazetteer/{code}.yml", _gazetteer(locale)
    yield root / f"bot/checklist/words/{code}.txt", ""
    yield root / f"words/rules/{code}.yml", _RULES.format(name=name)
    for pattern in _SETS:
        source = root / pattern.format(SOURCE)
        if source.is_file():
            header = source.read_text(encoding="utf-8").partition("\n")[0]
            yield root / pattern.format(code), header + "\n"


_RULES = """\
# How a text in {name} reads; the fields are explained in nl.yml.
readability:
  # R. Flesch, A new readability yardstick (1948), made for English: put a formula that was made
  # for this language in its place, with its source and its limit
  {{name: Flesch reading ease, base: 206.835, per_word: 1.015, per_syllable: 84.6, limit: 0,
   from_words: 30}}
# a syllable has one group of these; add the letters of the language
vowels: "[aeiouy]+"
most_words: 25
far_too_many: 32
# predictions, guarantees, accusations, words such as "spouse": write them as nl.yml does
forbidden: []
# familiar forms of "you": write them as nl.yml does
address: []
"""

# --- files that gain a line ----------------------------------------------------------------------


def _with_line(root: Path, code: str, name: str, locale: Locale) -> str:
    known = importlib.util.find_spec("spacy") and importlib.util.find_spec(f"spacy.lang.{code}")
    line = {
        "name": name,
        # xx is spaCy's for any language
        "spacy": code if known else "xx",
        "dotted_i": code in _DOTTED_I,
        "direction": locale.text_direction,
        "draft": True,
    }
    text = (root / "bot/languages.yml").read_text(encoding="utf-8").rstrip("\n")
    return f"{text}\n{_flow(code)}: {_flow(line)}\n"


def _with_contacts(root: Path, code: str) -> str:
    text = (root / "bot/contacts.yml").read_text(encoding="utf-8")
    return re.sub(r"^( +names: \{.*)\}$", rf'\1, {_flow(code)}: ""}}', text, flags=re.M)


def _with_names(root: Path, code: str, name: str, locale: Locale) -> str:
    text = (root / "bot/nlu/language_names.yml").read_text(encoding="utf-8")
    if code in yaml_text.load(text)["names"]:
        return text
    said = [name, locale.english_name or "", *(_called(code, each) for each in every_language())]
    stems = list(dict.fromkeys(fold(each) for each in said if each))
    return text.replace("names:\n", f"names:\n  {_flow(code)}: {_flow(stems)}\n", 1)


def _called(code: str, language: str) -> str:
    return str(Locale.parse(language).languages.get(code, ""))


# --- new files -----------------------------------------------------------------------------------


def _catalogue(code: str, domain: str, locales: Path) -> str:
    """The header with the plural forms, and every key without a text."""
    with catalogue.po_file(SOURCE, domain, locales).open("rb") as file:
        source = read_po(file, locale=SOURCE, domain=domain, abort_invalid=True)
    language = Locale("en").languages.get(code, code)
    empty = Catalog(
        locale=code,
        domain=domain,
        header_comment=_CATALOGUE.format(language=language, domain=domain),
        last_translator="Kompas",
        language_team=code,
        fuzzy=False,
    )
    written = io.BytesIO()
    write_po(written, strings.bring_in_step(source, empty), width=100)
    return written.getvalue().decode()


def _messages(code: str, root: Path) -> Iterator[tuple[Path, str]]:
    meanings, neighbours = training_data.intent_meanings()
    for intent in training_data.contract_intents():
        fewest = training_data.FEWEST.get(intent, training_data.FEWEST_PER_INTENT)
        lines = [f"# The visitor {meanings[intent]}."]
        lines += [
            f"# {each.intents}: {each.rule}."
            for each in neighbours
            if intent in each.intents.split(" · ")
        ]
        lines += [
            f"# {fewest} messages or more, each on a line of its own that begins with four spaces",
            "# and `- `: short and long, calm and afraid, misspelt, in half sentences.",
            'version: "3.1"',
            "nlu:",
            f"- intent: {intent}",
            f"  metadata: {{language: {_flow(code)}}}",
            "  examples: |",
        ]
        yield root / "data/nlu" / code / f"{intent}.yml", "\n".join(lines) + "\n"


def _labelled(path: Path) -> str:
    """The labels of a Dutch file without their messages, the first of which show what is meant."""
    lines = []
    for label, listed in yaml_text.load(path.read_text(encoding="utf-8")).items():
        lines += [f"# Dutch: {text}" for text in listed[:2]]
        lines.append(f"{_flow(label)}: []")
    return "\n".join(lines) + "\n"


def _template(source: Path, known: Mapping[str, Any]) -> str:
    """A file of words with the keys and comments of the Dutch one, and TODO for the words."""
    text = source.read_text(encoding="utf-8")
    comments: list[str] = []
    lines: list[str] = []
    values = yaml_text.load(text)
    for line in text.splitlines():
        key = line.partition(":")[0]
        if line.startswith("#"):
            comments.append(line)
        elif not line:
            lines += [*comments, ""]
            comments = []
        elif key in values:
            value = known.get(key, _unwritten(values[key]))
            lines += [*comments, f"{key}: {_flow(value)}"]
            comments = []
    return "\n".join(lines) + "\n"


def _unwritten(value: Any) -> Any:
    if isinstance(value, bool) or not value:
        return value
    if isinstance(value, Mapping):
        return dict.fromkeys(value, _TODO) if _has_codes(value) else {_TODO: _TODO}
    return [_TODO] if isinstance(value, list) else _TODO


def _has_codes(value: Mapping[Any, Any]) -> bool:
    """Whether the keys are the same in every language: units, tens."""
    return set(value) <= {"day", "week", "month", "year"} or all(
        isinstance(key, int) for key in value
    )


def _calendar(locale: Locale) -> dict[str, Any]:
    """Months and weekdays of CLDR, folded."""
    months = [fold(locale.months["format"]["wide"][number]) for number in range(1, 13)]
    short = locale.months["format"]["abbreviated"]
    return {
        "weekdays": [fold(locale.days["format"]["wide"][number]) for number in range(7)],
        "months": months,
        "months_alone": months,
        "months_after_lead": months,
        "month_abbreviations": [fold(short[number]).rstrip(".") for number in range(1, 13)],
        "in_season": [""] * 4,
        "and_a_half": "",
        "next_week_forms": [],
        "next_year_forms": [],
    }


def _emergency(root: Path) -> str:
    text = (root / f"bot/emergency/{SOURCE}.yml").read_text(encoding="utf-8")
    groups = ", ".join(yaml_text.load(text)["words"])
    return (
        f"# Words for emergencies; {SOURCE}.yml explains the signs. The groups, each a list of\n"
        f"# lines of words: {groups}\n"
        'marks: ""\nnumbers: ""\nwords: {}\n'
    )


def _gazetteer(locale: Locale) -> str:
    names = "".join(
        f"  # {code}: {name}\n"
        for code, name in sorted(locale.territories.items())
        if len(code) == 2 and code.isalpha()
    )
    return (
        "# Words for countries. The names of CLDR, listed here, are known already; below come the\n"
        "# others: nl.yml shows each section. Irregular forms stand in brackets behind a word.\n"
        f"{names}names: {{}}\nadjectives: {{}}\npeople: {{}}\nplaces: {{}}\n"
        "# What the words of a section may end in, such as: people: s es\nendings: {}\n"
        "context: {}\nguards: {}\n"
    )


def _flow(value: Any) -> str:
    """YAML on one line."""
    text = yaml.safe_dump(
        value, default_flow_style=True, allow_unicode=True, width=10**6, sort_keys=False
    )
    return text.removesuffix("\n").removesuffix("\n...").strip()


def main() -> None:
    """Add the language of the command line, or say why not."""
    parser = argparse.ArgumentParser(description=add_language.__doc__)
    parser.add_argument("code", metavar="LANG", help="ISO 639 code, such as fr")
    parser.add_argument("--name", default="", help="what its speakers call it; default from CLDR")
    arguments = parser.parse_args()
    try:
        written = add_language(arguments.code, arguments.name or None)
    except ProjectFileError as error:
        sys.exit(str(error))
    print(
        f"{len(written)} files are written; {arguments.code} is a draft in bot/languages.yml. "
        "docs/tasks/add-a-language.md says how it goes on, `make strings` what is missing."
    )


if __name__ == "__main__":
    main()
