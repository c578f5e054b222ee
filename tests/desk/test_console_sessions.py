"""Sessions of the console, the token of its forms, and what comes from other sites."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from aiohttp import web
from cast import Desk
from console import Browser, Client, console_of, words

from desk.console.forms import MOST_BODY

Made = Callable[[], Awaitable[Browser]]


@pytest.fixture
def make(desk: Desk, aiohttp_client: Callable[..., Awaitable[Client]]) -> Made:
    async def made() -> Browser:
        return Browser(await aiohttp_client(console_of(desk)), desk)

    return made


@pytest.fixture
async def jan(make: Made) -> Browser:
    browser = await make()
    await browser.log_in("jan")
    return browser


def refused_of(desk: Desk) -> list[str]:
    """What the audit log says was refused to jan."""
    return [
        f"{entry.details['wanted']}: {entry.details['code']}"
        for entry in desk.registry.audit_log(desk["aad"])
        if entry.action == "refused" and entry.actor == desk["jan"].id
    ]


async def test_an_idle_session_is_over_and_says_so(jan: Browser):
    reference = jan.desk.bring()
    jan.desk.clock.turn(minutes=31)
    where = await jan.get(f"/cases/{reference}", 303)
    assert where == f"/login?next=/cases/{reference}&over=yes"
    page = await jan.get(where)
    assert "Uw sessie is afgelopen" in words(page)
    assert await jan.log_in("jan", next=f"/cases/{reference}") == f"/cases/{reference}"


async def test_a_click_keeps_a_session_alive_but_not_for_ever(jan: Browser):
    for _ in range(19):
        jan.desk.clock.turn(minutes=29)
        await jan.get("/cases")
    jan.desk.clock.turn(minutes=50)
    assert (await jan.get("/cases", 303)).startswith("/login")


async def test_a_form_sent_after_the_session_leads_back_to_its_case(jan: Browser):
    reference = jan.desk.bring()
    await jan.get(f"/cases/{reference}")
    jan.desk.clock.turn(minutes=31)
    where = await jan.post(f"/cases/{reference}/notes", text="not kept")
    assert where == f"/login?next=/cases/{reference}&over=yes"
    await jan.log_in("jan")
    assert "not kept" not in await jan.get(f"/cases/{reference}")


def forms_of(app: web.Application) -> list[str]:
    """Addresses of the console that change something."""
    return sorted(
        route.resource.canonical
        for route in app.router.routes()
        if route.method == "POST"
        and route.resource is not None
        and not route.resource.canonical.startswith("/api/")
        and route.resource.canonical != "/login"
    )


@pytest.mark.parametrize("token", ["", "x" * 43, "of another session"])
async def test_no_form_is_taken_without_the_token_of_its_session(
    jan: Browser, make: Made, token: str
):
    cor = await make()
    await cor.log_in("cor")
    reference = jan.desk.bring()
    wrong = cor.csrf if token == "of another session" else token
    addresses = forms_of(jan.client.app)
    assert len(addresses) > 15
    for address in addresses:
        path, jan.csrf = address.replace("{reference}", reference), wrong
        page = await jan.post(path.replace("{", "").replace("}", ""), 403)
        assert "Dit formulier is verlopen" in words(page), address
    assert len(refused_of(jan.desk)) == len(addresses)
    assert set(refused_of(jan.desk)) >= {"add_note: wrong_form", "log_out: wrong_form"}
    view = await asyncio.to_thread(jan.desk.registry.look, jan.desk["jan"], reference)
    assert view.row.assignee is None


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://example.org"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Origin": "http://127.0.0.1.example.org"},
        {"Origin": "http://127.0.0.1"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "surprise"},
    ],
    ids=str,
)
async def test_a_form_of_another_site_is_refused_even_with_the_token(
    jan: Browser, headers: dict[str, str]
):
    reference = jan.desk.bring()
    await jan.get(f"/cases/{reference}")
    answer = await jan.client.post(
        f"/cases/{reference}/notes", data={"csrf": jan.csrf, "text": "x"}, headers=headers
    )
    assert answer.status == 403
    assert refused_of(jan.desk) == ["add_note: wrong_form"]


async def test_a_form_of_the_console_itself_is_taken(jan: Browser):
    reference = jan.desk.bring()
    own = str(jan.client.make_url("/")).rstrip("/")
    answer = await jan.client.post(
        f"/cases/{reference}/notes",
        data={"csrf": jan.csrf, "text": "x"},
        headers={"Origin": own, "Sec-Fetch-Site": "same-origin"},
        allow_redirects=False,
    )
    assert answer.status == 303


async def test_behind_tls_only_the_address_of_the_setting_may_send_forms(
    desk: Desk, aiohttp_client: Callable[..., Awaitable[Client]]
):
    client = await aiohttp_client(console_of(desk, KOMPAS_DESK_URL="https://balie.example.org"))
    page = await client.get("/login")
    token = page.cookies["__Host-kompas_desk_login"].value
    for origin, status in (
        ("https://balie.example.org", 401),
        (str(client.make_url("/")).rstrip("/"), 403),
        ("http://balie.example.org", 403),
    ):
        answer = await client.post(
            "/login",
            data={"csrf": token, "name": "a", "password": "b", "code": "c"},
            headers={"Cookie": f"__Host-kompas_desk_login={token}", "Origin": origin},
        )
        assert answer.status == status, origin


async def test_every_page_carries_the_headers(jan: Browser):
    for path in ("/login", "/cases", "/nowhere", "/cases/nothing", "/static/desk.css"):
        answer = await jan.client.get(path, allow_redirects=False)
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy, path
        assert "unsafe" not in policy
        assert "form-action 'self'" in policy
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        # with "no-referrer" browsers send forms with the origin "null"
        assert answer.headers["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize(
    ("method", "path", "status", "said"),
    [
        ("GET", "/nowhere", 404, "Niet gevonden"),
        ("GET", "/cases/", 404, "Niet gevonden"),
        ("POST", "/cases", 405, "Dit kan hier niet"),
        ("DELETE", "/cases", 405, "Dit kan hier niet"),
        ("GET", "/logout", 405, "Dit kan hier niet"),
        ("GET", "/static/../app.py", 404, "Niet gevonden"),
        ("GET", "/static/%2e%2e/app.py", 404, "Niet gevonden"),
    ],
)
async def test_what_is_not_there_is_a_page_that_says_what_to_do(
    jan: Browser, method: str, path: str, status: int, said: str
):
    answer = await jan.client.request(method, path)
    page = words(await answer.text())
    assert (answer.status, answer.content_type) == (status, "text/html")
    assert said in page
    assert "Naar het begin" in page
    assert ("Allow" in answer.headers) == (status == 405)


async def test_the_interface_of_the_services_stays_json(jan: Browser):
    for path in ("/api/nowhere", "/api/cases"):
        assert (await jan.client.get(path)).content_type == "application/json"
    answer = await jan.client.post("/healthz")
    assert (answer.status, answer.content_type) == (405, "application/json")


class TestBodies:
    """What no form of the console sends."""

    async def test_unknown_fields_are_refused(self, jan: Browser):
        reference = jan.desk.bring()
        await jan.post(f"/cases/{reference}/take", 400, staff="x")
        page = await jan.post(f"/cases/{reference}/close", 400, reason="advised", code="x")
        assert "Dit verzoek klopt niet" in words(page)
        assert refused_of(jan.desk) == ["close_case: malformed", "take_case: malformed"]
        view = await asyncio.to_thread(jan.desk.registry.look, jan.desk["jan"], reference)
        assert (view.row.assignee, view.row.closed_reason) == (None, None)

    async def test_a_field_given_twice_is_refused(self, jan: Browser):
        reference = jan.desk.bring()
        answer = await jan.client.post(
            f"/cases/{reference}/notes", data=[("csrf", jan.csrf), ("text", "a"), ("text", "b")]
        )
        assert answer.status == 400

    async def test_an_enormous_body_is_refused_before_it_is_read(self, jan: Browser):
        reference = jan.desk.bring()
        page = await jan.post(f"/cases/{reference}/notes", 413, text="x" * MOST_BODY)
        assert "Te veel tekst" in words(page)
        assert (await jan.get(f"/cases/{reference}")).count("xxx") == 0

    async def test_a_body_of_no_known_length_is_refused(self, jan: Browser):
        async def endless():
            yield f"csrf={jan.csrf}&text=".encode()
            yield b"x" * 100

        answer = await jan.client.post(
            "/logout",
            data=endless(),
            headers={"Content-Type": "application/x-www-form-urlencoded"},
        )
        assert answer.status == 413

    @pytest.mark.parametrize(
        ("kind", "body"),
        [
            ("application/json", b'{"csrf": "x"}'),
            ("multipart/form-data; boundary=x", b"--x--"),
            ("text/plain", b"csrf=x"),
            ("application/x-www-form-urlencoded", b"\xff\xfe"),
            ("application/x-www-form-urlencoded", b"&".join(b"a%d=1" % n for n in range(300))),
        ],
    )
    async def test_what_is_no_form_is_refused(self, jan: Browser, kind: str, body: bytes):
        answer = await jan.client.post("/logout", data=body, headers={"Content-Type": kind})
        assert answer.status == 400
        assert answer.content_type == "text/html"
        await jan.get("/cases")


async def test_a_note_as_long_as_it_may_be_is_kept(jan: Browser):
    reference = jan.desk.bring()
    # three bytes each, nine characters in a form
    text = "€" * 20_000
    await jan.post(f"/cases/{reference}/notes", text=text)
    assert text in await jan.get(f"/cases/{reference}")
    page = await jan.post(f"/cases/{reference}/notes", 400, text=text + "€")
    assert 'id="note-text-error"' in page
    assert text + "€" in page


async def test_a_database_that_is_away_is_told_as_a_page(jan: Browser):
    from sqlalchemy.exc import OperationalError

    def away(*_: object, **__: object) -> None:
        raise OperationalError("secret words", None, Exception())

    jan.desk.registry.queue = away  # type: ignore[method-assign]
    answer = await jan.client.get("/cases")
    page = await answer.text()
    assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
    assert "De gegevens zijn even niet bereikbaar" in words(page)
    assert "secret" not in page


async def test_a_fault_of_ours_tells_nothing_of_itself(
    jan: Browser, caplog: pytest.LogCaptureFixture
):
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("the words of a client")

    jan.desk.registry.queue = broken  # type: ignore[method-assign]
    page = await jan.get("/cases", 500)
    assert "Er ging iets mis" in words(page)
    assert "ZeroDivisionError" in caplog.text
    assert "the words of a client" not in caplog.text + page
