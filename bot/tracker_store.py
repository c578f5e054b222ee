"""Where Rasa keeps conversations: SQL, with what Rasa's own store lacks, erasing and a probe."""

from __future__ import annotations

import contextlib
import itertools
import json
import logging
import os
import time
from collections.abc import Iterator, Sequence
from contextvars import ContextVar
from functools import cache
from typing import Any, NamedTuple

import sqlalchemy as sa
from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import FailSafeTrackerStore, SQLTrackerStore, TrackerStore
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActionReverted,
    ActiveLoop,
    AllSlotsReset,
    BotUttered,
    ConversationPaused,
    Event,
    Restarted,
    SessionStarted,
    SlotSet,
    UserUtteranceReverted,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.utils.common import all_subclasses
from sqlalchemy.orm import Session

from bot import sqlite_traces
from bot.recent_turns import TURNS, RecentTracker, standing_for
from bot.trackers import custom_of

logger = logging.getLogger(__name__)

deadline: ContextVar[float | None] = ContextVar("deadline", default=None)
"""Until when, in seconds since 1970, the turn that is under way can be kept."""

# other turns wait as long as one does: the store works in the thread of them all
_MOST_MILLISECONDS_FOR_A_LOCK = 500

_INDEX = (
    "CREATE INDEX IF NOT EXISTS events_by_kind ON events (sender_id, type_name, action_name, id)"
)

# what stands before them cannot be told by the last value of each slot
_REWRITING = tuple(
    kind.type_name
    for kind in (
        Restarted,
        ActionReverted,
        UserUtteranceReverted,
        AllSlotsReset,
        ConversationPaused,
    )
)


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


class ConversationChanged(Exception):
    """Somebody else wrote in the conversation, or ended it, while a turn was under way."""


class _Found(NamedTuple):
    """What is read of a conversation for a turn; None in the place of damaged events."""

    before: list[Event | None]
    """Of the slots and of the form, the last before the recent turns."""
    recent: list[Event | None]
    first_row: int
    """Of the recent turns; 0 where nothing is left out."""
    last_row: int


