"""Answers to the checklist that the tests of its documents start from."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.checklist.questions import checklist

NOW = datetime(2026, 11, 23, 11, 0, tzinfo=ZoneInfo("Europe/Amsterdam"))
"""A Monday on which everyone can be called."""

_STATUSES = ["have", "can_get", "not_available", "unknown"]

FINISHED: dict[str, Any] = {
    "q_safety": "no",
    "q_role": "left_behind_parent",
    "q_home_country": "NL",
    "q_child_where": "TR",
    "q_age": [{"years": 8, "on": "2026-11-23"}],
    "q_event": "not_returned",
    "q_date": ["2026-08-24", "2026-08-24"],
    "q_residence_facts": "yes_for_longer",
    "q_custody": "yes_joint",
    "q_custody_exercised": "yes",
    "q_consent": "holiday_only",
    "q_acquiescence": "no",
    "q_whereabouts": "town_or_family",
    "q_proceedings": ["case_here", "case_there"],
    "q_defences": ["child_objects", "settled"],
    "q_agreement": "maybe",
    "q_police": "no",
    "q_documents": {
        name: _STATUSES[number % 4] for number, name in enumerate(checklist().documents)
    },
}
CHILDREN = [
    {"years": 8, "on": "2026-11-23"},
    {"born": ["2012-02-29", "2012-02-29"]},
    "unknown",
]

WALKS: dict[str, dict[str, Any]] = {
    "finished": FINISHED,
    "from_belgium": {**FINISHED, "q_home_country": "BE", "q_child_where": "PL"},
    "from_germany": {**FINISHED, "q_home_country": "DE", "q_child_where": "PL"},
    "several_children": {**FINISHED, "q_age": CHILDREN, "q_date": ["2026-08-01", "2026-08-31"]},
    "all_unknown": {name: "unknown" for name in FINISHED if name != "q_role"}
    | {"q_role": "professional"},
    "unfinished": {"q_safety": "no", "q_role": "left_behind_parent", "q_home_country": "NL"},
    "led_elsewhere": {**FINISHED, "q_child_where": "AE"},
    "in_danger": {"q_safety": "danger"},
}
