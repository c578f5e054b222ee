"""Every endpoint there is, as every colleague: a case that is walled off does not exist.

The routes are those of the application: a new one is walked without being named here.
"""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

import pytest
import sqlalchemy as sa
from aiohttp.test_utils import TestClient, TestServer
from cast import Cast, Desk, open_desk
from console import Browser, console_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from walking import Answer, Form, Pairs, Walker, parameters
from yarl import URL

from desk.codes import codebook
from desk.models import CHANNELS, Base, Case, Child, Conflict
from desk.references import _check
from desk.replies import replies

CHILD = {"given": "Elif", "family": "Yılmaz", "birth_date": "2019-03-04"}
NOT_THERE = f"K-2026-9998-{_check(2026, 9998)}"
UNKNOWN_ID = "0" * 32
T = TypeVar("T")
Http = TestClient[Any, Any]
Forms = dict[str, set[Pairs]]


@dataclass
class World:
    """Both parents' cases in conflict, one of them full of words that nobody else may see.

    Jan handles the mother's case, Joke the father's, Cora was let into the mother's. Wilma has
    withdrawn from a case of line 1.
    """

    desk: Desk
    mother: str = ""
    father: str = ""
    left: str = ""
    marks: dict[str, set[str]] = field(default_factory=dict)
    ids: dict[str, set[str]] = field(default_factory=dict)

    def row(self, reference: str) -> Case:
        with self.desk.database.reading() as session:
            case = session.query(Case).filter_by(reference=reference).one()
            session.expunge(case)
            return case

    def hidden(self, name: str) -> list[str]:
        """References of the cases that do not exist for a colleague."""
        return {
            "wim": [self.mother, self.father],
            "wilma": [self.mother, self.father, self.left],
            "jan": [self.father],
            "joke": [self.mother],
            "cor": [],
            "cora": [self.father],
            "tess": [self.mother, self.father, self.left],
            "aad": [self.mother, self.father, self.left],
        }[name]

    def secrets(self, name: str) -> set[str]:
        """Words that must stand in nothing that a colleague gets to see."""
        found: set[str] = set()
        for reference in self.hidden(name):
            found |= self.marks[reference] | {reference, reference.replace("-", "")}
            if name != "aad":
                found |= self.ids[reference]
        if name == "cor":
            # a coordinator knows that both cases are there, and not a word of them
            found |= self.marks[self.mother] | self.marks[self.father]
        return found


def fill_case(desk: Desk, mark: str, handler: str, **changes: Any) -> tuple[str, set[str]]:
    """A case with a word of its own in every field, and those words."""
    used: set[str] = set()

    def word(name: str) -> str:
        used.add(f"{mark}{name}")
        return f"{mark}{name}"

    conversation, contact_ref = word("conversation"), word("contactreference") + "x" * 10
    reference = desk.bring(
        conversation=conversation,
        contact_ref=contact_ref,
        embed=word("embed"),
        summary=[{"question_id": "q_of_last_year", "answer": word("answer"), "verdict": "unclear"}],
        transcript=[
            {"from": "visitor", "text": word("said")},
            {
                "from": "assistant",
                "id": "utter_child_abducted",
                "text": word("told"),
                "variables": {"nl": word("variable")},
            },
        ],
        **changes,
    )
    member = desk[handler]
    registry = desk.registry
    registry.assign(member, reference, member.id)
    registry.look(member, reference)
    desk.contact(
        conversation=conversation,
        contact_ref=contact_ref,
        name=word("name"),
        email=f"{word('mail')}@example.org",
        if_someone_else_answers=word("else"),
        code_word=word("codeword"),
    )
    registry.add_note(member, reference, word("note"))
    registry.add_moment(
        member, reference, channel="phone", incoming=True, minutes=7, note=word("moment")
    )
    registry.change_code(member, reference, desk_code(reference, desk), word("reason"))
    registry.set_person(
        member,
        reference,
        "client",
        {"given": word("given"), "maiden": word("maiden"), "email": f"{word('post')}@example.org"},
    )
    registry.set_person(member, reference, "other_parent", {"family": word("otherfamily")})
    return reference, used


def desk_code(reference: str, desk: Desk) -> str:
    with desk.database.reading() as session:
        return session.query(Case).filter_by(reference=reference).one().code


