"""Scores of the stock pipeline, by the definitions of the interface contract."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from bench.messages import Row

FALLBACK = "nlu_fallback"


def score(rows: Sequence[Row], parsed: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Top-1, handled and macro-F1, overall, per language and per style.

    `top1` looks at the ranking alone, as for Kompas. `handled` is what the visitor gets: the
    stock fallback asks to rephrase and offers nothing, so a fallback is not handled.
    """
    by_id = {one["id"]: one for one in parsed}
    judged = [
        (row, _first(by_id[row.id]), str(by_id[row.id]["intent"])) for row in rows if row.intent
    ]
    return {
        "rows": len(rows),
        "overall": _figures(judged),
        "by_lang": {
            lang: _figures([one for one in judged if one[0].lang == lang])
            for lang in sorted({row.lang for row in rows})
        },
        "by_style": {
            style: _figures([one for one in judged if one[0].style == style])
            for style in sorted({row.style for row in rows})
        },
    }


def _first(parse: Mapping[str, Any]) -> str:
    return next((name for name, _ in parse["ranking"] if name != FALLBACK), FALLBACK)


def _figures(judged: Sequence[tuple[Row, str, str]]) -> dict[str, float]:
    pairs = []
    handled = 0
    for row, first, final in judged:
        right = row.intent.split("|")
        pairs.append((first if first in right else min(right), first))
        handled += final in right
    if not pairs:
        return {}
    return {
        "top1": round(sum(wanted == given for wanted, given in pairs) / len(pairs), 4),
        "handled": round(handled / len(pairs), 4),
        "macro_f1": round(_macro_f1(pairs), 4),
    }


def _macro_f1(pairs: Sequence[tuple[str, str]]) -> float:
    """Mean F1 over the intents that should have been found."""
    intents = {wanted for wanted, _ in pairs}
    total = 0.0
    for intent in intents:
        hits = sum(wanted == given == intent for wanted, given in pairs)
        total += (
            2
            * hits
            / (
                sum(wanted == intent for wanted, _ in pairs)
                + sum(given == intent for _, given in pairs)
            )
        )
    return total / len(intents)
