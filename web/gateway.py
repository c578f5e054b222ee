"""The way from the visitor site to the Rasa server: one message of a conversation at a time."""

from __future__ import annotations

import asyncio
import contextlib
import time
import weakref
from collections.abc import AsyncIterator, Sequence
from typing import Any

import aiohttp

from bot import request_trace
from bot.workers import in_turn


class GatewayFailure(Exception):
    """What lies behind this process did not answer as it should."""


class ConversationGone(Exception):
    """The conversation has ended or never began."""


class RefusedByChannel(ValueError):
    """The Rasa channel does not take the message; the text says why, without its words."""


class NothingToKeep(Exception):
    """The conversation has no answer of the checklist."""


class TooManyWaiting(Exception):
    """More messages of one conversation wait than one person types."""


_NO_FAILURE = (ConversationGone, RefusedByChannel)


class Gateway:
    """Client of `bot/channel.py`. Messages of one conversation go in one after the other.

    Of several workers one has the conversation (bot/workers.py).
    """

    _MOST_WAITING = 8

    def __init__(
        self, session: aiohttp.ClientSession, urls: Sequence[str], secret: str, timeout: float
    ):
        self._session = session
        self._urls = tuple(urls)
        self._headers = {"Authorization": f"Bearer {secret}"}
        self._timeout = timeout
        self._locks: weakref.WeakValueDictionary[str, asyncio.Lock] = weakref.WeakValueDictionary()
        self._waiting: dict[str, int] = {}

    async def send(
        self, sender: str, body: dict[str, Any], key: str | None = None
    ) -> dict[str, Any]:
        """Reply `{lang, messages}` of the channel to `body` (text, payload, lang or start).

        By `key` the channel knows a message that it has answered already.
        Raises `ConversationGone`, `RefusedByChannel`, `TooManyWaiting` or `GatewayFailure`.
        """
        lock = self._locks.setdefault(sender, asyncio.Lock())
        if self._waiting.get(sender, 0) >= self._MOST_WAITING:
            raise TooManyWaiting
        self._waiting[sender] = self._waiting.get(sender, 0) + 1
        headers = self._dated_headers()
        try:
            # the limit covers waiting and answer: the visitor counts from the touch
            async with asyncio.timeout(self._timeout), _after_earlier(lock):
                named = {"key": key} if key else {}
                with request_trace.stage("rasa", *_NO_FAILURE):
                    return await self._post({"sender": sender, **body, **named}, headers)
        except TimeoutError:
            raise GatewayFailure("timeout") from None
        finally:
            self._waiting[sender] -= 1
            if not self._waiting[sender]:
                del self._waiting[sender]

    def _dated_headers(self) -> dict[str, str]:
        """The headers of a call; they say until when somebody waits for its reply."""
        until = {"X-Kompas-Deadline": f"{time.time() + self._timeout:.3f}"}
        return {**self._headers, **until, **request_trace.headers()}

    async def _post(self, body: dict[str, Any], headers: dict[str, str]) -> dict[str, Any]:
        try:
            async with self._request(body["sender"], "POST", "messages", body, headers) as response:
                if response.status == 200:
                    return _checked(await response.json())
                if response.status == 410:
                    raise ConversationGone
                if response.status == 400:
                    raise RefusedByChannel((await response.json()).get("detail", ""))
                raise GatewayFailure(f"status {response.status}")
        except (aiohttp.ClientError, ValueError) as error:
            if isinstance(error, RefusedByChannel):
                raise
            raise GatewayFailure(type(error).__name__) from None

    async def checklist(self, sender: str) -> dict[str, Any]:
        """Language and answers of the checklist, `{lang, answers}`; errors as `send`."""
        return await self._conversation("GET", f"{sender}/checklist")

    async def keep(self, sender: str, number: str) -> dict[str, Any]:
        """Keep the checklist under a new code and `number`; reply and errors as `send`.

        Raises `NothingToKeep` when no question is answered.
        """
        return _checked(await self._conversation("POST", f"{sender}/code", {"number": number}))

    async def withdraw(self, sender: str) -> dict[str, Any]:
        """Withdraw the code made in this conversation; reply and errors as `send`."""
        return _checked(await self._conversation("DELETE", f"{sender}/code"))

    async def open(self, sender: str, words: str, number: str) -> dict[str, Any]:
        """Go on with what was kept under `words` and `number`; reply and errors as `send`."""
        body = {"words": words, "number": number}
        return _checked(await self._conversation("POST", f"{sender}/code/open", body))

    async def hand_over(self, sender: str, contact_ref: str) -> dict[str, Any]:
        """Hand the conversation over with the contact form `contact_ref`; reply as `send`."""
        body = {"contact_ref": contact_ref}
        return _checked(await self._conversation("POST", f"{sender}/handover", body))

    async def _conversation(
        self, method: str, path: str, body: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        status, reply = await self._locked(method, path, body)
        if status == 410:
            raise ConversationGone
        if status == 409:
            raise NothingToKeep
        if status == 400:
            raise RefusedByChannel((reply or {}).get("detail", ""))
        if status != 200:
            raise GatewayFailure(f"status {status}")
        if not isinstance(reply, dict):
            raise GatewayFailure("unreadable reply")
        return reply

    async def erase(self, sender: str) -> None:
        """End a conversation and erase it. Raises `GatewayFailure`."""
        status, _ = await self._locked("DELETE", sender)
        if status != 204:
            raise GatewayFailure(f"status {status}")

    async def _locked(
        self, method: str, path: str, body: dict[str, Any] | None = None
    ) -> tuple[int, Any]:
        """Status and JSON, if there is any, of a call about a conversation, after its messages."""
        sender = path.partition("/")[0]
        lock = self._locks.setdefault(sender, asyncio.Lock())
        headers = self._dated_headers()
        try:
            async with (
                asyncio.timeout(self._timeout),
                _after_earlier(lock),
                self._request(sender, method, f"conversations/{path}", body, headers) as response,
            ):
                is_json = response.content_type == "application/json"
                return response.status, await response.json() if is_json else None
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise GatewayFailure(type(error).__name__) from None

    @contextlib.asynccontextmanager
    async def _request(
        self, sender: str, method: str, path: str, body: Any, headers: dict[str, str]
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """The reply of the worker that has the conversation; of the next while that is down."""
        *some, last = in_turn(sender, self._urls)
        for url in (*some, last):
            try:
                response = await self._session.request(
                    method, f"{url}/{path}", json=body, headers=headers
                )
            except aiohttp.ClientConnectorError as error:
                # nobody listens there: nothing was said to it, and it is in the middle of no turn.
                # One that is silent may be, so its conversations wait.
                if url == last or not isinstance(error.os_error, ConnectionRefusedError):
                    raise
                continue
            async with response:
                yield response
            return

    async def ready(self) -> list[dict[str, bool]]:
        """Of each worker which parts are ready; all false when it does not answer."""
        return list(await asyncio.gather(*(self._ready(url) for url in self._urls)))

    async def _ready(self, url: str) -> dict[str, bool]:
        try:
            async with (
                asyncio.timeout(2),
                self._session.get(f"{url}/ready", headers=self._headers) as response,
            ):
                parts = await response.json()
                return {str(name): bool(state) for name, state in parts.items()}
        except (aiohttp.ClientError, TimeoutError, ValueError):
            return {"model": False, "tracker_store": False}


@contextlib.asynccontextmanager
async def _after_earlier(lock: asyncio.Lock) -> AsyncIterator[None]:
    """Hold the lock of a conversation; how long its earlier messages took is measured."""
    with request_trace.stage("queue"):
        await lock.acquire()
    try:
        yield
    finally:
        lock.release()


def _checked(reply: Any) -> dict[str, Any]:
    """`reply` if the visitor can read something in it; a version apart must not mean silence."""
    if not isinstance(reply, dict) or not reply.get("messages") or "lang" not in reply:
        raise GatewayFailure("unreadable reply")
    return reply
