"""Gathers the papers of every text and record from the files they lie in, with every fault named.

A file has `defaults`, an entry says what differs; so that a new text needs little. bot/reviews.py
says what follows from the papers.
"""

from __future__ import annotations

import csv
import difflib
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from bot import catalogue, withdrawn, yaml_text
from bot.errors import ProjectFileError
from bot.reviews import FALLBACK, SOON, Review

_ROOT = Path(__file__).parents[1]
ANSWERS = "bot/nlg/answers.yml"
QUESTIONS = "bot/checklist/questions.yml"
REPLIES = "desk/replies.yml"
CONTACTS = "bot/contacts.yml"
STATES = "bot/contracting-states.csv"
FACTS = "bot/facts.csv"
FIELDS = frozenset({"owner", "sources", "reviewed", "valid_until", "facts", "check_facts", "legal"})
"""Fields of an entry that are papers."""
EDITORS = "editors"
"""Answers for the words that say nothing of the law."""


@dataclass(frozen=True)
class Fact:
    """A line of `bot/facts.csv`: a fact the jurists keep, and where it was read."""

    id: str
    domain: str
    mark: str
    sources: tuple[str, ...]


@lru_cache(maxsize=1)
def facts() -> Mapping[str, Fact]:
    """The known facts by id."""
    rows = csv.DictReader(io.StringIO(_read(FACTS)))
    return {
        row["id"]: Fact(row["id"], row["domain"], row["mark"], tuple(row["source"].split(" | ")))
        for row in rows
    }


def gather(read: Callable[[str], str] | None = None) -> Mapping[str, Review]:
    """Papers by key. Raises `ProjectFileError` for a file that cannot be read at all."""
    read = read or _read
    found: dict[str, Review] = {}
    for step in (_words, _answers, _checklist, _replies, _contacts, _states):
        try:
            found.update(step(read))
        except (yaml.YAMLError, csv.Error, KeyError, TypeError, ValueError, AttributeError) as e:
            said = " ".join(str(e).split())
            name = _FILE_OF.get(step.__name__, "locales")
            fault = f"{name}: has no papers to be read ({type(e).__name__}: {said}). Mend the file."
            raise ProjectFileError([fault]) from None
    return found


_FILE_OF = {
    "_answers": ANSWERS,
    "_checklist": QUESTIONS,
    "_replies": REPLIES,
    "_contacts": CONTACTS,
    "_states": STATES,
}


def _read(name: str) -> str:
    return (_ROOT / name).read_text(encoding="utf-8")


def _words(read: Callable[[str], str]) -> Iterator[tuple[str, Review]]:
    """Every word of the catalogues; what has papers of its own replaces this."""
    for domain in catalogue.DOMAINS:
        for key in catalogue.keys_of(domain):
            label = not key.startswith(("utter_", "emergency_", "reply_", "line_"))
            place = f"locales/{{language}}/LC_MESSAGES/{domain}.po"
            is_label = label or key.startswith(FALLBACK)
            yield key, Review(EDITORS, label=is_label, place=place)


def _review(
    entry: Mapping[str, Any], defaults: Mapping[str, Any], place: str, sources: Iterable[str]
) -> Review:
    """The papers of an entry that says something of the law."""
    given = {**defaults, **{k: v for k, v in entry.items() if k in FIELDS}}
    return Review(
        owner=str(given.get("owner") or ""),
        sources=tuple(dict.fromkeys(sources)),
        reviewed=given.get("reviewed"),
        valid_until=given.get("valid_until"),
        facts=tuple(given.get("facts") or ()),
        check_facts=tuple(given.get("check_facts") or ()),
        legal=True,
        place=place,
    )


def _fact_sources(entry: Mapping[str, Any]) -> Iterator[str]:
    for name in entry.get("facts") or ():
        if name in facts():
            yield facts()[name].sources[0]


