"""`python -m bot.check` in a copy of the project with one fault in it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.languages import languages

ROOT = Path(__file__).parents[2]
PYTHON = sys.executable


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Path:
    """A copy of what people edit."""
    copy = tmp_path_factory.mktemp("project") / "whole"
    for name in ("bot", "data", "locales"):
        shutil.copytree(
            ROOT / name,
            copy / name,
            ignore=shutil.ignore_patterns("__pycache__", "*.onnx", "tokenizer.json"),
        )
    shutil.copy(ROOT / "domain.yml", copy)
    return copy


@pytest.fixture
def project(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "project"))


def check(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(project), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [PYTHON, "-m", "bot.check", *arguments],
        cwd=project,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def edit(name: str, change: Callable[[str], str]) -> Callable[[Path], None]:
    def apply(project: Path) -> None:
        path = project / name
        before = path.read_text(encoding="utf-8")
        after = change(before)
        assert after != before
        path.write_text(after, encoding="utf-8")

    return apply


def remove(name: str) -> Callable[[Path], None]:
    return lambda project: (project / name).unlink()


PO = "locales/{}/LC_MESSAGES/answers.po"


def test_the_project_as_it_is_has_no_fault(project: Path):
    done = check(project)
    assert (done.returncode, done.stderr) == (0, "")
    assert (project / "locales/nl/LC_MESSAGES/answers.mo").is_file()


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (remove("data/nlu/tr/lawyer.yml"), r"data/nlu/tr/lawyer\.yml: is missing"),
        (remove("domain.yml"), r"domain\.yml: is missing"),
        (remove(PO.format("pl")), r"locales/pl/LC_MESSAGES/answers\.po: is missing"),
        (
            edit("data/nlu/nl/lawyer.yml", lambda t: t.replace("nlu:", "nlu: [")),
            r"data/nlu/nl/lawyer\.yml: line \d+ is not YAML",
        ),
        (edit("domain.yml", lambda t: t + "\n  - [x"), r"domain\.yml: line \d+: is not YAML"),
        (
            edit("data/stories/rules_return.yml", lambda t: t + "\n  - [x"),
            r"data/stories/rules_return\.yml: line \d+: is not YAML",
        ),
        (
            edit("data/stories/rules_return.yml", lambda t: t.replace("steps:", "step:", 1)),
            r"data/stories/rules_return\.yml: is no list `rules`",
        ),
        (
            edit("bot/contacts.yml", lambda t: t.replace("contacts:", "contacts: [")),
            r"bot/contacts\.yml: line \d+: is not YAML",
        ),
        (
            edit("bot/nlg/answers.yml", lambda t: t.replace("answers:", "answers: [")),
            r"bot/nlg/answers\.yml: line \d+: is not YAML",
        ),
        (
            edit("bot/languages.yml", lambda t: t.replace("nl: {", "nl: [")),
            r"bot/languages\.yml: ",
        ),
        (
            edit("bot/intents.yml", lambda t: t.replace("- lawyer\n", "- lawyer\n- dance\n")),
            r"data/nlu/nl/dance\.yml: is missing",
        ),
        (
            edit("domain.yml", lambda t: t.replace("- lawyer\n", "", 1)),
            r"domain\.yml: the intent lawyer is missing",
        ),
        (
            edit(
                "data/stories/rules_return.yml",
                lambda t: t.replace("utter_hague_costs", "utter_hague_cost"),
            ),
            r"data/stories/rules_return\.yml: .*: utter_hague_cost is not among the actions",
        ),
        (
            edit("bot/nlg/answers.yml", lambda t: t.replace("  utter_hague_costs:", "  utter_x:")),
            r"bot/nlg/answers\.yml: utter_hague_costs has no entry",
        ),
        (
            edit(PO.format("tr"), lambda t: t.replace('msgid "utter_greet"', 'msgidd "x"')),
            r"locales/tr/LC_MESSAGES/answers\.po: line \d+: cannot be read",
        ),
        (
            edit(
                PO.format("tr"),
                lambda t: re.sub(r'(msgid "utter_goodbye"\nmsgstr ")', r"\1{", t, count=1),
            ),
            r"locales/tr/LC_MESSAGES/answers\.po: utter_goodbye has a brace out of place",
        ),
    ],
)
def test_a_fault_is_told_with_file_and_remedy(project: Path, fault, said: str):
    fault(project)
    done = check(project)
    assert done.returncode == 1
    lines = done.stderr.strip().splitlines()
    assert "Traceback" not in done.stderr
    [line] = [line for line in lines if re.match(said, line)][:1] or [done.stderr]
    assert re.match(said, line), done.stderr
    # the remedy is a sentence of its own
    assert re.search(r"\. [A-Z].*\.$", line), line


def test_a_placeholder_of_an_unknown_contact_is_told(project: Path):
    for language in languages():
        edit(
            PO.format(language), lambda text: text.replace("{phone_centrum_iko}", "{phone_nobody}")
        )(project)
    done = check(project)
    assert done.returncode == 1
    assert "{phone_nobody} names nothing in bot/contacts.yml. Correct the id" in done.stderr


def test_all_faults_are_told_in_one_run(project: Path):
    remove("data/nlu/tr/lawyer.yml")(project)
    edit("domain.yml", lambda text: text.replace("- greet\n", "", 1))(project)
    done = check(project)
    assert "data/nlu/tr/lawyer.yml" in done.stderr
    assert "the intent greet is missing" in done.stderr


def test_a_stale_translation_fails_the_check_but_does_not_stop_a_start(project: Path):
    edit(
        "locales/nl/LC_MESSAGES/answers.po",
        lambda text: text.replace("Meestal wel. Hebben", "Vaak wel. Hebben", 1),
    )(project)
    failed = check(project)
    assert failed.returncode == 1
    assert "tr/LC_MESSAGES/answers.po: utter_travel_consent_needed is stale" in failed.stderr
    started = check(project, "--start")
    assert started.returncode == 0, started.stderr
    assert "tr/LC_MESSAGES/answers.po: utter_travel_consent_needed is stale" in started.stdout
    said = subprocess.run(
        [PYTHON, "-c", _SAYS],
        cwd=project,
        env={**os.environ, "PYTHONPATH": str(project)},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    ).stdout
    assert said.split() == ["nl:None", "tr:True", "pl:True"]


_SAYS = """
from bot.nlg.answers import compose
for code in ("nl", "tr", "pl"):
    print(code, compose("utter_travel_consent_needed", code).get("withheld"), sep=":")
"""


def test_a_text_past_its_day_fails_the_check_with_its_place_and_the_remedy(project: Path):
    edit(
        "bot/nlg/answers.yml",
        lambda text: text.replace(
            "  utter_hague_costs:\n",
            "  utter_hague_costs:\n    reviewed: 2026-01-02\n    valid_until: 2026-01-03\n",
            1,
        ),
    )(project)
    found = check(project)
    line = next(line for line in found.stderr.splitlines() if "expired on" in line)
    assert line.startswith("bot/nlg/answers.yml: utter_hague_costs: expired on 2026-01-03.")
    assert "write the new `reviewed`" in line
    assert check(project, "--start").returncode == 0
