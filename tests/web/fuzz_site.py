"""The visitor site on a port of its own, in a thread of its own, before a stand-in for Rasa."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import Any

from aiohttp import web
from stand_in import Behind, a_message, settings_for

from bot.outbox import Outbox
from bot.saved_checklists import is_number
from web.app import create_app

ANSWERS = {
    "q_home_country": "NL",
    "q_child_where": "TR",
    "q_age": [{"years": 8, "on": "2026-07-01"}],
    "q_date": ["2026-07-01", "2026-07-31"],
    "q_custody": "yes_joint",
}


class BehindAll(Behind):
    """With the codes of kept checklists besides, as `bot/channel.py` has them."""

    def __init__(self) -> None:
        super().__init__()
        self.checklist = {"lang": "nl", "answers": ANSWERS}

    def app(self) -> web.Application:
        """The addresses of `bot/channel.py`, and the health check of rasa_sdk."""
        app = super().app()
        code = "/webhooks/kompas/conversations/{sender}/code"
        app.router.add_post(code, self._code)
        app.router.add_delete(code, self._code)
        app.router.add_post(code + "/open", self._code)
        return app

    async def _code(self, request: web.Request) -> web.Response:
        body = await request.json() if request.method == "POST" else None
        if body is not None and not is_number(body.get("number")):
            return web.json_response({"error": "malformed", "detail": "number"}, status=400)
        made = {"lang": "nl", "messages": [a_message("utter_checklist_code_made", "nl")]}
        return web.json_response(made, status=self.status)


class Site:
    """The site; `behind` says what the stand-in answers. With `stranded` there is none."""

    def __init__(self, folder: Path, *, stranded: bool = False, **settings: Any) -> None:
        self.behind = BehindAll()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._runners: list[web.AppRunner] = []
        outbox = folder / "outbox.db"
        Outbox(outbox)
        rasa = self._call(self._serve(self.behind.app()))
        if stranded:
            self._call(self._runners.pop().cleanup())
        allowed = {"messages_per_minute": 10**6, "starts_per_minute": 10**6}
        made = settings_for(rasa, outbox, **{**allowed, "codes_per_minute": 10**6, **settings})
        self.port = self._call(self._serve(create_app(made)))
        self.address = f"http://127.0.0.1:{self.port}"

    async def _serve(self, app: web.Application) -> int:
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self._runners.append(runner)
        return int(runner.addresses[0][1])

    def _call(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    def close(self) -> None:
        """End both servers."""
        for runner in self._runners:
            self._call(runner.cleanup())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(30)
