"""Approved texts that colleagues send by e-mail: `desk/replies.yml` and the catalogue `replies`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from bot import catalogue, papers, reviews, yaml_text
from bot.errors import raise_faults
from bot.languages import SOURCE, is_language
from bot.nlg import answers
from desk.codes import codebook

_FILE = Path(__file__).with_name("replies.yml")
SUBJECTS = ("message", "call", "information")
_FIELDS = frozenset(
    {
        "subject",
        "discreet",
        "codes",
        "roles",
        "topics",
    }
)


@dataclass(frozen=True)
class Reply:
    """An entry of `replies.yml`. `discreet`: whoever else reads it does not learn the topic."""

    name: str
    subject: str
    discreet: bool
    codes: frozenset[str]
    roles: frozenset[str]
    topics: frozenset[str]
    facts: tuple[str, ...]
    check_facts: tuple[str, ...]
    reviewed: date | None
    valid_until: date

    @property
    def key(self) -> str:
        """Key of the wording in the catalogue."""
        return f"reply_{self.name}"

    def is_valid(self, day: date, language: str = SOURCE) -> bool:
        """Whether it may be sent on `day` in `language` (bot/reviews.py)."""
        return day <= self.valid_until and reviews.served(self.key, language, day)

    def suits(self, code: str, role: str) -> bool:
        """Whether it is meant for a case of this code and role of the caller."""
        return (not self.codes or code in self.codes) and (not self.roles or role in self.roles)


@dataclass(frozen=True)
class Mail:
    """A reply as it is sent, in one language."""

    language: str
    subject: str
    body: str


@cache
def replies() -> Mapping[str, Reply]:
    """The entries by name. Raises `ProjectFileError` naming each fault of the file."""
    return parse(_FILE.read_text(encoding="utf-8"))


def parse(text: str) -> Mapping[str, Reply]:
    """Read a text in the form of `replies.yml`; its header explains the fields."""
    data: Any = yaml_text.load(text)
    book, defaults = codebook(), data["defaults"]
    faults: list[str] = []
    found: dict[str, Reply] = {}
    for name, entry in data["replies"].items():
        place = f"desk/replies.yml: {name}"
        for field in sorted(set(entry) - _FIELDS - papers.FIELDS):
            faults.append(f"{place}: has an unknown field {field}. Remove it.")
        if entry.get("subject") not in SUBJECTS:
            faults.append(f"{place}: subject is none of {', '.join(SUBJECTS)}. Choose one.")
        for code in entry.get("codes", []):
            if code not in book.codes:
                faults.append(f"{place}: {code} is no code of desk/codes.yml. Correct it.")
        for role in entry.get("roles", []):
            if role not in book.roles:
                faults.append(f"{place}: {role} is no role of desk/codes.yml. Correct it.")
        for fact in entry.get("check_facts", []):
            if fact not in entry.get("facts", []):
                faults.append(f"{place}: {fact} is not among its facts. Add it there.")
        if not catalogue.has_text(SOURCE, f"reply_{name}"):
            faults.append(
                f"locales/{SOURCE}/LC_MESSAGES/replies.po: reply_{name} has no text. Add it, then "
                "run `make strings`."
            )
        found[name] = Reply(
            name=name,
            subject=entry.get("subject", SUBJECTS[0]),
            discreet=bool(entry.get("discreet")),
            codes=frozenset(entry.get("codes", [])),
            roles=frozenset(entry.get("roles", [])),
            topics=frozenset(entry.get("topics", [])),
            facts=tuple(entry.get("facts", [])),
            check_facts=tuple(entry.get("check_facts", [])),
            reviewed=entry.get("reviewed", defaults["reviewed"]),
            valid_until=entry.get("valid_until", defaults["valid_until"]),
        )
    raise_faults(faults)
    return found


def suited_first(
    code: str, role: str, topics: Iterable[str] = ()
) -> tuple[list[Reply], list[Reply]]:
    """Replies for such a case, those about what was talked of first; and all the others."""
    talked = set(topics)
    every = replies().values()
    suited = [reply for reply in every if reply.suits(code, role)]
    suited.sort(
        key=lambda reply: (reply.topics.isdisjoint(talked), not reply.roles, not reply.codes)
    )
    return suited, [reply for reply in every if not reply.suits(code, role)]


def mail(reply: Reply, language: str, reference: str, now: datetime) -> Mail:
    """`reply` about a case, in `language`; in Dutch where there is no such language."""
    language = language if is_language(language) else SOURCE
    values = {"reference": reference}
    parts = [
        answers.wording(key, language, now, values)
        for key in ("reply_greeting", reply.key, "reply_closing")
    ]
    subject = answers.wording(f"reply_subject_{reply.subject}", language, now, values)
    return Mail(language, subject, "\n\n".join(parts))
