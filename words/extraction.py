"""Where each text is used: Babel extraction methods, and what they say about the catalogues.

A method yields `(line, None, key, [how])`; `how` is one of `HOW`. What composes a key from parts
(`f"button_{intent}"`) yields its pattern, `button_{}`; `families.yml` says which keys come of it.
"""

from __future__ import annotations

import ast
import itertools
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import IO, Any

from babel.messages.extract import extract_from_dir, extract_javascript
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po
from jinja2 import Environment, nodes

from bot import catalogue, training_data, yaml_text
from bot.checklist import questions, wording
from bot.checklist.result import OBTAINED_IN
from bot.emergency import KINDS as EMERGENCIES
from bot.languages import SOURCE, languages
from bot.nlg import answers
from bot.topics import topic_names
from desk.codes import codebook
from desk.replies import replies as reply_texts

USED, MENTIONED, COMPOSED, OPTIONAL = HOW = ("used", "mentioned", "composed", "optional")
"""Used for certain; a word that may be a key; the pattern of a key; may be, may be not."""

ROOT = Path(__file__).parents[1]
_MAPPING = Path(__file__).with_name("babel.cfg")
_FAMILIES = Path(__file__).with_name("families.yml")
_NOT_OURS = {"build", "models", "var", "tests", "docs"}
_NAME = re.compile(r"[A-Za-z0-9_]+")
_PATTERN = re.compile(r"(\{\}|[A-Za-z0-9_])+")
_TELLING = re.compile(r"[A-Za-z]{2,}_\{\}|\{\}_[A-Za-z]{2,}|[a-z]did_")

Found = tuple[int, None, str, list[str]]
Options = Mapping[str, str]


@dataclass(frozen=True)
class Reference:
    """A place that uses a text, or a pattern of keys."""

    key: str
    how: str
    file: str
    line: int


# --- code -----------------------------------------------------------------------------------


def _functions(options: Options) -> dict[str, int]:
    named = (each.partition(":") for each in options.get("functions", "").split())
    return {name: int(position or 1) - 1 for name, _, position in named}


def _literals(node: ast.expr) -> Iterator[tuple[int, str, str]]:
    """The keys that an expression can come to, as far as they stand in the code."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.lineno, USED, node.value
    elif isinstance(node, ast.IfExp):
        yield from _literals(node.body)
        yield from _literals(node.orelse)
    elif isinstance(node, ast.JoinedStr):
        yield node.lineno, COMPOSED, _pattern(node)


def _pattern(node: ast.JoinedStr) -> str:
    return "".join(
        str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values
    )


def python(file: IO[bytes], keywords: object, tags: object, options: Options) -> Iterator[Found]:
    """Keys in Python: what the functions of `options` are given, and every word that may be one."""
    functions, prefix = _functions(options), options.get("prefix", "")
    mentions = ["", *options.get("mentions", "").split()]
    for node in ast.walk(ast.parse(file.read())):
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else ""
            called = node.func.id if isinstance(node.func, ast.Name) else called
            # catalogue.text and words.t take no prefix, whatever the file's own functions do
            own = prefix if isinstance(node.func, ast.Name) else ""
            position = functions.get(called, -1)
            if 0 <= position < len(node.args):
                for line, how, key in _literals(node.args[position]):
                    yield line, None, own + key, [how]
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            if _NAME.fullmatch(node.value):
                for before in mentions:
                    yield node.lineno, None, before + node.value, [MENTIONED]
        elif isinstance(node, ast.JoinedStr) and _PATTERN.fullmatch(_pattern(node)):
            yield node.lineno, None, _pattern(node), [COMPOSED]


def template(file: IO[bytes], keywords: object, tags: object, options: Options) -> Iterator[Found]:
    """Keys in Jinja templates; `named("kind", x)` composes one."""
    prefixes = dict.fromkeys(options.get("functions", "").split(), options.get("prefix", ""))
    others = options.get("other_functions", "").split()
    prefixes |= dict.fromkeys(others, options.get("other_prefix", ""))
    tree = Environment(autoescape=True).parse(file.read().decode())
    for call in tree.find_all(nodes.Call):
        if not isinstance(call.node, nodes.Name) or not call.args:
            continue
        name, first = call.node.name, call.args[0]
        if name == "named" and "named" in options and isinstance(first, nodes.Const):
            yield call.lineno, None, f"{options['named']}{first.value}_{{}}", [COMPOSED]
        elif name in prefixes:
            for how, key in _template_literals(first):
                yield call.lineno, None, prefixes[name] + key, [how]
    for constant in tree.find_all(nodes.Const):
        if isinstance(constant.value, str) and _NAME.fullmatch(constant.value):
            for before in dict.fromkeys(["", *prefixes.values()]):
                yield constant.lineno, None, before + constant.value, [MENTIONED]


def _template_literals(node: nodes.Node) -> Iterator[tuple[str, str]]:
    if isinstance(node, nodes.Const):
        yield USED, str(node.value)
    elif isinstance(node, nodes.CondExpr):
        yield from _template_literals(node.expr1)
        if node.expr2 is not None:
            yield from _template_literals(node.expr2)
    elif isinstance(node, nodes.Concat):
        parts = [str(each.value) if isinstance(each, nodes.Const) else "{}" for each in node.nodes]
        yield COMPOSED, "".join(parts)


def script(file: IO[bytes], keywords: object, tags: object, options: Options) -> Iterator[Found]:
    """Keys in the widget's scripts: what `label` and its like are given."""
    functions: dict[str, Any] = dict.fromkeys(options.get("functions", "").split())
    prefix = options.get("prefix", "")
    for line, _, key, _ in extract_javascript(file, functions, [], {}):
        # words that the page has from elsewhere, such as the months, are no texts
        if isinstance(key, str):
            yield line, None, prefix + key, [MENTIONED]


