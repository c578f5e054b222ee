"""Training a model in a process of its own, once for the same data and configuration."""

from __future__ import annotations

import hashlib
import json
import os
import resource
import shutil
import subprocess
import time
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import yaml

from bench import messages
from bench.machine import BOT_PYTHON, BUILD, ROOT
from bench.processes import PartFailed

_ENVIRONMENT = {
    "PYTHONPATH": str(ROOT),
    "RASA_TELEMETRY_ENABLED": "false",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "TF_CPP_MIN_LOG_LEVEL": "2",
}


def copy_data(target: Path, sample: int | None, language: str | None = None) -> None:
    """Copy rules and training messages; of each file at most `sample` messages.

    `language`: none but those of this one.

    A copy, because a model must be trained on what its digest was taken of.
    """
    shutil.copytree(ROOT / "data", target)
    for folder in (target / "nlu").iterdir():
        if language not in (None, folder.name):
            shutil.rmtree(folder)
    if not sample:
        return
    for path in (target / "nlu").rglob("*.yml"):
        lines = path.read_text(encoding="utf-8").splitlines()
        places = [place for place, line in enumerate(lines) if line.startswith("    - ")]
        # spread over the file: its messages stand in groups
        step = max(1, len(places) // sample)
        left_out = set(places) - set(places[::step][:sample])
        kept = [line for place, line in enumerate(lines) if place not in left_out]
        path.write_text("\n".join(kept) + "\n", encoding="utf-8")


def train_once(name: str, inputs: Path, code: str, again: bool = False) -> dict[str, Any]:
    """Train on `inputs` (config.yml, domain.yml, data/) unless that was done before.

    Returns what training took and where the model is; the same is kept in training.json beside
    the model. `code` says which code the model depends on. Raises `PartFailed`.
    """
    found = hashlib.sha256(code.encode())
    found.update((ROOT / "requirements" / "bot.txt").read_bytes())
    for path in sorted(inputs.rglob("*")):
        if path.is_file():
            found.update(str(path.relative_to(inputs)).encode())
            found.update(path.read_bytes())
    folder = BUILD / f"{name}-{found.hexdigest()[:16]}"
    record = folder / "training.json"
    if record.is_file() and not again:
        kept: dict[str, Any] = json.loads(record.read_text())
        if (folder / "model.tar.gz").is_file():
            print(f"  {name}: trained before ({record.relative_to(ROOT)})", flush=True)
            return kept
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(inputs, folder)
    result = _train(name, folder)
    record.write_text(json.dumps(result, indent=2) + "\n")
    return result


def parsed(name: str, model: Path, rows: Sequence[messages.Row]) -> list[dict[str, Any]]:
    """What a model makes of each row, as `bench.rasa_parse` writes it. Raises `PartFailed`."""
    chosen, result = BUILD / f"{name}-development.csv", BUILD / f"{name}-parsed.json"
    messages.write(chosen, rows)
    log = BUILD / f"{name}-parse.log"
    arguments = [str(model), str(chosen), str(result)]
    found: list[dict[str, Any]] = result_of("bench.rasa_parse", arguments, result, log)
    return found


def result_of(
    module: str,
    arguments: Sequence[str],
    result: Path,
    log: Path,
    environment: Mapping[str, str] | None = None,
) -> Any:
    """What `module`, run by .venv/bot, writes into `result` as JSON. Raises `PartFailed`."""
    result.unlink(missing_ok=True)
    with log.open("wb") as output:
        subprocess.run(
            [str(BOT_PYTHON), "-m", module, *arguments],
            cwd=ROOT,
            env={**os.environ, **_ENVIRONMENT, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    if not result.is_file():
        raise PartFailed(f"{module} gave no result; its log: {log}")
    return json.loads(result.read_text(encoding="utf-8"))


def _train(name: str, folder: Path) -> dict[str, Any]:
    log = folder / "training.log"
    print(f"  {name}: training; its log: {log.relative_to(ROOT)}", flush=True)
    load = os.getloadavg()[0]
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.monotonic()
    with log.open("wb") as output:
        code = subprocess.run(
            [str(BOT_PYTHON), "-m", "bench.rasa_train", str(folder)],
            cwd=ROOT,
            # a cache of its own: an earlier training must not shorten this one
            env={
                **os.environ,
                **_ENVIRONMENT,
                "RASA_CACHE_DIRECTORY": str(folder / "cache"),
            },
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        ).returncode
    seconds = time.monotonic() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    shutil.rmtree(folder / "cache", ignore_errors=True)
    model = folder / "model.tar.gz"
    if code != 0 or not model.is_file():
        raise PartFailed(f"training ended with {code}; its log: {log}")
    return {
        "model": str(model),
        "seconds": round(seconds, 1),
        "cpu_seconds": round(after.ru_utime - used.ru_utime + after.ru_stime - used.ru_stime, 1),
        "model_bytes": model.stat().st_size,
        "messages": count(folder / "data" / "nlu"),
        "date": datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
        "load_before": round(load, 1),
        "load_after": round(os.getloadavg()[0], 1),
        "nice": os.getpriority(os.PRIO_PROCESS, 0),
    }


def count(data: Path) -> int:
    """How many messages the files of a folder hold."""
    total = 0
    for path in data.rglob("*.yml"):
        for block in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]:
            total += len(block["examples"].splitlines())
    return total
