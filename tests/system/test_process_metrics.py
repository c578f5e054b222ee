"""What the running processes show: everything that is asked for, and nothing of anybody."""

from __future__ import annotations

import contextlib
import json
import re
import time
from collections.abc import Callable, Iterator

import pytest
import yaml
from aiohttp import web
from checklist_steps import walk_all, walk_to
from handover_steps import DONE, MARKERS, WITHDRAWN, send_form, step, to_the_form
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample
from stack import LANGUAGES, ROOT, Stack, Visitor, fetch

from bot.emergency import KINDS
from bot.hard_request_data import KINDS as HARD_KINDS
from bot.metrics import OTHER, STAGES
from bot.nlg.answers import answers
from desk.routes import add_routes as add_desk_routes
from web.metrics import CAUSES
from web.routes import add_routes

Arrive = Callable[..., Visitor]
PROCESSES = ("web", "rasa", "actions", "delivery", "desk")
WORD = "Kluut"
# what a violent moment sounds like; each with the marker
VIOLENT = {"nl": "hij slaat me nu", "tr": "kocam beni dövüyor", "pl": "mąż mnie bije"}


def samples(stack: Stack, name: str) -> list[Sample]:
    families = text_string_to_metric_families(stack.metrics(name))
    return [sample for family in families for sample in family.samples]


def total(stack: Stack, process: str, name: str, **labels: str) -> float:
    return sum(
        sample.value
        for sample in samples(stack, process)
        if sample.name == name and labels.items() <= sample.labels.items()
    )


@contextlib.contextmanager
def rises(stack: Stack, process: str, name: str, **labels: str) -> Iterator[None]:
    """What is done in it makes a figure rise."""
    before = total(stack, process, name, **labels)
    yield
    assert total(stack, process, name, **labels) > before, (name, labels)


def names_of(routes: Callable[[web.Application], None]) -> set[str]:
    app = web.Application()
    routes(app)
    return {*app.router.named_resources(), "none"}


def closed_sets() -> dict[str, set[str]]:
    """Every value that a label may have."""
    domain = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))
    intents = {next(iter(i)) if isinstance(i, dict) else i for i in domain["intents"]}
    letters = {"case", "contact", "erasure"}
    return {
        "language": {*LANGUAGES},
        # Rasa has some of its own
        "intent": {*intents, "nlu_fallback", "restart", "back", "out_of_scope", "session_start"},
        "key": {*answers().entries},
        "kind": {*KINDS, *HARD_KINDS, *letters},
        "stage": set(STAGES),
        "cause": set(CAUSES),
        "outcome": {"pressed", "understood", "asked_back", "not_understood", "other_language"},
        "step": {
            *("begun", "finished", "paused", "abandoned"),
            *("asked", "declined", "accepted", "taken_back"),
        },
        "reason": {"asked", "days"},
        "result": {"delivered", "erased", "refused", "unreachable"},
        "route": names_of(add_routes) | names_of(add_desk_routes),
        "state": {"unopened", "opened"},
        "urgent": {"yes", "no"},
    }


@pytest.fixture(scope="module")
def talked(stack: Stack) -> Stack:
    """Visitors of three languages have said their markers everywhere they can."""
    for language, violent in VIOLENT.items():
        visitor = Visitor(stack)
        visitor.start(language)
        visitor.say(f"{WORD} {MARKERS[1]} {MARKERS[2]}")
        visitor.say(f"{violent} {WORD}")
        walk_to(visitor, "q_child_where")
        visitor.say(f"{WORD} {MARKERS[1]}")
        visitor.end()
    return stack


@pytest.mark.parametrize("name", PROCESSES)
def test_a_process_shows_its_memory_its_time_and_its_start(stack: Stack, name: str):
    shown = {sample.name for sample in samples(stack, name)}
    assert shown >= {
        "process_resident_memory_bytes",
        "process_cpu_seconds_total",
        "process_open_fds",
        "process_start_time_seconds",
    }


def test_all_that_dashboard_and_alerts_ask_for_is_shown(talked: Stack):
    shown = {sample.name for name in PROCESSES for sample in samples(talked, name)}
    asked = (ROOT / "deploy/grafana/kompas.json").read_text(encoding="utf-8")
    asked += (ROOT / "deploy/prometheus/alerts.yml").read_text(encoding="utf-8")
    # in the text of an alert a histogram goes by its bare name
    bare = {re.sub(r"_bucket$", "", name) for name in shown}
    for name in set(re.findall(r"\b(?:kompas|process)_[a-z_]+", asked)):
        assert name in shown | bare, name


