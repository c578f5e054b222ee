"""The desk as a process of its own, with colleagues, and cases as the services bring them."""

from __future__ import annotations

import http.client
import json
import os
import secrets
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyotp
from ports import free_ports
from stack import ROOT

from bot.languages import SOURCE
from bot.sealing import new_keys
from desk.access import Member
from desk.app import make_login, open_stores
from desk.models import Staff
from desk.settings import Settings
from desk.texts.changes import TextChanges
from desk.texts.views import Proposal
from desk.texts.wordings import digest_of

PASSWORD = "een heel lang wachtwoord"
COLLEAGUES = {
    "Wim": "worker",
    "Jan": "jurist",
    "Joke": "jurist",
    "Truus": "jurist",
    "Cor": "coordinator",
    "Tess": "translator",
    "Tom": "translator",
    "Aad": "auditor",
}
_PATIENCE = 300


@dataclass
class Colleague:
    """Somebody with an account and an authenticator app."""

    name: str
    role: str
    uri: str
    _last: int = 0

    def code(self) -> str:
        """A code that was not used before: of this step or the next, or wait for that one.

        Not the step before: its code would go out of use while a slow browser types it.
        """
        totp = pyotp.parse_uri(self.uri)
        assert isinstance(totp, pyotp.TOTP)
        step = int(time.time()) // totp.interval
        wanted = max(step, self._last + 1)
        while wanted > int(time.time()) // totp.interval + 1:
            time.sleep(1)
        self._last = wanted
        return totp.at(wanted * totp.interval)


class ConsoleDesk:
    """Starts `python -m desk` on a free port, with a database in `folder`."""

    def __init__(self, folder: Path, **changes: str) -> None:
        self.folder = folder
        (self.port,) = free_ports(1)
        self._python = str(ROOT / ".venv/web/bin/python")
        seal_key, _ = new_keys()
        self.token = secrets.token_hex(32)
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("KOMPAS_")}
        self._environment = {
            **inherited,
            "KOMPAS_VAR": str(folder),
            "KOMPAS_DATABASE_URL": f"sqlite:///{folder}/desk.db",
            "KOMPAS_DESK_PORT": str(self.port),
            "KOMPAS_DESK_SERVICE_TOKEN": self.token,
            "KOMPAS_DESK_KEYS": secrets.token_hex(32),
            "KOMPAS_DESK_INDEX_KEY": secrets.token_hex(32),
            "KOMPAS_DESK_SEAL_KEYS": seal_key,
            "PYTHONPATH": str(ROOT),
            **changes,
        }
        self._process: subprocess.Popen[bytes] | None = None
        self.colleagues: dict[str, Colleague] = {}

    @property
    def address(self) -> str:
        """Where a colleague opens the console."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Make the accounts and serve."""
        first, *others = COLLEAGUES
        self._hire_by_command(first)
        for name in others:
            self._hire(name)
        with (self.folder / "desk.log").open("ab") as log:
            self._process = subprocess.Popen(
                [self._python, "-m", "desk"],
                cwd=ROOT,
                env=self._environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        began = time.monotonic()
        while not self._is_ready():
            ended = self._process.poll()
            if ended is not None or time.monotonic() - began > _PATIENCE:
                said = (self.folder / "desk.log").read_text(errors="replace")[-2000:]
                raise RuntimeError(f"the desk does not answer ({ended}):\n{said}")
            time.sleep(0.1)

    def stop(self) -> None:
        """End it."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(20)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def _run(self, *arguments: str, typed: str = "") -> str:
        done = subprocess.run(
            [self._python, "-m", "desk", *arguments],
            cwd=ROOT,
            env=self._environment,
            input=typed.encode(),
            capture_output=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr.decode(errors="replace")
        return done.stdout.decode()

    def _hire_by_command(self, name: str) -> None:
        said = self._run(
            "createuser", name, "--role", COLLEAGUES[name], "--password-stdin", typed=PASSWORD
        )
        (uri,) = [line for line in said.splitlines() if line.startswith("otpauth://")]
        self.colleagues[name] = Colleague(name, COLLEAGUES[name], uri)

    def _hire(self, name: str) -> None:
        """As the command does, without a process for each."""
        settings = Settings.from_environment(self._environment)
        stores = open_stores(settings)
        account = make_login(settings, *stores).create_account(name, COLLEAGUES[name], PASSWORD)
        stores[0].close()
        self.colleagues[name] = Colleague(name, COLLEAGUES[name], account.totp_uri)

    def propose(self, name: str, key: str, language: str, text: str) -> str:
        """Another wording for a text of the assistant, by a colleague; the id of the change."""
        database, _, index = open_stores(Settings.from_environment(self._environment))
        with database.reading() as session:
            staff = session.query(Staff).filter_by(name=name).one()
            member = Member(staff.id, name, staff.role)
        texts = TextChanges(database, index)
        wording = texts.book().get(key, language)
        assert wording is not None
        made_from = None if language == SOURCE else digest_of(texts.source(member, key)[0])
        sent = Proposal((text,), "Het leest beter.", wording.digest, made_from)
        change = texts.propose(member, key, language, sent)
        database.close()
        return change

    def _is_ready(self) -> bool:
        try:
            return self.send("GET", "/readyz")[0] == 200
        except (OSError, http.client.HTTPException):
            return False

    def send(
        self, method: str, path: str, body: Any = None, **headers: str
    ) -> tuple[int, dict[str, Any]]:
        """A call of the services."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(
                method,
                path,
                None if body is None else json.dumps(body).encode(),
                {
                    "Authorization": f"Bearer {self.token}",
                    "Content-Type": "application/json",
                    **{name.replace("_", "-"): value for name, value in headers.items()},
                },
            )
            reply = connection.getresponse()
            return reply.status, json.loads(reply.read())
        finally:
            connection.close()

    def bring(self, contact: dict[str, Any] | None = None, **changes: Any) -> str:
        """Bring a case, with a contact form before it; its reference."""
        conversation = secrets.token_hex(32)
        if contact is not None:
            status, said = self.send(
                "POST",
                "/api/contacts",
                {
                    "conversation": conversation,
                    "contact_ref": secrets.token_hex(16),
                    "channel": "phone",
                    "language": "tr",
                    "consent": True,
                    **contact,
                },
            )
            assert status == 201, said
        body = {
            "conversation": conversation,
            "language": "tr",
            "role": "left_behind",
            "urgent": False,
            "code": "kinderontvoering",
            "countries": {"from": "NL", "to": "TR"},
            "children": [{"birth_year": 2019}],
            "summary": [
                {"question_id": "q_home_country", "answer": "NL", "verdict": "ok"},
                {"question_id": "q_child_age", "answer": 7, "verdict": "ok"},
            ],
            "transcript": [
                {"from": "visitor", "text": "Çocuğumu götürdü, yardım edin", "lang": "tr"},
                {"from": "assistant", "text": "…", "id": "utter_child_abducted", "lang": "tr"},
                {"from": "visitor", "text": "Ne yapmalıyım?", "lang": "tr"},
            ],
            **changes,
        }
        status, said = self.send("POST", "/api/cases", body, Idempotency_Key=f"{conversation}-1")
        assert status == 201, said
        return str(said["reference"])
