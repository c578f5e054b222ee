"""The colours of an organisation made fit for a site: of one colour that it gives, all four.

What cannot be read is not taken; the nearest shade that can is proposed instead.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from web.sites import COLOUR, DARK, LEAST_CONTRAST, LIGHT, Colours, contrast

_WHITE, _BLACK = "#ffffff", "#000000"
_STEPS = 50


@dataclass(frozen=True)
class Note:
    """What there is to say of a colour: `kind` is form, low, dark_low or good."""

    kind: str
    found: float = 0.0
    better: str = ""

    @property
    def is_fault(self) -> bool:
        """Whether another colour is needed."""
        return self.kind != "good"


@dataclass(frozen=True)
class Chosen:
    """Colours that pass the check of `sites.yml`, and what to say of those that were given."""

    colours: Colours
    light: Note | None
    dark: Note | None


def choose(accent: str, accent_dark: str, standard: Colours) -> Chosen:
    """The colours to show for what was filled in, "" for nothing."""
    light_note = _note(accent, LIGHT, "low", _BLACK) if accent else None
    dark_note = _note(accent_dark, DARK, "dark_low", _WHITE) if accent_dark else None
    light = _usable(accent, light_note) or standard.accent
    dark = _usable(accent_dark, dark_note)
    if dark is None:
        given = accent if light_note is not None and light_note.kind != "form" else None
        dark = readable(given, DARK, _WHITE) if given else standard.accent_dark
    # what is read on white carries white, and what is read on the dark page carries its colour
    return Chosen(Colours(light, _WHITE, dark, DARK[0]), light_note, dark_note)


def readable(colour: str, papers: Sequence[str], towards: str) -> str:
    """`colour`, or the nearest shade of it `towards` white or black to be read on `papers`."""
    shades = (_mixed(colour, towards, step / _STEPS) for step in range(_STEPS + 1))
    return next(shade for shade in shades if _worst(shade, papers) >= LEAST_CONTRAST)


def _note(colour: str, papers: Sequence[str], low: str, towards: str) -> Note:
    if not COLOUR.fullmatch(colour):
        return Note("form")
    worst = _worst(colour, papers)
    # rounded up, 4.46 would read as enough
    found = math.floor(worst * 10) / 10
    if worst < LEAST_CONTRAST:
        return Note(low, found, readable(colour, papers, towards))
    return Note("good", found)


def _usable(colour: str, note: Note | None) -> str | None:
    if note is None or note.kind == "form":
        return None
    return note.better or colour.lower()


def _worst(colour: str, papers: Sequence[str]) -> float:
    return min(contrast(colour, paper) for paper in papers)


def _mixed(one: str, other: str, share: float) -> str:
    parts = ((int(one[at : at + 2], 16), int(other[at : at + 2], 16)) for at in (1, 3, 5))
    return "#" + "".join(f"{round(a * (1 - share) + b * share):02x}" for a, b in parts)
