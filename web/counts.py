"""What is counted for each site: openings, languages, topics and hand-offs, by month.

A row says how often something happened in a month, and nothing of who or when. Numbers wait in
memory for seconds and are then added in one go: a visitor never waits for the disk, and a process
that is killed loses those seconds.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import re
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from bot.languages import is_language
from bot.nlg.answers import current_time
from bot.small_numbers import LEAST, suppress
from bot.topics import topic_names

logger = logging.getLogger(__name__)

OPENING, LANGUAGE, TOPIC, HANDOFF = "opening", "language", "topic", "handoff"
WHAT = (OPENING, LANGUAGE, TOPIC, HANDOFF)
OWN = ""
"""The site of who came to Kompas by itself."""
NOBODY = "-"
"""The site of conversations that are counted for no site."""

# Replies that say a conversation was handed over; asked again, another one is sent.
_HANDED_OVER = ("utter_handover_done", "utter_handover_waiting")
_MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")
_TABLE = """
CREATE TABLE IF NOT EXISTS counts (
  month TEXT NOT NULL,
  site TEXT NOT NULL,
  what TEXT NOT NULL,
  which TEXT NOT NULL,
  number INTEGER NOT NULL,
  PRIMARY KEY (month, site, what, which)
) WITHOUT ROWID
"""

Row = tuple[str, str, str, str]
"""Month, site, what, which."""
Cell = tuple[str, str]
"""What, which."""


@dataclass(frozen=True)
class Month:
    """What may be shown of a month: a number, or None for one that is left out."""

    month: str
    openings: int | None
    languages: Mapping[str, int | None]
    topics: Mapping[str, int | None]
    handoffs: int | None
    is_quiet: bool
    """Too few conversations to tell what they were about."""


class Counts:
    """The numbers in a SQLite file; several processes may add to it."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = str(path)
        self._waiting: Counter[Row] = Counter()
        self._failing = False

    def opening(self, site: str, reply: Mapping[str, Any]) -> None:
        """Count a conversation that began with `reply` on a page of `site`."""
        self._add(site, OPENING, "")
        if is_language(reply["lang"]):
            self._add(site, LANGUAGE, reply["lang"])
        self.reply(site, reply)

    def reply(self, site: str, reply: Mapping[str, Any]) -> None:
        """Count what a reply tells: a topic that the conversation now has, and a hand-off."""
        # the first answer on a topic bears its name: no conversation is remembered here
        named = {message.get("topic") for message in reply["messages"]}
        for topic in topic_names():
            if topic in named:
                self._add(site, TOPIC, topic)
        if any(message["id"] in _HANDED_OVER for message in reply["messages"]):
            self._add(site, HANDOFF, "")

    def _add(self, site: str, what: str, which: str) -> None:
        self._waiting[f"{current_time():%Y-%m}", site, what, which] += 1

    async def write(self) -> None:
        """Add what waits to the file, in a thread; what cannot be written waits on."""
        # taken whole, here: while the thread writes, others are counted
        waiting, self._waiting = self._waiting, Counter()
        if not waiting:
            return
        try:
            await asyncio.to_thread(self._store, waiting)
        except (sqlite3.Error, OSError) as error:
            self._waiting.update(waiting)
            if not self._failing:
                logger.error(
                    "Counts cannot be written to KOMPAS_COUNTS (%s); they are kept until they can."
                    " Make room there, or give a file that this process may write to.",
                    type(error).__name__,
                )
            self._failing = True
        else:
            self._failing = False

    def _store(self, waiting: Mapping[Row, int]) -> None:
        with self._connection() as connection:
            connection.executemany(
                "INSERT INTO counts VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE"
                " SET number = number + excluded.number",
                [(*row, number) for row, number in waiting.items()],
            )

    def month(self, site: str, month: str) -> Month:
        """What may be shown of `month` ("2026-10"). Blocks; raises `sqlite3.Error`, `OSError`."""
        with self._connection() as connection:
            found = connection.execute(
                "SELECT what, which, number FROM counts WHERE month = ? AND site = ?",
                (month, site),
            ).fetchall()
        return shown(month, {(what, which): number for what, which, number in found})

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        Path(self._path).parent.mkdir(parents=True, exist_ok=True)
        # nobody else on the machine is to read it; SQLite follows for its log
        os.close(os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600))
        connection = sqlite3.connect(self._path, timeout=2)
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            with connection:
                connection.execute(_TABLE)
                yield connection
        finally:
            connection.close()

    @asynccontextmanager
    async def writing(self, seconds: float = 2) -> AsyncIterator[None]:
        """Write every few seconds while this is open, and once more at its end."""

        async def go_on() -> None:
            while True:
                await asyncio.sleep(seconds)
                # an end in the middle of a write waits for it
                await asyncio.shield(self.write())

        task = asyncio.create_task(go_on())
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
            await self.write()


def shown(month: str, counts: Mapping[Cell, int]) -> Month:
    """`counts` of a month as they may be shown.

    Openings are the sum of their languages, so beside a small number in a language others may be
    left out. Where fewer than five conversations began, nobody may read what became of them.
    """
    languages = sorted(cell for cell in counts if cell[0] == LANGUAGE)
    opening: Cell = (OPENING, "")
    found = suppress({**_noughts(), **counts}, [[opening, *languages]])
    quiet = counts.get(opening, 0) < LEAST
    return Month(
        month=month,
        openings=found[opening],
        languages={which: found[what, which] for what, which in found if what == LANGUAGE},
        topics={name: None if quiet else found[TOPIC, name] for name in topic_names()},
        handoffs=None if quiet else found[HANDOFF, ""],
        is_quiet=quiet,
    )


def _noughts() -> dict[Cell, int]:
    return {(OPENING, ""): 0, (HANDOFF, ""): 0, **{(TOPIC, name): 0 for name in topic_names()}}


def past_months(today: date, most: int = 12) -> list[str]:
    """The months that are over, the last first.

    Of a month that runs nothing is shown: who looks every day would see each visitor come.
    """
    months: list[str] = []
    day = today
    for _ in range(most):
        day = day.replace(day=1) - timedelta(days=1)
        months.append(f"{day:%Y-%m}")
    return months


def is_month(text: str | None) -> bool:
    """Whether `text` names a month as "2026-10"."""
    return text is not None and bool(_MONTH.fullmatch(text))


def rows(month: Month) -> Iterable[tuple[str, str, int | None]]:
    """What, which and number, line by line."""
    yield OPENING, "", month.openings
    for which, number in month.languages.items():
        yield LANGUAGE, which, number
    for which, number in month.topics.items():
        yield TOPIC, which, number
    yield HANDOFF, "", month.handoffs