def typesetting(
    file: IO[bytes], keywords: object, tags: object, options: Options
) -> Iterator[Found]:
    """Keys in Typst templates, which get their words from code as `data.<name>`."""
    for number, line in enumerate(file.read().decode().splitlines(), 1):
        for name in re.findall(r"\bdata\.(\w+)", line):
            yield number, None, options.get("prefix", "") + name, [MENTIONED]


# --- data -----------------------------------------------------------------------------------


def _records(file: IO[bytes]) -> Any:
    return yaml_text.load(file.read())


def domain(file: IO[bytes], keywords: object, tags: object, options: Options) -> Iterator[Found]:
    """Responses of the domain. Those that code puts together have no text of their own."""
    entries = answers.answers().entries
    for action in _records(file)["actions"]:
        if isinstance(action, str) and action.startswith("utter_"):
            composed = action in entries and entries[action].composed
            yield 1, None, action, [OPTIONAL if composed else USED]


def answers_file(
    file: IO[bytes], keywords: object, tags: object, options: Options
) -> Iterator[Found]:
    """Answers with their buttons and links."""
    for key, entry in _records(file)["answers"].items():
        entry = entry or {}
        yield 1, None, key, [OPTIONAL if entry.get("composed") else USED]
        for name in entry.get("buttons", []):
            yield 1, None, f"button_{name}", [USED]
        for name in entry.get("links", []):
            yield 1, None, f"link_{name}", [USED]


def intents(file: IO[bytes], keywords: object, tags: object, options: Options) -> Iterator[Found]:
    """What can be asked, as an option when Kompas asks back."""
    for named in _records(file).values():
        for intent in named:
            yield 1, None, f"option_{intent}", [USED]
            # shown when the visitor has chosen it; a conversation is read by colleagues
            yield 1, None, f"button_{intent}", [OPTIONAL]


def hard_requests(
    file: IO[bytes], keywords: object, tags: object, options: Options
) -> Iterator[Found]:
    """What is said to requests that are not helped with as asked."""
    for entry in _records(file).values():
        yield 1, None, entry["response"], [USED]
        yield 1, None, entry["principle"], [USED]


def checklist(file: IO[bytes], keywords: object, tags: object, options: Options) -> Iterator[Found]:
    """Questions, papers, conditions, routes and time limits."""
    for key in wording.needed_keys():
        yield 1, None, key, [USED]


def replies(file: IO[bytes], keywords: object, tags: object, options: Options) -> Iterator[Found]:
    """Texts that colleagues send by e-mail, with their names for colleagues."""
    for name, entry in _records(file)["replies"].items():
        yield 1, None, f"reply_{name}", [USED]
        yield 1, None, f"reply_subject_{entry['subject']}", [USED]
        yield 1, None, f"desk_reply_name_{name}", [USED]


def families(file: IO[bytes], keywords: object, tags: object, options: Options) -> Iterator[Found]:
    """The keys that come of a pattern in code (`families.yml`)."""
    for family in _records(file):
        for key in members(family):
            yield 1, None, key, [OPTIONAL if family.get("optional") else USED]


