"""Parts (b) and (c): stock Rasa on the same messages and rules, in one model or one a language."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from bench import load, messages, processes, scores, training
from bench.machine import BOT_PYTHON, BUILD, ROOT
from bot import catalogue
from bot.languages import languages
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


def domain(spoken: Sequence[str]) -> dict[str, Any]:
    """Our domain with the words as response templates, chosen by the slot `language`."""
    found: dict[str, Any] = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))
    found["responses"] = {}
    for action in found["actions"]:
        if isinstance(action, str) and action.startswith("utter_"):
            found["responses"][action] = [_template(action, lang, spoken[0]) for lang in spoken]
    return found


def _template(key: str, language: str, usual: str) -> dict[str, Any]:
    try:
        message = answers.compose(key, language)
    except (KeyError, catalogue.MissingText):
        # a text whose gaps our actions fill; Rasa would look for slots
        template: dict[str, Any] = {"text": _with_gaps(key, language)}
    else:
        template = {"text": message["text"]}
        if message["buttons"]:
            template["buttons"] = [dict(button) for button in message["buttons"]]
    if language != usual:
        template["condition"] = [{"type": "slot", "name": "language", "value": language}]
    return template


def _with_gaps(key: str, language: str) -> str:
    if not catalogue.has_text(language, key):
        # put together from many texts
        return "…"
    gaps = dict.fromkeys(catalogue.wording_placeholders(language, key), "…")
    return catalogue.text(language, key, **gaps)


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


def train(
    sample: int | None, epochs: int, again: bool, language: str | None = None
) -> dict[str, Any]:
    """Training time and size of the model, and where it is. Raises `PartFailed`.

    `language`: of its messages alone.
    """
    with tempfile.TemporaryDirectory(prefix="kompas-bench-") as folder:
        inputs = Path(folder) / "inputs"
        training.copy_data(inputs / "data", sample, language)
        _write(inputs / "data" / "stories" / "from_rules.yml", stories(inputs / "data"))
        _write(inputs / "config.yml", config(epochs))
        _write(inputs / "domain.yml", domain([language] if language else list(languages())))
        name = f"stock-{language}" if language else "stock"
        return training.train_once(name, inputs, "", again)


def train_each(sample: int | None, epochs: int, again: bool) -> dict[str, Any]:
    """`train` for every language; the sums, and `models` by language. Raises `PartFailed`."""
    found = {lang: train(sample, epochs, again, lang) for lang in languages()}
    sums = {
        name: round(sum(each[name] for each in found.values()), 1)
        for name in ("seconds", "cpu_seconds", "model_bytes", "messages")
    }
    first = next(iter(found.values()))
    return {**first, **sums, "models": {lang: each["model"] for lang, each in found.items()}}


def serve(models: Mapping[str, Path], rows: Sequence[messages.Row], rounds: int) -> dict[str, Any]:
    """Start-up, memory and latency of a server for each model, and of their action server.

    `models` by language; one for all is under "". Raises `PartFailed`.
    """
    with tempfile.TemporaryDirectory(prefix="kompas-bench-") as folder, contextlib.ExitStack() as s:
        actions_port, *ports = processes.free_ports(1 + len(models))
        environment = {
            "PYTHONPATH": str(ROOT),
            "RASA_TELEMETRY_ENABLED": "false",
            "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
            "TF_CPP_MIN_LOG_LEVEL": "2",
            "SANIC_HOST": "127.0.0.1",
        }
        began = time.monotonic()
        actions = s.enter_context(
            processes.running(
                [
                    str(BOT_PYTHON), "-m", "rasa_sdk",
                    "--actions", "actions",
                    "--port", str(actions_port),
                ],
                BUILD / "stock-actions.log",
                environment,
            )
        )  # fmt: skip
        addresses: dict[str, str] = {}
        started = {"actions": actions}
        for (language, model), port in zip(models.items(), ports, strict=True):
            name = f"rasa {language}".strip()
            command = _server(Path(folder), name.replace(" ", "-"), model, port, actions_port)
            log = BUILD / f"stock-{name.replace(' ', '-')}.log"
            started[name] = s.enter_context(processes.running(command, log, environment))
            addresses[language] = f"http://127.0.0.1:{port}"
        processes.wait_until_ready(
            [f"http://127.0.0.1:{actions_port}/health", *(f"{a}/" for a in addresses.values())],
            list(started.values()),
            BUILD / "stock-*.log",
        )
        ready = time.monotonic() - began
        memory = processes.weigh({name: each.pid for name, each in started.items()})
        measured = asyncio.run(
            load.measure(
                load.StockVisitor,
                lambda language: addresses.get(language) or addresses[""],
                rows,
                rounds,
                memory,
            )
        )
    return {"ready_s": round(ready, 1), **measured}


def _server(folder: Path, name: str, model: Path, port: int, actions_port: int) -> list[str]:
    """The command of a server; its files lie in `folder`."""
    endpoints, credentials = folder / f"{name}-endpoints.yml", folder / f"{name}-credentials.yml"
    tracker = {"type": "SQL", "dialect": "sqlite", "db": f"{folder}/{name}-tracker.db"}
    webhook = f"http://127.0.0.1:{actions_port}/webhook"
    _write(endpoints, {"action_endpoint": {"url": webhook}, "tracker_store": tracker})
    _write(credentials, {"rest": None})
    return [
        str(BOT_PYTHON), "-m", "rasa", "run",
        "--model", str(model),
        "--endpoints", str(endpoints),
        "--credentials", str(credentials),
        "--interface", "127.0.0.1",
        "--port", str(port),
    ]  # fmt: skip


def accuracy(models: Mapping[str, Path], rows: Sequence[messages.Row]) -> dict[str, Any]:
    """Scores on the development set, each row read by the model for it. Raises `PartFailed`."""
    parsed: list[dict[str, Any]] = []
    for language, model in models.items():
        here = [row for row in rows if language in ("", row.lang)]
        parsed += training.parsed(f"stock{language}", model, here)
    return scores.score(rows, parsed)


def _write(path: Path, content: object) -> None:
    path.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")
