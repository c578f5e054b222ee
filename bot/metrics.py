"""Counts and times of a process for operators; nothing in them is about a person.

Labels come from closed sets: what is in none of them is `other`. docs/observability.md says what
each metric means. A process exposes its own on loopback (`expose`), the visitor site at /metrics.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Collection, Mapping

from prometheus_client import (
    CollectorRegistry,
    Counter,
    GCCollector,
    Histogram,
    ProcessCollector,
    start_http_server,
)

logger = logging.getLogger("kompas.metrics")

REGISTRY = CollectorRegistry()
"""What this process has counted since it began, and its memory, processor time, open files."""
ProcessCollector(registry=REGISTRY)
GCCollector(registry=REGISTRY)

OTHER = "other"

STAGES = frozenset(
    [
        # visitor site: behind an earlier message of the conversation; the Rasa server's work
        "queue",
        "rasa",
        # Rasa server: a turn, and its parts
        "turn",
        "load",
        "parse",
        "policy",
        "actions",
        "answers",
        "keep",
        # action server: one action; it and the couriers: one call of the desk
        "action",
        "desk",
        # desk: a request of our own processes, one of a colleague
        "desk_api",
        "desk_console",
    ]
)
"""Where the time of a turn goes."""

_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

stage_seconds = Histogram(
    "kompas_stage_seconds",
    "Time in a stage of a turn.",
    ["stage"],
    buckets=_BUCKETS,
    registry=REGISTRY,
)
errors = Counter(
    "kompas_errors_total",
    "Requests that failed, by the stage in which they failed first.",
    ["stage"],
    registry=REGISTRY,
)


def closed(value: object, known: Collection[str]) -> str:
    """`value` where it is one of `known`, else `other`."""
    return value if isinstance(value, str) and value in known else OTHER


def expose(variable: str, number: int = 0, environment: Mapping[str, str] = os.environ) -> None:
    """Show the metrics on the port of loopback that `variable` names; none named, none shown.

    `number` tells processes of one kind apart: the next has the next port. A port that is taken
    is said in the log, and all else goes on.
    """
    given = environment.get(variable, "")
    if not given:
        return
    try:
        start_http_server(int(given) + number, addr="127.0.0.1", registry=REGISTRY)
    except (OSError, ValueError, OverflowError) as error:
        logger.error(
            "%s: no metrics are shown there (%s). Give a free port, or nothing.",
            variable,
            type(error).__name__,
        )
