"""The interface of the services against its own description, with whatever could be sent."""

from __future__ import annotations

import asyncio
import itertools
import json
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from aiohttp import web
from cast import SEAL_KEY, SERVICE_TOKEN, Cast, case_body, contact_body, settings_for
from hypothesis import HealthCheck, settings
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import negative_data_rejection
from schemathesis.specs.openapi.schemas import OpenApiSchema

from bot.sealing import public_of, seal
from desk.app import create_app
from desk.openapi import document

BEARER = {"Authorization": f"Bearer {SERVICE_TOKEN}"}
BOUNDED = settings(
    max_examples=25,
    suppress_health_check=list(HealthCheck),
    # the same examples each time: what is new is looked for by hand, with more of them
    derandomize=True,
)

_numbers = itertools.count(1)


def describe() -> OpenApiSchema:
    """The description as schemathesis reads it."""
    read = schemathesis.openapi.from_dict(document())
    # what was erased stays away, however well it is formed
    read.config.checks.positive_data_acceptance.expected_statuses = ["2xx", "410"]
    return read


schema = describe()


class Server:
    """The application on a port of its own, in a thread of its own."""

    def __init__(self, url: str) -> None:
        self._loop = asyncio.new_event_loop()
        self._runner = web.AppRunner(create_app(settings_for(url)), access_log=None)
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        port = self._call(self._start())
        self.address = f"http://127.0.0.1:{port}"

    async def _start(self) -> int:
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        return int(self._runner.addresses[0][1])

    def _call(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    def close(self) -> None:
        self._call(self._runner.cleanup())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(30)


@pytest.fixture(scope="module")
def address(
    migrated_file: tuple[Path, Cast], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    path = shutil.copy(migrated_file[0], tmp_path_factory.mktemp("fuzz") / "desk.db")
    server = Server(f"sqlite:///{path}")
    yield server.address
    server.close()


def fit(case: schemathesis.Case, apart: str = "") -> None:
    """Do what no description can say: the key begins with the conversation, and what is sealed
    is sealed to this desk. `apart` keeps a conversation from meeting another of its name."""
    mode = case.meta.generation.mode if case.meta else None
    if mode != GenerationMode.POSITIVE or not isinstance(case.body, dict):
        return
    body = case.body
    if "sealed" in body:
        body = case_body() if case.path == "/api/cases" else contact_body()
        case.body = {"sealed": seal(public_of(SEAL_KEY), json.dumps(body).encode())}
    elif apart:
        for name in ("conversation", "contact_ref"):
            if body.get(name) is not None:
                body[name] = f"{body[name]}-{apart}"[-64:]
    if case.path == "/api/cases":
        case.headers["Idempotency-Key"] = f"{body['conversation']}-{next(_numbers)}"


@schema.parametrize()
@BOUNDED
def test_every_call_keeps_to_the_description(case: schemathesis.Case, address: str):
    fit(case)
    # a form is read more generously than a description can say: spaces, dashes, what is left empty
    generous = [negative_data_rejection] if case.path == "/api/contacts" else []
    case.call_and_validate(base_url=address, headers=BEARER, excluded_checks=generous)


def test_calls_in_any_order_keep_to_the_description(address: str):
    described = describe()
    described.config.generation.update(modes=[GenerationMode.POSITIVE])

    class Calls(described.as_state_machine()):  # type: ignore[misc]
        """What one call gave is used in the next."""

        def setup(self) -> None:
            self.apart = str(next(_numbers))

        def before_call(self, case: schemathesis.Case) -> None:
            fit(case, self.apart)

        def get_call_kwargs(self, case: schemathesis.Case) -> dict[str, Any]:
            return {"base_url": address, "headers": BEARER}

    Calls.run(settings=settings(BOUNDED, max_examples=12, stateful_step_count=6))
