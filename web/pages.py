"""What the pages of the visitor site need besides their own code."""

from __future__ import annotations

from pathlib import Path

from bot import catalogue
from bot.languages import languages
from bot.nlg import answers

STATIC = Path(__file__).with_name("static")

# Placeholders that a script fills in.
_KEPT = {"date": "{date}", "step": "{step}", "of": "{of}"}


def check() -> None:
    """Render every text of the pages once, so that a missing one shows at start-up."""
    for code in languages():
        for key in catalogue.all_keys():
            # the kit has placeholders of its own and looks at its words itself
            if key.startswith("web_") and not key.startswith("web_kit_"):
                answers.wording(key, code, answers.current_time(), _KEPT)
        answers.help_card(code)
