"""Where Rasa keeps conversations: SQL, with what Rasa's own store lacks, erasing and a probe."""

from __future__ import annotations

import logging
from typing import Any

import sqlalchemy as sa
from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import FailSafeTrackerStore, SQLTrackerStore, TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.exceptions import InvalidConfigException

logger = logging.getLogger(__name__)


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
        super().__init__(domain=domain, host=host, event_broker=event_broker, **kwargs)

    def erase(self, sender: str) -> None:
        """Remove every event of a conversation; the caller holds its lock.

        Raises `sqlalchemy.exc.SQLAlchemyError` when the database is away: nothing is erased then.
        """
        with self.session_scope() as session:
            session.query(self.SQLEvent).filter_by(sender_id=sender).delete()
            session.commit()
            if self.engine.dialect.name == "sqlite":
                # else what was written lives on in the write-ahead log
                session.execute(sa.text("PRAGMA wal_checkpoint(TRUNCATE)"))

    def knows(self, sender: str) -> bool:
        """Whether there is anything of a conversation."""
        with self.session_scope() as session:
            return session.query(self.SQLEvent.id).filter_by(sender_id=sender).first() is not None

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
            return False
        return True


def _prepare_sqlite(connection: Any, record: Any) -> None:
    cursor = connection.cursor()
    # readers and the writer do not wait for each other
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    # what is deleted is overwritten: an ended conversation leaves no remains in the file
    cursor.execute("PRAGMA secure_delete=ON")
    cursor.close()


def erasable(store: TrackerStore) -> ErasableTrackerStore:
    """The store behind Rasa's fail-safe wrapper, which falls back to memory in silence."""
    if isinstance(store, FailSafeTrackerStore):
        store = store._tracker_store
    if not isinstance(store, ErasableTrackerStore):
        raise InvalidConfigException(
            "endpoints.yml: tracker_store is of another type. Write "
            "`type: bot.tracker_store.ErasableTrackerStore`."
        )
    return store


def knows(store: TrackerStore, sender: str) -> bool:
    """Whether a conversation has begun and not ended; a visitor is believed in doubt."""
    try:
        if erasable(store).knows(sender):
            return True
    except sa.exc.SQLAlchemyError:
        return True
    fallback = getattr(store, "_fallback_tracker_store", None)
    return fallback is not None and sender in fallback.store


def last_message_has(store: TrackerStore, sender: str, text: str) -> bool:
    """Whether `text` stands in a visitor's last message; not when the database is away."""
    try:
        return erasable(store).last_message_has(sender, text)
    except sa.exc.SQLAlchemyError:
        return False


def erase(store: TrackerStore, sender: str) -> None:
    """Remove a conversation from `store` and from its fallback in memory."""
    if isinstance(store, FailSafeTrackerStore) and store._fallback_tracker_store is not None:
        store._fallback_tracker_store.store.pop(sender, None)
    erasable(store).erase(sender)
