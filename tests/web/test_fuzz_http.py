"""Requests that no browser sends: the site answers or hangs up, repeats nothing, and goes on."""

from __future__ import annotations

import http.client
import json
import logging
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from fuzz_site import Site
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from stand_in import Visitor

from bot.logs import leave_out_words

MARK = b"Pimpeltje"
SLOWEST_SECONDS = 6
BOUNDED = settings(
    max_examples=60,
    suppress_health_check=list(HealthCheck),
    derandomize=True,
)


@pytest.fixture(scope="module", autouse=True)
def logs_as_in_the_process() -> Iterator[None]:
    before = logging.getLogRecordFactory(), sys.excepthook
    leave_out_words()
    yield
    logging.setLogRecordFactory(before[0])
    sys.excepthook = before[1]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    running = Site(tmp_path_factory.mktemp("http"), metrics_token="m" * 32)
    yield running
    running.close()


def exchange(site: Site, request: bytes) -> bytes:
    """All that comes back until the site hangs up, as we do after our last byte."""
    with socket.create_connection(("127.0.0.1", site.port), timeout=SLOWEST_SECONDS) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        received = b""
        try:
            while more := connection.recv(65536):
                received += more
        except ConnectionResetError:
            # it had hung up before it read everything
            pass
        return received


def ask(site: Site, method: str, path: str, **headers: str | bytes) -> tuple[int, str, bytes]:
    """Status, type and body of a request that is at least HTTP."""
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=SLOWEST_SECONDS)
    connection.putrequest(method, path, skip_accept_encoding=True)
    for name, value in headers.items():
        connection.putheader(name.replace("_", "-"), value)
    connection.endheaders()
    reply = connection.getresponse()
    body = reply.read()
    connection.close()
    return reply.status, reply.headers.get_content_type(), body


def answers_still(site: Site) -> None:
    assert ask(site, "GET", "/healthz") == (200, "application/json", b'{"alive": true}')


HEAD = b"POST /api/chat/start HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
ODD = {
    "no HTTP": MARK + b"\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + MARK,
    "only line ends": b"\r\n" * 50,
    "a method of its own": b"PIMPELTJE /api/chat/start HTTP/1.1\r\nHost: x\r\n\r\n",
    "a method that is none": b"<b>" + MARK + b"</b> / HTTP/1.1\r\nHost: x\r\n\r\n",
    "another version": b"GET / HTTP/9.9 " + MARK + b"\r\n\r\n",
    "an address without a path": b"GET " + MARK + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    "an address of elsewhere": b"GET http://evil.example/" + MARK + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    "a long address": b"GET /" + MARK * 2000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    "a header without a colon": HEAD + MARK + b"\r\n\r\n",
    "a header with a NUL": HEAD + b"X: a\x00" + MARK + b"\r\n\r\n",
    "a header too long": HEAD + b"X: " + MARK * 4000 + b"\r\n\r\n",
    "many headers": HEAD + b"".join(b"X-%d: y\r\n" % n for n in range(5000)) + b"\r\n",
    "two lengths": HEAD + b"Content-Length: 2\r\nContent-Length: 9\r\n\r\n{}" + MARK,
    "a length that is none": HEAD + b"Content-Length: " + MARK + b"\r\n\r\n{}",
    "a negative length": HEAD + b"Content-Length: -1\r\n\r\n{}",
    "a length and chunks": HEAD
    + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    + MARK,
    "chunks that are none": HEAD
    + b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    + MARK
    + b"\r\n\r\n",
    "a body cut short": HEAD
    + b"Content-Type: application/json\r\nContent-Length: 99\r\n\r\n{"
    + MARK,
    "packed that is not": HEAD
    + b"Content-Type: application/json\r\nContent-Encoding: gzip\r\nContent-Length: 9\r\n\r\n"
    + MARK,
    "a kind of packing there is not": HEAD
    + b"Content-Type: application/json\r\nContent-Encoding: Pimpeltje\r\n"
    + b"Content-Length: 2\r\n\r\n{}",
    "a letter case of Turkish": HEAD
    + "Content-Type: application/json; charset=İ\r\nContent-Length: 2\r\n\r\n{}".encode(),
    "a charset there is not": HEAD
    + b"Content-Type: application/json; charset=Pimpeltje\r\nContent-Length: 2\r\n\r\n{}",
    "an upgrade": HEAD + b"Upgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
    "an expectation": HEAD + b"Expect: " + MARK + b"\r\nContent-Length: 2\r\n\r\n{}",
}