def _answers(read: Callable[[str], str]) -> Iterator[tuple[str, Review]]:
    data = yaml_text.load(read(ANSWERS))
    for key, entry in data["answers"].items():
        place = f"{ANSWERS}: {key}"
        if entry and entry.get("legal", entry.get("facts")):
            sources = entry.get("sources") or [
                *(data["links"][link] for link in entry.get("links", ()) if link in data["links"]),
                *_fact_sources(entry),
            ]
            yield key, _review(entry, data["defaults"], place, sources)
        elif key.startswith(FALLBACK):
            continue
        else:
            owner = (entry or {}).get("owner") or EDITORS
            yield key, Review(str(owner), place=place)


def _replies(read: Callable[[str], str]) -> Iterator[tuple[str, Review]]:
    try:
        data = yaml_text.load(read(REPLIES))
    except FileNotFoundError:
        # a machine that serves visitors may lack the desk
        return
    for name, entry in data["replies"].items():
        sources = entry.get("sources") or _fact_sources(entry)
        place = f"{REPLIES}: {name}"
        yield f"reply_{name}", _review(entry, data["defaults"], place, sources)


_LABEL = re.compile(r"_(?:title|name|option_\w+)$")
# What stands in the calendar file says what these rules say.
_CALENDAR = {"ics_one_year": "t_one_year", "ics_sixteen": "t_sixteen"}


def _checklist(read: Callable[[str], str]) -> Iterator[tuple[str, Review]]:
    data = yaml_text.load(read(QUESTIONS))
    records = dict(_records(data))
    names = sorted(records, key=len, reverse=True)
    for key in catalogue.keys_of("checklist"):
        of = _CALENDAR.get(key, key)
        # the longest name is the nearest: q_custody_exercised before q_custody
        name = next((each for each in names if of == each or of.startswith(f"{each}_")), None)
        if name is not None:
            label = bool(_LABEL.search(key))
            review = records[name]
            yield key, review if not label else Review(review.owner, label=True, place=review.place)


def _records(data: Mapping[str, Any]) -> Iterator[tuple[str, Review]]:
    """The papers of each question, document, condition, time limit, route, summary and address."""
    titles = {name: source["title"] for name, source in data["sources"].items()}
    defaults = data["defaults"]

    def papers(name: str, entry: Mapping[str, Any]) -> tuple[str, Review]:
        listed = entry.get("sources") or entry.get("source") or defaults.get("sources", [])
        listed = [listed] if isinstance(listed, str) else listed
        sources = [titles.get(source, "") for source in listed]
        return name, _review(entry, defaults, f"{QUESTIONS}: {name}", sources)

    for row in data["questions"]:
        yield papers(row["id"], row)
    for row in data["documents"]:
        yield papers(row["id"], row)
        for part in row.get("any_of", ()):
            yield papers(part["id"], {**_papers_of(row), "sources": [part["source"]]})
    for side in data["conditions"].values():
        for row in side:
            yield papers(f"condition_{row['id']}", row)
    for row in data["deadlines"]:
        yield papers(row["id"], row)
    for name, row in data["routes"].items():
        yield papers(name, row)
    for name, row in data["submission"].items():
        if isinstance(row, dict):
            yield papers(f"submission_{name}", row)
    for name in ("submission_other", "after_sending"):
        yield papers(name, {})
    for name in {row["say"] for row in data["flow"]["evaluate"]} | {"other_route"}:
        yield papers(name, {})


def _papers_of(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name in FIELDS}


def _contacts(read: Callable[[str], str]) -> Iterator[tuple[str, Review]]:
    data = yaml_text.load(read(CONTACTS))
    defaults = {"owner": data.get("owner"), "valid_until": data.get("valid_until")}
    for entry in data["contacts"]:
        checked = entry.get("checked", data["checked"])
        own = {**entry, "reviewed": checked, "facts": (), "check_facts": ()}
        place = f"{CONTACTS}: {entry['id']}"
        # where a number was not seen in a source, `confidence: check` says so
        sources = [source for source in (entry.get("source") or entry.get("web"),) if source]
        yield f"contact:{entry['id']}", _review(own, defaults, place, sources)


