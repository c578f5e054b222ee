"""The whole of Kompas as `make run` starts it, on free ports, with a database of its own."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import secrets
import signal
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ports import free_ports, free_ports_in_a_row

from bot.languages import languages
from bot.sealing import new_keys

if TYPE_CHECKING:
    from playwright.sync_api import ConsoleMessage

ROOT = Path(__file__).parents[2]
LANGUAGES = tuple(languages())
_PATIENCE = 300
_NAMES = ("rasa", "actions", "web", "desk", "delivery")
_PORTS = ("rasa", "actions", "web", "desk")
# each shows its metrics on a port of its own
_MEASURED = ("rasa", "actions", "delivery", "desk")
_ANSWER = "/checklist_answer"
# The parts of the result that are shown on request hold long lists.
_LONG = {"utter_checklist_documents", "utter_checklist_points"}


def in_turn(number: int, many: int = 3) -> tuple[str, ...]:
    """So `many` of the languages, from another one on for each `number`.

    A long table meets every language so, and takes no longer with each that is added.
    """
    shown = min(many, len(LANGUAGES))
    return tuple(LANGUAGES[(number + step) % len(LANGUAGES)] for step in range(shown))


class Stack:
    """Starts, kills and ends the processes; each by its own id.

    `root` is a copy of the project that a test may break; `settings` go before our own. Of several
    `workers` the others are called rasa_1 and so on.
    """

    def __init__(self, folder: Path, root: Path = ROOT, workers: int = 1, **settings: str) -> None:
        self.folder = folder
        self.root = root
        # seconds for which a visitor of a test waits
        self.patience = 60.0
        ports = free_ports(len(_PORTS) + len(_MEASURED))
        self.ports = dict(zip(_PORTS, ports))
        self.metrics_ports = dict(zip(_MEASURED, ports[len(_PORTS) :]))
        if workers > 1:
            self.ports["rasa"] = free_ports_in_a_row(workers)
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        bot, web = str(ROOT / ".venv/bot/bin/python"), str(ROOT / ".venv/web/bin/python")
        self._commands = {
            "rasa": [bot, "-m", "bot.serve"],
            "actions": [
                bot, "-m", "rasa_sdk", "--actions", "actions", "--port", str(self.ports["actions"]),
            ],
            "web": [web, "-m", "web"],
            "desk": [web, "-m", "desk"],
            "delivery": [web, "-m", "bot.delivery"],
        }  # fmt: skip
        self._more_workers = [f"rasa_{number}" for number in range(1, workers)]
        self._commands |= dict.fromkeys(self._more_workers, self._commands["rasa"])
        seal_key, seal_public = new_keys()
        ours = {
            "KOMPAS_VAR": str(folder),
            "KOMPAS_TRACKER_URL": f"sqlite:///{folder}/tracker.db",
            "KOMPAS_WEB_HOST": "127.0.0.1",
            "KOMPAS_WEB_PORT": str(self.ports["web"]),
            "KOMPAS_RASA_PORT": str(self.ports["rasa"]),
            "KOMPAS_RASA_WORKERS": str(workers),
            "KOMPAS_ACTIONS_PORT": str(self.ports["actions"]),
            "KOMPAS_CHANNEL_SECRET": secrets.token_hex(32),
            "KOMPAS_TOKEN_SECRET": secrets.token_hex(32),
            "KOMPAS_DATABASE_URL": f"sqlite:///{folder}/desk.db",
            "KOMPAS_DESK_PORT": str(self.ports["desk"]),
            "KOMPAS_DESK_SERVICE_TOKEN": secrets.token_hex(32),
            "KOMPAS_DESK_KEYS": secrets.token_hex(32),
            "KOMPAS_DESK_INDEX_KEY": secrets.token_hex(32),
            "KOMPAS_DESK_SEAL_KEYS": seal_key,
            "KOMPAS_DESK_SEAL_PUBLIC": seal_public,
            "KOMPAS_OUTBOX_KEY": secrets.token_hex(32),
            # the machine of a test run is busy, and a test types faster than a person
            "KOMPAS_REPLY_TIMEOUT": "30",
            "KOMPAS_DESK_TIMEOUT": "15",
            "KOMPAS_MESSAGES_PER_MINUTE": "100000",
            "KOMPAS_STARTS_PER_MINUTE": "100000",
            "KOMPAS_CODES_PER_MINUTE": "100000",
            "KOMPAS_LOG_LEVEL": "INFO",
            **{
                f"KOMPAS_{name.upper()}_METRICS_PORT": str(port)
                for name, port in self.metrics_ports.items()
            },
            "SANIC_HOST": "127.0.0.1",
            "PYTHONPATH": str(root),
            "RASA_TELEMETRY_ENABLED": "false",
            "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
        }
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("KOMPAS_")}
        self.environment = {**inherited, **ours, **settings}

    @property
    def names(self) -> list[str]:
        """The processes that run."""
        return list(self._processes)

    @property
    def address(self) -> str:
        """Where a visitor opens the site."""
        return f"http://127.0.0.1:{self.ports['web']}"

    def start(self, *names: str) -> None:
        """Start the named processes, or all, and wait until the whole is ready."""
        self.start_only(*(names or (*_NAMES, *self._more_workers)))
        self._wait_until_ready()

    def start_only(self, *names: str) -> None:
        """Start the named processes and wait for nothing."""
        for name in names:
            with self.log(name).open("ab") as log:
                self._processes[name] = subprocess.Popen(
                    self._commands[name],
                    cwd=self.root,
                    env={**self.environment, **_worker(name)},
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )

    def kill(self, name: str) -> None:
        """End a process as a crash does: without a chance to tidy up."""
        process = self._processes.pop(name)
        process.send_signal(signal.SIGKILL)
        process.wait()

    def pid(self, name: str) -> int:
        """The id of a process that runs."""
        return self._processes[name].pid

    def signal(self, name: str, number: int) -> None:
        """Stall a process, or let it go on."""
        self._processes[name].send_signal(number)

    def stop(self) -> None:
        """End what runs."""
        for process in self._processes.values():
            process.terminate()
        for process in self._processes.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=20)
            process.kill()
            process.wait()
        self._processes.clear()

    def log(self, name: str) -> Path:
        """What a process printed."""
        return self.folder / f"{name}.log"

    def metrics(self, name: str) -> str:
        """What a process shows of its figures."""
        port = self.metrics_ports.get(name, self.ports.get(name))
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=self.patience)
        try:
            connection.request("GET", "/metrics")
            response = connection.getresponse()
            assert response.status == 200
            return response.read().decode()
        finally:
            connection.close()

    def readiness(self) -> dict[str, bool]:
        """The parts that /readyz names; empty while the site itself does not answer."""
        try:
            return dict(fetch(self, "GET", "/readyz").body["parts"])
        except (OSError, http.client.HTTPException):
            return {}

    def _wait_until_ready(self) -> None:
        began = time.monotonic()
        while time.monotonic() - began < _PATIENCE:
            for name, process in self._processes.items():
                if process.poll() is not None:
                    tail = self.log(name).read_text(errors="replace")[-2000:]
                    raise RuntimeError(f"{name} ended with {process.returncode}:\n{tail}")
            parts = self.readiness()
            if parts and all(parts.values()) and self._desk_answers():
                return
            time.sleep(0.25)
        raise RuntimeError(f"not ready after {_PATIENCE} s: {self.readiness()}")

    def wait_until_there(self, name: str, path: str) -> None:
        """Wait until a process answers 200 at `path`."""
        began = time.monotonic()
        while not self._answers(name, path):
            if time.monotonic() - began > _PATIENCE:
                raise RuntimeError(f"{name} does not answer: {self.log(name)}")
            time.sleep(0.1)

    def _desk_answers(self) -> bool:
        # a test may have ended it
        return "desk" not in self._processes or self._answers("desk", "/readyz")

    def _answers(self, name: str, path: str) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.ports[name], timeout=5)
        try:
            connection.request("GET", path)
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            # it ends or begins in the middle of it
            return False
        finally:
            connection.close()


def _worker(name: str) -> dict[str, str]:
    number = name.removeprefix("rasa_")
    return {"KOMPAS_RASA_WORKER": number} if number.isdigit() else {}


@dataclass
class Answer:
    """A reply of the visitor API."""

    status: int
    headers: dict[str, str]
    body: Any

    @property
    def messages(self) -> list[dict[str, Any]]:
        """The messages, checked for what every message must have."""
        assert self.status in (200, 201), (self.status, self.body)
        assert self.body["messages"], "silence"
        for message in self.body["messages"]:
            assert_presentable(message)
        return list(self.body["messages"])

    @property
    def ids(self) -> list[str]:
        """The response keys, in order."""
        return [message["id"] for message in self.messages]

    @property
    def lang(self) -> str:
        """Language of the conversation."""
        return str(self.body["lang"])

    @property
    def text(self) -> str:
        """All that the visitor reads."""
        return "\n\n".join(message["text"] for message in self.messages)

    @property
    def payloads(self) -> list[str]:
        """What the buttons send."""
        return [button["payload"] for message in self.messages for button in message["buttons"]]

    @property
    def failed(self) -> bool:
        """Whether this is the error message."""
        return any(message["kind"] == "error" for message in self.messages)


def assert_presentable(message: dict[str, Any]) -> None:
    """What any message must be, whatever it answers."""
    assert message["text"].strip()
    assert message["lang"] in LANGUAGES
    assert message["kind"] in ("text", "question", "card", "emergency", "error")
    shown = [
        message["text"],
        *(button["title"] for button in message["buttons"]),
        *(link["title"] for link in message["links"]),
    ]
    for text in shown:
        assert text.strip()
        assert not re.search(r"[{}<>]", text), f"unfilled or marked up: {text!r}"
        assert "None" not in text
    assert all(button["payload"].startswith("/") for button in message["buttons"])
    assert len(message["text"]) <= 4_000 or message["id"] in _LONG, message["id"]
    _assert_checklist_parts(message)
    for link in message["links"]:
        assert re.match(r"https?://|tel:\+?\d+$", link["url"]), link["url"]


def _assert_checklist_parts(message: dict[str, Any]) -> None:
    """What the questions and the result of the checklist have besides."""
    titles = []
    if progress := message.get("progress"):
        assert 1 <= progress["step"] <= progress["of"]
    if choices := message.get("choices"):
        titles += [choices["send"], *(option["title"] for option in choices["options"])]
        ids = [option["id"] for option in choices["options"]]
        assert len(set(ids)) == len(ids) >= 2
        json.loads((choices["prefix"] + ids[0] + choices["suffix"]).removeprefix(_ANSWER))
    if form := message.get("form"):
        assert form["kind"] in ("keep", "open", "contact")
        assert form["fields"]
        titles += [form["send"], *(field["label"] for field in form["fields"])]
    for file in message.get("downloads", ()):
        titles.append(file["title"])
        assert file["url"].startswith("/api/"), file["url"]
        assert file["type"] in ("application/pdf", "text/calendar")
    for title in titles:
        assert title.strip()
        assert not re.search(r"[{}<>]|None", title), f"unfilled or marked up: {title!r}"


@dataclass
class Visitor:
    """One conversation of one person."""

    stack: Stack
    token: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    def start(self, lang: str | None = None, topic: str | None = None) -> Answer:
        """Open the conversation."""
        body = {k: v for k, v in (("lang", lang), ("topic", topic)) if v}
        answer = fetch(self.stack, "POST", "/api/chat/start", body, self.headers)
        assert answer.status == 201, answer.body
        self.token = answer.body["token"]
        return answer

    def say(self, text: str) -> Answer:
        """Type a message."""
        return self.send({"text": text})

    def press(self, payload: str) -> Answer:
        """Press a button."""
        return self.send({"payload": payload})

    def choose(self, lang: str) -> Answer:
        """Choose a language on the page."""
        return self.send({"lang": lang})

    def end(self) -> Answer:
        """End the conversation."""
        return self._post("/api/chat/end", None)

    def send(self, body: Any) -> Answer:
        """One turn."""
        return self._post("/api/chat/message", body)

    def _post(self, path: str, body: Any) -> Answer:
        headers = {**self.headers, "Authorization": f"Bearer {self.token}"}
        return fetch(self.stack, "POST", path, body, headers)


@dataclass
class Watch:
    """What the browser said and asked for while a test ran."""

    errors: list[str] = field(default_factory=list)
    other_hosts: list[str] = field(default_factory=list)
    errors_expected: bool = False
    exit_expected: bool = False

    def note(self, message: ConsoleMessage) -> None:
        """Keep what a page's console calls an error, and of which address."""
        if message.type == "error":
            self.errors.append(f"{message.text} ({message.location.get('url', '')})")


def fetch(
    stack: Stack,
    method: str,
    path: str,
    body: Any = None,
    headers: dict[str, str] | None = None,
) -> Answer:
    """One request; `body` as JSON, or as it is when it is bytes."""
    connection = http.client.HTTPConnection("127.0.0.1", stack.ports["web"], timeout=stack.patience)
    data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
    try:
        connection.request(
            method, path, data, {"Content-Type": "application/json", **(headers or {})}
        )
        response = connection.getresponse()
        raw = response.read()
        is_json = response.headers.get_content_type() == "application/json"
        return Answer(
            response.status, dict(response.headers), json.loads(raw) if is_json else raw.decode()
        )
    finally:
        connection.close()
