"""Part (b): the stock Rasa pipeline on the same training messages and rules."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from bench import load, messages, processes, scores, training
from bench.machine import BOT_PYTHON, BUILD, ROOT
from bench.processes import PartFailed
from bot.languages import SOURCE, languages
from bot.nlg import answers

HONEST_EPOCHS = 100


def config(epochs: int) -> dict[str, Any]:
    """What `rasa init` would write for many languages; `epochs` are DIET's."""
    return {
        "recipe": "default.v1",
        "language": "nl",
        "assistant_id": "stock",
        "pipeline": [
            {"name": "WhitespaceTokenizer"},
            {"name": "CountVectorsFeaturizer"},
            {
                "name": "CountVectorsFeaturizer",
                "analyzer": "char_wb",
                "min_ngram": 1,
                "max_ngram": 4,
            },
            {"name": "DIETClassifier", "epochs": epochs, "constrain_similarities": True},
            {"name": "FallbackClassifier", "threshold": 0.3, "ambiguity_threshold": 0.1},
        ],
        "policies": [
            {"name": "MemoizationPolicy"},
            {"name": "RulePolicy"},
            {"name": "TEDPolicy", "constrain_similarities": True},
        ],
    }


def domain() -> dict[str, Any]:
    """Our domain with the words as response templates, chosen by the slot `language`."""
    found: dict[str, Any] = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))
    found["responses"] = {}
    for action in found["actions"]:
        if isinstance(action, str) and action.startswith("utter_"):
            found["responses"][action] = [_template(action, lang) for lang in languages()]
    return found


def _template(key: str, language: str) -> dict[str, Any]:
    message = answers.compose(key, language)
    template: dict[str, Any] = {"text": message["text"]}
    if message["buttons"]:
        template["buttons"] = [dict(button) for button in message["buttons"]]
    if language != SOURCE:
        template["condition"] = [{"type": "slot", "name": "language", "value": language}]
    return template


def stories(data: Path) -> dict[str, Any]:
    """Each rule once more as a story: TED learns from nothing else."""
    found: list[dict[str, Any]] = []
    for path in sorted((data / "stories").glob("*.yml")):
        rules = yaml.safe_load(path.read_text(encoding="utf-8")).get("rules", [])
        # a rule with a condition, or of the conversation's start, says what no story can
        found += (
            {"story": f"{rule['rule']} (story)", "steps": rule["steps"]}
            for rule in rules
            if not set(rule) - {"rule", "steps"}
        )
    return {"version": "3.1", "stories": found}


def train(sample: int | None, epochs: int, again: bool) -> dict[str, Any]:
    """Training time and size of the model, and where it is. Raises `PartFailed`."""
    with tempfile.TemporaryDirectory(prefix="kompas-bench-") as folder:
        inputs = Path(folder) / "inputs"
        training.copy_data(inputs / "data", sample)
        _write(inputs / "data" / "stories" / "from_rules.yml", stories(inputs / "data"))
        _write(inputs / "config.yml", config(epochs))
        _write(inputs / "domain.yml", domain())
        return training.train_once("stock", inputs, "", again)


def serve(model: Path, rows: Sequence[messages.Row], rounds: int) -> dict[str, Any]:
    """Start-up, memory and latency of the server and its action server. Raises `PartFailed`."""
    with tempfile.TemporaryDirectory(prefix="kompas-bench-") as folder, contextlib.ExitStack() as s:
        rasa_port, actions_port = processes.free_ports(2)
        endpoints, credentials = Path(folder) / "endpoints.yml", Path(folder) / "credentials.yml"
        _write(
            endpoints,
            {
                "action_endpoint": {"url": f"http://127.0.0.1:{actions_port}/webhook"},
                "tracker_store": {
                    "type": "SQL",
                    "dialect": "sqlite",
                    "db": f"{folder}/tracker.db",
                },
            },
        )
        _write(credentials, {"rest": None})
        rasa_log, actions_log = BUILD / "stock-rasa.log", BUILD / "stock-actions.log"
        environment = {
            "PYTHONPATH": str(ROOT),
            "RASA_TELEMETRY_ENABLED": "false",
            "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
            "TF_CPP_MIN_LOG_LEVEL": "2",
            "SANIC_HOST": "127.0.0.1",
        }
        began = time.monotonic()
        rasa = s.enter_context(
            processes.running(
                [
                    str(BOT_PYTHON), "-m", "rasa", "run",
                    "--model", str(model),
                    "--endpoints", str(endpoints),
                    "--credentials", str(credentials),
                    "--interface", "127.0.0.1",
                    "--port", str(rasa_port),
                ],
                rasa_log,
                environment,
            )
        )  # fmt: skip
        actions = s.enter_context(
            processes.running(
                [
                    str(BOT_PYTHON), "-m", "rasa_sdk",
                    "--actions", "actions",
                    "--port", str(actions_port),
                ],
                actions_log,
                environment,
            )
        )  # fmt: skip
        address = f"http://127.0.0.1:{rasa_port}"
        processes.wait_until_ready(
            [f"{address}/", f"http://127.0.0.1:{actions_port}/health"], [rasa, actions], rasa_log
        )
        ready = time.monotonic() - began
        memory = processes.weigh({"rasa": rasa.pid, "actions": actions.pid})
        measured = asyncio.run(
            load.measure(load.StockVisitor, address, messages.Supply(rows), rounds, memory)
        )
    return {"ready_s": round(ready, 1), **measured}


def accuracy(model: Path, rows: Sequence[messages.Row]) -> dict[str, Any]:
    """Scores on the development set. Raises `PartFailed`."""
    chosen, result = BUILD / "development.csv", BUILD / "stock-parsed.json"
    messages.write(chosen, rows)
    result.unlink(missing_ok=True)
    log = BUILD / "stock-parse.log"
    with log.open("wb") as output:
        subprocess.run(
            [str(BOT_PYTHON), "-m", "bench.rasa_parse", str(model), str(chosen), str(result)],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT), "RASA_TELEMETRY_ENABLED": "false"},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    if not result.is_file():
        raise PartFailed(f"parsing gave no result; its log: {log}")
    return scores.score(rows, json.loads(result.read_text(encoding="utf-8")))


def _write(path: Path, content: object) -> None:
    path.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")