def _named_once(found: Mapping[str, Review]) -> Mapping[str, Review]:
    """The papers by the record they stand with: one for all the texts of a question."""
    return {each.place: each for each in found.values() if each.legal}


def faults(found: Mapping[str, Review] | None = None) -> Iterator[str]:
    """What is missing or cannot be in the papers (those of the project), whatever the day."""
    for place, review in _named_once(gather() if found is None else found).items():
        if not review.owner:
            yield f"{place}: has no owner. Name the role that answers for it, or a default."
        if not any(review.sources):
            yield f"{place}: has no source. Name one under `sources`."
        for name in review.facts:
            if name not in facts():
                near = difflib.get_close_matches(name, facts(), n=3)
                hint = f" (near: {', '.join(near)})" if near else ""
                yield f"{place}: {name} is no fact of {FACTS}{hint}. Correct it, or add its line."
        for name in review.check_facts:
            if name not in review.facts:
                yield f"{place}: {name} is among check_facts, not among facts. Add it there."
        dates = (review.reviewed, review.valid_until)
        if not all(type(day) is date or day is None for day in dates):
            yield f"{place}: reviewed or valid_until is no date. Write it as 2026-11-22."
        elif review.reviewed and review.valid_until and review.valid_until < review.reviewed:
            yield f"{place}: valid_until lies before reviewed. Correct one of the two."


def faults_on(day: date) -> Iterator[str]:
    """What is wrong with the papers on `day`: reviews still to come, and texts past their day."""
    named = _named_once(gather())
    for place, review in named.items():
        if review.reviewed and review.reviewed > day:
            yield f"{place}: reviewed {review.reviewed} is still to come. Write when it was read."
    for last, places in _by_day(named, lambda last: last < day):
        yield (
            f"{places}: expired on {last}. Have it read anew, then write the new `reviewed` (of a "
            "contact or a state `checked`) and `valid_until`."
        )


def notices_on(day: date) -> Iterator[str]:
    """What wants a jurist soon, and what is not said now: no fault."""
    named = _named_once(gather())
    soon = day + SOON
    for last, places in _by_day(named, lambda last: day <= last < soon):
        yield f"{places}: expires on {last}. Have it read anew before."
    never = [place for place, review in named.items() if review.reviewed is None]
    for places in _by_file(never):
        yield f"{places}: not reviewed, so it is not said. Have a jurist read it."
    for each in withdrawn.withdrawals():
        where = f" ({each.language})" if each.language else ""
        yield f"{each.key}{where}: is withdrawn. `python -m bot.withdraw --restore` ends that."


def _by_day(
    named: Mapping[str, Review], chosen: Callable[[date], bool]
) -> Iterator[tuple[date, str]]:
    days: dict[date, list[str]] = {}
    for place, review in named.items():
        if review.valid_until is not None and chosen(review.valid_until):
            days.setdefault(review.valid_until, []).append(place)
    for last in sorted(days):
        for places in _by_file(days[last]):
            yield last, places


_MOST_NAMES = 5


def _by_file(places: Iterable[str]) -> Iterator[str]:
    """One line for a file: its records by name, of many the first and how many there are."""
    files: dict[str, list[str]] = {}
    for place in places:
        file, _, name = place.partition(": ")
        files.setdefault(file, []).append(name)
    for file, names in files.items():
        more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
        yield f"{file}: {', '.join(names[:_MOST_NAMES])}{more}"


def _states(read: Callable[[str], str]) -> Iterator[tuple[str, Review]]:
    for row in csv.DictReader(io.StringIO(read(STATES))):
        code = row["iso2"]
        until = row["valid_until"]
        yield (
            f"state:{code}",
            Review(
                owner=row["owner"],
                sources=(row["source"],) if row["source"] else (),
                reviewed=date.fromisoformat(row["checked"]) if row["checked"] else None,
                valid_until=date.fromisoformat(until) if until else None,
                legal=True,
                place=f"{STATES}: {code}",
            ),
        )