@pytest.mark.parametrize("name", PROCESSES)
def test_every_label_is_of_its_closed_set(talked: Stack, name: str):
    known = closed_sets()
    for sample in samples(talked, name):
        for label, value in sample.labels.items():
            if label == "le":
                float(value)
            elif label == "status":
                assert re.fullmatch(r"[1-5]\d\d", value)
            elif label == "generation":
                assert value in "012"
            else:
                assert value in known[label] | {OTHER}, (sample.name, label, value)


def test_no_marker_is_in_a_figure_or_a_log(talked: Stack):
    for name in PROCESSES:
        log = talked.log(name).read_text(errors="replace")
        shown = talked.metrics(name)
        for word in (WORD, MARKERS[1], MARKERS[2]):
            assert word not in log, f"{word} in the log of {name}"
            assert word not in shown, f"{word} in a metric of {name}"


@pytest.mark.parametrize("language", VIOLENT)
def test_what_a_visitor_does_is_counted_by_language(stack: Stack, arrive: Arrive, language: str):
    visitor = arrive(language)
    spoken = {"language": language}
    with rises(stack, "rasa", "kompas_emergencies_total", kind="violence", **spoken):
        visitor.say(VIOLENT[language])
    with rises(stack, "rasa", "kompas_understanding_total", outcome="pressed", **spoken):
        visitor.press("/menu")
    with rises(stack, "rasa", "kompas_messages_total", intent="menu", **spoken):
        visitor.press("/menu")
    with rises(stack, "web", "kompas_turn_seconds_count", **spoken):
        visitor.press("/menu")
    with rises(stack, "rasa", "kompas_checklists_total", step="begun", **spoken):
        walk_to(visitor, "q_child_where")
    with (
        rises(stack, "rasa", "kompas_checklists_total", step="abandoned", **spoken),
        rises(stack, "rasa", "kompas_erasures_total", reason="asked"),
    ):
        visitor.end()


def test_a_walk_to_its_end_is_counted(stack: Stack, arrive: Arrive):
    visitor = arrive("pl")
    with rises(stack, "rasa", "kompas_checklists_total", step="finished", language="pl"):
        walk_all(visitor)


def test_handing_over_is_counted_and_can_be_followed_through_every_process(
    stack: Stack, arrive: Arrive
):
    visitor = arrive("tr")
    spoken = {"language": "tr"}
    with rises(stack, "rasa", "kompas_handovers_total", step="asked", **spoken):
        to_the_form(visitor)
    with (
        rises(stack, "rasa", "kompas_handovers_total", step="accepted", **spoken),
        rises(stack, "actions", "kompas_deliveries_total", kind="case", result="delivered"),
        rises(stack, "desk", "kompas_desk_cases", state="unopened"),
    ):
        reply = send_form(visitor)
    assert DONE in json.dumps(reply.body)
    request = reply.headers["X-Request-Id"]
    told = {name: _line(stack, name, f"request={request} ") for name in PROCESSES[:3]}
    assert "route=contact status=200" in told["web"]
    assert DONE in told["rasa"] and "lang=tr" in told["rasa"]
    assert {"keep", "actions", "answers", "turn"} <= _stages(told["rasa"])
    assert "name=action_handover" in told["actions"] and "desk" in _stages(told["actions"])
    desk = _line(stack, "desk", f"request={request} ")
    assert "route=create_case status=201" in desk
    with rises(stack, "rasa", "kompas_handovers_total", step="taken_back", **spoken):
        assert visitor.press(step("withdraw_yes")).ids[-1] == WITHDRAWN
    _assert_nowhere_kept(stack, request)


def test_each_request_has_an_id_of_its_own(stack: Stack, arrive: Arrive):
    visitor = arrive("nl")
    seen = [visitor.press("/menu").headers["X-Request-Id"] for _ in range(3)]
    assert len(set(seen)) == 3
    mine = {"X-Kompas-Request": "0123456789abcdef", "Authorization": f"Bearer {visitor.token}"}
    reply = fetch(stack, "POST", "/api/chat/message", {"payload": "/menu"}, mine)
    assert reply.headers["X-Request-Id"] != "0123456789abcdef"
    for name in PROCESSES:
        assert "0123456789abcdef" not in stack.log(name).read_text(errors="replace")


def _line(stack: Stack, name: str, wanted: str) -> str:
    """The line of a log; it is written when the reply is under way already."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        lines = stack.log(name).read_text(errors="replace").splitlines()
        found = [line for line in lines if wanted in line]
        if found:
            return found[-1]
        time.sleep(0.05)
    raise AssertionError(f"no line with {wanted} in the log of {name}")


def _stages(line: str) -> set[str]:
    return {name for name in re.findall(r" (\w+)=\d+", line) if name in STAGES}


def _assert_nowhere_kept(stack: Stack, request: str) -> None:
    for path in stack.folder.glob("*.db*"):
        assert request.encode() not in path.read_bytes(), path.name