@pytest.mark.parametrize("name", ODD)
def test_an_odd_request_is_refused_or_answered_and_not_repeated(
    site: Site, caplog: pytest.LogCaptureFixture, name: str
):
    with caplog.at_level(logging.INFO):
        received = exchange(site, ODD[name])
    head, _, body = received.partition(b"\r\n\r\n")
    if MARK.lower() in body.lower():
        # what is no HTTP has no page that could show it: aiohttp says there what it stumbled over
        assert b"Content-Type: text/plain" in head
        assert head.startswith(b"HTTP/1.0 400 ")
    assert MARK.lower() not in head.lower()
    assert b"<html" not in received
    assert received[9:10] not in (b"5",) or b'"help"' in received
    assert MARK.decode().lower() not in caplog.text.lower()
    assert "127.0.0.1" not in caplog.text
    answers_still(site)


async def test_an_expectation_that_nobody_knows_is_not_repeated(visitor: Visitor):
    response = await visitor.get("/healthz", headers={"Expect": MARK.decode()})
    assert response.status == 417
    assert await response.text() == "417: Expectation Failed"
    assert response.headers["X-Content-Type-Options"] == "nosniff"


@BOUNDED
@given(st.binary(max_size=300))
@example(b"GET /\xff HTTP/1.1\r\nHost: x\r\n\r\n")
@example(b"GET /?lang=%ff%00 HTTP/1.1\r\nHost: \xff\r\n\r\n")
def test_any_bytes_leave_it_running(site: Site, request_bytes: bytes):
    received = exchange(site, request_bytes)
    assert received[9:10] != b"5"
    answers_still(site)


_PATHS = [
    "/static/..%2f..%2fweb/app.py",
    "/static/../web/app.py",
    "/static/%2e%2e/%2e%2e/pyproject.toml",
    "/static/%00",
    "/static/" + "a" * 300,
    "/static/" + "a/" * 900,
    "/static/%ff",
    "/static/",
    "//evil.example/",
    "/%0d%0aSet-Cookie:%20a=b",
    "/api/chat/message%00",
    "/api/../metrics",
    "/api/help.json?lang=" + "%3Cscript%3E" * 20,
    "/api/help.json?lang=nl&lang=tr&lang[]=pl",
    "/?lang=%22%3E%3Cscript%3Ealert(1)%3C/script%3E",
    "/?embed=%22%3E%3Cscript%3Ealert(1)%3C/script%3E&topic=%3C/script%3E%3Cscript%3E&host=%3Cb%3E",
    "/help?lang=%3Cscript%3E",
    "/embed?embed=%3Cscript%3Ealert(1)%3C/script%3E&host=%22%3E%3Cscript%3E",
    "/kompas.js?%3Cscript%3E",
    "/widget/%3Cscript%3E/main.js",
    "/widget/x/..%2f..%2fapp.py",
    "/widget/x/" + "a" * 300,
]


@pytest.mark.parametrize("path", _PATHS)
def test_an_odd_address_is_found_or_not_and_never_written_into_the_page(site: Site, path: str):
    status, _, body = ask(site, "GET", path)
    assert status < 500
    assert b"<script>" not in body
    assert b"create_app" not in body and b"[tool.ruff]" not in body
    answers_still(site)


@BOUNDED
@given(
    path=st.sampled_from(["/", "/help", "/api/help.json", "/metrics", "/static/", "/embed"]),
    query=st.dictionaries(
        st.sampled_from(["lang", "embed", "topic", "host", "card", "x"]),
        st.binary(max_size=20).map(lambda raw: "".join(f"%{byte:02x}" for byte in raw)),
        max_size=4,
    ),
)
def test_any_address_is_answered(site: Site, path: str, query: dict[str, str]):
    asked = "&".join(f"{name}={value}" for name, value in query.items())
    status, _, body = ask(site, "GET", f"{path}?{asked}")
    assert status < 500
    assert b"Traceback" not in body


