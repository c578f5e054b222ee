"""Part (a): Kompas, started as `make run` starts it."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench import load, messages, processes, training
from bench.machine import BOT_PYTHON, BUILD, ROOT
from bench.processes import PartFailed
from bot import model

_MARKS = {"rasa": "bot.serve", "actions": "rasa_sdk", "web": "-m web "}
_START = ". scripts/env.sh && exec .venv/web/bin/supervisord -n -c supervisord.conf"


def serve(rows: Sequence[messages.Row], rounds: int) -> dict[str, Any]:
    """Start-up, memory and latency of the whole stack. Raises `PartFailed`."""
    file = model.model_file()
    if not file.is_file():
        raise PartFailed(f"models/{file.name} is missing. Run `make train`.")
    log = BUILD / "kompas.log"
    with tempfile.TemporaryDirectory(prefix="kompas-bench-") as folder:
        web, rasa, actions = processes.free_ports(3)
        address = f"http://127.0.0.1:{web}"
        environment = {
            "KOMPAS_VAR": folder,
            "KOMPAS_TRACKER_URL": f"sqlite:///{folder}/tracker.db",
            "KOMPAS_WEB_HOST": "127.0.0.1",
            "KOMPAS_WEB_PORT": str(web),
            "KOMPAS_RASA_PORT": str(rasa),
            "KOMPAS_ACTIONS_PORT": str(actions),
            # the limits hold back floods, and this is one
            "KOMPAS_MESSAGES_PER_MINUTE": "100000",
            "KOMPAS_STARTS_PER_MINUTE": "100000",
        }
        began = time.monotonic()
        with processes.running(["bash", "-c", _START], log, environment) as supervisor:
            processes.wait_until_ready([f"{address}/readyz"], [supervisor], log)
            ready = time.monotonic() - began

            def memory() -> dict[str, int]:
                found = {"supervisor": processes.resident_bytes(supervisor.pid, False)}
                for number in processes.children(supervisor.pid):
                    line = f"{processes.command_line(number)} "
                    for name, mark in _MARKS.items():
                        if mark in line:
                            found[name] = processes.resident_bytes(number)
                return found

            measured = asyncio.run(
                load.measure(load.KompasVisitor, address, messages.Supply(rows), rounds, memory)
            )
    return {"ready_s": round(ready, 1), "served_model_bytes": file.stat().st_size, **measured}


def train(sample: int | None, again: bool) -> dict[str, Any]:
    """Training time and size of the model. Raises `PartFailed`."""
    with tempfile.TemporaryDirectory(prefix="kompas-bench-") as folder:
        inputs = Path(folder) / "inputs"
        training.copy_data(inputs / "data", sample)
        for name in ("config.yml", "domain.yml"):
            (inputs / name).write_bytes((ROOT / name).read_bytes())
        return training.train_once("kompas", inputs, model.digest(), again)


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