class ErasableTrackerStore(SQLTrackerStore):
    """Named in endpoints.yml; `url` is an SQLAlchemy address (SQLite or PostgreSQL)."""

    engine: sa.engine.Engine

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
        self._mended: set[str] = set()
        self._has_traces = False
        super().__init__(domain=domain, host=bounded(host), event_broker=event_broker, **kwargs)
        if self.engine.dialect.name == "sqlite":
            self.engine.dispose()
            self.engine = _kept_open(host)
            self.sessionmaker = sa.orm.session.sessionmaker(bind=self.engine)
        _add_index(self.engine)
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
        if isinstance(tracker, RecentTracker):
            tracker.kept, tracker.last_row = len(tracker.events), None

    async def stream_events(self, tracker: DialogueStateTracker) -> None:
        """Hand what is new to the event broker, where there is one."""
        if self.event_broker is None or not isinstance(tracker, RecentTracker):
            await super().stream_events(tracker)
            return
        new = list(itertools.islice(tracker.events, tracker.kept, None))
        await self._stream_new_events(self.event_broker, new, tracker.sender_id)

    async def _retrieve(
        self, sender_id: str, fetch_events_from_all_sessions: bool
    ) -> DialogueStateTracker | None:
        if self.domain is None:
            return None
        read = self._all if fetch_events_from_all_sessions else self._recent
        found = read(sender_id)
        if None in found.before or None in found.recent:
            # Rasa's own ends the whole server at the first row that is no JSON
            self._mend(sender_id)
            # anew: where the mark of the session was damaged, its rows are others
            found = read(sender_id)
            if not found.recent:
                # nothing is left of it: it begins anew, with the token that the visitor has
                events = [ActionExecuted(ACTION_LISTEN_NAME)]
                await super().save(
                    DialogueStateTracker.from_events(sender_id, events, self.domain.slots)
                )
                found = read(sender_id)
        if not found.recent:
            return None
        tracker = RecentTracker.read(
            sender_id,
            self.domain.slots,
            _standing_for(found.before),
            [event for event in found.recent if event is not None],
            found.last_row,
        )
        if found.first_row:
            tracker.earlier = _Earlier(self, sender_id, found.first_row)
        return tracker

    def _all(self, sender: str) -> _Found:
        """Every event, of all sessions."""
        with self.session_scope() as session:
            rows = self._rows(session, sender, 0)
        return _found([], rows, 0)

    def _recent(self, sender: str) -> _Found:
        """The last turns of the session, and what went before in it."""
        of = self.SQLEvent
        with self.session_scope() as session:
            # from the end: where the turns begin, and whether the session does before them
            begun = session.query(of.id, of.type_name).filter(
                of.sender_id == sender,
                of.type_name.in_([UserUttered.type_name, SessionStarted.type_name]),
            )
            heads = begun.order_by(of.id.desc()).limit(TURNS + 1).all()
            start = next((id for id, kind in heads if kind == SessionStarted.type_name), 0)
            if start or len(heads) <= TURNS:
                return _found([], self._rows(session, sender, start), 0)
            session_row = self._session_row(session, sender)
            first_row = heads[TURNS - 1][0]
            before = self._before(session, sender, session_row, first_row)
            if before is None:
                return _found([], self._rows(session, sender, session_row), 0)
            return _found(before, self._rows(session, sender, first_row), first_row)

    def _rows(
        self, session: Session, sender: str, first: int, before: int | None = None
    ) -> Sequence[Any]:
        """Ids and contents of the rows from `first` on, and before `before`."""
        of = self.SQLEvent
        rows = session.query(of.id, of.data).filter(of.sender_id == sender, of.id >= first)
        if before is not None:
            rows = rows.filter(of.id < before)
        found: Sequence[Any] = rows.order_by(of.id).all()
        return found

    def _session_row(self, session: Session, sender: str) -> int:
        """Where the last session begins; 0 where there is no mark of it."""
        of = self.SQLEvent
        marks = session.query(sa.func.max(of.id))
        found = marks.filter_by(sender_id=sender, type_name=SessionStarted.type_name).scalar()
        return int(found or 0)

    def _before(
        self, session: Session, sender: str, session_row: int, first_row: int
    ) -> list[str] | None:
        """The last rows of each slot and of the form; None where that does not tell the state."""
        of = self.SQLEvent
        kinds = [SlotSet.type_name, ActiveLoop.type_name, *_REWRITING]
        last = session.query(sa.func.max(of.id)).filter(
            of.sender_id == sender,
            of.type_name.in_(kinds),
            of.id > session_row,
            of.id < first_row,
        )
        last = last.group_by(of.type_name, of.action_name)
        rows = session.query(of.type_name, of.data).filter(of.id.in_(last.subquery().select()))
        found = rows.order_by(of.id).all()
        if any(kind in _REWRITING for kind, _ in found):
            return None
        return [data for _, data in found]

    def session_so_far(self, sender: str) -> list[dict[str, Any]]:
        """The events of the session as they are stored."""
        with self.session_scope() as session:
            rows = self._rows(session, sender, self._session_row(session, sender))
        return [json.loads(row.data) for row in rows if _event(row.data) is not None]

    def earlier_events(self, sender: str, before: int) -> list[Event]:
        """The events of the session before the row `before`; of damaged ones nothing."""
        with self.session_scope() as session:
            rows = self._rows(session, sender, self._session_row(session, sender), before)
        return [event for row in rows if (event := _event(row.data)) is not None]

    def was_topic(self, sender: str, topic: str, before: int) -> bool:
        """Whether an answer of the session before the row `before` was the first on `topic`."""
        of = self.SQLEvent
        with self.session_scope() as session:
            said = session.query(of.id).filter(
                of.sender_id == sender,
                of.type_name == BotUttered.type_name,
                of.id > self._session_row(session, sender),
                of.id < before,
                of.data.contains(f'"topic": {json.dumps(topic)}', autoescape=True),
            )
            return said.first() is not None

    def _additional_events(
        self, session: Session, tracker: DialogueStateTracker
    ) -> Iterator[Event]:
        """What is to be stored of a conversation. Raises `ConversationChanged`."""
        if not isinstance(tracker, RecentTracker):
            events: Iterator[Event] = super()._additional_events(session, tracker)
            return events
        if tracker.last_row is not None:
            of = self.SQLEvent
            last = session.query(sa.func.max(of.id)).filter_by(sender_id=tracker.sender_id)
            if last.scalar() != tracker.last_row:
                raise ConversationChanged
        return itertools.islice(tracker.events, tracker.kept, None)

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

    def erase(self, sender: str, *, forget: bool = True) -> None:
        """Remove every event of a conversation; the caller holds its lock.

        Who erases several says `forget=False`, and calls `forget_traces` after the last.
        Raises `sqlalchemy.exc.SQLAlchemyError` when the database is away: nothing is erased then.
        """
        self._mended.discard(sender)
        with self.session_scope() as session:
            session.query(self.SQLEvent).filter_by(sender_id=sender).delete()
            session.commit()
        self._has_traces = True
        if forget and self.engine.dialect.name == "sqlite":
            self.forget_traces()

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
                custom = custom_of(event) if event else {}
                if custom.get("id"):
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
            _add_index(self.engine)

    def forget_traces(self) -> None:
        """Let what was erased leave the pages of the database."""
        if self.engine.dialect.name == "sqlite":
            if self._has_traces:
                self._has_traces = not sqlite_traces.forget(self.engine)
            if self._has_traces:
                logger.warning(
                    "The database of conversations is in use or too large: copies of what was "
                    "erased may stay in unused parts of the file. See docs/operations.md, Erasure "
                    "on request."
                )
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


