"""`python -m desk`: its commands, and what it says when something is wrong."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pyotp
import pytest
from cast import KEY, environment_for

from bot import sealing
from desk.__main__ import main
from desk.database import make_engine
from desk.settings import Settings

ROOT = Path(__file__).parents[2]


Run = Callable[..., tuple[int, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command in this process, where it starts sooner; its status, and what it said."""

    def run(url: str, *arguments: str, stdin: str = "", **changes: str) -> tuple[int, str]:
        with monkeypatch.context() as patch:
            for name, value in environment_for(url, **changes).items():
                patch.setenv(name, value)
            patch.setattr(sys, "stdin", io.StringIO(stdin))
            status: object = 0
            try:
                main(list(arguments))
            except SystemExit as end:
                status = end.code
            said = capsys.readouterr()
            if isinstance(status, str):
                return 1, said.out + said.err + status
            assert isinstance(status, int)
            return status, said.out + said.err

    return run


def test_the_first_account_is_made_on_an_empty_database(run: Run, empty_url: str):
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
def test_an_account_that_cannot_be(
    run: Run, tmp_path: Path, arguments: list[str], stdin: str, said: str
):
    url = f"sqlite:///{tmp_path}/desk.db"
    status, output = run(url, "createuser", "Jan", "--password-stdin", *arguments, stdin=stdin)
    assert status != 0
    assert said in output
    assert "Traceback" not in output


@pytest.mark.parametrize("command", ["serve", "migrate", "verify-audit"])
def test_a_database_that_is_away_is_told_without_a_traceback(run: Run, command: str):
    status, said = run("postgresql://nobody:SECRET@127.0.0.1:1/none", command)
    assert status != 0
    assert "KOMPAS_DATABASE_URL" in said
    assert "SECRET" not in said
    assert "Traceback" not in said


def test_a_fault_of_the_settings_is_told(run: Run, tmp_path: Path):
    status, said = run(f"sqlite:///{tmp_path}/d.db", KOMPAS_DESK_KEYS="short")
    assert status != 0
    assert "KOMPAS_DESK_KEYS" in said
    assert "short\n" not in said


def test_as_a_process_it_says_so_on_standard_error(tmp_path: Path):
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-m", "desk", "migrate"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode != 0
    assert "KOMPAS_DESK_KEYS" in done.stderr
    assert "Traceback" not in done.stderr


def test_new_keys_are_settings_that_fit_each_other():
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    done = [
        subprocess.run(
            [sys.executable, "-m", "desk", "newkeys"],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for _ in range(2)
    ]
    first, second = (dict(line.split("=", 1) for line in said.splitlines()) for said in done)
    assert list(first) == [
        "KOMPAS_DESK_SERVICE_TOKEN",
        "KOMPAS_DESK_KEYS",
        "KOMPAS_DESK_INDEX_KEY",
        "KOMPAS_DESK_SEAL_KEYS",
        "KOMPAS_DESK_SEAL_PUBLIC",
    ]
    assert set(first.values()).isdisjoint(second.values())
    settings = Settings.from_environment(first)
    sealed = sealing.seal(first["KOMPAS_DESK_SEAL_PUBLIC"], b"case")
    assert sealing.open_sealed(settings.seal_keys[0], sealed) == b"case"


@pytest.mark.parametrize("command", ["serve", "migrate"])
def test_tables_of_a_newer_version_are_told_without_a_traceback(
    run: Run, empty_url: str, command: str
):
    assert run(empty_url, "migrate")[0] == 0
    engine = make_engine(empty_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    engine.dispose()
    status, said = run(empty_url, command)
    assert status == 1
    assert "newer version" in said
    assert "Traceback" not in said


def test_a_backup_is_made_and_brought_back(run: Run, tmp_path: Path):
    url, disk = f"sqlite:///{tmp_path}/desk.db", str(tmp_path / "disk")
    ours = {"KOMPAS_VAR": str(tmp_path)}
    run(
        url, "createuser", "Jan", "--role", "jurist", "--password-stdin", stdin="long enough pass\n"
    )
    status, said = run(url, "backup", disk, **ours)
    assert status == 0, said
    folder = said.strip()
    status, said = run(url, "restore", folder, **ours)
    assert (status, "--replace" in said) == (1, True)
    status, said = run(url, "restore", folder, "--replace", **ours)
    assert status == 0, said
    assert "Jan" in said
    status, said = run(url, "restore", str(tmp_path), **ours)
    assert (status, "is no backup" in said, "Traceback" in said) == (1, True, False)
