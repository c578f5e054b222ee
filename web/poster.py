"""What is printed and handed out: a poster, and a sheet of ten cards to cut.

A card is found in a pocket: it bears a name and an address, nothing of what they are for. A
poster hangs where many pass and says so in calm words.
"""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import segno

from bot.languages import languages
from bot.nlg import answers
from web.sites import Site
from web.typesetting import pdf

_FOLDER = Path(__file__).parent / "typst"
KINDS = ("poster", "card")
_POINTS = ("name", "both", "languages")
# In the colour of a name nobody needs to know, every phone reads these on paper.
_INK = "#1b1f23"


def address(home: str, language: str, site: Site) -> str:
    """The page that the QR code opens."""
    query = {"lang": language, **({"embed": site.id} if site.id else {})}
    return f"{home}/?{urlencode(query)}"


def qr(content: str) -> str:
    """The QR code of `content` as SVG, without the white around it; a part may be damaged."""
    code = segno.make(content, error="m", micro=False)
    return str(code.svg_inline(border=0, dark=_INK))


def printed(kind: str, home: str, language: str, site: Site, now: datetime) -> bytes:
    """The PDF (PDF/UA-1, A4) of a `kind` of `KINDS`. Raises `TypesettingFailed`."""
    data = content(kind, home, language, site)
    return pdf(_FOLDER / f"{kind}.typ", {"data": json.dumps(data)}, int(now.timestamp()))


def content(kind: str, home: str, language: str, site: Site) -> dict[str, Any]:
    """What the template shows. A site without id stands for Kompas itself."""
    now = answers.current_time()

    def text(name: str, **values: str) -> str:
        return answers.wording(f"web_{name}", language, now, values)

    aim = address(home, language, site)
    shown = urlsplit(home).netloc
    common = {
        "lang": language,
        "title": text("title"),
        "address": shown,
        "qr": qr(aim),
        "alt": text("kit_qr", address=shown),
        "accent": site.colours.accent,
        "on_accent": site.colours.on_accent,
    }
    if kind == "card":
        return {**common, "language": languages()[language].name}
    words = ("head", "lead", "scan", "or", "danger", "call")
    return {
        **common,
        **{name: text(f"kit_poster_{name}") for name in words},
        "points": [text(f"kit_poster_{name}") for name in _POINTS],
        "organisation": _organisation(site, language),
    }


def _organisation(site: Site, language: str) -> list[str]:
    """Lines that tell who hung it up."""
    if site.contact is None:
        return []
    contact = site.contact
    web = urlsplit(contact.web).netloc if contact.web else None
    reached = [each for each in (contact.phone, contact.email, web) if each]
    return [contact.name, " · ".join(reached), contact.hours.get(language, "")]
