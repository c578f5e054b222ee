"""What the documents say is what there is: make targets and settings."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
TARGETS = re.findall(r"^([a-z][a-z-]*):", MAKEFILE, re.MULTILINE)
CONTRACT = ["run", "test", "train", "lint", "strings", "help", "evaluate", "bench", "setup"]

CODE = [
    path
    for folder in ("bot", "actions", "web", "desk", "bench", "scripts")
    for path in (ROOT / folder).rglob("*")
    if path.suffix in (".py", ".sh", ".conf", ".yml")
] + [ROOT / name for name in ("Makefile", "supervisord.conf", "endpoints.yml", "config.yml")]
_VARIABLE = re.compile(r"KOMPAS_[A-Z][A-Z0-9_]*")


def variables_in(path: Path) -> set[str]:
    return set(_VARIABLE.findall(path.read_text(encoding="utf-8")))


SETTINGS = sorted(set().union(*(variables_in(path) for path in CODE)))


def documents() -> str:
    paths = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    return "\n".join(path.read_text(encoding="utf-8") for path in paths)


@pytest.mark.parametrize("target", CONTRACT)
def test_the_makefile_has_the_targets_of_the_contract(target: str):
    assert target in TARGETS


@pytest.mark.parametrize("target", TARGETS)
def test_make_help_lists_the_target(target: str):
    listed = subprocess.run(
        ["make", "--no-print-directory", "help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert re.search(rf"^{target}\s+\S+", listed, re.MULTILINE)


@pytest.mark.parametrize("target", TARGETS)
def test_the_documents_name_the_target(target: str):
    assert f"make {target}" in documents()


def test_the_documents_name_no_target_that_is_not_there():
    named = set(re.findall(r"`make ([a-z][a-z-]*)", documents()))
    assert named <= set(TARGETS)


def test_readme_shows_how_to_run_and_test():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "make run" in readme
    assert "make test" in readme


def settings_page() -> str:
    return (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", SETTINGS)
def test_a_setting_stands_in_the_table_of_settings(name: str):
    assert re.search(rf"^\|\s*`{name}`\s*\|", settings_page(), re.MULTILINE)


def test_the_table_of_settings_names_none_that_nothing_reads():
    assert set(_VARIABLE.findall(settings_page())) <= set(SETTINGS)


def test_every_default_is_set_in_one_place():
    names = set(re.findall(r"^export (KOMPAS_\w+)=", (ROOT / "scripts/env.sh").read_text(), re.M))
    assert {"KOMPAS_WEB_PORT", "KOMPAS_RASA_PORT", "KOMPAS_ACTIONS_PORT"} <= names
    supervised = set(re.findall(r"ENV_(KOMPAS_\w+)", (ROOT / "supervisord.conf").read_text()))
    assert supervised <= names
