"""bot/follow_ups.yml: what it may name, and what is said of a fault."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot import check, follow_ups
from bot.errors import ProjectFileError
from bot.training_data import contract_intents


def test_the_file_names_intents_of_the_contract() -> None:
    found = follow_ups.follow_ups()
    named = {*found.replies, *found.closing, *(i for each in found.after.values() for i in each)}
    assert named <= set(contract_intents())
    assert {"lawyer", "move_abroad_refused"} <= set(found.after["moving"])


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("after: {travel: [no_such]}\nreplies: []\nclosing: []", "no intent 'no_such'"),
        ("after: {}\nreplies: [no_such]\nclosing: []", "no intent 'no_such'"),
        ("after: {flying: []}\nreplies: []\nclosing: []", "no topic 'flying'.*travel"),
        ("after: {}\nclosing: []", "replies: is missing"),
        ("- thank", "after: is missing"),
    ],
)
def test_a_fault_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, text: str, fault: str
) -> None:
    file = tmp_path / "follow_ups.yml"
    file.write_text(text, encoding="utf-8")
    monkeypatch.setattr(follow_ups, "FILE", file)
    with pytest.raises(ProjectFileError, match=f"bot/follow_ups.yml: .*{fault}"):
        follow_ups.follow_ups.__wrapped__()


def test_the_check_reads_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(follow_ups, "FILE", tmp_path / "gone.yml")
    monkeypatch.setattr(check, "follow_ups", follow_ups.follow_ups.__wrapped__)
    assert any(said.startswith("bot/follow_ups.yml: cannot be used") for said in check.faults())
