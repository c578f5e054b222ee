"""Logging in through an identity provider, and what must not pass for it."""

from __future__ import annotations

import io
import re
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import aiohttp
import pytest
import werkzeug.serving
from aiohttp import web
from cast import PASSWORD, Desk, environment_for, settings_for
from console import Browser, Client, console_of, words
from identity_provider import CLIENT_ID, CLIENT_SECRET, IdentityProvider
from joserfc.jwk import RSAKey
from oidc_provider_mock import app as provider_app

from bot.catalogue import text
from desk.__main__ import main
from desk.errors import LoginRefused, Malformed, NotPossible
from desk.keys import PROVIDER
from desk.oidc import LONGEST, NotProven, Pending, Provider, ProviderAway, identity
from desk.settings import SettingsError

SUBJECT = "248289761001"


@pytest.fixture
async def provider() -> AsyncIterator[IdentityProvider]:
    provider = IdentityProvider()
    await provider.start()
    yield provider
    await provider.close()


def oidc_settings(issuer: str) -> dict[str, str]:
    return {
        "KOMPAS_DESK_OIDC_ISSUER": issuer,
        "KOMPAS_DESK_OIDC_CLIENT_ID": CLIENT_ID,
        "KOMPAS_DESK_OIDC_CLIENT_SECRET": CLIENT_SECRET,
        "KOMPAS_DESK_OIDC_NAME": "Voorbeeld",
    }


@pytest.fixture
async def browser(
    desk: Desk, provider: IdentityProvider, aiohttp_client: Callable[..., Awaitable[Client]]
) -> Browser:
    desk.login.link("jan", identity(provider.issuer, SUBJECT))
    application = console_of(desk, **oidc_settings(provider.issuer))
    return Browser(await aiohttp_client(application), desk)


async def begin(browser: Browser, path: str = "/login/oidc") -> dict[str, str]:
    """Begin; what the provider is asked."""
    return dict(parse_qsl(urlsplit(await browser.get(path, 303)).query))


async def come_back(browser: Browser, query: str, status: int = 200) -> str:
    return await browser.get(f"/login/oidc/callback?{query}", status)


async def is_in(browser: Browser) -> bool:
    response = await browser.client.get("/account", allow_redirects=False)
    return response.status == 200


async def test_the_login_page_offers_it(browser: Browser):
    page = await browser.get("/login?next=/figures")
    assert re.search(r'<a [^>]*href="/login/oidc\?next=(/|%2F)figures"', page)
    assert text("nl", "desk_oidc_button", name="Voorbeeld") in words(page)


async def test_who_is_linked_gets_in_with_their_own_role(
    desk: Desk, browser: Browser, provider: IdentityProvider
):
    provider.claims = {"kompas_role": "coordinator", "roles": ["coordinator"]}
    asked = await begin(browser)
    page = await come_back(browser, provider.authorize(asked, SUBJECT))
    assert text("nl", "desk_oidc_go_on") in words(page)
    assert "jan" in words(await browser.get("/account"))
    await browser.get("/conflicts", 403)
    entry = desk.registry.audit_log(desk["aad"], action="login")[0]
    assert (entry.actor_name, entry.details) == ("jan", {"way": "oidc"})


async def test_it_goes_on_from_a_page_of_its_own(browser: Browser, provider: IdentityProvider):
    # the cookie of the session is SameSite=Strict: a redirect from the provider goes without it
    asked = await begin(browser, "/login/oidc?next=/figures")
    response = await browser.client.get(
        f"/login/oidc/callback?{provider.authorize(asked, SUBJECT)}", allow_redirects=False
    )
    assert response.status == 200
    assert '<meta http-equiv="refresh" content="0;url=/figures">' in await response.text()
    assert response.cookies["kompas_desk"]["samesite"] == "Strict"
    assert response.cookies["kompas_desk"]["httponly"]


async def test_it_leads_to_no_other_site(browser: Browser, provider: IdentityProvider):
    asked = await begin(browser, "/login/oidc?next=https://evil.example")
    assert "evil" not in await come_back(browser, provider.authorize(asked, SUBJECT))


