"""Other ways to type the same message, made afresh in every epoch."""

from __future__ import annotations

import random

from bot.languages import fold

# Neighbours on a phone keyboard, where most slips come from.
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_NEIGHBOURS = {
    letter: row[max(0, place - 1) : place] + row[place + 1 : place + 2]
    for row in _ROWS
    for place, letter in enumerate(row)
}


def slips(text: str, rng: random.Random, rate: float) -> str:
    """`text` with slips of the finger: a letter left out, swapped, doubled or a neighbour's."""
    letters = list(text)
    for place in range(len(letters) - 1):
        letter = letters[place]
        if not letter.isalpha() or rng.random() >= rate:
            continue
        kind = rng.randrange(4)
        if kind == 0:
            letters[place] = ""
        elif kind == 1:
            letters[place], letters[place + 1] = letters[place + 1], letter
        elif kind == 2:
            letters[place] = letter * 2
        else:
            letters[place] = rng.choice(_NEIGHBOURS.get(letter.lower(), letter))
    return "".join(letters)


def vary(text: str, rng: random.Random) -> str:
    """`text` as it is (one time in three), or changed in one or more of five ways."""
    if rng.random() < 0.33:
        return text
    varied = text
    if rng.random() < 0.5:
        varied = fold(varied)
    elif rng.random() < 0.3:
        varied = varied.lower()
    if rng.random() < 0.3:
        varied = "".join(c for c in varied if c.isalnum() or c in " '-")
    words = varied.split()
    if len(words) > 4 and rng.random() < 0.35:
        kept = [word for word in words if rng.random() > 0.1]
        varied = " ".join(kept or words)
    if rng.random() < 0.35:
        varied = slips(varied, rng, rng.choice((0.02, 0.05)))
    if rng.random() < 0.04:
        varied = varied.upper()
    return varied.strip() or text
