"""The sites that may show Kompas on their own pages, from `sites.yml`; its header explains it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from bot import yaml_text
from bot.errors import raise_faults
from bot.languages import drafts, is_language, languages

FILE = Path(__file__).with_name("sites.yml")

# What the colours of a site stand on: the same as in widget/kompas.css.
LIGHT = ("#ffffff", "#eef3f6")
DARK = ("#14181c", "#222a31")
LEAST_CONTRAST = 4.5
"""WCAG 2.2 AA, for text."""

_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
COLOUR = re.compile(r"#[0-9a-f]{6}", re.IGNORECASE)
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?")
_TRIAL_HOSTS = ("localhost", "127.0.0.1")
_SITE_FIELDS = {"id", "origins", "language", "colours", "contact"}
_CONTACT_FIELDS = {"name", "phone", "email", "web", "hours"}
_COLOUR_FIELDS = ("accent", "on_accent", "accent_dark", "on_accent_dark")


@dataclass(frozen=True)
class Colours:
    """Of buttons and links, on a light and on a dark page."""

    accent: str
    on_accent: str
    accent_dark: str
    on_accent_dark: str


@dataclass(frozen=True)
class SiteContact:
    """An organisation's own card."""

    name: str
    phone: str | None
    email: str | None
    web: str | None
    hours: Mapping[str, str]


@dataclass(frozen=True)
class Site:
    """One entry of `sites.yml`."""

    id: str
    origins: tuple[str, ...]
    language: str | None
    colours: Colours
    contact: SiteContact | None


@dataclass(frozen=True)
class Sites:
    """The whole of `sites.yml`."""

    exit: str
    colours: Colours
    by_id: Mapping[str, Site]


def load(file: Path = FILE) -> Sites:
    """The sites of `file`. Raises `ProjectFileError` naming each fault."""
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise_faults(
            [
                f"KOMPAS_SITES: {file} cannot be read ({type(error).__name__}). Name a file in "
                "the form of web/sites.yml, or leave the variable out."
            ]
        )
        raise
    return parse_sites(text, "web/sites.yml" if file == FILE else str(file))


def parse_sites(text: str, place: str = "web/sites.yml") -> Sites:
    """The sites of a YAML text in the form of `sites.yml`. Raises `ProjectFileError`."""
    try:
        data = yaml_text.load(text)
    except yaml.YAMLError as error:
        line = yaml_text.after_name(error)
        raise_faults([f"{place}:{line} is not YAML. Mend the file."])
        raise
    if not isinstance(data, dict) or set(data) != {"exit", "colours", "sites"}:
        raise_faults([f"{place}: needs exactly exit, colours and sites. Complete it."])
    faults: list[str] = []
    if not _is_page(data["exit"]):
        faults.append(f"{place}: exit is no https address. Give the page to leave to.")
    faults.extend(_colour_faults(f"{place}: colours", data["colours"]))
    rows = data["sites"]
    if not isinstance(rows, list):
        faults.append(f"{place}: sites is no list. Begin each site with `- id:`, or write [].")
        rows = []
    seen: set[str] = set()
    for number, row in enumerate(rows, start=1):
        if not isinstance(row, dict):
            faults.append(f"{place}: entry {number} has no fields. Write it like its neighbours.")
            continue
        faults.extend(_site_faults(f"{place}: {row.get('id', f'entry {number}')}", row))
        if isinstance(row.get("id"), str):
            if row["id"] in seen:
                faults.append(f"{place}: {row['id']}: occurs twice. Give one another id.")
            seen.add(row["id"])
    raise_faults(faults)
    standard = Colours(**data["colours"])
    return Sites(
        exit=data["exit"],
        colours=standard,
        by_id={row["id"]: _site(row, standard) for row in rows},
    )