def make_world(desk: Desk, **father: Any) -> World:
    """The world of these tests; `father` changes the father's case."""
    world = World(desk)
    world.mother, mother_words = fill_case(desk, "MOEDER", "jan", role="left_behind")
    world.father, father_words = fill_case(
        desk, "VADER", "joke", **{"role": "taking", "language": "pl", **father}
    )
    world.left, left_words = fill_case(
        desk, "LIJN1", "wilma", role="relative", code="toestemming_vakantie", children=[]
    )
    desk.registry.set_child(desk["jan"], world.mother, None, CHILD)
    desk.registry.set_child(desk["joke"], world.father, None, CHILD)
    desk.registry.release(desk["jan"], world.mother, desk["cora"].id)
    desk.registry.declare_conflict(desk["wilma"], world.left)
    world.marks = {
        world.mother: mother_words,
        world.father: father_words,
        world.left: left_words,
    }
    with desk.database.reading() as session:
        for reference in world.marks:
            case = session.query(Case).filter_by(reference=reference).one()
            world.ids[reference] = {case.id} | {
                child.id for child in session.query(Child).filter_by(case_id=case.id)
            }
            world.ids[reference] |= {
                conflict.id
                for conflict in session.query(Conflict).filter_by(second_id=None, first_id=case.id)
            }
    return world


def conflict_ids(desk: Desk, reference: str | None = None) -> tuple[str, ...]:
    """Ids of all conflicts, or of those of one case."""
    with desk.database.reading() as session:
        known = {case.reference: case.id for case in session.query(Case)}
        return tuple(
            conflict.id
            for conflict in session.query(Conflict)
            if reference is None or known[reference] in (conflict.first_id, conflict.second_id)
        )


def fillers(world: World) -> dict[str, tuple[str, ...]]:
    """What could stand in each parameter of an address."""
    father = world.father
    conflicts = conflict_ids(world.desk)
    return {
        # the last as somebody would write it down
        "reference": (world.mother, father, world.left, NOT_THERE, father.lower()),
        "conflict": (*conflicts, UNKNOWN_ID, father),
        "conversation": ("VADERconversation",),
        "reply": (sorted(replies())[0], "no_such_reply"),
        # the words of the assistant, in which nothing of a case can stand
        "subject": ("topic_safety", father),
        "key": ("utter_thank", father),
        "language": ("tr", "xx"),
        "change": (*(each.id for each in world.desk.texts.changes(world.desk["tess"])), father),
    }


def guesses(world: World) -> list[str]:
    """Addresses that someone who knows the console would try."""
    case = world.row(world.father)
    found = []
    tried = {
        "/cases": ("reference", "text", "code", "language", "status", "page", "assignee"),
        "/figures": ("year", "code"),
        "/figures.csv": ("year", "code"),
        "/conflicts": ("state", "subject"),
        "/audit": ("subject", "text"),
        "/audit.csv": ("subject",),
    }
    for path, names in tried.items():
        for name, value in (
            ("reference", world.father),
            ("text", world.father),
            ("code", case.code),
            ("language", case.language),
            ("status", "all"),
            ("page", "2"),
            ("year", "2026"),
            ("subject", case.id),
            ("assignee", "joke"),
            ("state", "confirmed"),
        ):
            if name in names:
                found.append(f"{path}?{name}={value}")
    return found


def run(desk: Desk, work: Callable[[Http], Awaitable[T]]) -> T:
    """Do `work` with the application of `desk` served."""

    async def served() -> T:
        app = console_of(desk)
        # the registry outlives this application
        app.cleanup_ctx.clear()
        async with TestClient(TestServer(app)) as client:
            return await work(client)

    return asyncio.run(served())


@pytest.fixture(scope="module")
def made(
    migrated_file: tuple[Path, Cast], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, World]:
    """The world, made once; each test gets a copy."""
    path = Path(shutil.copy(migrated_file[0], tmp_path_factory.mktemp("world") / "desk.db"))
    desk = open_desk(f"sqlite:///{path}", migrated_file[1])
    world = make_world(desk)
    desk.database.close()
    return path, world


