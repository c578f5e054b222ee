"""What a language that is being made still lacks: `python -m bot.drafts xx`.

The language is taken for offered in this process alone, and whatever then stops the start is the
to-do list. When it is empty, the line in `bot/languages.yml` can lose `draft`.
"""

from __future__ import annotations

import sys
from collections import Counter

from bot import check
from bot.languages import drafts, offer


def to_do(language: str) -> list[str]:
    """A line for each file that is not complete, with how much there is and the first of it."""
    offer(language)
    found = check.faults()
    counts: Counter[str] = Counter()
    first: dict[str, str] = {}
    for fault in found:
        place, _, said = fault.partition(": ")
        place = place.partition(":")[0]
        counts[place] += 1
        first.setdefault(place, said)
    return [
        f"{place}: {said}" if counts[place] == 1 else f"{place}: {counts[place]} to do. {said}"
        for place, said in first.items()
    ]


def main() -> None:
    """Print the list; exit with 1 for a language that is no draft."""
    language = sys.argv[1] if len(sys.argv) == 2 else ""
    if language not in drafts():
        sys.exit(
            f"{language or 'No language'} is no draft of bot/languages.yml. "
            f"Give one of {', '.join(sorted(drafts())) or 'them; there is none now'}."
        )
    lines = to_do(language)
    print(
        "\n".join(lines) if lines else f"{language} is complete. Take `draft: true` off its line."
    )


if __name__ == "__main__":
    main()
