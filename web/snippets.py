"""What an organisation copies: the code for its pages, the rule for its policy, its entry."""

from __future__ import annotations

from dataclasses import dataclass, replace
from html import escape
from typing import Any
from urllib.parse import urlencode

import yaml

from bot import catalogue
from bot.languages import languages
from web.sites import Colours

SNIPPETS = ("tag", "element", "frame", "link")
"""The ways to put Kompas on a page, the easiest first."""


@dataclass(frozen=True)
class Placement:
    """What an organisation chose: its site, and with which language and topic to begin."""

    home: str
    site: str
    language: str | None = None
    topic: str | None = None

    def _address(self, path: str) -> str:
        given = {"lang": self.language, "topic": self.topic, "embed": self.site}
        known = {name: value for name, value in given.items() if value}
        return f"{self.home}{path}?{urlencode(known)}"

    def _attributes(self) -> str:
        given = {"embed": self.site, "lang": self.language, "topic": self.topic}
        return " ".join(f'data-{name}="{escape(value)}"' for name, value in given.items() if value)

    def _fallback(self) -> str:
        # who reads the source of the page, or has no script, needs no topic in the address
        plain = replace(self, topic=None)
        return f'<a href="{escape(plain.link())}">Kompas</a>'

    def tag(self) -> str:
        """A script, which brings a button."""
        return (
            f'<script src="{escape(self.home)}/kompas.js" {self._attributes()} async></script>\n'
            f"<noscript>{self._fallback()}</noscript>"
        )

    def element(self) -> str:
        """The same with a link inside, for where the script does not come."""
        return (
            f"<kompas-widget {self._attributes()}>\n  {self._fallback()}\n</kompas-widget>\n"
            f'<script src="{escape(self.home)}/kompas.js" async></script>'
        )

    def frame(self) -> str:
        """No script at all."""
        return (
            f'<iframe src="{escape(self._address("/embed"))}" title="Kompas" '
            'referrerpolicy="origin" loading="lazy" width="100%" height="700"></iframe>'
        )

    def link(self) -> str:
        """The plain page."""
        return self._address("/")

    def policy(self) -> str:
        """What a Content-Security-Policy of the organisation must allow."""
        return f"script-src {self.home}; frame-src {self.home};"


def entry(site: str, language: str, colours: Colours) -> str:
    """What an organisation fills in and sends: in the form of `sites.yml`."""
    row: dict[str, Any] = {
        "id": site,
        "origins": ["https://www.example.org", "https://example.org"],
        "language": language,
        "colours": {
            "accent": colours.accent,
            "on_accent": colours.on_accent,
            "accent_dark": colours.accent_dark,
            "on_accent_dark": colours.on_accent_dark,
        },
        "contact": {
            "name": catalogue.text(language, "web_kit_entry_name"),
            "phone": "020 123 45 67",
            "email": "info@example.org",
            "web": "https://www.example.org/contact",
            "hours": {code: catalogue.text(code, "web_kit_entry_hours") for code in languages()},
        },
    }
    return yaml.safe_dump([row], allow_unicode=True, sort_keys=False, width=72)