@pytest.fixture
def world(
    made: tuple[Path, World], migrated_file: tuple[Path, Cast], tmp_path: Path
) -> Iterator[World]:
    path = shutil.copy(made[0], tmp_path / "desk.db")
    desk = open_desk(f"sqlite:///{path}", migrated_file[1])
    desk.clock.turn(hours=1)
    yield replace(made[1], desk=desk)
    desk.database.close()


async def arrive(client: Http, world: World, name: str) -> Walker:
    browser = Browser(client, world.desk)
    await browser.log_in(name)
    return Walker(browser, fillers(world))


COLLEAGUES = ["wim", "wilma", "jan", "joke", "cor", "cora", "tess", "aad"]


Walks = Callable[[str], Walker]


@pytest.fixture(scope="module")
def walks(
    made: tuple[Path, World],
    migrated_file: tuple[Path, Cast],
    tmp_path_factory: pytest.TempPathFactory,
) -> Walks:
    """What each colleague met who walked everywhere, in a world of their own."""

    @cache
    def walk(name: str) -> Walker:
        path = shutil.copy(made[0], tmp_path_factory.mktemp(name) / "desk.db")
        desk = open_desk(f"sqlite:///{path}", migrated_file[1])
        world = replace(made[1], desk=desk)

        async def everywhere(client: Http) -> Walker:
            walker = await arrive(client, world, name)
            await walker.walk(guesses(world))
            walker.known = list(walker.routes())
            return walker

        walker = run(desk, everywhere)
        desk.database.close()
        return walker

    return walk


@pytest.fixture(scope="module")
def forms(walks: Walks) -> Forms:
    """Route → what its forms send, as those who can open them see them; and nothing at all."""
    found: Forms = {}
    for name in ("jan", "cor"):
        walker = walks(name)
        for _, pattern, route in walker.known:
            address = re.compile(re.sub(r"\{[^}]*\}", "[^/]+", pattern))
            known = found.setdefault(route, {()})
            for form in walker.forms:
                if form.method == "post" and address.fullmatch(form.action):
                    known.add(filled_in(form))
    return found


def test_every_parameter_of_an_address_can_be_filled(world: World):
    """If this fails, a route has a parameter that is new: say in `fillers` what it could be."""
    assert parameters(console_of(world.desk)) <= fillers(world).keys()


@pytest.mark.parametrize("name", COLLEAGUES)
def test_nothing_of_a_case_that_is_not_theirs_is_anywhere(
    made: tuple[Path, World], walks: Walks, name: str
):
    seen = walks(name).seen
    assert len(seen) > 20
    assert {answer.status for answer in seen.values()} <= {200, 303, 400, 401, 403, 404, 409}
    for path, answer in seen.items():
        shown = answer.without(path, *re.split(r"[/?=&]", path)).all
        for secret in made[1].secrets(name):
            assert secret not in shown, f"{secret} is on {path}"


def test_the_walk_meets_what_is_theirs(made: tuple[Path, World], walks: Walks):
    """Else the test above would pass on empty pages."""
    text = " ".join(answer.body for answer in walks("jan").seen.values())
    for mark in made[1].marks[made[1].mother] - {"MOEDERconversation", "MOEDERcontactreference"}:
        # how to reach her is behind a button
        assert mark in text or mark in ("MOEDERname", "MOEDERmail")


def filled_in(form: Form) -> Pairs:
    """What somebody would send with a form."""
    said = {"minutes": "5", "when": "", "birth_date": "2019-03-04", "urgent": "yes"}
    chosen = {name: value for name, value in form.choices if value}
    typed = {name: said.get(name, "iets") for name in form.typed}
    return tuple(sorted({**dict(form.fields), **chosen, **typed}.items()))


@pytest.mark.parametrize("name", [name for name in COLLEAGUES if name != "cor"])
def test_a_case_that_is_not_theirs_answers_as_one_that_is_not_there(
    world: World, forms: Forms, name: str
):
    hidden = world.hidden(name)[-1:]
    before = [contents(world, reference) for reference in hidden]

    async def compare(client: Http) -> int:
        walker = await arrive(client, world, name)
        compared = 0
        for method, pattern, route in walker.routes():
            if "{reference}" not in pattern:
                continue
            for path in walker.filled(pattern.replace("{reference}", NOT_THERE)):
                for fields in sorted(forms[route]) if method == "POST" else [None]:
                    absent = await walker.ask(method, path, fields)
                    assert absent.status in (303, 400, 403, 404), (path, absent.status)
                    for reference in hidden:
                        there = path.replace(NOT_THERE, reference)
                        walled = await walker.ask(method, there, fields)
                        assert walled.without(reference) == absent.without(NOT_THERE), there
                        compared += 1
        return compared

    assert run(world.desk, compare) > 30
    assert [contents(world, reference) for reference in hidden] == before


