"""Typed answers `data/answers/<language>/<question>.yml`, read and checked without Rasa.

A file maps labels to lists of lines: the options of the question, combinations `a + b` where
several may hold, `_value` for an answer that holds a country, date or age, `unknown`, `_unclear`
for an answer of which nobody could tell what it means, and `_other` for what is typed while the
question is open but does not answer it. A question without a file is understood by the titles of
its buttons alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import yaml

from bot import yaml_text
from bot.checklist.questions import UNKNOWN, Question, checklist
from bot.checklist.values import ALL, NONE, NOT_YET, ONE_BY_ONE, SAME_AS_HOME, STATUSES
from bot.languages import SOURCE, fold, languages

ANSWERS = Path(__file__).parents[2] / "data" / "answers"

OTHER, VALUE = "_other", "_value"
UNCLEAR = "_unclear"
"""An answer, but nobody could tell which: a bare yes to "do you have custody?"."""
DOCUMENT_STATUS = "document_status"
"""File of the answers about one paper, whatever paper it is."""
ITEMS = "items"
"""File of the ways to say which answer is to be changed; its labels are the questions."""
NO_ITEM = "_none"


class Example(NamedTuple):
    """A typed answer with what it says: one label, or several of a multiple answer."""

    language: str
    labels: frozenset[str]
    text: str


def labels_of(head: str) -> tuple[str, ...]:
    """Labels that the file `head` may have, besides combinations; `_other` among them."""
    if head == DOCUMENT_STATUS:
        return (*STATUSES, OTHER, UNCLEAR)
    if head == ITEMS:
        return (*checklist().questions, NO_ITEM)
    question = checklist().questions[head]
    return (*dict.fromkeys([*_own_labels(question), UNKNOWN, OTHER, UNCLEAR]),)


def _own_labels(question: Question) -> tuple[str, ...]:
    if question.type in ("choice", "multi"):
        return question.options
    if question.type == "per_document":
        return (*checklist().documents, ALL, NONE, ONE_BY_ONE)
    extra = {"q_child_where": (SAME_AS_HOME,), "q_date": (NOT_YET,)}
    return (VALUE, *extra.get(question.id, ()))


def several(head: str) -> bool:
    """Whether an answer to `head` may have several labels at once."""
    questions = checklist().questions
    return head in questions and questions[head].type in ("multi", "per_document")


def heads() -> list[str]:
    """Everything that is understood in its own way: the questions, and the two files beside."""
    return [*checklist().questions, DOCUMENT_STATUS, ITEMS]


def examples(head: str, folder: Path = ANSWERS) -> list[Example]:
    """The typed answers of every language; none where no file is. Raises ValueError."""
    found: list[Example] = []
    for language in languages():
        path = folder / language / f"{head}.yml"
        if path.is_file():
            found.extend(_examples_of(path, language))
    return found


def _examples_of(path: Path, language: str) -> Iterator[Example]:
    try:
        data = yaml_text.load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        where = yaml_text.in_file(error)
        raise ValueError(f"{where} is not YAML. Mend the indentation or the quotes") from None
    if not isinstance(data, dict):
        raise ValueError("maps no labels to lists of lines. Write it like its neighbours")
    for label, lines in data.items():
        if not isinstance(label, str) or not isinstance(lines, list):
            raise ValueError(f"{label!r} is no label with a list. Put yes and no in quotes")
        labels = frozenset(label.split(" + "))
        for line in lines:
            if not isinstance(line, str) or not line.strip():
                raise ValueError(f"{label}: {line!r} is no text. Put it in quotes")
            yield Example(language, labels, line)


def faults(folder: Path = ANSWERS) -> Iterator[str]:
    """Every fault of the typed answers, with file, place and remedy."""
    known = heads()
    for language in languages():
        for path in sorted((folder / SOURCE).glob("*.yml")):
            if folder == ANSWERS and not (folder / language / path.name).is_file():
                yield (
                    f"data/answers/{language}/{path.name}: is missing. "
                    "Write it like those of the other languages."
                )
        for path in sorted((folder / language).glob("*.yml")):
            place = f"data/answers/{language}/{path.name}"
            if path.stem not in known:
                yield f"{place}: is no question of bot/checklist/questions.yml. Rename the file."
                continue
            try:
                found = list(_examples_of(path, language))
            except ValueError as error:
                yield f"{place}: {error}."
                continue
            allowed = set(labels_of(path.stem))
            seen: dict[str, Example] = {}
            for example in found:
                for label in sorted(example.labels - allowed):
                    yield f"{place}: {label} is no option of the question. Correct the name."
                if len(example.labels) > 1 and not several(path.stem):
                    yield f"{place}: the question takes one answer at a time. Mend the label."
                key = "".join(c for c in fold(example.text) if c.isalnum())
                twin = seen.setdefault(key, example) if key else example
                if twin.labels != example.labels:
                    yield (
                        f"{place}: {example.text!r} stands under two labels. Keep it under the "
                        "right one."
                    )
