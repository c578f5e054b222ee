"""Counts and times for operators, in Prometheus text; nothing in them is about a person."""

from __future__ import annotations

import contextlib
import os
import shutil

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from bot.emergency import KINDS
from bot.languages import languages
from bot.metrics import OTHER, REGISTRY, closed
from bot.nlg.answers import answers

CAUSES = (
    "timeout",
    "handover",
    "unreadable reply",
    "ConversationGone",
    "status 401",
    "status 500",
    "status 503",
    "status 504",
    "ClientConnectorError",
    "ClientOSError",
    "ServerDisconnectedError",
    "TimeoutError",
    OTHER,
)
"""Why a turn ended with the error message."""

_BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)


class Metrics:
    """The figures of one application, in a registry of its own."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self.requests = Counter(
            "kompas_requests_total",
            "Requests by route and status.",
            ["route", "status"],
            registry=self._registry,
        )
        self.turns = Histogram(
            "kompas_turn_seconds",
            "Time from a visitor's message to the reply.",
            ["language"],
            buckets=_BUCKETS,
            registry=self._registry,
        )
        self.failures = Counter(
            "kompas_failures_total",
            "Turns that ended with the error message, by cause.",
            ["cause"],
            registry=self._registry,
        )
        self.responses = Counter(
            "kompas_responses_total",
            "Messages sent, by response key and language.",
            ["key", "language"],
            registry=self._registry,
        )

        self.emergencies = Counter(
            "kompas_emergencies_total",
            "Emergency cards shown although the Rasa server did not answer.",
            ["kind", "language"],
            registry=self._registry,
        )
        self.outbox = Gauge(
            "kompas_outbox_letters",
            "Cases and contact forms that the desk does not have yet.",
            registry=self._registry,
        )
        self.outbox_age = Gauge(
            "kompas_outbox_oldest_seconds",
            "How long the oldest of them has waited.",
            registry=self._registry,
        )

        self._disk = Gauge(
            "kompas_disk_free_bytes",
            "Room on the disk of KOMPAS_VAR.",
            registry=self._registry,
        )
        for language in languages():
            for kind in KINDS:
                # a count that begins at nothing hides its first rise
                self.emergencies.labels(kind, language)
        for cause in CAUSES:
            self.failures.labels(cause)

    def failed(self, cause: str) -> None:
        """Count a turn that ended with the error message."""
        self.failures.labels(closed(cause, CAUSES)).inc()

    def said(self, key: str, language: str) -> None:
        """Count a message by its response key."""
        keys = answers().entries
        self.responses.labels(closed(key, keys), closed(language, languages())).inc()

    def turn(self, language: str, seconds: float) -> None:
        """Count a turn and its time."""
        self.turns.labels(closed(language, languages())).observe(seconds)

    def emergency(self, kind: str, language: str) -> None:
        """Count an emergency card of this process."""
        self.emergencies.labels(closed(kind, KINDS), closed(language, languages())).inc()

    def text(self) -> bytes:
        """All figures in Prometheus' text format."""
        with contextlib.suppress(OSError):
            self._disk.set(shutil.disk_usage(os.environ.get("KOMPAS_VAR", "var")).free)
        return generate_latest(self._registry) + generate_latest(REGISTRY)