def contents(world: World, reference: str) -> list[Any]:
    """Everything that is stored of a case."""
    with world.desk.database.reading() as session:
        case_id = session.query(Case.id).filter_by(reference=reference).scalar()
        found: list[Any] = list(
            session.execute(sa.select(Case.__table__).where(Case.id == case_id))
        )
        for table in Base.metadata.sorted_tables:
            if "case_id" in table.columns:
                query = sa.select(table).where(table.c.case_id == case_id)
                found += [tuple(row) for row in session.execute(query)]
        return sorted(map(str, found))


@pytest.mark.parametrize("name", ["wim", "jan", "cora", "tess", "aad"])
def test_a_conflict_that_is_not_theirs_answers_as_one_that_is_not_there(
    world: World, forms: Forms, name: str
):
    async def compare(client: Http) -> int:
        walker = await arrive(client, world, name)
        compared = 0
        for method, pattern, route in walker.routes():
            if "{conflict}" not in pattern:
                continue
            for fields in sorted(forms[route]) if method == "POST" else [None]:
                absent = await walker.ask(method, pattern.replace("{conflict}", UNKNOWN_ID), fields)
                assert absent.status in (303, 400, 403, 404)
                for conflict in conflict_ids(world.desk):
                    if name == "cora" and conflict not in conflict_ids(world.desk, world.father):
                        continue
                    path = pattern.replace("{conflict}", conflict)
                    walled = await walker.ask(method, path, fields)
                    assert walled.without(conflict) == absent.without(UNKNOWN_ID), path
                    compared += 1
        return compared

    assert run(world.desk, compare) > 2


@pytest.mark.parametrize("name", COLLEAGUES)
def test_looking_for_it_finds_what_looking_for_nothing_finds(world: World, walks: Walks, name: str):
    """Forms that are of no single case: search, and what is added later."""
    asked = {
        world.father: NOT_THERE,
        "VADERname": "NIEMANDxx",
        "VADERmail@example.org": "NIEMANDxx@example.org",
        "VADERpost@example.org": "NIEMANDyy@example.org",
        "VADERotherfamily": "NIEMANDotherfami",
    }

    known = sorted(walks(name).forms, key=str)

    async def compare(client: Http) -> int:
        walker = await arrive(client, world, name)
        patterns = {p for m, p, r in walker.routes() if m == "POST" and "{" not in p}
        compared = 0
        for form in known:
            if form.method != "post" or form.action not in patterns - {"/account/password"}:
                continue
            for field_name in form.typed:
                for wanted, otherwise in asked.items():
                    found = await walker.ask("POST", form.action, ((field_name, wanted),))
                    nothing = await walker.ask("POST", form.action, ((field_name, otherwise),))
                    if name not in ("cor", "joke"):
                        assert found.without(wanted) == nothing.without(otherwise)
                    for secret in world.secrets(name) - {wanted}:
                        assert secret not in found.without(wanted).all
                    compared += 1
        return compared

    assert run(world.desk, compare) >= (5 if name not in ("tess", "aad") else 0)


OVERVIEWS = ("/cases", "/cases?status=all", "/figures", "/figures.csv", "/conflicts", "/replies")
_MARK = re.compile(r'<strong class="mark-conflict">.*?</strong>', re.S)


async def overviews(client: Http, world: World, name: str, *more: str) -> list[Answer]:
    """What a colleague sees of all cases together, and pages of their own."""
    walker = await arrive(client, world, name)
    found = [await walker.ask("GET", path) for path in (*OVERVIEWS, *more)]
    await walker.ask("POST", "/logout", ())
    return [Answer(each.status, each.headers, _MARK.sub("", each.body)) for each in found]


CHANGES = st.fixed_dictionaries(
    {
        "code": st.sampled_from(
            sorted(name for name, code in codebook().codes.items() if code.line == 2)
        ),
        "role": st.sampled_from(["taking", "relative", "unknown"]),
        "urgent": st.booleans(),
        "moments": st.lists(st.sampled_from(CHANNELS), max_size=6),
        "closed": st.booleans(),
        "unassigned": st.booleans(),
    }
)


