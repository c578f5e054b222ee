"""Which states have the 1980 Hague Convention in force between them, and what they are called.

`bot/contracting-states.csv` is the project's copy of the table that the jurists keep. It looks at
the world from four states (NL, BE, TR, PL); for any other pair the answer is unknown.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from pathlib import Path
from types import MappingProxyType

from babel import Locale, UnknownLocaleError

from bot import yaml_text
from bot.errors import ProjectFileError

_FILE = Path(__file__).with_name("contracting-states.csv")
_GAZETTEER = Path(__file__).with_name("gazetteer")

VIEWS = ("NL", "BE", "TR", "PL")
"""The states from which the table looks at all others."""

KINGDOM = frozenset({"NL", "BQ", "AW", "CW", "SX"})
"""Parts of the Kingdom of the Netherlands: their courts' decisions hold in the whole Kingdom
(Charter, art. 40), and only NL and BQ are covered by the Convention for certain."""

_IN_FORCE = {view: f"in_force_with_{view.lower()}" for view in VIEWS}
_COLUMNS = (
    "iso2",
    "name_en",
    "party",
    "type",
    "entry_into_force",
    "in_force_with_nl",
    "in_force_with_nl_since",
    "in_force_with_be",
    "in_force_with_tr",
    "in_force_with_pl",
    "eu_member_brussels_iib",
    "source",
    "confidence",
)
_ANSWERS = ("yes", "no", "unknown")
_TYPES = ("ratification", "accession", "succession", "extension", "none")
_CONFIDENCES = ("sure", "check")
_CONFIDENT_COLUMNS = ("party", *(view.lower() for view in VIEWS))


class StatesFileError(ProjectFileError):
    """Faults in `contracting-states.csv`, one a line: line, column, fault, remedy."""


@dataclass(frozen=True)
class Status:
    """Whether the Convention is in force between two states.

    `answer` is yes, no or unknown; `confidence` is sure or check ("check this with …").
    `same_kingdom`: both are parts of the Kingdom of the Netherlands, where other rules come first.
    """

    answer: str
    confidence: str
    same_kingdom: bool = False


@dataclass(frozen=True)
class State:
    """A row of the table.

    `in_force` and `confidence` go by the state that looks ("NL" …; `confidence` has "party", too).
    `in_force` says self for the state itself. Dates are None where they do not apply or are not
    known.
    """

    code: str
    name: str
    party: str
    type: str
    since: date | None
    in_force: Mapping[str, str]
    in_force_with_nl_since: date | None
    brussels_iib: bool
    source: str
    confidence: Mapping[str, str]


@lru_cache(maxsize=1)
def states() -> Mapping[str, State]:
    """Every state of the table by its code. Raises `StatesFileError` naming each fault."""
    return parse_states(_FILE.read_text(encoding="utf-8"))


def parse_states(text: str) -> Mapping[str, State]:
    """States of a text in the form of `contracting-states.csv`; errors as `states`."""
    reader = csv.DictReader(io.StringIO(text))
    missing = [column for column in _COLUMNS if column not in (reader.fieldnames or [])]
    if missing:
        raise StatesFileError(
            [_fault(1, f"has no column {', '.join(missing)}", "Restore the header")]
        )
    found: dict[str, State] = {}
    faults: list[str] = []
    for row in reader:
        line = reader.line_num
        wrong = list(_faults_of(row, line))
        if row["iso2"] in found:
            wrong.append(_fault(line, f"{row['iso2']} occurs twice", "Remove one of the lines"))
        faults.extend(wrong)
        if not wrong:
            found[row["iso2"]] = _state(row)
    faults.extend(
        f"bot/contracting-states.csv: {view}: is missing. Add its line."
        for view in VIEWS
        if view not in found and not faults
    )
    if faults:
        raise StatesFileError(faults)
    return MappingProxyType(found)


def convention_between(a: str, b: str) -> Status:
    """Whether the 1980 Convention is in force between the states with codes `a` and `b`.

    Unknown for a code that is not in the table and for two states that are not NL, BE, TR or PL;
    "no" also there when one of the two is no party. A state and itself: no, surely (the
    Convention is for two states).
    """
    a, b = a.upper(), b.upper()
    same_kingdom = a != b and {a, b} <= KINGDOM
    first, second = states().get(a), states().get(b)
    if first is None or second is None:
        return Status("unknown", "check", same_kingdom)
    if a == b:
        return Status("no", "sure")
    views = [
        (other.in_force[view], other.confidence[view])
        for view, other in ((a, second), (b, first))
        if view in VIEWS
    ]
    if not views:
        return _between_others(first, second, same_kingdom)
    answers = {answer for answer, _ in views}
    if len(answers) > 1:
        # The two columns must not contradict each other; where they do, nothing is certain.
        return Status("unknown", "check", same_kingdom)
    # One sure source is enough when both columns say the same.
    confidence = "sure" if any(word == "sure" for _, word in views) else "check"
    return Status(answers.pop(), confidence, same_kingdom)


def brussels_iib_between(a: str, b: str) -> bool:
    """Whether Regulation (EU) 2019/1111 applies between two different states.

    True among EU members without Denmark, which takes no part; the United Kingdom has left.
    """
    pair = {a.upper(), b.upper()}
    known = [states().get(code) for code in pair]
    return len(pair) == 2 and all(state is not None and state.brussels_iib for state in known)


@lru_cache(maxsize=2048)
def country_name(code: str, language: str) -> str:
    """The name parents use for the country in `language`; the code itself where there is none."""
    code = code.upper()
    own = _own_names(language).get(code)
    if own is not None:
        return own
    try:
        return str(Locale(language).territories.get(code, code))
    except UnknownLocaleError:
        return code


@cache
def _own_names(language: str) -> Mapping[str, str]:
    path = _GAZETTEER / f"{language}.yml"
    if not language.isalpha() or not path.exists():
        return {}
    text = path.read_text(encoding="utf-8")
    names: dict[str, str] = yaml_text.load(text).get("display", {})
    return names


def _between_others(first: State, second: State, same_kingdom: bool) -> Status:
    for state in (first, second):
        if state.party == "no":
            return Status("no", state.confidence["party"], same_kingdom)
    return Status("unknown", "check", same_kingdom)


def _state(row: Mapping[str, str]) -> State:
    confidence = dict(part.split(":") for part in row["confidence"].split(";"))
    return State(
        code=row["iso2"],
        name=row["name_en"],
        party=row["party"],
        type=row["type"],
        since=_date(row["entry_into_force"]),
        in_force=MappingProxyType({view: row[column] for view, column in _IN_FORCE.items()}),
        in_force_with_nl_since=_date(row["in_force_with_nl_since"]),
        brussels_iib=row["eu_member_brussels_iib"] == "yes",
        source=row["source"],
        confidence=MappingProxyType(
            {
                column.upper() if column != "party" else column: confidence[column]
                for column in _CONFIDENT_COLUMNS
            }
        ),
    )


def _date(text: str) -> date | None:
    return date.fromisoformat(text) if text not in ("", "unknown") else None


def _is_date(text: str) -> bool:
    try:
        _date(text)
    except ValueError:
        return False
    return True


def _fault(line: int, fault: str, remedy: str) -> str:
    return f"bot/contracting-states.csv:{line}: {fault}. {remedy}."


def _faults_of(row: Mapping[str, str], line: int) -> list[str]:
    if None in row or None in row.values():
        return [
            _fault(
                line, "has not as many fields as the header", "Put quotes around texts with a comma"
            )
        ]
    faults = []
    code = row["iso2"]
    if not (len(code) == 2 and code.isalpha() and code.isupper() and code.isascii()):
        faults.append(_fault(line, f"iso2 is {code!r}", "Write two capital letters"))
    if not row["name_en"]:
        faults.append(_fault(line, f"{code} has no name_en", "Add the name"))
    allowed: dict[str, tuple[str, ...]] = {
        "party": _ANSWERS,
        "type": _TYPES,
        "eu_member_brussels_iib": ("yes", "no"),
    }
    for view, column in _IN_FORCE.items():
        allowed[column] = ("self",) if code == view else _ANSWERS
    for column, values in allowed.items():
        if row[column] not in values:
            faults.append(
                _fault(line, f"{code}: {column} is {row[column]!r}", f"Use {' or '.join(values)}")
            )
    faults.extend(
        _fault(line, f"{code}: {column} is {row[column]!r}", "Write YYYY-MM-DD or nothing")
        for column in ("entry_into_force", "in_force_with_nl_since")
        if not _is_date(row[column])
    )
    marks = [part.partition(":")[::2] for part in row["confidence"].split(";")]
    if dict(marks).keys() != set(_CONFIDENT_COLUMNS) or any(
        mark not in _CONFIDENCES for _, mark in marks
    ):
        faults.append(
            _fault(
                line,
                f"{code}: confidence is {row['confidence']!r}",
                f"Give {', '.join(_CONFIDENT_COLUMNS)} each as name:sure or name:check",
            )
        )
    return faults