async def test_what_the_browser_keeps_meanwhile_can_be_read_by_nobody(browser: Browser):
    response = await browser.client.get("/login/oidc", allow_redirects=False)
    cookie = response.cookies["kompas_desk_oidc"]
    asked = dict(parse_qsl(urlsplit(response.headers["Location"]).query))
    assert cookie["httponly"] and cookie["samesite"] == "Lax" and int(cookie["max-age"]) == LONGEST
    assert asked["state"] not in cookie.value and asked["nonce"] not in cookie.value


@pytest.mark.parametrize("algorithm", ["RS256", "PS256", "ES256"])
async def test_the_usual_signatures_count(
    browser: Browser, provider: IdentityProvider, algorithm: str
):
    provider.algorithm = algorithm
    provider.rotate()
    await come_back(browser, provider.authorize(await begin(browser), SUBJECT))
    assert await is_in(browser)


async def test_a_new_key_of_the_provider_is_fetched_and_an_old_one_counts_no_more(
    browser: Browser, provider: IdentityProvider
):
    ours = browser.client.app[PROVIDER] if browser.client.app else None
    assert ours is not None
    await come_back(browser, provider.authorize(await begin(browser), SUBJECT))
    old = provider.keys[0]
    provider.rotate()
    ours._keys_at -= 60
    await come_back(browser, provider.authorize(await begin(browser), SUBJECT))
    provider.signs_with = old
    ours._keys_at -= 60
    await come_back(browser, provider.authorize(await begin(browser), SUBJECT), 401)


async def test_forged_tokens_do_not_make_us_ask_for_keys_again_and_again(
    browser: Browser, provider: IdentityProvider
):
    provider.signs_with = RSAKey.generate_key(2048)
    for _ in range(5):
        await come_back(browser, provider.authorize(await begin(browser), SUBJECT), 401)
    assert provider.asked_for_keys == 1


# What must not pass ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"aud": "another-client"},
        {"aud": ["another-client"]},
        {"aud": [CLIENT_ID, "another-client"]},
        {"aud": [CLIENT_ID, "another-client"], "azp": "another-client"},
        {"azp": "another-client"},
        {"aud": None},
        {"iss": "https://evil.example"},
        {"iss": None},
        {"exp": 1_000_000_000},
        {"exp": None},
        {"exp": "soon"},
        {"iat": 9_999_999_999, "exp": 9_999_999_999},
        {"nbf": 9_999_999_999},
        {"sub": None},
        {"sub": ""},
        {"sub": ["248289761001"]},
    ],
    ids=str,
)
async def test_a_token_with_a_wrong_claim(
    browser: Browser, provider: IdentityProvider, claims: dict[str, Any]
):
    provider.claims = claims
    page = await come_back(browser, provider.authorize(await begin(browser), SUBJECT), 401)
    assert text("nl", "desk_oidc_not_proven_title") in words(page)
    assert not await is_in(browser)


async def test_clocks_may_differ_by_some_seconds(browser: Browser, provider: IdentityProvider):
    now = int(time.time())
    provider.claims = {"iat": now + 30, "exp": now - 30}
    await come_back(browser, provider.authorize(await begin(browser), SUBJECT))


async def test_a_token_without_a_signature(browser: Browser, provider: IdentityProvider):
    provider.algorithm = "none"
    await come_back(browser, provider.authorize(await begin(browser), SUBJECT), 401)
    assert not await is_in(browser)


@pytest.mark.parametrize("form", ["pem", "json", "secret"])
async def test_a_token_signed_with_what_is_not_secret(
    browser: Browser, provider: IdentityProvider, form: str
):
    key = provider.keys[0]
    known = {
        "pem": key.as_pem(private=False),
        "json": str(key.as_dict(private=False)).encode(),
        # this one is secret, but the provider publishes keys to be told from who knows it
        "secret": CLIENT_SECRET.encode(),
    }
    provider.algorithm, provider.signs_with = "HS256", known[form]
    await come_back(browser, provider.authorize(await begin(browser), SUBJECT), 401)
    assert not await is_in(browser)


async def test_a_token_signed_by_somebody_else(browser: Browser, provider: IdentityProvider):
    provider.signs_with = RSAKey.generate_key(2048)
    await come_back(browser, provider.authorize(await begin(browser), SUBJECT), 401)