class _Earlier:
    """What went before the recent turns of a session; read when it is asked for."""

    def __init__(self, store: ErasableTrackerStore, sender: str, first_row: int) -> None:
        self._store = store
        self._sender = sender
        self._first_row = first_row

    def events(self) -> Sequence[Event]:
        """All of it, in order."""
        return self._store.earlier_events(self._sender, self._first_row)

    def was_topic(self, topic: str) -> bool:
        """Whether an answer on `topic` was given."""
        return self._store.was_topic(self._sender, topic, self._first_row)


def _found(before: Sequence[str], rows: Sequence[Any], first_row: int) -> _Found:
    recent = [_event(row.data) for row in rows]
    last_row = rows[-1].id if rows else 0
    return _Found([_event(data) for data in before], recent, first_row, last_row)


def _standing_for(before: Sequence[Event | None]) -> list[Event]:
    if not before:
        return []
    loops = [event.name for event in before if isinstance(event, ActiveLoop)]
    slots = [event for event in before if isinstance(event, SlotSet)]
    return standing_for(slots, loops[-1] if loops else None)


@cache
def _kinds() -> dict[str, type[Event]]:
    """The classes of events by name. Rasa looks for them among all classes, for each event."""
    return {kind.type_name: kind for kind in reversed(all_subclasses(Event))}


def _event(data: str) -> Event | None:
    """The event of a row; None for a row that is damaged."""
    try:
        parameters = json.loads(data)
        found = _kinds()[parameters["event"]]._from_parameters(parameters)
    except Exception:
        # damage can look like anything
        return None
    return found if isinstance(found, Event) else None


def _readable(raw: bytes) -> str:
    """A text of the database: one damaged byte must not hide the rows beside it."""
    return raw.decode(errors="replace")


def _add_index(engine: sa.engine.Engine) -> None:
    """By which the last row of each slot is found without a look at the others."""
    try:
        with engine.begin() as connection:
            connection.execute(sa.text(_INDEX))
    except sa.exc.SQLAlchemyError as error:
        # all goes on without it
        logger.warning("The index events_by_kind was not made: %s.", type(error).__name__)


def _kept_open(address: str) -> sa.engine.Engine:
    """An engine that keeps a connection: opening one, and closing the last, costs a turn time."""
    engine = sa.create_engine(
        address,
        poolclass=sa.pool.QueuePool,
        pool_size=1,
        max_overflow=-1,
        # the pool gives a connection to one thread at a time
        connect_args={"check_same_thread": False},
    )
    sa.event.listen(engine, "connect", _prepare_sqlite)
    sa.event.listen(engine, "checkout", _still_there)
    return engine


def _number(path: str) -> tuple[int, int] | None:
    """Which file lies at `path`: its device and number."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _still_there(connection: Any, record: Any, proxy: Any) -> None:
    # a connection goes on writing into a file that was moved or removed
    if _number(record.info["path"]) != record.info["file"]:
        raise sa.exc.DisconnectionError("the database is another file now")


def _prepare_sqlite(connection: Any, record: Any) -> None:
    named = connection.execute("PRAGMA database_list").fetchall()
    record.info["path"] = next(path for _, name, path in named if name == "main")
    record.info["file"] = _number(record.info["path"])
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