@lru_cache(maxsize=1)
def sources() -> Mapping[str, tuple[str, ...]]:
    """Lists of the project that families take their names from."""
    listed = questions.checklist()
    papers = [part for each in listed.documents.values() for part in (each.id, *each.parts)]
    return {
        "links": tuple(answers.answers().links),
        "intents": tuple(training_data.contract_intents()),
        "topics": tuple(topic_names()),
        "languages": tuple(languages()),
        "questions": tuple(listed.questions),
        "papers": tuple(papers),
        "obtained_in": tuple(OBTAINED_IN),
        "authorities": questions.AUTHORITIES,
        "time_limits": tuple(listed.deadlines),
        "emergencies": tuple(EMERGENCIES),
        "registration_codes": tuple(codebook().codes),
        "replies": tuple(reply_texts()),
    }


def members(family: Mapping[str, Any]) -> Iterator[str]:
    """The keys of a family: its pattern with every combination of its names."""
    named = [
        sources()[names] if isinstance(names, str) else tuple(str(name) for name in names)
        for names in family["names"]
    ]
    for combination in itertools.product(*named):
        yield family["pattern"].format(*combination)


# --- what follows ---------------------------------------------------------------------------


def references(root: Path = ROOT) -> list[Reference]:
    """Every use of a text that the mapping of `babel.cfg` finds."""
    with _MAPPING.open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)
    found = extract_from_dir(
        root, methods, options, keywords={}, directory_filter=lambda path: _is_ours(Path(path))
    )
    return [Reference(str(key), how[0], file, line) for file, line, key, how, _ in found]


def _is_ours(folder: Path) -> bool:
    return not folder.name.startswith((".", "_")) and folder.name not in _NOT_OURS


@lru_cache(maxsize=1)
def patterns() -> frozenset[str]:
    """The patterns that `families.yml` knows."""
    data = yaml_text.load(_FAMILIES.read_text(encoding="utf-8"))
    return frozenset(
        pattern for each in data for pattern in (each["pattern"], *each.get("in_code", ()))
    )


def faults(
    found: Iterable[Reference] | None = None, keys: Mapping[str, str] | None = None
) -> list[str]:
    """Texts that nothing uses, and uses of texts that are not there.

    `keys` maps a key to its catalogue; by default those of the Dutch catalogues.
    """
    found = references() if found is None else list(found)
    keys = domains_of_keys() if keys is None else keys
    used = {each.key for each in found if each.how != COMPOSED}
    composed = {each.key for each in found if each.how == COMPOSED and _TELLING.search(each.key)}
    staff = [_made_of(pattern) for pattern in composed]
    listed = []
    for key, name in keys.items():
        # colleagues have one language, so that a word too many costs little
        if name in catalogue.STAFF_DOMAINS and any(made.fullmatch(key) for made in staff):
            continue
        if key not in used:
            listed.append(
                f"locales/{SOURCE}/LC_MESSAGES/{name}.po: {key} is used nowhere. Remove it in "
                "every language; if code composes the key, name it in words/families.yml."
            )
    visitors = [key for key, name in keys.items() if name not in catalogue.STAFF_DOMAINS]
    for each in found:
        if each.how == USED and each.key not in keys:
            listed.append(
                f"{each.file}:{each.line}: {each.key} has no Dutch text. "
                f"Add it to locales/{SOURCE}/LC_MESSAGES, or correct the key."
            )
        elif each.key in composed - patterns() and any(map(_made_of(each.key).fullmatch, visitors)):
            listed.append(
                f"{each.file}:{each.line}: composes keys of the form {each.key}, which "
                "words/families.yml does not know. Add the family there, with its names."
            )
    return list(dict.fromkeys(listed))


def _made_of(pattern: str) -> re.Pattern[str]:
    return re.compile(re.escape(pattern).replace(re.escape("{}"), "[A-Za-z0-9_]+"))


@lru_cache(maxsize=1)
def domains_of_keys() -> Mapping[str, str]:
    """Key → catalogue that has it in Dutch."""
    found = {}
    for name in catalogue.domains(SOURCE):
        with catalogue.po_file(SOURCE, name).open("rb") as file:
            for message in read_po(file, locale=SOURCE):
                if message.id:
                    found[message.id if isinstance(message.id, str) else message.id[0]] = name
    return found


def main() -> None:
    """Print every key with the places that use it, or exit with 1 and what does not fit."""
    found = faults()
    if found:
        sys.exit("\n".join(found))
    print(f"{len(domains_of_keys())} texts are all used, and no used text is missing.")


if __name__ == "__main__":
    main()
