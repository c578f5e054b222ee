"""What the gateway tells the Rasa server: until when a reply reaches the visitor."""

from __future__ import annotations

import time

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from stand_in import a_message

from web.gateway import Gateway

_SENDER = "0a" * 32


@pytest.mark.parametrize("call", ["send", "hand_over", "erase"])
async def test_each_call_says_until_when_somebody_waits(call: str) -> None:
    seen: list[float] = []

    async def answer(request: web.Request) -> web.Response:
        seen.append(float(request.headers["X-Kompas-Deadline"]))
        if request.method == "DELETE":
            return web.Response(status=204)
        return web.json_response({"lang": "nl", "messages": [a_message("utter_menu", "nl")]})

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    async with TestServer(app) as server, aiohttp.ClientSession() as session:
        url = str(server.make_url("")).rstrip("/")
        gateway = Gateway(session, [url], "s" * 32, 5.0)
        began = time.time()
        if call == "send":
            await gateway.send(_SENDER, {"text": "hallo"})
        elif call == "hand_over":
            await gateway.hand_over(_SENDER, "r" * 43)
        else:
            await gateway.erase(_SENDER)
    assert began + 4.9 <= seen[0] <= time.time() + 5.1
