"""docs/advisories.md speaks of the pinned versions; `make audit` knows when it cannot know."""

from __future__ import annotations

import re
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "advisories.md").read_text(encoding="utf-8")
LOCKS = ("bot", "web")
# of these the page has to speak, whatever is known of them
FROZEN = {
    *("rasa", "rasa-sdk", "sanic", "aiohttp", "tensorflow", "keras", "protobuf", "numpy", "scipy"),
    *("scikit-learn", "joblib", "skops", "pyjwt", "werkzeug", "cryptography", "requests"),
    *("urllib3", "jinja2", "setuptools", "pydantic"),
}


def pinned(lock: str) -> dict[str, str]:
    text = (ROOT / "requirements" / f"{lock}.txt").read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z0-9-]+)==(\S+)", text, re.MULTILINE))


def told(lock: str) -> dict[str, str]:
    section = PAGE.partition(f"(`requirements/{lock}.txt`)")[2].partition("\n## ")[0]
    return dict(re.findall(r"^\| `([a-z0-9-]+)` \| (\S+) \|", section, re.MULTILINE))


@pytest.mark.parametrize("lock", LOCKS)
def test_each_version_is_the_one_that_is_pinned(lock: str):
    assert len(told(lock)) > 10
    assert told(lock).items() <= pinned(lock).items()


def test_the_frozen_stack_is_all_there():
    assert set(told("bot")) >= FROZEN


@pytest.fixture(scope="module")
def audit() -> ModuleType:
    spec = spec_from_file_location("audit", ROOT / "scripts" / "audit.py")
    assert spec and spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def package(*found: str, **more: Any) -> dict[str, Any]:
    vulns = [{"id": name, "aliases": [f"{name}-alias"]} for name in found]
    return {"name": "sanic", "version": "21.12.2", "vulns": vulns, **more}


@pytest.mark.parametrize(
    ("report", "status"),
    [
        (None, 2),
        ({}, 2),
        ({"dependencies": []}, 2),
        ({"dependencies": [{"name": "sanic", "skip_reason": "not found"}]}, 2),
        ({"dependencies": [package(), {"name": "numpy", "skip_reason": "not found"}]}, 2),
        ({"dependencies": [package()]}, 0),
        ({"dependencies": [package("CVE-1")]}, 0),
        ({"dependencies": [package("PYSEC-1")]}, 0),
        ({"dependencies": [package("CVE-1", "CVE-2")]}, 1),
    ],
)
def test_what_could_not_be_looked_up_is_not_taken_for_safe(
    audit: ModuleType, report: dict[str, Any] | None, status: int
):
    found, lines = audit.judged(report, "CVE-1 and PYSEC-1-alias are out of reach")
    assert found == status
    assert lines
    assert all("docs/advisories.md" in line for line in lines) == (status != 0)
