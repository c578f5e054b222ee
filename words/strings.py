"""`make strings`: finds where texts are used, brings the catalogues in step, checks, compiles.

Exits with 1 and every fault: a text that nothing uses, a used text that is missing, a gap or a
stale translation, and what the checker calls a fault. Advice is left to `make words`.
"""

from __future__ import annotations

import sys

from bot import catalogue, strings
from bot.errors import ProjectFileError
from words import checks, extraction


def faults() -> list[str]:
    """Extract, update, compile and check; what must be mended."""
    listed: list[str] = []
    try:
        strings.main()
    except SystemExit as stopped:
        listed.append(str(stopped))
    try:
        listed += extraction.faults()
        listed += [str(found) for found in checks.findings() if found.severity == checks.FAULT]
    except ProjectFileError as error:
        listed += error.faults
    except (OSError, ValueError) as error:
        # a catalogue that cannot be read is named above
        if not listed:
            listed.append(f"{catalogue.LOCALES.name}: cannot be checked ({error}). Mend the file.")
    return listed


def main() -> None:
    """Print what was done, or exit with 1 and every fault."""
    found = faults()
    if found:
        sys.exit("\n".join(dict.fromkeys(found)))
    print("Every text is used, and the checker finds no fault. Advice: make words.")


if __name__ == "__main__":
    main()
