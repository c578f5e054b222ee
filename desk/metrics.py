"""What the desk counts for operators, without a case in it (docs/observability.md)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import sqlalchemy as sa
from prometheus_client import Counter
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from bot.metrics import REGISTRY, errors, stage_seconds
from desk.database import Database
from desk.models import CLOSED, Case, PendingErasure

VARIABLE = "KOMPAS_DESK_METRICS_PORT"

requests = Counter(
    "kompas_desk_requests_total",
    "Requests of the desk by route and status.",
    ["route", "status"],
    registry=REGISTRY,
)


def count(route: str, status: int, milliseconds: int, *, is_api: bool) -> None:
    """Count a request."""
    requests.labels(route, str(status)).inc()
    stage = "desk_api" if is_api else "desk_console"
    stage_seconds.labels(stage).observe(milliseconds / 1000)
    if status >= 500:
        errors.labels(stage).inc()


class Queue(Collector):
    """What waits at the desk and how old the oldest is, looked up when somebody asks: cases, and
    erasures that the Rasa server still has to do."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """The names, without a look at the database."""
        yield from _families()

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The figures; of a database that is away only that it is."""
        up, cases, oldest, erasures, oldest_erasure = _families()
        try:
            found = self._look()
            pending, asked = self._look_at_erasures()
        except sa.exc.SQLAlchemyError:
            up.add_metric([], 0)
            yield up
            return
        up.add_metric([], 1)
        now = datetime.now(UTC)
        for (unopened, urgent), (number, since) in found.items():
            labels = ["unopened" if unopened else "opened", "yes" if urgent else "no"]
            cases.add_metric(labels, number)
            oldest.add_metric(labels, _age(since, now))
        erasures.add_metric([], pending)
        oldest_erasure.add_metric([], _age(asked, now))
        yield from (up, cases, oldest, erasures, oldest_erasure)

    def _look(self) -> dict[tuple[bool, bool], tuple[int, datetime | None]]:
        """Number and beginning of the oldest, by whether unopened and whether urgent."""
        unopened = Case.first_opened.is_(None).label("unopened")
        found: dict[tuple[bool, bool], tuple[int, datetime | None]] = {
            (each, urgent): (0, None) for each in (True, False) for urgent in (True, False)
        }
        query = (
            sa.select(unopened, Case.urgent, sa.func.count(), sa.func.min(Case.created))
            .where(Case.status != CLOSED)
            .group_by(unopened, Case.urgent)
        )
        with self._database.reading() as session:
            for each, urgent, number, since in session.execute(query):
                found[bool(each), bool(urgent)] = (number, since)
        return found

    def _look_at_erasures(self) -> tuple[int, datetime | None]:
        """Number and beginning of the oldest."""
        with self._database.reading() as session:
            query = sa.select(sa.func.count(), sa.func.min(PendingErasure.since))
            number, since = session.execute(query).one()
        return number, since


def _age(since: datetime | None, now: datetime) -> float:
    return max(0.0, (now - since).total_seconds()) if since is not None else 0.0


def _families() -> tuple[GaugeMetricFamily, ...]:
    return (
        GaugeMetricFamily("kompas_desk_database_up", "Whether the registry answers."),
        GaugeMetricFamily(
            "kompas_desk_cases",
            "Cases that are not closed, by whether somebody opened them.",
            labels=["state", "urgent"],
        ),
        GaugeMetricFamily(
            "kompas_desk_oldest_case_seconds",
            "How long the oldest of them has been there.",
            labels=["state", "urgent"],
        ),
        GaugeMetricFamily(
            "kompas_desk_pending_erasures",
            "Conversations erased at the desk that the Rasa server still has.",
        ),
        GaugeMetricFamily(
            "kompas_desk_oldest_erasure_seconds",
            "How long the oldest of them has been erased at the desk.",
        ),
    )
