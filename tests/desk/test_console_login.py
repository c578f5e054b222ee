"""Logging in at the console, and out."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from cast import PASSWORD, Desk
from console import Browser, Client, code_for, console_of, words

from desk.console.guard import local

Made = Callable[..., Awaitable[Browser]]


@pytest.fixture
def make(desk: Desk, aiohttp_client: Callable[..., Awaitable[Client]]) -> Made:
    """Makes a browser before a console with changed settings."""

    async def made(**changes: str) -> Browser:
        return Browser(await aiohttp_client(console_of(desk, **changes)), desk)

    return made


@pytest.fixture
async def browser(make: Made) -> Browser:
    return await make()


async def log_in_with(browser: Browser, status: int, **fields: str) -> str:
    await browser.get("/login")
    return await browser.post("/login", status, **fields)


@pytest.mark.parametrize(
    ("name", "home"),
    [("wim", "/cases"), ("jan", "/cases"), ("cor", "/cases")],
)
async def test_a_colleague_begins_where_their_work_is(browser: Browser, name: str, home: str):
    assert await browser.log_in(name) == home
    assert await browser.get("/", 303) == home
    assert name in words(await browser.get("/account"))


async def test_nothing_is_shown_before_login(browser: Browser):
    page = words(await browser.get("/login"))
    assert "Zaken" not in page
    assert await browser.get("/cases", 303) == "/login?next=/cases"
    assert await browser.get("/", 303) == "/login"


@pytest.mark.parametrize("wrong", ["name", "password", "code"])
async def test_a_wrong_login_does_not_say_what_was_wrong(browser: Browser, wrong: str):
    right = {"name": "jan", "password": PASSWORD, "code": code_for(browser.desk, "jan")}
    other = {"name": "nobody", "password": "another long password", "code": "000000"}
    page = await log_in_with(browser, 401, **{**right, wrong: other[wrong]})
    assert "De naam, het wachtwoord of de code klopt niet" in words(page)
    assert "kompas_desk" not in {cookie.key for cookie in browser.client.session.cookie_jar}
    assert PASSWORD not in page


async def test_a_code_may_be_typed_with_a_space(browser: Browser):
    code = code_for(browser.desk, "jan")
    await log_in_with(browser, 303, name=" jan ", password=PASSWORD, code=f"{code[:3]} {code[3:]} ")


async def test_a_code_works_once(browser: Browser):
    code = code_for(browser.desk, "jan")
    await log_in_with(browser, 303, name="jan", password=PASSWORD, code=code)
    await browser.get("/account")
    await browser.post("/logout")
    await log_in_with(browser, 401, name="jan", password=PASSWORD, code=code)


@pytest.mark.both_databases
async def test_too_many_failures_are_told_with_the_minutes_to_wait(browser: Browser):
    for _ in range(5):
        await log_in_with(browser, 401, name="jan", password="x", code="1")
    page = await log_in_with(
        browser, 429, name="jan", password=PASSWORD, code=code_for(browser.desk, "jan")
    )
    assert "over 15 min. opnieuw" in words(page)
    browser.desk.clock.turn(minutes=16)
    await browser.log_in("jan")


async def test_logging_out_ends_the_session_in_the_database(browser: Browser):
    await browser.log_in("jan")
    stolen = cookie(browser)
    assert (await browser.post("/logout")).startswith("/login")
    assert await browser.get("/cases", 303) == "/login?next=/cases"
    plant(browser, stolen)
    assert (await browser.get("/cases", 303)).startswith("/login")


async def test_logging_out_needs_the_form(browser: Browser):
    await browser.log_in("jan")
    await browser.get("/logout", 405)
    await browser.get("/cases")


async def test_a_session_that_a_stranger_planted_is_not_taken_over(browser: Browser):
    planted = "p" * 43
    plant(browser, planted)
    await browser.log_in("jan")
    assert cookie(browser) not in ("", planted)


async def test_logging_in_again_ends_the_earlier_session(browser: Browser):
    await browser.log_in("jan")
    earlier = cookie(browser)
    await browser.get("/account")
    await browser.post("/login", name="cor", password=PASSWORD, code=code_for(browser.desk, "cor"))
    assert cookie(browser) != earlier
    assert await asyncio.to_thread(browser.desk.login.session, earlier) is None


async def test_a_login_form_of_another_site_is_refused(browser: Browser):
    await browser.get("/login")
    fields = {"name": "jan", "password": PASSWORD, "code": code_for(browser.desk, "jan")}
    browser.csrf = "f" * 43
    assert "Dit formulier is verlopen" in words(await browser.post("/login", 403, **fields))
    browser.client.session.cookie_jar.clear()
    browser.csrf = ""
    await browser.post("/login", 403, **fields)


async def test_after_login_one_is_back_where_one_was(browser: Browser):
    reference = browser.desk.bring()
    where = await browser.get(f"/cases/{reference}", 303)
    assert f'value="/cases/{reference}"' in await browser.get(where)
    assert await browser.log_in("jan", next=f"/cases/{reference}") == f"/cases/{reference}"


ELSEWHERE = [
    "https://example.org/",
    "//example.org",
    "/\\example.org",
    "\\\\example.org",
    "/\t/example.org",
    "///example.org",
    "javascript:alert(1)",
    "/cases\r\nSet-Cookie: a=b",
    " /cases",
    "cases",
    "/" + "a" * 1000,
]


@pytest.mark.parametrize("next", ELSEWHERE)
async def test_no_login_leads_elsewhere(browser: Browser, next: str):
    assert local(next) is None
    assert await browser.log_in("jan", next=next) == "/cases"
    page = await browser.client.get("/login", params={"next": next}, allow_redirects=False)
    assert page.headers["Location"] == "/cases"


async def test_an_account_that_is_closed_is_out_at_once(browser: Browser):
    await browser.log_in("jan")
    await asyncio.to_thread(browser.desk.login.set_active, "jan", False)
    assert (await browser.get("/cases", 303)).startswith("/login")
    page = await log_in_with(
        browser, 401, name="jan", password=PASSWORD, code=code_for(browser.desk, "jan")
    )
    assert "klopt niet" in words(page)


async def test_the_cookies_are_read_by_no_script_and_sent_by_no_other_site(browser: Browser):
    page = await browser.client.get("/login")
    login = page.cookies["kompas_desk_login"]
    assert (login["httponly"], login["samesite"], login["path"]) == (True, "Strict", "/")
    browser.csrf = login.value
    answer = await browser.client.post(
        "/login",
        data={
            "csrf": login.value,
            "name": "jan",
            "password": PASSWORD,
            "code": code_for(browser.desk, "jan"),
        },
        allow_redirects=False,
    )
    session = answer.cookies["kompas_desk"]
    assert (session["httponly"], session["samesite"], session["path"]) == (True, "Strict", "/")
    assert not session["secure"]
    assert not session["max-age"]
    assert not session["expires"]
    assert not session["domain"]


async def test_behind_tls_the_cookies_are_secure_and_tied_to_the_host(make: Made):
    browser = await make(KOMPAS_DESK_URL="https://balie.example.org")
    page = await browser.client.get("/login")
    token = page.cookies["__Host-kompas_desk_login"]
    assert token["secure"]
    answer = await browser.client.post(
        "/login",
        data={
            "csrf": token.value,
            "name": "jan",
            "password": PASSWORD,
            "code": code_for(browser.desk, "jan"),
        },
        # the client of the tests speaks no TLS, so it does not send the cookie by itself
        headers={"Cookie": f"__Host-kompas_desk_login={token.value}"},
        allow_redirects=False,
    )
    session = answer.cookies["__Host-kompas_desk"]
    assert (session["secure"], session["httponly"], session["path"]) == (True, True, "/")
    assert session["samesite"] == "Strict"
    page = await browser.client.get(
        "/account", headers={"Cookie": f"__Host-kompas_desk={session.value}"}
    )
    assert "jan" in words(await page.text())
    page = await browser.client.get(
        "/account", headers={"Cookie": f"kompas_desk={session.value}"}, allow_redirects=False
    )
    assert page.status == 303


class TestAnotherPassword:
    NEW = "een heel andere zin met woorden"

    @pytest.mark.both_databases
    async def test_one_logs_in_with_the_new_one(self, browser: Browser):
        await browser.log_in("jan")
        where = await browser.post("/account/password", old=PASSWORD, new=self.NEW, again=self.NEW)
        assert "Uw wachtwoord is gewijzigd" in words(await browser.get(where))
        await browser.log_in("jan", password=self.NEW)

    @pytest.mark.parametrize(
        ("fields", "field"),
        [
            ({"old": "wrong and wrong", "new": NEW, "again": NEW}, "old"),
            ({"old": PASSWORD, "new": "short", "again": "short"}, "new"),
            ({"old": PASSWORD, "new": "x" * 201, "again": "x" * 201}, "new"),
            ({"old": PASSWORD, "new": NEW, "again": NEW + "x"}, "again"),
            ({}, "old"),
        ],
    )
    async def test_what_is_wrong_is_told_at_its_field(
        self, browser: Browser, fields: dict[str, str], field: str
    ):
        await browser.log_in("jan")
        given = {"old": "", "new": self.NEW, "again": self.NEW, **fields}
        page = await browser.post("/account/password", 400, **given)
        assert f'id="password-{field}-error"' in page
        assert 'role="alert"' in page
        # a password is never sent back
        assert all(value not in page for value in given.values() if value)
        await browser.get("/account")


def cookie(browser: Browser) -> str:
    return next(
        (each.value for each in browser.client.session.cookie_jar if each.key == "kompas_desk"), ""
    )


def plant(browser: Browser, token: str) -> None:
    browser.client.session.cookie_jar.update_cookies(
        {"kompas_desk": token}, browser.client.make_url("/")
    )