async def test_another_state(browser: Browser, provider: IdentityProvider):
    asked = await begin(browser)
    reply = provider.authorize({**asked, "state": "another"}, SUBJECT)
    await come_back(browser, reply, 401)
    assert not await is_in(browser)
    assert provider.grants  # the code was not even shown to the provider


async def test_a_reply_in_a_browser_that_did_not_begin(
    desk: Desk,
    provider: IdentityProvider,
    browser: Browser,
    aiohttp_client: Callable[..., Awaitable[Client]],
):
    other = Browser(await aiohttp_client(console_of(desk, **oidc_settings(provider.issuer))), desk)
    reply = provider.authorize(await begin(browser), SUBJECT)
    await come_back(other, reply, 401)
    assert not await is_in(other)


async def test_a_reply_that_was_used(browser: Browser, provider: IdentityProvider):
    response = await browser.client.get("/login/oidc", allow_redirects=False)
    kept = response.cookies["kompas_desk_oidc"].value
    asked = dict(parse_qsl(urlsplit(response.headers["Location"]).query))
    reply = provider.authorize(asked, SUBJECT)
    await come_back(browser, reply)
    for cookies in ({}, {"kompas_desk_oidc": kept}):
        browser.client.session.cookie_jar.clear()
        browser.client.session.cookie_jar.update_cookies(cookies, browser.client.make_url("/"))
        await come_back(browser, reply, 401)
        assert not await is_in(browser)


async def test_a_code_that_another_login_got(browser: Browser, provider: IdentityProvider):
    # without PKCE a stolen code could be put into a login of the thief's own
    stolen = dict(parse_qsl(provider.authorize(await begin(browser), SUBJECT)))["code"]
    asked = await begin(browser)
    await come_back(browser, f"code={stolen}&state={asked['state']}", 401)
    assert not await is_in(browser)


@pytest.mark.parametrize("iss", ["https://evil.example", ""])
async def test_a_reply_of_another_provider(browser: Browser, provider: IdentityProvider, iss: str):
    provider.reply = {"iss": iss}
    await come_back(browser, provider.authorize(await begin(browser), SUBJECT), 401)
    assert provider.grants


async def test_a_reply_without_an_issuer_of_a_provider_that_names_it(
    browser: Browser, provider: IdentityProvider
):
    provider.metadata = {"authorization_response_iss_parameter_supported": True}
    await come_back(browser, provider.authorize(await begin(browser), SUBJECT), 401)
    provider.reply = {"iss": provider.issuer}
    await come_back(browser, provider.authorize(await begin(browser), SUBJECT))


async def test_an_unknown_subject_is_told_what_to_pass_on(
    browser: Browser, provider: IdentityProvider
):
    page = await come_back(browser, provider.authorize(await begin(browser), "<b>new</b>"), 403)
    assert "<code>&lt;b&gt;new&lt;/b&gt;</code>" in page
    assert not await is_in(browser)


async def test_a_closed_account_stays_closed(
    desk: Desk, browser: Browser, provider: IdentityProvider
):
    await come_back(browser, provider.authorize(await begin(browser), SUBJECT))
    desk.login.set_active("jan", False)
    assert not await is_in(browser)
    await come_back(browser, provider.authorize(await begin(browser), SUBJECT), 403)
    assert not await is_in(browser)
    logged = desk.registry.audit_log(desk["aad"], action="login_refused")[0]
    assert (logged.subject, logged.details) == (desk["jan"].id, {"way": "oidc"})


async def test_who_says_no_at_the_provider(browser: Browser, provider: IdentityProvider):
    asked = await begin(browser)
    page = await come_back(browser, f"error=access_denied&state={asked['state']}", 401)
    assert text("nl", "desk_oidc_cancelled_title") in words(page)


@pytest.mark.parametrize("query", ["", "code=x", "state=x", "state=é&code=x", "code=x&state="])
async def test_a_reply_to_nothing(browser: Browser, query: str):
    await come_back(browser, query, 401)


# When the provider is not as it should be -----------------------------------------------------


