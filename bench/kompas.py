"""Part (a): Kompas, started as `make run` starts it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from bench import load, messages, processes, scores, training
from bench.machine import BOT_PYTHON, BUILD, ROOT
from bench.processes import PartFailed
from bot import model

_MARKS = {
    "rasa": "bot.serve",
    "actions": "rasa_sdk",
    "web": "-m web ",
    "desk": "-m desk ",
    "delivery": "bot.delivery",
}
_START = ". scripts/env.sh && exec .venv/web/bin/supervisord -n -c supervisord.conf"


class Running:
    """The whole stack under its supervisor."""

    def __init__(self, supervisor: int, address: str) -> None:
        self._supervisor = supervisor
        self.address = address

    def pids(self, name: str) -> list[int]:
        """The processes of a program, by its name in the report."""
        return [
            number
            for number in processes.children(self._supervisor)
            if _MARKS[name] in f"{processes.command_line(number)} "
        ]

    def memory(self) -> dict[str, int]:
        """Resident memory by program; what is being started anew is left out."""
        found = {"supervisor": processes.resident_bytes(self._supervisor, False)}
        for name in _MARKS:
            sizes = [processes.resident_bytes(number) for number in self.pids(name)]
            if sizes:
                found[name] = sum(sizes)
        return found


@contextlib.contextmanager
def started(log: Path) -> Iterator[Running]:
    """Everything, as `make run` starts it, until the block ends. Raises `PartFailed`."""
    with tempfile.TemporaryDirectory(prefix="kompas-bench-") as folder:
        web, rasa, actions, desk = processes.free_ports(4)
        address = f"http://127.0.0.1:{web}"
        environment = {
            "KOMPAS_VAR": folder,
            "KOMPAS_TRACKER_URL": f"sqlite:///{folder}/tracker.db",
            "KOMPAS_DATABASE_URL": f"sqlite:///{folder}/desk.db",
            "KOMPAS_ERASED": f"{folder}/erased.db",
            "KOMPAS_OUTBOX": f"{folder}/outbox.db",
            "KOMPAS_COUNTS": f"{folder}/counts.db",
            "KOMPAS_WEB_HOST": "127.0.0.1",
            "KOMPAS_WEB_PORT": str(web),
            "KOMPAS_RASA_PORT": str(rasa),
            "KOMPAS_ACTIONS_PORT": str(actions),
            "KOMPAS_DESK_PORT": str(desk),
            "KOMPAS_DESK_URL": f"http://127.0.0.1:{desk}",
            # the limits hold back floods, and this is one
            "KOMPAS_MESSAGES_PER_MINUTE": "100000",
            "KOMPAS_STARTS_PER_MINUTE": "100000",
        }
        with processes.running(["bash", "-c", _START], log, environment) as supervisor:
            processes.wait_until_ready([f"{address}/readyz"], [supervisor], log)
            yield Running(supervisor.pid, address)


def serve(rows: Sequence[messages.Row], rounds: int) -> dict[str, Any]:
    """Start-up, memory and latency of the whole stack. Raises `PartFailed`."""
    file = model.model_file()
    if not file.is_file():
        raise PartFailed(f"models/{file.name} is missing. Run `make train`.")
    began = time.monotonic()
    with started(BUILD / "kompas.log") as running:
        ready = time.monotonic() - began
        measured = asyncio.run(
            load.measure(
                load.KompasVisitor, lambda _: running.address, rows, rounds, running.memory
            )
        )
    return {"ready_s": round(ready, 1), "served_model_bytes": file.stat().st_size, **measured}


def training_messages() -> int:
    """How many messages the understanding learns from."""
    return training.count(ROOT / "data" / "nlu")


def train(sample: int | None, again: bool) -> dict[str, Any]:
    """Training time and size of the model. Raises `PartFailed`."""
    with tempfile.TemporaryDirectory(prefix="kompas-bench-") as folder:
        inputs = Path(folder) / "inputs"
        training.copy_data(inputs / "data", sample)
        for name in ("config.yml", "domain.yml"):
            (inputs / name).write_bytes((ROOT / name).read_bytes())
        return training.train_once("kompas", inputs, model.digest(), again)


def sampled_accuracy(model: Path, rows: Sequence[messages.Row]) -> dict[str, Any]:
    """Scores of a model that learned from a sample, by the ranking alone. Raises `PartFailed`."""
    found = scores.score(rows, training.parsed("kompas", model, rows))
    # an answer with options is handled too, which only bot.evaluate knows
    for each in (found["overall"], *found["by_lang"].values(), *found["by_style"].values()):
        each.pop("handled", None)
    return found


def accuracy(rows: Sequence[messages.Row]) -> dict[str, Any]:
    """What `bot.evaluate` says of the development set. Raises `PartFailed`."""
    chosen, result = BUILD / "development.csv", BUILD / "kompas-evaluation.json"
    messages.write(chosen, rows)
    result.unlink(missing_ok=True)
    log = BUILD / "kompas-evaluation.log"
    command = [str(BOT_PYTHON), "-m", "bot.evaluate", "--set", str(chosen), "--out", str(result)]
    with log.open("wb") as output:
        subprocess.run(
            command,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    if not result.is_file():
        raise PartFailed(f"bot.evaluate gave no result; its log: {log}")
    found: dict[str, Any] = json.loads(result.read_text(encoding="utf-8"))
    found.pop("predictions", None)
    found.pop("by_intent", None)
    return found
