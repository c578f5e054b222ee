"""The messages of `data/emergency`: read as they are, and their faults told with a remedy."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bot import emergency_data
from bot.emergency import KINDS
from bot.labelled_messages import NONE
from bot.languages import languages


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    copy = tmp_path / "emergency"
    shutil.copytree(emergency_data.DATA, copy)
    return copy


def test_the_files_have_no_faults() -> None:
    assert list(emergency_data.faults()) == []


def test_every_language_has_messages_of_every_kind() -> None:
    found = {(message.language, message.kind) for message in emergency_data.messages()}
    assert found == {(language, kind) for language in languages() for kind in (*KINDS, NONE)}


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("child", "messages: [", "is not YAML"),
        ("child", "- a list", "needs exactly messages"),
        ("child", "messages: help", "is no list"),
        ("child", "messages: [no]", "message 1 is no text"),
        ("child", "messages: [help]", "has 1 messages"),
        ("rules", "messages: [help]", "needs exactly"),
        ("harmless", None, "is missing"),
    ],
)
def test_a_fault_names_file_and_remedy(
    folder: Path, name: str, content: str | None, said: str
) -> None:
    path = folder / "nl" / f"{name}.yml"
    if content is None:
        path.unlink()
    else:
        path.write_text(content, encoding="utf-8")
    found = [fault for fault in emergency_data.faults(folder) if said in fault]
    assert found, list(emergency_data.faults(folder))
    assert found[0].startswith(f"data/emergency/nl/{name}.yml: ")
    assert found[0].endswith(".")


def test_a_message_under_two_kinds_is_a_fault(folder: Path) -> None:
    child = emergency_data.messages_of(folder / "nl" / "child.yml")[0]
    path = folder / "nl" / "harmless.yml"
    with path.open("a", encoding="utf-8") as file:
        indent = "  " if "\n  - " in path.read_text(encoding="utf-8") else ""
        file.write(f"{indent}- {child.text.upper()!r}\n")
    assert any("stands as child in child.yml too" in f for f in emergency_data.faults(folder))
