"""Where Rasa keeps conversations: SQL, with what Rasa's own store lacks, erasing and a probe."""

from __future__ import annotations

import contextlib
import json
import logging
import sqlite3
import time
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any

import sqlalchemy as sa
from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import FailSafeTrackerStore, SQLTrackerStore, TrackerStore
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, BotUttered, Event
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.exceptions import InvalidConfigException

logger = logging.getLogger(__name__)

deadline: ContextVar[float | None] = ContextVar("deadline", default=None)
"""Until when, in seconds since 1970, the turn that is under way can be kept."""

# other turns wait as long as one does: the store works in the thread of them all
_MOST_MILLISECONDS_FOR_A_LOCK = 500


# PostgreSQL that is away or busy: an error in time to tell the visitor, not a wait for ever
_BOUNDS = {
    "connect_timeout": "2",
    "tcp_user_timeout": "3000",
    "keepalives_idle": "2",
    "keepalives_interval": "1",
    "keepalives_count": "2",
    "options": "-c statement_timeout=2000 -c lock_timeout=500",
}


class TurnLate(Exception):
    """The visitor is told that the turn failed: so it leaves nothing behind."""


class ErasableTrackerStore(SQLTrackerStore):
    """Named in endpoints.yml; `url` is an SQLAlchemy address (SQLite or PostgreSQL)."""

    def __init__(
        self,
        domain: Domain | None = None,
        host: str | None = None,
        event_broker: EventBroker | None = None,
        **kwargs: Any,
    ) -> None:
        if not host or "://" not in host:
            raise InvalidConfigException(
                "endpoints.yml: tracker_store: url is not a database address such as "
                "sqlite:///var/tracker.db. Set KOMPAS_TRACKER_URL."
            )
        if host.startswith("sqlite"):
            sa.event.listen(sa.engine.Engine, "connect", _prepare_sqlite)
        self._mended: set[str] = set()
        super().__init__(domain=domain, host=bounded(host), event_broker=event_broker, **kwargs)
        # an error of the database would tell what the visitor wrote
        self.engine.hide_parameters = True
        # a database that was away is back with the next turn, not with the one after it
        self.engine.pool._pre_ping = self.engine.dialect.name == "postgresql"

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Keep what is new of a conversation. Raises `TurnLate` when nobody waits any more."""
        until = deadline.get()
        if until is not None and time.time() > until:
            raise TurnLate
        await super().save(tracker)

    async def _retrieve(
        self, sender_id: str, fetch_events_from_all_sessions: bool
    ) -> DialogueStateTracker | None:
        # Rasa's own ends the whole server at the first row that is no JSON
        events = self._events(sender_id, fetch_events_from_all_sessions)
        if None in events:
            self._mend(sender_id)
            # anew: where the mark of the session was damaged, its rows are others
            events = self._events(sender_id, fetch_events_from_all_sessions)
            if not events and self.domain is not None:
                # nothing is left of it: it begins anew, with the token that the visitor has
                events = [ActionExecuted(ACTION_LISTEN_NAME)]
                await super().save(
                    DialogueStateTracker.from_events(sender_id, events, self.domain.slots)
                )
        if not events or self.domain is None:
            return None
        return DialogueStateTracker.from_events(sender_id, events, self.domain.slots)

    def _events(self, sender: str, all_sessions: bool) -> list[Event | None]:
        """The events in the order of their rows; None for a row that is damaged."""
        with self.session_scope() as session:
            rows = self._event_query(session, sender, all_sessions).all()
            return [_event(row.data) for row in rows]

    def _mend(self, sender: str) -> None:
        """Remove rows that cannot be read: what is new is found by counting rows."""
        with self.session_scope() as session:
            rows = session.query(self.SQLEvent).filter_by(sender_id=sender).all()
            damaged = [row for row in rows if _event(row.data) is None]
            for row in damaged:
                session.delete(row)
            session.commit()
        logger.error("%d damaged rows of a conversation were removed.", len(damaged))
        self._mended.add(sender)

    def was_mended(self, sender: str) -> bool:
        """Whether a part of the conversation was lost since this was asked last."""
        if sender not in self._mended:
            return False
        self._mended.discard(sender)
        return True

    def erase(self, sender: str) -> None:
        """Remove every event of a conversation; the caller holds its lock.

        Raises `sqlalchemy.exc.SQLAlchemyError` when the database is away: nothing is erased then.
        """
        self._mended.discard(sender)
        with self.session_scope() as session:
            session.query(self.SQLEvent).filter_by(sender_id=sender).delete()
            session.commit()
            if self.engine.dialect.name == "sqlite":
                # else what was written lives on in the write-ahead log
                found = session.execute(sa.text("PRAGMA wal_checkpoint(TRUNCATE)")).fetchone()
                if found[0]:
                    logger.warning("The database is in use: what was erased leaves it later.")

    def unused_since(self, before: float) -> list[str]:
        """Conversations in which nothing was said since `before`, in seconds since 1970."""
        with self.session_scope() as session:
            of = self.SQLEvent
            last = session.query(of.sender_id).group_by(of.sender_id)
            return [row[0] for row in last.having(sa.func.max(of.timestamp) < before)]

    def is_unused_since(self, sender: str, before: float) -> bool:
        """Whether nothing was said in the conversation since `before`."""
        with self.session_scope() as session:
            last = session.query(sa.func.max(self.SQLEvent.timestamp))
            found = last.filter_by(sender_id=sender).scalar()
            return found is not None and found < before

    def knows(self, sender: str) -> bool:
        """Whether there is anything of a conversation."""
        with self.session_scope() as session:
            return session.query(self.SQLEvent.id).filter_by(sender_id=sender).first() is not None

    def said(self, sender: str) -> Iterator[tuple[str, str]]:
        """Keys and languages of what was said in a conversation, without mending it."""
        with self.session_scope() as session:
            of = self.SQLEvent
            found = session.query(of.data).filter_by(sender_id=sender, type_name="bot")
            for row in found.order_by(of.id).all():
                event = _event(row.data)
                custom = (event.data or {}).get("custom") if isinstance(event, BotUttered) else None
                if custom and custom.get("id"):
                    yield str(custom["id"]), str(custom.get("lang"))

    def last_message_has(self, sender: str, text: str) -> bool:
        """Whether `text` stands anywhere in the visitor's last message, its metadata included."""
        with self.session_scope() as session:
            of = self.SQLEvent
            last = session.query(of.data).filter_by(sender_id=sender, type_name="user")
            found = last.order_by(of.id.desc()).first()
            return found is not None and text in found[0]

    def answers(self) -> bool:
        """Whether the database is there and can be read."""
        try:
            with self.engine.connect() as connection:
                connection.execute(sa.text("SELECT 1 FROM events LIMIT 1"))
        except sa.exc.SQLAlchemyError as error:
            logger.error("The tracker store does not answer: %s.", type(error).__name__)
            if isinstance(error, sa.exc.ProgrammingError):
                # PostgreSQL was away when this process began, and now there are no tables yet
                self._make_tables()
            return False
        return True

    def _make_tables(self) -> None:
        with contextlib.suppress(sa.exc.SQLAlchemyError):
            self.Base.metadata.create_all(self.engine)

    def forget_traces(self) -> None:
        """Let what was erased leave the pages of PostgreSQL; SQLite overwrites it at once."""
        if self.engine.dialect.name != "postgresql":
            return
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as vacuum:
            vacuum.execute(sa.text("SET statement_timeout = 0"))
            vacuum.execute(sa.text("VACUUM events"))
            vacuum.execute(sa.text("RESET statement_timeout"))


