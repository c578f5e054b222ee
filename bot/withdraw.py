"""Take a text back at once, or put it back: `python -m bot.withdraw KEY --reason "…"`.

The running servers see it with the next message, and it holds until it is restored. What is said
in its place is the approved fallback (docs/tasks/withdraw-an-answer.md).
"""

from __future__ import annotations

import argparse
import difflib
import fcntl
import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from bot import catalogue, reviews, withdrawn
from bot.languages import SOURCE, is_language, languages
from bot.withdrawn import DamagedList, Withdrawal

logger = logging.getLogger(__name__)

_FILLED = ("phone_", "email_", "open_")
"""Placeholders that every text can have filled in."""
_MOST_REASON = 500


class NotWithdrawn(ValueError):
    """What was asked for cannot be done; the text says why, and what can."""


def withdraw(key: str, language: str | None, reason: str, now: datetime) -> Withdrawal:
    """Take back `key`, in all languages without a `language`. Raises `NotWithdrawn`."""
    _check(key, language)
    reason = " ".join(reason.split())
    if not reason:
        raise NotWithdrawn("--reason: is missing. Say in a few words why, for who restores it.")
    if len(reason) > _MOST_REASON:
        raise NotWithdrawn(f"--reason: is longer than {_MOST_REASON} characters. Shorten it.")
    entry = Withdrawal(key, language, reason, now.isoformat(timespec="seconds"))
    with _changing() as change:
        change(lambda kept: [*(e for e in kept if (e.key, e.language) != (key, language)), entry])
    logger.warning("%s is withdrawn (%s).", key, language or "every language")
    return entry


def restore(key: str, language: str | None) -> list[Withdrawal]:
    """Put `key` back, in one language or in all; return what was withdrawn of it.

    Raises `NotWithdrawn` when nothing was.
    """
    found: list[Withdrawal] = []

    def kept(listed: list[Withdrawal]) -> list[Withdrawal]:
        found.extend(e for e in listed if e.key == key and language in (None, e.language))
        return [each for each in listed if each not in found]

    with _changing() as change:
        change(kept)
    if not found:
        where = f" in {language}" if language else ""
        listed = ", ".join(sorted({each.key for each in withdrawn.withdrawals()})) or "none"
        raise NotWithdrawn(f"{key}: is not withdrawn{where}. Withdrawn now: {listed}.")
    logger.warning("%s is restored (%s).", key, language or "every language")
    return found


def _check(key: str, language: str | None) -> None:
    known = reviews.reviews()
    review = known.get(key)
    if review is None:
        near = difflib.get_close_matches(key, known, n=3, cutoff=0.5)
        hint = f" Did you mean {', '.join(near)}?" if near else ""
        raise NotWithdrawn(f"{key}: there is no such text.{hint}")
    if language is not None and not is_language(language):
        raise NotWithdrawn(f"--language: {language} is none of {', '.join(languages())}.")
    if key.startswith("contact:"):
        raise NotWithdrawn(
            f"{key}: a number is never taken away. Correct it in bot/contacts.yml, or give it a "
            "`valid_until` that is past: then it is shown with the request to check it."
        )
    if review.label:
        raise NotWithdrawn(
            f"{key}: is a word of a button or a page and has no fallback. Change it in "
            f"{review.place.replace('{language}', language or SOURCE)}, or withdraw the text "
            "that it belongs to."
        )
    if not review.legal and catalogue.has_text(SOURCE, key):
        own = [n for n in catalogue.wording_placeholders(SOURCE, key) if not n.startswith(_FILLED)]
        if own:
            raise NotWithdrawn(
                f"{key}: tells of the conversation itself ({{{own[0]}}}) and has no fallback. "
                f"Change it in {review.place.replace('{language}', language or SOURCE)}."
            )


@contextmanager
def _changing() -> Iterator[Callable[[Callable[[list[Withdrawal]], list[Withdrawal]]], None]]:
    """The list, for one at a time; two who withdraw at once lose neither."""
    path = withdrawn.file()
    path.parent.mkdir(parents=True, exist_ok=True)
    with _lock(path).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)

        def change(by: Callable[[list[Withdrawal]], list[Withdrawal]]) -> None:
            withdrawn.write(path, by(_listed(path)))

        yield change


def _lock(path: Path) -> Path:
    return path.with_name(f".{path.name}.lock")


def _listed(path: Path) -> list[Withdrawal]:
    try:
        return list(withdrawn.read(path))
    except FileNotFoundError:
        return []
    except DamagedList:
        # a list that nobody can read must not silently become a shorter one
        raise NotWithdrawn(
            f"{path}: cannot be read. What held before is in {withdrawn.backup(path).name}; copy "
            "that over it, or remove both and withdraw the texts again."
        ) from None


def _show(each: Withdrawal) -> str:
    return f"{each.key}\t{each.language or 'every language'}\t{each.at}\t{each.reason}"


def main(arguments: list[str] | None = None) -> None:
    """Withdraw, restore or list; exit with 1 and the reason when it cannot be done."""
    parser = argparse.ArgumentParser(prog="python -m bot.withdraw", description=__doc__)
    parser.add_argument("key", nargs="?", help="the text, such as utter_hague_costs")
    parser.add_argument("--language", metavar="CODE", help="in this language only")
    parser.add_argument("--reason", default="", help="why, for who restores it; no names")
    group = parser.add_mutually_exclusive_group()
    group.add_argument("--restore", metavar="KEY", help="put this text back")
    group.add_argument("--list", action="store_true", help="what is withdrawn now")
    given = parser.parse_args(arguments)
    if (given.key is None) == (given.restore is None and not given.list):
        parser.error("give the key of a text to withdraw, or --restore KEY, or --list")
    try:
        if given.list:
            for each in _listed(withdrawn.file()):
                print(_show(each))
        elif given.restore:
            for each in restore(given.restore, given.language):
                print(f"{each.key} is said again ({each.language or 'every language'}).")
        else:
            now = datetime.now().astimezone()
            each = withdraw(given.key, given.language, given.reason, now)
            print(f"{each.key} is no longer said ({each.language or 'every language'}).")
    except NotWithdrawn as error:
        sys.exit(str(error))
    except OSError as error:
        sys.exit(
            f"{withdrawn.file()}: cannot be read or written ({type(error).__name__}). Run this as "
            f"the user of the servers, or correct {withdrawn.VARIABLE}."
        )


if __name__ == "__main__":
    main()
