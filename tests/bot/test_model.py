"""The name of the model file: it changes with everything the model depends on."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from bot import model

ROOT = Path(__file__).parents[2]


@pytest.fixture
def project(monkeypatch, tmp_path: Path) -> Path:
    """A copy of what the digest looks at."""
    for name in (*model._SOURCES, "data/nlu/nl", "data/stories"):
        source, target = ROOT / name, tmp_path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(source, target) if source.is_dir() else shutil.copy(source, target)
    (tmp_path / "bot" / "nlu").mkdir(parents=True)
    shutil.copy(ROOT / "bot" / "nlu" / "normalizer.py", tmp_path / "bot" / "nlu")
    monkeypatch.setattr(model, "ROOT", tmp_path)
    monkeypatch.setattr(model, "MODELS", tmp_path / "models")
    return tmp_path


def test_the_same_files_give_the_same_digest(project: Path):
    assert model.digest() == model.digest()
    assert re.fullmatch(r"[0-9a-f]{16}", model.digest())
    assert model.model_file() == project / "models" / f"kompas-{model.digest()}.tar.gz"


@pytest.mark.parametrize(
    "name",
    [
        "data/nlu/nl/greet.yml",
        "data/stories/rules_return.yml",
        "config.yml",
        "domain.yml",
        "requirements/bot.txt",
        "bot/languages.yml",
        "bot/nlu/normalizer.py",
    ],
)
def test_a_changed_letter_gives_another_digest(project: Path, name: str):
    before = model.digest()
    path = project / name
    path.write_text(path.read_text(encoding="utf-8") + "\n# x", encoding="utf-8")
    assert model.digest() != before


def test_an_added_a_removed_and_a_renamed_file_give_other_digests(project: Path):
    seen = {model.digest()}
    greet = project / "data" / "nlu" / "nl" / "greet.yml"
    shutil.copy(greet, greet.with_name("extra.yml"))
    seen.add(model.digest())
    greet.unlink()
    seen.add(model.digest())
    greet.with_name("extra.yml").rename(greet.with_name("other.yml"))
    seen.add(model.digest())
    assert len(seen) == 4


def test_what_the_model_does_not_depend_on_changes_nothing(project: Path):
    before = model.digest()
    (project / "README.md").write_text("x", encoding="utf-8")
    (project / "data" / "nlu" / "notes.txt").write_text("x", encoding="utf-8")
    assert model.digest() == before


def test_a_replaced_encoder_needs_a_model_of_its_own(project: Path, monkeypatch):
    before = model.digest()
    monkeypatch.setattr(model, "artefact_faults", lambda: ["damaged"])
    assert model.digest() != before