def contrast(one: str, other: str) -> float:
    """How far two colours are apart, from 1 to 21, as WCAG counts."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _site(row: Mapping[str, Any], standard: Colours) -> Site:
    contact = row.get("contact")
    return Site(
        id=row["id"],
        origins=tuple(row["origins"]),
        language=row.get("language"),
        colours=Colours(**row["colours"]) if "colours" in row else standard,
        contact=SiteContact(
            name=contact["name"],
            phone=contact.get("phone"),
            email=contact.get("email"),
            web=contact.get("web"),
            hours=contact.get("hours", {}),
        )
        if contact
        else None,
    )


def _site_faults(place: str, row: Mapping[str, Any]) -> Iterator[str]:
    unknown = sorted(str(name) for name in set(row) - _SITE_FIELDS)
    if unknown:
        yield f"{place}: has unknown fields {', '.join(unknown)}. Remove them."
    if not isinstance(row.get("id"), str) or not _ID.fullmatch(row["id"]):
        yield f"{place}: the id is not of small letters, digits and '-'. Change it."
    origins = row.get("origins")
    if not isinstance(origins, list) or not origins:
        yield f"{place}: has no origins. List where its pages live, such as https://example.org."
    else:
        for origin in origins:
            if not is_origin(origin):
                yield (
                    f"{place}: origin {origin!r} is not like https://example.org, with nothing "
                    "behind the host. Write it so."
                )
    if "language" in row and not is_language(row["language"]):
        yield f"{place}: language is none of {', '.join(languages())}. Choose one."
    if "colours" in row:
        yield from _colour_faults(f"{place}: colours", row["colours"])
    if "contact" in row:
        yield from _contact_faults(f"{place}: contact", row["contact"])


def _colour_faults(place: str, colours: Any) -> Iterator[str]:
    if not isinstance(colours, dict) or set(colours) != set(_COLOUR_FIELDS):
        yield f"{place}: needs exactly {', '.join(_COLOUR_FIELDS)}. Complete it."
        return
    wrong = [name for name, value in colours.items() if not COLOUR.fullmatch(str(value))]
    if wrong:
        yield f'{place}: {", ".join(wrong)} is not like "#14506e". Write it so, in quotes.'
        return
    pairs = [("accent", "on_accent", colours["on_accent"])]
    pairs += [("accent", "the light page", paper) for paper in LIGHT]
    pairs += [("accent_dark", "on_accent_dark", colours["on_accent_dark"])]
    pairs += [("accent_dark", "the dark page", paper) for paper in DARK]
    for name, ground_name, ground in pairs:
        found = contrast(colours[name], ground)
        if found < LEAST_CONTRAST:
            yield (
                f"{place}: {name} on {ground_name} has a contrast of {found:.1f}, less than "
                f"{LEAST_CONTRAST}. Choose a {'lighter' if 'dark' in name else 'darker'} {name}."
            )


def _contact_faults(place: str, contact: Any) -> Iterator[str]:
    if not isinstance(contact, dict):
        yield f"{place}: has no fields. Give name, and phone, email or web."
        return
    unknown = sorted(str(name) for name in set(contact) - _CONTACT_FIELDS)
    if unknown:
        yield f"{place}: has unknown fields {', '.join(unknown)}. Remove them."
    for name in ("name", "phone", "email"):
        if name in contact and not (isinstance(contact[name], str) and contact[name].strip()):
            yield f"{place}: {name} is no text. Write it in quotes."
    if "name" not in contact:
        yield f"{place}: has no name. Add it."
    if not {"phone", "email", "web"} & set(contact):
        yield f"{place}: has no phone, email or web. Add one."
    phone = contact.get("phone")
    if isinstance(phone, str) and not re.fullmatch(r"\+?[0-9][0-9 ()-]{1,24}", phone.strip()):
        yield f"{place}: phone is no telephone number. Write it as it is dialled."
    email = contact.get("email")
    if isinstance(email, str) and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", email.strip()):
        yield f"{place}: email is no e-mail address. Mend it."
    if "web" in contact and not _is_page(contact["web"]):
        yield f"{place}: web is no https address. Mend it."
    if "hours" in contact:
        hours = contact["hours"]
        # one that is being made may be there already
        if not isinstance(hours, dict) or set(hours) - drafts() != set(languages()):
            yield f"{place}: hours need a text in each of {', '.join(languages())}. Complete them."
        elif not all(isinstance(text, str) and text.strip() for text in hours.values()):
            yield f"{place}: hours have a language without text. Complete them."


def _is_page(value: Any) -> bool:
    if not isinstance(value, str) or re.search(r"[\s\"'<>\\]", value):
        return False
    parts = _split(value)
    return parts is not None and parts[0] == "https"


def is_origin(value: Any) -> bool:
    """Whether `value` is https and a host (http for trials here), with nothing behind it."""
    if not isinstance(value, str):
        return False
    parts = _split(value)
    if parts is None or value != f"{parts[0]}://{parts[1]}{parts[2]}":
        return False
    return parts[0] == "https" or (parts[0] == "http" and parts[1] in _TRIAL_HOSTS)


def _split(value: str) -> tuple[str, str, str] | None:
    """Scheme, host and port (with its colon) of an address that names a host."""
    try:
        parts = urlsplit(value)
        port = f":{parts.port}" if parts.port is not None else ""
    except ValueError:
        return None
    host = parts.hostname or ""
    if not _HOST.fullmatch(host) or parts.username is not None or value != value.strip():
        return None
    return parts.scheme, host, port