_HEADERS = [
    "Accept",
    "Accept-Encoding",
    "Accept-Language",
    "Authorization",
    "Content-Type",
    "Cookie",
    "Forwarded",
    "If-Modified-Since",
    "If-None-Match",
    "Origin",
    "Range",
    "Referer",
    "X-Forwarded-For",
]


@BOUNDED
@given(
    call=st.sampled_from(
        [
            ("GET", "/"),
            ("GET", "/metrics"),
            ("GET", "/api/help.json"),
            ("GET", "/api/summary.pdf"),
            ("POST", "/api/chat/start"),
            ("POST", "/api/chat/message"),
            ("OPTIONS", "/api/chat/message"),
            ("GET", "/static/nothing"),
        ]
    ),
    name=st.sampled_from(_HEADERS),
    value=st.one_of(
        st.binary(max_size=40).filter(lambda raw: not set(raw) & {0, 10, 13}),
        st.text(max_size=12)
        .map(lambda text: text.encode("utf-8", "surrogatepass"))
        .filter(lambda raw: not set(raw) & {0, 10, 13}),
        st.sampled_from([b"bytes=0-", b"Bearer \xff", b"Bearer " + b"A" * 64, b"null", b"http://"]),
    ),
)
@example(("GET", "/metrics"), "Authorization", b"Bearer \xff")
@example(("GET", "/metrics"), "Authorization", b"\xed\xa0\x80")
def test_any_header_is_taken_or_passed_over(
    site: Site, call: tuple[str, str], name: str, value: bytes
):
    method, path = call
    try:
        status, _, body = ask(site, method, path, **{name: value})
    except http.client.HTTPException:
        # it hung up, as one may on what is no HTTP
        status, body = 400, b""
    assert status < 500, body
    answers_still(site)


@BOUNDED
@given(
    st.one_of(
        st.binary(max_size=60),
        st.recursive(
            st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(
                    st.sampled_from(["text", "payload", "lang", "topic", "embed", "x"]), inner
                )
            ),
            max_leaves=6,
        ).map(lambda value: json.dumps(value).encode()),
    )
)
@example(b'{"text": "\\ud800"}')
@example(b'{"lang": "\\ud800"}')
@example(b'{"text": ' + b"9" * 5000 + b"}")
@example(b'{"text": ' + b"[" * 20_000)
@example('{"text": "dag"}'.encode("utf-16"))
@example('\ufeff{"text": "dag"}'.encode())
@example(b'{"text": "a", "text": "b"}')
@example(b'{"text": NaN}')
def test_any_body_is_read_or_refused(site: Site, raw: bytes):
    for path in ("start", "message"):
        connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=SLOWEST_SECONDS)
        sent = {"Content-Type": "application/json", "Authorization": token(site)}
        connection.request("POST", f"/api/chat/{path}", raw, sent)
        reply = connection.getresponse()
        said = json.loads(reply.read())
        connection.close()
        assert reply.status in (200, 201, 400, 413)
        assert ("messages" in said) == (reply.status < 400)


_tokens: dict[int, str] = {}


def token(site: Site) -> str:
    if site.port not in _tokens:
        said = json.loads(ask(site, "POST", "/api/chat/start", Content_Length="0")[2])
        _tokens[site.port] = f"Bearer {said['token']}"
    return _tokens[site.port]


def test_who_sends_nothing_keeps_nobody_waiting(site: Site, tmp_path: Path):
    """Half a request, many times over: the others are answered as if nothing were."""
    waiting = []
    try:
        for _ in range(60):
            connection = socket.create_connection(("127.0.0.1", site.port))
            connection.sendall(HEAD + b"Content-Length: 5\r\n")
            waiting.append(connection)
        answers_still(site)
        assert ask(site, "POST", "/api/chat/start", Content_Length="0")[0] == 201
    finally:
        for connection in waiting:
            connection.close()