async def test_without_the_provider_the_password_still_works(
    browser: Browser, provider: IdentityProvider
):
    await provider.close()
    page = await browser.get("/login/oidc", 503)
    assert text("nl", "desk_oidc_away_title") in words(page)
    assert 'href="/login"' in page
    await browser.log_in("jan")


async def test_a_provider_that_fails_in_between(browser: Browser, provider: IdentityProvider):
    reply = provider.authorize(await begin(browser), SUBJECT)
    await provider.close()
    await come_back(browser, reply, 503)


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "https://evil.example"},
        {"token_endpoint": "http://evil.example/token"},
        {"jwks_uri": None},
        {"authorization_endpoint": "javascript:alert(1)"},
    ],
)
async def test_a_provider_that_describes_itself_wrongly(
    browser: Browser, provider: IdentityProvider, metadata: dict[str, Any]
):
    provider.metadata = metadata
    await browser.get("/login/oidc", 503)


async def test_a_provider_that_answers_with_an_error(browser: Browser, provider: IdentityProvider):
    provider.status = 500
    await browser.get("/login/oidc", 503)


async def test_logging_in_may_not_take_for_ever(provider: IdentityProvider):
    now = 1_800_000_000.0
    ours = Provider(provider.issuer, CLIENT_ID, CLIENT_SECRET, "https://desk.example/", lambda: now)
    _, pending = await ours.begin("")
    now += LONGEST + 1
    with pytest.raises(NotProven, match="too late"):
        await ours.finish(pending, {"state": pending.state, "code": "x"})
    await ours.close()


async def test_nothing_that_somebody_sent_is_in_a_log(
    browser: Browser, provider: IdentityProvider, caplog: pytest.LogCaptureFixture
):
    caplog.set_level("DEBUG")
    await come_back(browser, provider.authorize(await begin(browser), "a-person"), 403)
    await come_back(browser, "state=hush&code=hush&error=hush", 401)
    written = " ".join(record.getMessage() for record in caplog.records if "kompas" in record.name)
    assert written and "a-person" not in written and "hush" not in written


# Accounts and settings ------------------------------------------------------------------------


def test_a_subject_belongs_to_one_account(desk: Desk):
    linked = identity("https://id.example", SUBJECT)
    desk.login.link("jan", linked)
    with pytest.raises(NotPossible):
        desk.login.link("joke", linked)
    desk.login.link("jan", None)
    desk.login.link("joke", linked)
    assert desk.login.log_in_with_identity(linked).member.name == "joke"


def test_the_same_subject_of_another_issuer_is_somebody_else(desk: Desk):
    desk.login.link("jan", identity("https://id.example", SUBJECT))
    with pytest.raises(LoginRefused):
        desk.login.log_in_with_identity(identity("https://other.example", SUBJECT))


def test_without_a_link_nobody_gets_in(desk: Desk):
    with pytest.raises(LoginRefused):
        desk.login.log_in_with_identity("")
    with pytest.raises(Malformed):
        desk.login.link("nobody", "x")


def test_taking_a_link_away_ends_the_sessions(desk: Desk):
    linked = identity("https://id.example", SUBJECT)
    desk.login.link("jan", linked)
    session = desk.login.log_in_with_identity(linked)
    desk.login.link("jan", None)
    assert desk.login.session(session.token) is None


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"KOMPAS_DESK_OIDC_CLIENT_SECRET": ""}, "KOMPAS_DESK_OIDC_CLIENT_SECRET"),
        ({"KOMPAS_DESK_OIDC_ISSUER": ""}, "KOMPAS_DESK_OIDC_ISSUER"),
        ({"KOMPAS_DESK_OIDC_ISSUER": "http://id.example"}, "KOMPAS_DESK_OIDC_ISSUER"),
        ({"KOMPAS_DESK_OIDC_ISSUER": "id.example"}, "KOMPAS_DESK_OIDC_ISSUER"),
        ({"KOMPAS_DESK_OIDC_ISSUER": "https://["}, "KOMPAS_DESK_OIDC_ISSUER"),
    ],
)
def test_half_a_setting_stops_the_start(changes: dict[str, str], named: str):
    with pytest.raises(SettingsError, match=named):
        settings_for("sqlite:///x.db", **{**oidc_settings("https://id.example"), **changes})


