"""`python -m bench.desk`: how long colleagues wait with fifty thousand cases, in both databases."""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import cycle, repeat
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from aiohttp.test_utils import TestClient, TestServer
from argon2 import PasswordHasher

from bench import machine
from bench.desk_data import CASES, END, Maker, raise_walls, store
from bot.sealing import new_keys
from desk.access import Member
from desk.app import create_app
from desk.console.guard import SESSION_COOKIE
from desk.crypto import BlindIndex, Vault
from desk.database import Database, migrate
from desk.intake import parse_case
from desk.keys import LOGIN, REGISTRY
from desk.login import Login
from desk.models import Case
from desk.registry import Filters, Registry
from desk.settings import Settings
from tests.postgres import Cluster

_COLLEAGUES = {
    **{f"worker{number}": "worker" for number in range(8)},
    **{f"jurist{number}": "jurist" for number in range(8)},
    **{f"coordinator{number}": "coordinator" for number in range(2)},
}
_YEAR = 2025
_KEY, _INDEX_KEY = "k" * 32, "i" * 32
_PASSWORD = "a long enough password"  # noqa: S105 - of accounts that live for a minute


def main() -> None:
    """Build both databases, measure, print and keep the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=CASES)
    parser.add_argument("--rounds", type=int, default=40)
    options = parser.parse_args()
    vault, index = Vault([_KEY]), BlindIndex(_INDEX_KEY)
    found: dict[str, Any] = {"machine": machine.describe(), "cases": options.cases}
    with tempfile.TemporaryDirectory(prefix="kompas-bench-") as folder:
        cluster = Cluster()
        try:
            urls = {"SQLite": f"sqlite:///{folder}/desk.db", "PostgreSQL": cluster.create("bench")}
            databases = {name: Database(url) for name, url in urls.items()}
            members = _build(urls, databases, vault, index, options.cases)
            for name, database in databases.items():
                registry = Registry(database, vault, index, clock=lambda: END)
                found[name] = _measure(registry, members, options.rounds)
                found[name] |= asyncio.run(_pages(urls[name], members, options.rounds))
                database.close()
        finally:
            cluster.close()
    print(_table(found))
    machine.BUILD.mkdir(parents=True, exist_ok=True)
    path = Path(machine.BUILD / "desk.json")
    path.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


def _build(
    urls: dict[str, str],
    databases: dict[str, Database],
    vault: Vault,
    index: BlindIndex,
    number: int,
) -> dict[str, Member]:
    """The same cases and colleagues in each database."""
    began = time.monotonic()
    members: dict[str, Member] = {}
    accounts: list[dict[str, Any]] = []
    first = next(iter(databases))
    for name, database in databases.items():
        migrate(urls[name])
        if name == first:
            hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
            login = Login(database, vault, index, hasher=hasher)
            for each, role in _COLLEAGUES.items():
                account = login.create_account(each, role, _PASSWORD)
                members[each] = Member(account.id, each, role)
            with database.reading() as session:
                accounts = [
                    dict(row)
                    for row in session.execute(sa.select(Case.metadata.tables["staff"])).mappings()
                ]
        else:
            with database.writing() as session:
                session.execute(sa.insert(Case.metadata.tables["staff"]), accounts)
    ids = {
        role: [member.id for member in members.values() if member.role == role]
        for role in ("worker", "jurist")
    }
    for rows in Maker(vault, index, ids).batches(number):
        store(databases.values(), rows)
    for database in databases.values():
        raise_walls(database)
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as link:
            link.exec_driver_sql("ANALYZE")
    print(f"{number} cases in each database after {time.monotonic() - began:.0f} s.")
    return members


def _measure(
    registry: Registry, members: dict[str, Member], rounds: int
) -> dict[str, dict[str, float]]:
    jurist, worker, coordinator = (
        members["jurist0"], members["worker0"], members["coordinator0"]
    )  # fmt: skip
    open_cases = [row.reference for row in registry.queue(jurist, limit=200)]
    every = Filters(status=("new", "open", "closed"))
    old = [row.reference for row in registry.queue(jurist, every, limit=200, offset=20_000)]
    cases = iter([*open_cases, *old] * rounds)
    numbers = iter(range(10**6))

    def take_in() -> None:
        conversation = f"{10**9 + next(numbers):064x}"
        body = parse_case(
            {"conversation": conversation, "language": "tr", "role": "left_behind"}
            | {"urgent": False, "code": "preventie"}
        )
        registry.create_case(body, f"{conversation}-1")

    actions: dict[str, Callable[[], Any]] = {
        "queue, first page": lambda: registry.queue(jurist),
        "queue of a worker": lambda: registry.queue(worker),
        "queue of a coordinator": lambda: registry.queue(coordinator),
        "queue, number of cases": lambda: registry.count(jurist),
        "filter: code and language": lambda: registry.queue(
            jurist, Filters(code="kinderontvoering", language="tr")
        ),
        "filter: closed, line 2": lambda: registry.queue(
            jurist, Filters(status=("closed",), line=2)
        ),
        "filter: closed, a rare code": lambda: registry.queue(
            jurist, Filters(status=("closed",), code="vermissing", language="pl")
        ),
        "filter: mine": lambda: registry.queue(jurist, Filters(mine=True)),
        "number of closed cases": lambda: registry.count(jurist, Filters(status=("closed",))),
        "all cases, page 100": lambda: registry.queue(jurist, every, offset=5000),
        "case page": lambda: registry.look(jurist, next(cases)),
        "contact details": lambda: registry.contacts(jurist, next(cases)),
        "related cases": lambda: registry.related(jurist, next(cases)),
        "search: reference": lambda: registry.search(jurist, open_cases[0]),
        "search: telephone number": lambda: registry.search(jurist, "06-12345678"),
        "search: first name": lambda: registry.search(jurist, "Katarzyna"),
        "search: full name": lambda: registry.search(jurist, "Elif Demkow"),
        "search: name and birth date": lambda: registry.search(jurist, "Jan 12-03-2019"),
        "search by a coordinator": lambda: registry.search(coordinator, "Katarzyna"),
        "figures of a year": lambda: registry.figures(jurist, _YEAR),
        "figures of a worker": lambda: registry.figures(worker, _YEAR),
        "conflicts": lambda: registry.conflicts(coordinator, "confirmed"),
        "a case comes in": take_in,
    }
    return {name: _time(action, rounds) for name, action in actions.items()}


async def _pages(url: str, members: dict[str, Member], rounds: int) -> dict[str, dict[str, float]]:
    """The pages of the console, from request to last byte, as a browser asks for them."""
    settings = Settings.from_environment(
        {
            "KOMPAS_DATABASE_URL": url,
            "KOMPAS_DESK_SERVICE_TOKEN": "s" * 32,
            "KOMPAS_DESK_KEYS": _KEY,
            "KOMPAS_DESK_INDEX_KEY": _INDEX_KEY,
            "KOMPAS_DESK_SEAL_KEYS": new_keys()[0],
        }
    )
    app = create_app(settings)
    sessions = {}
    for name in ("jurist0", "coordinator0"):
        identity = hashlib.sha256(name.encode()).hexdigest()
        app[LOGIN].link(name, identity)
        sessions[name] = app[LOGIN].log_in_with_identity(identity)
    cases = [row.reference for row in app[REGISTRY].queue(members["jurist0"], limit=200)]
    found: dict[str, dict[str, float]] = {}
    async with TestClient(TestServer(app)) as client:

        async def ask(method: str, path: str, name: str, data: Any = None) -> None:
            cookies = {SESSION_COOKIE: sessions[name].token}
            reply = await client.request(method, path, cookies=cookies, data=data)
            await reply.read()
            if reply.status != 200:
                raise RuntimeError(f"{method} {path.split('/')[1]}: {reply.status}")

        async def measure(title: str, method: str, paths: Iterator[str], **more: Any) -> None:
            taken = []
            for _ in range(rounds + 1):
                path = next(paths)
                began = time.perf_counter()
                await ask(method, path, **more)
                taken.append((time.perf_counter() - began) * 1000)
            found[f"page: {title}"] = _percentiles(taken[1:])

        jurist = {"name": "jurist0"}
        search = {"csrf": sessions["jurist0"].csrf, "text": "Elif Demkow"}
        await measure("queue", "GET", repeat("/cases"), **jurist)
        closed = repeat("/cases?status=closed&line=2&language=pl")
        await measure("queue, closed ones", "GET", closed, **jurist)
        await measure("case", "GET", cycle(f"/cases/{each}" for each in cases), **jurist)
        await measure("search", "POST", repeat("/cases/search"), data=search, **jurist)
        await measure("figures", "GET", repeat(f"/figures?year={_YEAR}"), **jurist)
        await measure("conflicts", "GET", repeat("/conflicts"), name="coordinator0")
    return found


def _time(action: Callable[[], Any], rounds: int) -> dict[str, float]:
    action()
    taken = []
    for _ in range(rounds):
        began = time.perf_counter()
        action()
        taken.append((time.perf_counter() - began) * 1000)
    return _percentiles(taken)


def _percentiles(taken: list[float]) -> dict[str, float]:
    taken = sorted(taken)
    return {
        "p50_ms": round(statistics.median(taken), 1),
        "p95_ms": round(taken[max(0, -(-len(taken) * 95 // 100) - 1)], 1),
    }


def _table(found: dict[str, Any]) -> str:
    about = found["machine"]
    lines = [
        f"{found['cases']} cases; {about['processor']}, {about['cores']} cores, load "
        f"{about['load_before']} before; {about['date']} {about['commit']}",
        "",
        "| milliseconds | SQLite p50 | p95 | PostgreSQL p50 | p95 |",
        "|---|---:|---:|---:|---:|",
    ]
    for name, row in found["SQLite"].items():
        other = found["PostgreSQL"][name]
        cells = (row["p50_ms"], row["p95_ms"], other["p50_ms"], other["p95_ms"])
        lines.append(f"| {name} | {' | '.join(f'{cell:.1f}' for cell in cells)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
