"""`python -m desk`: its commands, and what it says when something is wrong."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pyotp
import pytest
from cast import INDEX_KEY, KEY, SERVICE_TOKEN

ROOT = Path(__file__).parents[2]


def run(url: str, *arguments: str, stdin: str = "", **changes: str) -> tuple[int, str]:
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "KOMPAS_DATABASE_URL": url,
        "KOMPAS_DESK_SERVICE_TOKEN": SERVICE_TOKEN,
        "KOMPAS_DESK_KEYS": KEY,
        "KOMPAS_DESK_INDEX_KEY": INDEX_KEY,
        **changes,
    }
    done = subprocess.run(
        [sys.executable, "-m", "desk", *arguments],
        cwd=ROOT,
        env=environment,
        input=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return done.returncode, done.stdout


def test_the_first_account_is_made_on_an_empty_database(empty_url: str):
    status, said = run(
        empty_url,
        "createuser",
        "Jan",
        "--role",
        "jurist",
        "--password-stdin",
        stdin="a long enough password\n",
    )
    assert status == 0, said
    uri = said.splitlines()[-1]
    assert isinstance(pyotp.parse_uri(uri), pyotp.TOTP)
    assert "a long enough password" not in said
    status, said = run(empty_url, "verify-audit")
    assert (status, said.split(",")[0]) == (0, "1 entries")
    assert run(empty_url, "rotate-keys", KOMPAS_DESK_KEYS=f"{'n' * 32},{KEY}") == (
        0,
        "1 values sealed anew.\n",
    )
    status, said = run(empty_url, "retention")
    assert (status, "Nothing was erased" in said) == (0, True)
    assert run(empty_url, "disable", "Jan") == (0, "")


@pytest.mark.parametrize(
    ("arguments", "stdin", "said"),
    [
        (["--role", "jurist"], "short\n", "12"),
        (["--role", "admin"], "a long enough password\n", "invalid choice"),
        ([], "a long enough password\n", "--role"),
    ],
)
def test_an_account_that_cannot_be(tmp_path: Path, arguments: list[str], stdin: str, said: str):
    url = f"sqlite:///{tmp_path}/desk.db"
    status, output = run(url, "createuser", "Jan", "--password-stdin", *arguments, stdin=stdin)
    assert status != 0
    assert said in output
    assert "Traceback" not in output


@pytest.mark.parametrize("command", ["serve", "migrate", "verify-audit"])
def test_a_database_that_is_away_is_told_without_a_traceback(command: str):
    status, said = run("postgresql://nobody:SECRET@127.0.0.1:1/none", command)
    assert status != 0
    assert "KOMPAS_DATABASE_URL" in said
    assert "SECRET" not in said
    assert "Traceback" not in said


def test_a_fault_of_the_settings_is_told(tmp_path: Path):
    status, said = run(f"sqlite:///{tmp_path}/d.db", KOMPAS_DESK_KEYS="short")
    assert status != 0
    assert "KOMPAS_DESK_KEYS" in said
    assert "short\n" not in said
