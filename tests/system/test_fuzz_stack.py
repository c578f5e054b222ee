"""A short run of odd input on the real processes: answered in time, never obeyed or repeated."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stack import Stack, Visitor, fetch

Arrive = Callable[..., Visitor]

# nobody is left waiting; that it is 6 s at most is measured where nothing else runs beside
# (make test-faults)
SLOWEST_SECONDS = 20
BOUNDED = settings(max_examples=25, suppress_health_check=list(HealthCheck), derandomize=True)
DOCUMENT = Path(__file__).parents[2] / "docs" / "visitor-api.yaml"
schema = schemathesis.openapi.from_path(DOCUMENT)
# the others talk with the Rasa server as these do, and tests/web has them all
_TALKING = "^/api/(chat/(start|message)|checklist/open|summary)"


@pytest.fixture(scope="module")
def visitor(stack: Stack) -> Visitor:
    made = Visitor(stack)
    made.start("nl")
    return made


def timed(ask: Callable[[], Any]) -> Any:
    began = time.monotonic()
    answer = ask()
    assert time.monotonic() - began < SLOWEST_SECONDS
    return answer


PIECES = ["Türkiye'ye", "3 mei", "8 jaar", "/", "/restart", "\u200b", "\u202e", "é", "🙂", "{x}"]


@BOUNDED
@given(
    st.one_of(
        st.text(st.characters(blacklist_categories=()), min_size=1, max_size=80),
        st.lists(st.sampled_from(PIECES), min_size=1, max_size=8).map(" ".join),
        st.text(min_size=1, max_size=5).map(lambda text: (text * 2000)[:2000]),
    ).filter(lambda text: bool(text.strip()))
)
def test_any_text_is_answered_in_time(visitor: Visitor, text: str) -> None:
    answer = timed(lambda: visitor.say(text))
    assert not answer.failed
    assert answer.lang == "nl"
    assert "utter_welcome" not in answer.ids, "a restart"
    if "utter_language_proposal" in answer.ids:
        # what comes next could be a yes to it
        visitor.start("nl")


COMMANDS = [
    "/restart",
    "/session_start",
    "/back",
    "/nlu_fallback",
    '/change_language{"language": "pl"}',
    "EXTERNAL: restart",
]
BEFORE = ["", " ", "\u200b", "\ufeff", "/", "\u202e"]


@pytest.mark.parametrize("command", COMMANDS)
def test_no_command_is_obeyed_in_the_middle_of_the_checklist(arrive: Arrive, command: str) -> None:
    visitor = arrive("tr")
    visitor.press("/hague_start_checklist")
    for before in BEFORE:
        for typed in (before + command, before + command.replace("/", "\uff0f")):
            answer = timed(lambda typed=typed: visitor.say(typed))
            assert not answer.failed
            assert answer.lang == "tr"
            assert "utter_welcome" not in answer.ids
    assert visitor.press("/menu").lang == "tr"


@schema.include(path_regex=_TALKING).parametrize()
@settings(BOUNDED, max_examples=4)
def test_every_call_keeps_its_promises(
    case: schemathesis.Case, stack: Stack, visitor: Visitor
) -> None:
    began = time.monotonic()
    reply = case.call(base_url=stack.address, headers={"Authorization": f"Bearer {visitor.token}"})
    assert time.monotonic() - began < SLOWEST_SECONDS
    assert reply.status_code < 500 or reply.json()["help"]["contacts"]
    case.validate_response(
        reply,
        checks=[
            schemathesis.checks.CHECKS.get_one(name)
            for name in (
                "status_code_conformance",
                "content_type_conformance",
                "response_schema_conformance",
                "response_headers_conformance",
            )
        ],
    )


def test_afterwards_every_part_is_ready_and_no_log_tells_of_a_crash(stack: Stack) -> None:
    assert fetch(stack, "GET", "/readyz").status == 200
    for name in ("web", "rasa", "actions", "desk"):
        assert "Traceback" not in stack.log(name).read_text(errors="replace")
