"""Counts and times for operators, in Prometheus text; nothing in them is about a person."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

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

    def text(self) -> bytes:
        """All figures in Prometheus' text format."""
        return generate_latest(self._registry)