@settings(
    max_examples=4,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(change=CHANGES, name=st.sampled_from(["wim", "jan", "cora", "tess"]))
def test_nothing_that_is_counted_or_listed_tells_what_becomes_of_it(
    world: World, change: dict[str, Any], name: str
):
    own = [f"/cases/{world.mother}"] if name in ("jan", "cora") else []
    joke, registry = world.desk["joke"], world.desk.registry

    async def look(client: Http) -> list[Answer]:
        return await overviews(client, world, name, *own)

    before = run(world.desk, look)
    registry.set_role(joke, world.father, change["role"], None)
    registry.set_urgent(joke, world.father, change["urgent"])
    registry.change_code(joke, world.father, change["code"], "why")
    for channel in change["moments"]:
        registry.add_moment(joke, world.father, channel=channel, incoming=False, minutes=3)
    registry.assign(joke, world.father, None if change["unassigned"] else joke.id)
    if change["closed"] and world.row(world.father).status != "closed":
        registry.close(joke, world.father, "advised")
    assert run(world.desk, look) == before


def test_that_the_other_parent_comes_changes_nothing_that_is_counted_or_listed(world: World):
    desk = world.desk
    mother = desk.bring(role="left_behind")
    desk.registry.assign(desk["jan"], mother, desk["jan"].id)
    desk.registry.look(desk["jan"], mother)
    desk.registry.set_person(desk["jan"], mother, "other_parent", {"phone": "0687654321"})

    async def look(client: Http) -> list[Answer]:
        return await overviews(client, world, "jan")

    before = run(desk, look)
    desk.contact(conversation="theothersone", phone="+31 6 8765 4321", name="Piet")
    father = desk.bring(conversation="theothersone", role="taking")
    assert world.row(father).conflict
    assert world.row(mother).conflict
    assert run(desk, look) == before


NASTY = [
    "\x00",
    "a\x00b",
    "\ud800",
    "’ OR 1=1 --",
    "%00%ff",
    "../../etc/passwd",
    "<script>alert(1)</script>",
    "\u202e" + "💥" * 50,
    "9" * 400,
    "-1",
    "1e999",
    "２",
    "0001-01-01",
    "9999-12-31T23:59",
    "W" * 30_000,
    "\r\nSet-Cookie: a=b",
]


@pytest.mark.parametrize("name", ["jan", "cor"])
def test_nothing_that_is_sent_breaks_a_page(
    world: World, walks: Walks, name: str, caplog: pytest.LogCaptureFixture
):
    known = sorted(walks(name).forms, key=str)

    async def send(client: Http) -> int:
        walker = await arrive(client, world, name)
        sent = 0
        for method, pattern, _ in walker.routes():
            fillings = [quote(each[:300], safe="", errors="surrogatepass") for each in NASTY[::2]]
            addresses = [re.sub(r"\{[^}]*\}", each, pattern) for each in fillings]
            names = ("page", "year", "status", "before", "after", "from", "to", "next", "done")
            if "{" not in pattern and method == "GET":
                addresses = [f"{pattern}?{n}={each}" for n in names for each in fillings[::4]]
            for address in addresses:
                answer = await walker.ask(
                    method, URL(address, encoded=True), () if method == "POST" else None
                )
                assert answer.status < 500, (method, address)
                assert "Set-Cookie" not in dict(answer.headers)
                sent += 1
        for form in known:
            ours = world.mother if name == "jan" else "/conflicts"
            if form.method != "post" or ours not in form.action or "/erase" in form.action:
                continue
            for number, (field_name, _) in enumerate(filled_in(form)):
                for value in NASTY[number % 4 :: 4]:
                    fields = tuple({**dict(filled_in(form)), field_name: value}.items())
                    answer = await walker.ask("POST", form.action, fields)
                    assert answer.status < 500, (form.action, field_name, value[:40])
                    sent += 1
        after = await walker.ask("GET", f"/cases/{world.mother}")
        assert after.status == 200
        return sent

    assert run(world.desk, send) > 100
    assert not [record for record in caplog.records if record.levelname == "ERROR"]