@pytest.fixture
def command(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Runs a command of the desk in this process."""

    def run(*arguments: str, **changes: str) -> None:
        with monkeypatch.context() as patch:
            for name, value in environment_for(desk.url, **changes).items():
                patch.setenv(name, value)
            main(list(arguments))

    return run


def test_an_account_is_linked_and_unlinked_by_a_command(desk: Desk, command: Callable[..., None]):
    issuer = "https://id.example"
    command("link", "jan", "--oidc-subject", SUBJECT, **oidc_settings(issuer))
    assert desk.login.log_in_with_identity(identity(issuer, SUBJECT)).member.name == "jan"
    command("unlink", "jan")
    with pytest.raises(LoginRefused):
        desk.login.log_in_with_identity(identity(issuer, SUBJECT))
    logged = desk.registry.audit_log(desk["aad"], action="link")
    assert [entry.details for entry in logged] == [{"linked": False}, {"linked": True}]


def test_a_new_account_is_linked_at_once(
    desk: Desk, command: Callable[..., None], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{PASSWORD}\n"))
    asked = ("createuser", "mia", "--role", "worker", "--password-stdin", "--oidc-subject", SUBJECT)
    command(*asked, **oidc_settings("https://id.example"))
    member = desk.login.log_in_with_identity(identity("https://id.example", SUBJECT)).member
    assert (member.name, member.role) == ("mia", "worker")


def test_without_a_provider_there_is_nothing_to_link_to(command: Callable[..., None]):
    with pytest.raises(SystemExit, match="KOMPAS_DESK_OIDC_ISSUER"):
        command("link", "jan", "--oidc-subject", SUBJECT)


async def test_without_settings_there_is_no_such_page(
    desk: Desk, aiohttp_client: Callable[..., Awaitable[Client]]
):
    browser = Browser(await aiohttp_client(console_of(desk)), desk)
    assert "oidc" not in await browser.get("/login")
    await browser.get("/login/oidc", 404)
    await browser.get("/login/oidc/callback", 404)


# A provider that others wrote -----------------------------------------------------------------


@pytest.fixture
def foreign_provider() -> Iterator[str]:
    server = werkzeug.serving.make_server("localhost", 0, provider_app(), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://localhost:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


async def test_with_the_provider_of_another_project(
    desk: Desk, foreign_provider: str, aiohttp_client: Callable[..., Awaitable[Client]]
):
    desk.login.link("tess", identity(foreign_provider, "tess@example.org"))
    application = console_of(desk, **oidc_settings(foreign_provider))
    browser = Browser(await aiohttp_client(application), desk)
    there = await browser.get("/login/oidc", 303)
    async with (
        aiohttp.ClientSession() as session,
        session.post(there, data={"sub": "tess@example.org"}, allow_redirects=False) as response,
    ):
        assert response.status == 302, await response.text()
        back = urlsplit(response.headers["Location"])
    assert back.path == "/login/oidc/callback"
    page = await come_back(browser, back.query)
    assert 'content="0;url=/texts"' in page
    assert "tess" in words(await browser.get("/account"))


async def test_a_code_of_it_works_once(foreign_provider: str):
    ours = Provider(
        foreign_provider, CLIENT_ID, CLIENT_SECRET, "http://localhost:8081/login/oidc/callback"
    )
    there, pending = await ours.begin("")
    async with (
        aiohttp.ClientSession() as session,
        session.post(there, data={"sub": "x"}, allow_redirects=False) as response,
    ):
        reply = dict(parse_qsl(urlsplit(response.headers["Location"]).query))
    assert (await ours.finish(pending, reply)).subject == "x"
    again = Pending(**{**pending.as_json(), "state": "a state that was not used yet"})
    with pytest.raises(NotProven):
        await ours.finish(again, {**reply, "state": again.state})
    await ours.close()


async def test_a_provider_that_is_none(aiohttp_server: Callable[..., Awaitable[Any]]):
    server = await aiohttp_server(web.Application())
    ours = Provider(str(server.make_url("")).rstrip("/"), CLIENT_ID, CLIENT_SECRET, "http://x/")
    with pytest.raises(ProviderAway):
        await ours.begin("")
    await ours.close()
