"""Dashboard, alert rules and their page: what they name is measured, checked by promtool."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import socket
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot import metrics
from bot.metrics import STAGES, closed

ROOT = Path(__file__).parents[2]
ALERTS = ROOT / "deploy/prometheus/alerts.yml"
CONFIG = ROOT / "deploy/prometheus/prometheus.yml"
DASHBOARD = ROOT / "deploy/grafana/kompas.json"
PAGE = ROOT / "docs/observability.md"
_NAME = re.compile(r"\b(?:kompas|process)_[a-z_]+")
_KINDS = re.compile(r"_(?:bucket|count|sum|total)$")


def rules() -> list[dict[str, Any]]:
    groups = yaml.safe_load(ALERTS.read_text(encoding="utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


def panels() -> list[dict[str, Any]]:
    dashboard = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    return [panel for panel in dashboard["panels"] if panel["type"] != "row"]


def expressions() -> list[str]:
    shown = [target["expr"] for panel in panels() for target in panel["targets"]]
    return [*shown, *(rule["expr"] for rule in rules())]


def measured() -> set[str]:
    """Names in the code that counts."""
    found: set[str] = set()
    for folder in ("bot", "web", "desk", "actions"):
        for path in (ROOT / folder).rglob("*.py"):
            text = path.read_text(encoding="utf-8")
            found.update(re.findall(r'(?:Counter|Gauge|Histogram|Family)\(\s*"(kompas_\w+)"', text))
    return found


def promtool(*arguments: str) -> subprocess.CompletedProcess[str]:
    program = shutil.which("promtool") or str(ROOT / "build/tools/promtool")
    if not Path(program).is_file():
        pytest.skip("promtool is missing (make debian)")
    return subprocess.run([program, *arguments], capture_output=True, text=True, timeout=120)


@pytest.mark.parametrize(
    "what", [("check", "config", str(CONFIG)), ("check", "rules", str(ALERTS))]
)
def test_promtool_finds_no_fault(what: tuple[str, ...]):
    done = promtool(*what)
    assert done.returncode == 0, done.stdout + done.stderr


def test_each_rule_speaks_when_it_must_and_not_before():
    folder = ROOT / "tests/project"
    done = promtool("test", "rules", *map(str, sorted(folder.glob("alert_rules*.yml"))))
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_alert_has_such_a_test():
    files = sorted((ROOT / "tests/project").glob("alert_rules*.yml"))
    tried = re.findall(r'\{alertname="(\w+)",alertstate', "".join(p.read_text() for p in files))
    assert set(tried) == {rule["alert"] for rule in rules()}


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule["alert"])
def test_an_alert_says_what_is_wrong_and_where_it_stands_what_to_do(rule: dict[str, Any]):
    told = rule["annotations"]
    assert set(told) == {"summary", "description", "page"}
    assert rule["labels"]["severity"] in ("warning", "critical")
    file, _, anchor = told["page"].partition("#")
    heads = re.findall(r"^#+ (.+)$", (ROOT / file).read_text(encoding="utf-8"), re.MULTILINE)
    assert not anchor or anchor in {head.lower().replace(" ", "-") for head in heads}


@pytest.mark.parametrize("expression", expressions())
def test_what_is_asked_of_prometheus_is_measured(expression: str):
    library = {"process_resident_memory_bytes", "process_cpu_seconds_total", "process_open_fds"}
    library.add("process_start_time_seconds")
    ours = {_KINDS.sub("", name) for name in measured()}
    for name in _NAME.findall(expression):
        assert name in library or _KINDS.sub("", name) in ours, name


def test_the_page_explains_every_figure_and_no_other():
    rows = re.findall(r"^\| (`kompas_.*?) \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert set(_NAME.findall(" ".join(rows))) == measured()


def test_the_page_explains_every_stage():
    rows = re.findall(r"^\| (`[a-z_`, ]+) \| [^|]+ \| [^|]+ \|$", PAGE.read_text(), re.MULTILINE)
    told = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    assert told >= STAGES


def test_the_dashboard_has_panels_for_each_part():
    titles = [p["title"] for p in json.loads(DASHBOARD.read_text())["panels"] if p["type"] == "row"]
    assert len(titles) == 7
    for panel in panels():
        assert panel["datasource"]["uid"] == "${datasource}"
        assert panel["targets"], panel["title"]


def test_what_is_scraped_are_the_ports_of_the_settings():
    jobs = yaml.safe_load(CONFIG.read_text(encoding="utf-8"))["scrape_configs"]
    scraped = {t for job in jobs for each in job["static_configs"] for t in each["targets"]}
    script = (ROOT / "scripts/env.sh").read_text(encoding="utf-8")
    named = re.findall(r"KOMPAS_(?:\w+_METRICS|WEB)_PORT:?-(\d+)\}", script)
    assert scraped == {f"127.0.0.1:{port}" for port in named}


@pytest.mark.parametrize("value", ["Jan Jansen", "", None, 3, ["a"], {"a": 1}])
def test_what_is_in_no_closed_set_is_other(value: object):
    assert closed(value, {"a", "b"}) == "other"
    assert closed("a", {"a", "b"}) == "a"


def test_a_port_that_cannot_be_had_is_said_and_stops_nothing(caplog: pytest.LogCaptureFixture):
    with contextlib.closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        metrics.expose("SOME_PORT", 1, {"SOME_PORT": str(port - 1)})
        # neither ends the process, nor does a value that is no port
        metrics.expose("SOME_PORT", 0, {"SOME_PORT": "Jan"})
    assert [record.message.partition(":")[0] for record in caplog.records] == ["SOME_PORT"] * 2
    assert "Jan" not in caplog.text
    metrics.expose("SOME_PORT", 0, {})
    assert len(caplog.records) == 2