def bounded(url: str) -> str:
    """`url`, with limits of time where it is of PostgreSQL and names none."""
    parsed = sa.engine.make_url(url)
    if parsed.get_backend_name() != "postgresql":
        return url
    missing = {name: value for name, value in _BOUNDS.items() if name not in parsed.query}
    return str(parsed.update_query_dict(missing).render_as_string(hide_password=False))


def _event(data: str) -> Event | None:
    """The event of a row; None for a row that is damaged."""
    try:
        found = Event.from_parameters(json.loads(data))
    except Exception:
        # damage can look like anything
        return None
    return found if isinstance(found, Event) else None


def _readable(raw: bytes) -> str:
    """A text of the database: one damaged byte must not hide the rows beside it."""
    return raw.decode(errors="replace")


def _prepare_sqlite(connection: Any, record: Any) -> None:
    # told of every engine of the process
    if not isinstance(connection, sqlite3.Connection):
        return
    connection.text_factory = _readable
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={_MOST_MILLISECONDS_FOR_A_LOCK}")
    # readers and the writer do not wait for each other
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    # what is deleted is overwritten: an ended conversation leaves no remains in the file
    cursor.execute("PRAGMA secure_delete=ON")
    cursor.close()


def erasable(store: TrackerStore) -> ErasableTrackerStore:
    """The store itself, where Rasa has wrapped it."""
    if isinstance(store, FailSafeTrackerStore):
        store = store._tracker_store
    if not isinstance(store, ErasableTrackerStore):
        raise InvalidConfigException(
            "endpoints.yml: tracker_store is of another type. Write "
            "`type: bot.tracker_store.ErasableTrackerStore`."
        )
    return store
