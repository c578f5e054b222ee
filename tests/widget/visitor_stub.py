"""The visitor API with replies of the tests, around the real pages and files of the widget."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any

from aiohttp import web

from bot.nlg import handover_messages
from web import widget_files
from web.errors import dumps
from web.keys import METRICS, SITES
from web.metrics import Metrics
from web.routes import add_page_routes
from web.security import headers_and_log
from web.sites import Sites

HTML = "<img src=x onerror=\"document.title='taken'\"><b>vet</b> & <script>1</script>"
LONG = "\n\n".join(
    f"Alinea {number}. " + "Dit is een lange uitleg. " * 12 for number in range(1, 6)
)


def message(text: str, lang: str = "nl", kind: str = "text", **more: Any) -> dict[str, Any]:
    """A message of the visitor API."""
    base = {"id": "utter_test", "text": text, "lang": lang, "kind": kind}
    return {**base, "buttons": [], "links": [], **more}


def welcome(lang: str) -> dict[str, Any]:
    """How a conversation begins."""
    buttons = [{"title": f"knop {lang}", "payload": "/button"}]
    return message(f"welkom {lang}", lang, buttons=buttons)


class Server:
    """An application of a test on a free port, in a thread of its own."""

    def __init__(self, host: str) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._host = host
        self._runner: web.AppRunner | None = None
        self._port = 0

    @property
    def address(self) -> str:
        """Its origin."""
        return f"http://{self._host}:{self._port}"

    def start(self, app: web.Application) -> None:
        """Serve `app`, on the same port as before."""
        self._run(self._start(app))

    async def _start(self, app: web.Application) -> None:
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port, reuse_address=True)
        await site.start()
        self._port = self._runner.addresses[0][1]

    def stop(self) -> None:
        """End it."""
        if self._runner is not None:
            self._run(self._runner.cleanup())
            self._runner = None

    def close(self) -> None:
        """End it and its thread."""
        self.stop()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=5)
        self._loop.close()

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=60)


class Kompas(Server):
    """The stub: what it replies and what it was asked, each test from the beginning."""

    def __init__(self) -> None:
        super().__init__("127.0.0.1")
        self.reset()

    def reset(self) -> None:
        """Forget what was asked; reply as at first."""
        self.starts: list[dict[str, Any]] = []
        self.said: list[dict[str, Any]] = []
        self.ended: list[str] = []
        self.forms: list[dict[str, Any]] = []
        self.codes: list[dict[str, Any]] = []
        self.replies: dict[str, tuple[int, Any]] = {}
        self.lose_replies = 0
        self.next: list[dict[str, Any]] | None = None
        self.language = "nl"

    def application(self, sites: Sites) -> web.Application:
        """The pages of the widget and the API behind them."""
        app = web.Application(middlewares=[headers_and_log])
        app[METRICS] = Metrics()
        app[SITES] = sites
        app[widget_files.WIDGET] = widget_files.build(sites)
        add_page_routes(app)
        router = app.router
        router.add_post("/api/chat/start", self._start_chat)
        router.add_post("/api/chat/message", self._message)
        router.add_post("/api/chat/end", self._end)
        router.add_post("/api/contact", self._contact)
        router.add_post("/api/checklist/code", self._code)
        router.add_get("/api/deadlines.ics", self._file)
        return app

    async def _start_chat(self, request: web.Request) -> web.Response:
        body = await request.json()
        self.starts.append(body)
        self.language = body.get("lang", "nl")
        token = f"token-{len(self.starts)}"
        return _json(
            {"token": token, "lang": self.language, "messages": [welcome(self.language)]}, 201
        )

    async def _message(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        key = request.headers.get("Idempotency-Key", "")
        if key not in self.replies:
            self.said.append(body)
            self.language = body.get("lang", self.language)
            found = self.next or [message(f"antwoord {len(self.said)}", self.language)]
            self.replies[key] = (200, {"lang": self.language, "messages": found})
        if self.lose_replies:
            # the message arrived; what is lost is the way back, in the middle of it (cut off
            # before, Chromium asks again by itself)
            self.lose_replies -= 1
            cut = web.StreamResponse(headers={"Content-Length": "1000"})
            cut.content_type = "application/json"
            await cut.prepare(request)
            await cut.write(b'{"lang":')
            assert request.transport is not None
            request.transport.close()
            return cut
        status, reply = self.replies[key]
        return _json(reply, status)

    async def _end(self, request: web.Request) -> web.Response:
        self.ended.append(request.headers["Authorization"].removeprefix("Bearer "))
        return web.Response(status=204)

    async def _contact(self, request: web.Request) -> web.Response:
        self.forms.append(await request.json())
        done = message("Uw zaaknummer is **K-2026-0001**.", kind="card")
        return _json({"contact_ref": "c" * 32, "lang": "nl", "messages": [done]})

    async def _code(self, request: web.Request) -> web.Response:
        self.codes.append(await request.json())
        return _json({"lang": "nl", "messages": [message("**appel boom stoel raam**")]})

    async def _file(self, request: web.Request) -> web.Response:
        assert request.headers["Authorization"].startswith("Bearer token-")
        return web.Response(
            body=b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n",
            content_type="text/calendar",
            headers={"Content-Disposition": 'attachment; filename="kompas.ics"'},
        )


class Host(Server):
    """Somebody else's site, whose page the test writes."""

    def __init__(self) -> None:
        # for a browser another site than 127.0.0.1
        super().__init__("localhost")
        self.html = ""
        self.policy: str | None = None

    def application(self) -> web.Application:
        """The page of the test at /, and another one anywhere else."""
        app = web.Application()
        app.router.add_get("/{anything:.*}", self._page)
        return app

    async def _page(self, request: web.Request) -> web.Response:
        if request.path != "/":
            return web.Response(text="<p>Nieuws van de buren</p>", content_type="text/html")
        headers = {"Content-Security-Policy": self.policy} if self.policy else {}
        return web.Response(text=self.html, content_type="text/html", headers=headers)


def every_part() -> list[dict[str, Any]]:
    """One message of each kind that a conversation can bring."""
    options = [{"id": "a", "title": "Eerste"}, {"id": "b", "title": "Tweede"}]
    prefix, suffix = '/checklist_answer{"answer": "q=', '"}'
    return [
        message("Een lijst:\n- **een**\n- twee\n\n1. stap\n2. stap", reviewed="2026-11-22"),
        message(
            "Wat past bij u?",
            kind="question",
            progress={"step": 4, "of": 18},
            choices={"options": options, "send": "Verstuur", "prefix": prefix, "suffix": suffix},
            buttons=[
                {"title": "Eerste", "payload": f"{prefix}a{suffix}"},
                {"title": "Overslaan", "payload": "/skip"},
            ],
        ),
        message("Bel nu 112.", kind="emergency", links=[{"title": "112", "url": "tel:112"}]),
        message(
            "Bewaar uw antwoorden.",
            form={"kind": "keep", "fields": [{"name": "number", "label": "Getal"}], "send": "Ok"},
        ),
        message("Hoe bereiken we u?", kind="card", form=handover_messages.contact_form("nl")),
        message(
            "Uw resultaat",
            kind="card",
            downloads=[{"title": "Agenda", "url": "/api/deadlines.ics", "type": "text/calendar"}],
            links=[{"title": "Meer", "url": "https://example.org/"}],
        ),
    ]


def _json(body: Any, status: int = 200) -> web.Response:
    return web.json_response(body, status=status, dumps=dumps)
