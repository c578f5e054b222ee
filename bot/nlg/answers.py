"""What the assistant says: a response key becomes a message of the visitor API.

Wording comes from the catalogues, what belongs to an answer besides words (buttons, links,
review) from `answers.yml`, numbers and hours from `contacts.yml`. Plain Python: the Rasa server
and the visitor site both use it, and both say the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from functools import lru_cache
from pathlib import Path
from typing import Any, TypedDict
from zoneinfo import ZoneInfo

import yaml
from babel import Locale
from babel.dates import format_date, format_time

from bot import catalogue, papers, reviews, yaml_text
from bot.contacts import OpeningStatus, contacts
from bot.errors import raise_faults
from bot.languages import SOURCE, languages, locale_of

_FILE = Path(__file__).with_name("answers.yml")
KINDS = ("text", "question", "card", "emergency", "error")
AMSTERDAM = ZoneInfo("Europe/Amsterdam")


PAYLOAD = re.compile(r"/(?P<intent>[a-z_]+)(?P<entities>\{.*\})?", re.DOTALL)
"""What a button sends: an intent, and what it carries as JSON."""


class Button(TypedDict):
    """A next step the visitor may choose; `payload` goes back to the chat as it is."""

    title: str
    payload: str


class Link(TypedDict):
    """A page or a number (`tel:`) to open."""

    title: str
    url: str


class Message(TypedDict, total=False):
    """One message of the visitor API (see the interface contract)."""

    id: str
    text: str
    lang: str
    kind: str
    buttons: list[Button]
    links: list[Link]
    reviewed: str
    withheld: bool


@dataclass(frozen=True)
class Answer:
    """An entry of `answers.yml`: everything of an answer but its words.

    `buttons` are intents or full payload names (see `button`), `links` ids of the file's links,
    `numbers` ids of contacts offered as `tel:` links, `facts` the ids the wording rests on.
    `composed`: put together by code, so the key's text, if there is one, is not the whole answer.
    """

    key: str
    kind: str
    buttons: tuple[str, ...]
    links: tuple[str, ...]
    numbers: tuple[str, ...]
    facts: tuple[str, ...]
    check_facts: tuple[str, ...]
    reviewed: date | None
    valid_until: date | None
    composed: bool = False


@dataclass(frozen=True)
class Answers:
    """The whole of `answers.yml`: entries by key, and the address of each link id."""

    entries: Mapping[str, Answer]
    links: Mapping[str, str]


@lru_cache(maxsize=1)
def answers() -> Answers:
    """The entries of `answers.yml`. Raises `ProjectFileError` naming each fault."""
    return parse_answers(_FILE.read_text(encoding="utf-8"))


def parse_answers(text: str) -> Answers:
    """Read a text in the form of `answers.yml`; its header explains the fields."""
    faults: list[str] = []
    entries: dict[str, Answer] = {}
    try:
        data = yaml_text.load(text)
        links: dict[str, str] = dict(data["links"])
        defaults: dict[str, date] = dict(data["defaults"])
        rows: dict[str, Any] = dict(data["answers"])
    except (yaml.YAMLError, TypeError, KeyError, ValueError) as error:
        line = yaml_text.after_name(error)
        raise_faults(
            [
                f"bot/nlg/answers.yml:{line} is not YAML with `defaults`, `links` and `answers`. "
                "Mend the file."
            ]
        )
        raise
    for key, entry in rows.items():
        place = f"bot/nlg/answers.yml: {key}"
        entry = {} if entry is None else entry
        if not isinstance(entry, dict):
            faults.append(f"{place}: is no list of fields. Write it like its neighbours.")
            continue
        unknown = set(entry) - _FIELDS
        if unknown:
            faults.append(f"{place}: has unknown fields {', '.join(sorted(unknown))}. Remove them.")
        kind = entry.get("kind", "text")
        if kind not in KINDS:
            faults.append(f"{place}: kind {kind!r} is none of {', '.join(KINDS)}. Choose one.")
        faults.extend(
            f"{place}: link {link!r} has no address under `links`. Add it."
            for link in entry.get("links", [])
            if link not in links
        )
        faults.extend(
            f"{place}: {contact!r} is no contact of bot/contacts.yml with a phone number."
            for contact in entry.get("numbers", [])
            if contact not in contacts() or not contacts()[contact].phone
        )
        legal = bool(entry.get("legal", entry.get("facts")))
        entries[key] = Answer(
            key=key,
            kind=kind,
            buttons=tuple(entry.get("buttons", [])),
            links=tuple(entry.get("links", [])),
            numbers=tuple(entry.get("numbers", [])),
            facts=tuple(entry.get("facts", [])),
            check_facts=tuple(entry.get("check_facts", [])),
            reviewed=entry.get("reviewed", defaults["reviewed"]) if legal else None,
            valid_until=entry.get("valid_until", defaults["valid_until"]) if legal else None,
            composed=bool(entry.get("composed")),
        )
    raise_faults(faults)
    return Answers(entries=entries, links=links)


_FIELDS = {"composed", "kind", "buttons", "links", "numbers"} | papers.FIELDS


def compose(
    key: str,
    language: str,
    *,
    now: datetime | None = None,
    text_keys: Sequence[tuple[str, Mapping[str, str]]] = (),
    entry_key: str | None = None,
    buttons: Iterable[Button] | None = None,
    as_written: bool = False,
) -> Message:
    """The message of response `key` in `language`.

    `text_keys` replaces the wording: catalogue keys with the values of their placeholders, one
    paragraph each. `entry_key` names another entry for kind, buttons and links; `buttons`
    replaces those of the answer. `now` decides the opening hours, and what is withheld
    (bot/reviews.py); `as_written` withholds nothing, for who reads what was said.
    Raises `catalogue.MissingText` for a key without wording.
    """
    now = now or current_time()
    entry = answers().entries.get(entry_key or key)
    keys = text_keys or [(key, {})]
    say = wording if as_written else said
    parts = [say(text_key, language, now, values) for text_key, values in keys]
    withheld = not as_written and not all(can_say(name, language, now) for name, _ in keys)
    kept = _withheld_entry(entry) if withheld else entry
    message = Message(
        id=key,
        # the fallback stands once for all that it replaces
        text="\n\n".join(dict.fromkeys(parts)),
        lang=language,
        kind=entry.kind if entry else "text",
        buttons=list(buttons) if buttons is not None else _buttons(kept, language),
        links=_links(kept, language, now),
    )
    if withheld:
        message["withheld"] = True
    elif entry and entry.reviewed:
        message["reviewed"] = entry.reviewed.isoformat()
    return message


WITHHELD = f"{reviews.FALLBACK}answer"
_WITHHELD_EMERGENCY = f"{reviews.FALLBACK}emergency"
_WITHHELD_CHECKLIST = f"{reviews.FALLBACK}checklist"
_SAFETY = frozenset(["route_safety", "route_threat"])
"""Texts of the checklist that stand for an emergency."""


def can_say(key: str, language: str, now: datetime | None = None) -> bool:
    """Whether the text of `key` is there and may be said now."""
    day = (now or current_time()).date()
    return catalogue.has_text(language, key) and reviews.served(key, language, day)


def said(key: str, language: str, now: datetime, values: Mapping[str, str]) -> str:
    """What is said for catalogue `key`: its wording, or the fallback where it is withheld."""
    if not reviews.served(key, language, now.date()):
        key = fallback(key)
    return wording(key, language, now, values)


def fallback(key: str) -> str:
    """Key of what is said when `key` is withheld: a text of its own, else one for its kind."""
    own = f"{reviews.FALLBACK}{key}"
    if catalogue.has_text(SOURCE, own):
        return own
    entry = answers().entries.get(key)
    if key in _SAFETY or (entry is not None and entry.kind == "emergency"):
        return _WITHHELD_EMERGENCY
    return _WITHHELD_CHECKLIST if key in catalogue.keys_of("checklist") else WITHHELD


def is_general(key: str) -> bool:
    """Whether the fallback of `key` is the one of many texts, not one of its own."""
    return fallback(key) != f"{reviews.FALLBACK}{key}"


def _withheld_entry(entry: Answer | None) -> Answer:
    """The next steps of the fallback, then those of `entry`; all numbers, but no page.

    A page may be what is wrong with the answer; a number is never taken from a parent.
    """
    own = answers().entries[WITHHELD]
    if entry is None:
        return own
    buttons = dict.fromkeys([*own.buttons, *entry.buttons])
    numbers = dict.fromkeys([*entry.numbers, *own.numbers])
    return replace(entry, buttons=tuple(buttons), links=(), numbers=tuple(numbers))


def current_time() -> datetime:
    """Now, in Amsterdam: the clock that opening hours go by."""
    return datetime.now(AMSTERDAM)


def wording(key: str, language: str, now: datetime, values: Mapping[str, str]) -> str:
    """Text of catalogue `key` with contacts, hours and `values` filled in."""
    filled = {
        name: values[name] if name in values else contact_value(name, language, now)
        for name in catalogue.wording_placeholders(language, key)
    }
    return catalogue.text(language, key, **filled)


def contact_value(placeholder: str, language: str, now: datetime) -> str:
    """Value of a placeholder such as `phone_centrum_iko`, `email_...` or `open_...`.

    Raises KeyError for any other placeholder.
    """
    part, _, contact_id = placeholder.partition("_")
    contact = contacts()[contact_id]
    if part == "phone" and contact.phone:
        return shown_number(contact_id, language, now)
    if part == "email" and contact.email:
        return contact.email
    if part == "open":
        sentence = opening_sentence(contact.status(now), language)
        if contact.hours_confirmed and not is_old_contact(contact_id, language, now):
            return sentence
        return f"{sentence} {catalogue.text(language, 'hours_check')}"
    raise KeyError(placeholder)


def shown_number(contact_id: str, language: str, now: datetime | None = None) -> str:
    """The number of a contact that has one; past its date with "check the number"."""
    number = contacts()[contact_id].phone or ""
    if number and is_old_contact(contact_id, language, now):
        return f"{number} ({catalogue.text(language, 'phone_check')})"
    return number


def is_old_contact(contact_id: str, language: str, now: datetime | None = None) -> bool:
    """Whether a contact is past its date: its numbers are still shown, but to be checked."""
    day = (now or current_time()).date()
    return not reviews.served(f"contact:{contact_id}", language, day)


def opening_sentence(status: OpeningStatus, language: str) -> str:
    """Whether one can call now, and else when, as a sentence."""
    if status.start is None or status.end is None:
        return catalogue.text(
            language, "hours_always" if status.state == "always" else "hours_check"
        )
    times = {
        "from": time_of_day(status.start.time(), language),
        "to": time_of_day(status.end.time(), language),
    }
    if status.state in ("open", "later_today"):
        key = "hours_open_today" if status.state == "open" else "hours_open_later_today"
        return catalogue.text(language, key, **times)
    key = "hours_holiday_until" if status.state == "holiday" else "hours_closed_until"
    return catalogue.text(language, key, day=day_of_week(status.start.date(), language), **times)


def day_of_week(day: date, language: str) -> str:
    """The full date without its year: languages differ in where the weekday stands."""
    pattern = Locale.parse(locale_of(language)).date_formats["full"].pattern.replace(" y", "")
    return str(format_date(day, pattern, locale=locale_of(language)))


def time_of_day(moment: time, language: str) -> str:
    """Hours and minutes, as 9:30."""
    return str(format_time(moment, "H:mm", locale=locale_of(language)))


def button(name: str, language: str) -> Button:
    """The button of an intent, or of a language as `language_tr`."""
    title = catalogue.text(language, f"button_{name}")
    if name.startswith("language_"):
        return language_button(name.removeprefix("language_"), title)
    return Button(title=title, payload=f"/{name}")


def language_button(code: str, title: str | None = None) -> Button:
    """The button that goes on in language `code`."""
    payload = f'/change_language{{"language": "{code}"}}'
    return Button(title=title or languages()[code].name, payload=payload)


def language_buttons() -> list[Button]:
    """A button for every language, each in its own words."""
    return [language_button(code) for code in languages()]


def option_button(intent: str, language: str) -> Button:
    """How an intent is offered when the assistant asks back."""
    return Button(title=catalogue.text(language, f"option_{intent}"), payload=f"/{intent}")


def _buttons(entry: Answer | None, language: str) -> list[Button]:
    if entry is None:
        return []
    return [button(name, language) for name in entry.buttons]


def _links(entry: Answer | None, language: str, now: datetime) -> list[Link]:
    if entry is None:
        return []
    numbers = [number_link(contact, language, now) for contact in entry.numbers]
    pages = [
        Link(title=catalogue.text(language, f"link_{link}"), url=answers().links[link])
        for link in entry.links
    ]
    return numbers + pages


def number_link(contact_id: str, language: str, now: datetime | None = None) -> Link:
    """The `tel:` link of a contact that has a phone number."""
    contact = contacts()[contact_id]
    shown = shown_number(contact_id, language, now)
    return Link(title=f"{contact.names[language]}: {shown}", url=f"tel:{contact.dial}")


def emergency_card(kind: str, language: str) -> Message:
    """What to do in an emergency of `kind` (bot/emergency.py): whom to call first."""
    key = f"emergency_{kind}"
    # a child that calls for help is in no conversation of ours
    after: list[tuple[str, Mapping[str, str]]] = [("emergency_go_on", {})]
    return compose(
        "utter_emergency",
        language,
        text_keys=[(key, {}), *(after if kind != "child" else [])],
        entry_key=key,
    )


def help_card(language: str, now: datetime | None = None) -> dict[str, Any]:
    """The static help card: emergency and contact numbers, with today's hours.

    Needs the catalogues and contacts only, nothing that can be down.
    """
    now = now or current_time()
    rows = []
    for contact_id in HELP_CONTACTS:
        contact = contacts()[contact_id]
        hours = [opening_sentence(contact.status(now), language)]
        if is_old_contact(contact_id, language, now):
            hours.append(catalogue.text(language, "number_check"))
        rows.append(
            {
                "id": contact_id,
                "name": contact.names[language],
                "phone": contact.phone,
                "url": f"tel:{contact.dial}",
                "hours": " ".join(hours),
                "emergency": contact.emergency,
                "web": contact.web,
            }
        )
    return {
        "lang": language,
        "title": catalogue.text(language, "web_help_title"),
        "text": said("utter_emergency", language, now, {}),
        "contacts": rows,
    }


HELP_CONTACTS = (
    "emergency_112",
    "centrum_iko",
    "veilig_thuis",
    "police_nl_non_emergency",
    "missing_child_116000",
    "foreign_affairs_nl",
    "suicide_prevention_113",
    "federal_contact_point_be",
)


def faults(intents: Iterable[str]) -> list[str]:
    """What is missing or left over between `answers.yml`, the catalogues and `intents`."""
    found: list[str] = []
    now = current_time()
    for key, entry in answers().entries.items():
        for name in entry.buttons:
            if not catalogue.has_text(SOURCE, f"button_{name}"):
                found.append(
                    f"bot/nlg/answers.yml: {key}: button {name!r} has no text button_{name} "
                    f"in locales/{SOURCE}/LC_MESSAGES/answers.po. Add it or remove the button."
                )
        for link in entry.links:
            if not catalogue.has_text(SOURCE, f"link_{link}"):
                found.append(
                    f"bot/nlg/answers.yml: {key}: link {link!r} has no text link_{link} "
                    f"in locales/{SOURCE}/LC_MESSAGES/answers.po. Add it or remove the link."
                )
        if not entry.composed and not catalogue.has_text(SOURCE, key):
            found.append(
                f"locales/{SOURCE}/LC_MESSAGES/answers.po: {key} has no text. "
                "Add it, then run `make strings`."
            )
    for intent in intents:
        if not catalogue.has_text(SOURCE, f"option_{intent}"):
            found.append(
                f"locales/{SOURCE}/LC_MESSAGES/answers.po: option_{intent} has no text. "
                "Add it, then run `make strings`."
            )
    for key in sorted(catalogue.all_keys()):
        for name in sorted(catalogue.wording_placeholders(SOURCE, key)):
            if not name.startswith(("phone_", "email_", "open_")):
                continue
            try:
                contact_value(name, SOURCE, now)
            except KeyError:
                found.append(
                    f"locales/{SOURCE}/LC_MESSAGES/answers.po: {key}: {{{name}}} names nothing "
                    "in bot/contacts.yml. Correct the id, or add the number there."
                )
    return found
