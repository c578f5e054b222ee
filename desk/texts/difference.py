"""What differs between two wordings, word by word."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

SAME, REMOVED, ADDED = "same", "removed", "added"
# a word, a run of spaces, or one sign
_PIECES = re.compile(r"\w+|\s+|[^\w\s]")


@dataclass(frozen=True)
class Piece:
    """A stretch of text, and what becomes of it."""

    kind: str
    text: str


def difference(before: str, after: str) -> list[Piece]:
    """`before` and `after` in one: what is the same, what goes and what comes."""
    old, new = _PIECES.findall(before), _PIECES.findall(after)
    pieces: list[Piece] = []
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            pieces.append(Piece(SAME, "".join(old[a:b])))
            continue
        if a < b:
            pieces.append(Piece(REMOVED, "".join(old[a:b])))
        if c < d:
            pieces.append(Piece(ADDED, "".join(new[c:d])))
    return _joined(pieces)


def _joined(pieces: list[Piece]) -> list[Piece]:
    """Changes with nothing but a space between them read better as one."""
    result: list[Piece] = []
    for number, piece in enumerate(pieces):
        between = (
            piece.kind == SAME
            and piece.text.isspace()
            and "\n" not in piece.text
            and 0 < number < len(pieces) - 1
        )
        if between:
            result += [Piece(REMOVED, piece.text), Piece(ADDED, piece.text)]
        else:
            result.append(piece)
    return _ordered(result)


def _ordered(pieces: list[Piece]) -> list[Piece]:
    """Between two stretches that stay: all that goes, then all that comes."""
    result: list[Piece] = []
    gone = come = ""
    for piece in [*pieces, Piece(SAME, "")]:
        if piece.kind == REMOVED:
            gone += piece.text
        elif piece.kind == ADDED:
            come += piece.text
        else:
            result += [Piece(REMOVED, gone), Piece(ADDED, come), piece]
            gone = come = ""
    return [piece for piece in result if piece.text]
