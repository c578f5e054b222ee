"""The arguments that the tools of this folder have in common."""

from __future__ import annotations

import argparse
import sys

from bot.languages import languages


def chosen_languages(program: str, description: str | None) -> list[str]:
    """The languages named on the command line, else all; ends the program at an unknown one."""
    parser = argparse.ArgumentParser(prog=program, description=description)
    parser.add_argument("language", nargs="*", help="codes; without any, all languages")
    given: list[str] = parser.parse_args().language
    unknown = sorted(set(given) - set(languages()))
    if unknown:
        known = ", ".join(languages())
        sys.exit(f"{', '.join(unknown)}: is no language of bot/languages.yml. Choose from {known}.")
    return given or list(languages())
