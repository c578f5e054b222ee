"""The way from the visitor site into Rasa; the only channel the Rasa server opens.

Rasa's own REST channel trusts any sender, swallows errors and answers an empty list. This one
takes requests only with the secret shared with the gateway, says when something failed, and
never answers with silence. The sender id is an HMAC that the gateway made; no visitor's word is
logged.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
import os
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from rasa.core.channels.channel import CollectingOutputChannel, InputChannel, UserMessage
from rasa.shared.core.events import BotUttered, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.exceptions import InvalidConfigException
from sanic import Blueprint, Sanic, response
from sanic.exceptions import SanicException
from sanic.request import Request
from sanic.response import HTTPResponse

from bot import (
    catalogue,
    garbage,
    handover,
    letting_go,
    metrics,
    request_trace,
    shared_secrets,
    turn_metrics,
    workers,
)
from bot.checklist import values, wording
from bot.checklist.questions import checklist
from bot.checklist.state import State
from bot.conversation_ids import is_conversation
from bot.languages import clean, has_words, is_language, languages
from bot.nlg import answers
from bot.nlg.checklist_messages import PARTS, composed
from bot.nlg.generator import DUTCH, conversation_language
from bot.saved_checklists import NotOpened, SavedChecklists, current_time, is_number, kept_days
from bot.tracker_store import ErasableTrackerStore, deadline, erasable
from bot.trackers import SILENT
from bot.training_data import contract_intents
from bot.whole_turns import let_failures_fail

logger = logging.getLogger(__name__)

_KEY = re.compile(r"[0-9a-f]{32}")
REPEAT_KEY = "repeat_key"
"""In the metadata of a message: the client's name for it, by which a repeat is known."""
_CONTACT_REF = re.compile(r"[A-Za-z0-9_-]{22,64}")

METRICS_VARIABLE = "KOMPAS_RASA_METRICS_PORT"

DEADLINE_HEADER = "X-Kompas-Deadline"
"""Until when the gateway waits, in seconds since 1970."""
# A turn computes, but for its call of the action server. Each time that such a call has something
# to read it waits for all others that are at work: of 25 it came too late.
_TURNS_AT_ONCE = 8

# for the way back: a turn is either told in time or not done
_WAY_BACK = 0.2
_NO_DEADLINE = 10.0

MENDED = "utter_conversation_mended"
"""Says that a part of the conversation could not be read any more."""

# A message of one of these signs alone has a plain meaning; any other needs words.
SIGNS = {
    "👍": "affirm",
    "👌": "affirm",
    "✅": "affirm",
    "✔": "affirm",
    "👎": "deny",
    "❌": "deny",
    "🙏": "thank",
    "❤": "thank",
    "👋": "greet",
}
_SKIN_TONES_AND_VARIANTS = re.compile("[\U0001f3fb-\U0001f3ff\ufe0e\ufe0f\\s!?.]")


class BadRequest(ValueError):
    """The gateway sent something this channel does not take; the message says what."""


class TurnFailed(Exception):
    """A turn brought no message; the text says how it failed, for the gateway."""


class KompasOutput(CollectingOutputChannel):
    """Collects the messages of one turn in the form of the visitor API."""

    @classmethod
    def name(cls) -> str:
        """Name of the channel, as responses see it."""
        return "kompas"

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        """Keep one message; our response generator put everything but the text in `custom`."""
        custom = {k: v for k, v in (message.get("custom") or {}).items() if k != DUTCH}
        if custom.get(SILENT):
            return
        self.messages.append(
            {**custom, "text": message.get("text"), "buttons": message.get("buttons") or []}
        )


def to_rasa_text(body: dict[str, Any], intents: frozenset[str]) -> str:
    """What Rasa shall read for a request body: the words, or the payload of a button.

    A visitor's own text never becomes a payload, whatever it begins with. Raises `BadRequest`.
    """
    given = [name for name in ("text", "payload", "lang") if name in body]
    if len(given) != 1:
        raise BadRequest("give exactly one of text, payload and lang")
    value = body[given[0]]
    if not isinstance(value, str):
        raise BadRequest(f"{given[0]} is not a string")
    if given[0] == "lang":
        if not is_language(value):
            raise BadRequest("lang is not one of the languages")
        return f'/change_language{{"language": "{value}"}}'
    if given[0] == "payload":
        return _checked_payload(value, intents)
    text = clean(value).lstrip("/ ")
    if has_words(text):
        return text
    sign = SIGNS.get(_SKIN_TONES_AND_VARIANTS.sub("", text)[:1])
    return f"/{sign}" if sign else "/nothing_readable"


def _is_answer(value: str) -> bool:
    try:
        values.parse(value, answers.current_time().date())
    except values.MalformedAnswer:
        return False
    return True


# What a button may carry besides its intent: entity → whether a value is one of ours.
_CARRIED: Mapping[str, Callable[[str], bool]] = {
    "language": is_language,
    "answer": _is_answer,
    "item": lambda value: value in checklist().questions,
    "part": lambda value: value in PARTS,
    "checklist": lambda value: value == "restart",
    handover.ENTITY: handover.is_step,
}

# Intents that buttons have and messages do not.
BUTTON_INTENTS = frozenset(
    ["checklist_answer", "checklist_detail", "checklist_save", "checklist_open", handover.INTENT]
)


def _checked_payload(payload: str, intents: frozenset[str]) -> str:
    match = answers.PAYLOAD.fullmatch(payload)
    if match is None or match["intent"] not in intents:
        raise BadRequest("payload is not one of a button")
    if match["entities"] is None:
        return payload
    try:
        entities = json.loads(match["entities"])
    except (ValueError, RecursionError):
        raise BadRequest("payload is not one of a button") from None
    if not isinstance(entities, dict) or len(entities) != 1:
        raise BadRequest("payload is not one of a button")
    name, value = next(iter(entities.items()))
    if not isinstance(value, str) or name not in _CARRIED or not _CARRIED[name](value):
        raise BadRequest("payload is not one of a button")
    return payload


def with_proposal(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """`messages`, followed by the offer to go on in the language the visitor seems to write."""
    proposed = next((m["proposal"] for m in messages if m.get("proposal")), None)
    plain = [{k: v for k, v in m.items() if k != "proposal"} for m in messages]
    if proposed:
        button = answers.button("continue_language", proposed)
        offer = answers.language_button(proposed, button["title"])
        plain.append(dict(answers.compose("utter_language_proposal", proposed, buttons=[offer])))
    return plain


def with_emergency(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """`messages`, after the card for the emergency that the visitor's words tell of."""
    kind = next((m["emergency"] for m in messages if m.get("emergency")), None)
    plain = [{k: v for k, v in m.items() if k != "emergency"} for m in messages]
    if kind is None or (kind == "departure" and plain[0]["id"] == "utter_threat_imminent"):
        # that answer says the same, with the steps that follow
        return plain
    if kind == "child":
        # what else was said is said to a parent
        return [dict(answers.emergency_card(kind, plain[0]["lang"]))]
    return [dict(answers.emergency_card(kind, plain[0]["lang"])), *plain]


def with_front_texts(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """`messages`, after what is said before the usual answer (`front_texts` of the generator)."""
    keys: list[str] = next((m["front"] for m in messages if m.get("front")), [])
    plain = [{k: v for k, v in m.items() if k != "front"} for m in messages]
    # without its words the usual answer needs nothing before it
    said = [key for key in keys if answers.can_say(key, plain[0]["lang"])]
    return [*(dict(answers.compose(key, plain[0]["lang"])) for key in said), *plain]


def whole_turn(output: KompasOutput) -> list[dict[str, Any]]:
    """What was said in a turn, with what stands before and after it."""
    return with_emergency(with_front_texts(with_proposal(output.messages)))


class KompasInput(InputChannel):
    """Named in credentials.yml; serves /webhooks/kompas."""

    @classmethod
    def name(cls) -> str:
        """Name of the channel, part of its address."""
        return "kompas"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> KompasInput:
        """Create the channel; the secret comes from the environment, not from a file."""
        return cls(os.environ.get(shared_secrets.CHANNEL, ""))

    def __init__(self, secret: str) -> None:
        if weakness := shared_secrets.weakness(shared_secrets.CHANNEL, secret):
            raise InvalidConfigException(weakness)
        self._authorization = f"Bearer {secret}"

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[None]]) -> Blueprint:
        """The routes of the channel."""
        kompas = Blueprint("kompas_channel")
        at_work = asyncio.Semaphore(_TURNS_AT_ONCE)

        @kompas.listener("after_server_start")
        async def warm_up(app: Sanic, loop: object) -> None:
            # tables and tokenizers load at their first use: not in a visitor's first turn
            agent = getattr(app.ctx, "agent", None)
            if agent is None or not agent.is_ready():
                return
            let_failures_fail(agent)
            for code in languages():
                await agent.parse_message(catalogue.text(code, "option_hague_country"))
            # from here on: what is read above is nobody's message
            turn_metrics.measure(agent)
            metrics.expose(METRICS_VARIABLE, workers.own())
            app.ctx.letting_go = asyncio.ensure_future(letting_go.go_on(app, _saved(app)))
            garbage.leave_alone_what_is_there()

        @kompas.listener("before_server_stop")
        async def stop_letting_go(app: Sanic, loop: object) -> None:
            task = getattr(app.ctx, "letting_go", None)
            if task is not None:
                task.cancel()

        @kompas.listener("after_server_stop")
        async def close_database(app: Sanic, loop: object) -> None:
            # SQLite then puts its log away
            agent = getattr(app.ctx, "agent", None)
            if agent is not None:
                erasable(agent.tracker_store).engine.dispose()

        @kompas.middleware("request")
        async def only_the_gateway(request: Request) -> HTTPResponse | None:
            given = request.headers.get("Authorization", "")
            # Sanic keeps bytes that are no UTF-8 as surrogates
            sent = given.encode("utf-8", "surrogateescape")
            if not hmac.compare_digest(sent, self._authorization.encode()):
                return response.json({"error": "unauthorized"}, status=401)
            request_trace.begin(request.headers.get(request_trace.HEADER))
            if request.method != "DELETE" and _seconds_left(request) <= 0:
                # read after a stall: the visitor was told that it failed, and may have said it
                # again. What was to be erased is erased all the same.
                return response.json({"error": "late"}, status=504)
            return None

        @kompas.exception(BadRequest)
        async def refuse(request: Request, error: BadRequest) -> HTTPResponse:
            return response.json({"error": "malformed", "detail": str(error)}, status=400)

        @kompas.exception(Exception)
        async def fault(request: Request, error: Exception) -> HTTPResponse:
            if isinstance(error, SanicException):
                return response.json({"error": "refused"}, status=error.status_code)
            # only the kind of the error: its text could hold what the visitor wrote
            logger.error("A request failed with %s.", type(error).__name__)
            return response.json({"error": "failed"}, status=500)

        async def said(
            request: Request, sender: str, texts: list[str], key: str | None = None
        ) -> list[dict[str, Any]]:
            """What is answered to `texts`, one after the other. Raises `TurnFailed`."""
            output = KompasOutput()

            async def turns() -> None:
                async with at_work:
                    for text in texts:
                        await on_new_message(
                            UserMessage(
                                text,
                                output,
                                sender,
                                input_channel=self.name(),
                                metadata={REPEAT_KEY: key} if key else None,
                            )
                        )

            left = _seconds_left(request)
            token = deadline.set(time.time() + left)
            try:
                # a turn that waits for too long is broken off before it is kept
                with request_trace.stage("turn"):
                    await asyncio.wait_for(turns(), left)
                messages = whole_turn(output)
            except Exception as error:
                # only the kind of the error: its text could hold what the visitor wrote
                logger.error(request_trace.line("turn", failed=type(error).__name__))
                raise TurnFailed("failed") from None
            finally:
                deadline.reset(token)
            if not messages:
                logger.error(request_trace.line("turn", failed="silent"))
                raise TurnFailed("silent")
            logger.info(_told(messages))
            if _store(request).was_mended(sender):
                return [dict(answers.compose(MENDED, messages[0]["lang"])), *messages]
            return messages

        @kompas.post("/messages")
        async def receive(request: Request) -> HTTPResponse:
            sender, texts = _read(request)
            key = _key(request)
            if "start" not in request.json and not _store(request).knows(sender):
                return response.json({"error": "gone"}, status=410)
            try:
                messages = await _answered(request, sender, key)
                messages = messages or await said(request, sender, texts, key)
            except TurnFailed as failure:
                return response.json({"error": str(failure)}, status=500)
            language = next(
                (m["lang"] for m in messages if m["id"] != "utter_language_proposal"),
                messages[0]["lang"],
            )
            return response.json({"lang": language, "messages": messages})

        # a body left unread would have Sanic print the address, and with it the sender
        @kompas.delete("/conversations/<sender:str>", ignore_body=False)
        async def erase_conversation(request: Request, sender: str) -> HTTPResponse:
            if not is_conversation(sender):
                return response.json({"error": "malformed"}, status=400)
            agent = request.app.ctx.agent
            async with agent.lock_store.lock(sender):
                heard = list(_store(request).said(sender))
                _store(request).erase(sender)
            turn_metrics.erased(heard, "asked")
            return response.empty()

        @kompas.get("/conversations/<sender:str>/checklist")
        async def read_checklist(request: Request, sender: str) -> HTTPResponse:
            tracker = await _tracker(request, sender)
            if tracker is None:
                return response.json({"error": "gone"}, status=410)
            state = State(tracker.get_slot("checklist"))
            return response.json({"lang": conversation_language(tracker), "answers": state.answers})

        @kompas.post("/conversations/<sender:str>/code")
        async def keep_checklist(request: Request, sender: str) -> HTTPResponse:
            number = _object(request).get("number")
            if not is_number(number):
                raise BadRequest("number")
            tracker = await _tracker(request, sender)
            if tracker is None:
                return response.json({"error": "gone"}, status=410)
            state, language = State(tracker.get_slot("checklist")), conversation_language(tracker)
            if not state.answers:
                return response.json({"error": "empty"}, status=409)
            code = await _in_thread(
                _saved(request.app).keep, sender, state.answers, number, language, current_time()
            )
            values_of = {
                "words": " ".join(code.words),
                "date": wording.day(code.expires.date(), language),
            }
            made = composed("utter_checklist_code_made", language, values_of)
            return response.json({"lang": language, "messages": [made]})

        @kompas.delete("/conversations/<sender:str>/code", ignore_body=False)
        async def withdraw_code(request: Request, sender: str) -> HTTPResponse:
            tracker = await _tracker(request, sender)
            if tracker is None:
                return response.json({"error": "gone"}, status=410)
            await _in_thread(_saved(request.app).withdraw, sender)
            language = conversation_language(tracker)
            gone = composed("utter_checklist_code_withdrawn", language)
            return response.json({"lang": language, "messages": [gone]})

        @kompas.post("/conversations/<sender:str>/code/open")
        async def open_code(request: Request, sender: str) -> HTTPResponse:
            body = _object(request)
            words, number = body.get("words"), body.get("number")
            if not isinstance(words, str) or not is_number(number):
                raise BadRequest("words, number")
            tracker = await _tracker(request, sender)
            if tracker is None:
                return response.json({"error": "gone"}, status=410)
            language = conversation_language(tracker)
            agent, saved = request.app.ctx.agent, _saved(request.app)
            try:
                found = await _in_thread(saved.find, words, number, current_time())
                async with agent.lock_store.lock(sender):
                    tracker = await agent.tracker_store.retrieve(sender)
                    tracker.update(SlotSet("checklist", {"answers": found.content, "item": None}))
                    await agent.tracker_store.save(tracker)
                # only now: what cannot be put into the conversation is not used up
                await _in_thread(saved.use_up, found)
            except NotOpened:
                refused = composed("utter_checklist_code_refused", language)
                return response.json({"lang": language, "messages": [refused]})
            try:
                messages = await said(request, sender, ["/hague_start_checklist"])
            except TurnFailed as failure:
                return response.json({"error": str(failure)}, status=500)
            opened = composed("utter_checklist_code_opened", language)
            return response.json({"lang": language, "messages": [opened, *messages]})

        @kompas.post("/conversations/<sender:str>/handover")
        async def hand_over(request: Request, sender: str) -> HTTPResponse:
            reference = _object(request).get("contact_ref")
            if not isinstance(reference, str) or not _CONTACT_REF.fullmatch(reference):
                raise BadRequest("contact_ref")
            tracker = await _tracker(request, sender)
            if tracker is None:
                return response.json({"error": "gone"}, status=410)
            step = json.dumps({handover.ENTITY: handover.contact_step(reference)})
            try:
                messages = await said(request, sender, [f"/{handover.INTENT}{step}"])
            except TurnFailed as failure:
                return response.json({"error": str(failure)}, status=500)
            return response.json({"lang": conversation_language(tracker), "messages": messages})

        @kompas.get("/ready")
        async def ready(request: Request) -> HTTPResponse:
            agent = request.app.ctx.agent
            parts = {
                "model": bool(agent and agent.is_ready()),
                "tracker_store": bool(agent) and _store(request).answers(),
            }
            return response.json(parts, status=200 if all(parts.values()) else 503)

        return kompas


def _told(messages: list[dict[str, Any]]) -> str:
    """The line of the log for a turn."""
    keys = ",".join(str(message.get("id")) for message in messages)
    return request_trace.line("turn", lang=messages[0].get("lang"), keys=keys)


def _store(request: Request) -> ErasableTrackerStore:
    return erasable(request.app.ctx.agent.tracker_store)


def _seconds_left(request: Request) -> float:
    """How long a turn may take for its reply to reach the visitor."""
    try:
        return float(request.headers[DEADLINE_HEADER]) - time.time() - _WAY_BACK
    except (KeyError, ValueError):
        return _NO_DEADLINE


def _saved(app: Sanic) -> SavedChecklists:
    """The kept checklists, in the database of the conversations."""
    found: SavedChecklists | None = getattr(app.ctx, "saved_checklists", None)
    if found is None:
        engine = erasable(app.ctx.agent.tracker_store).engine
        found = SavedChecklists(engine, os.environ[shared_secrets.CHANNEL], kept_days())
        app.ctx.saved_checklists = found
    return found


async def _in_thread(function: Callable[..., Any], *arguments: Any) -> Any:
    return await asyncio.get_running_loop().run_in_executor(None, function, *arguments)


async def _tracker(request: Request, sender: str) -> DialogueStateTracker | None:
    """The conversation; None when there is none or the id is no id."""
    store = _store(request)
    if not is_conversation(sender) or not store.knows(sender):
        return None
    tracker: DialogueStateTracker | None = await store.retrieve(sender)
    return tracker


async def _answered(request: Request, sender: str, key: str | None) -> list[dict[str, Any]]:
    """What was replied to the message `key` if it was the last of the conversation; else nothing.

    The gateway knows repeats itself. This is for the one whose first copy came in just before the
    gateway died: it must not be said twice either.
    """
    agent = request.app.ctx.agent
    if key is None:
        return []
    # the first copy may still be at work
    async with agent.lock_store.lock(sender):
        if not _store(request).last_message_has(sender, key):
            return []
        tracker = await agent.tracker_store.retrieve(sender)
    events = list(tracker.events)
    said_at = max(at for at, event in enumerate(events) if isinstance(event, UserUttered))
    output = KompasOutput()
    for event in events[said_at:]:
        if isinstance(event, BotUttered):
            await output.send_response(sender, event.message())
    return whole_turn(output)


def _key(request: Request) -> str | None:
    """The client's name for the message, where the gateway hands one on. Raises `BadRequest`."""
    key = request.json.get("key")
    if key is not None and not (isinstance(key, str) and _KEY.fullmatch(key)):
        raise BadRequest("key is not 32 hexadecimal digits")
    return key


def _object(request: Request) -> dict[str, Any]:
    """The body. Raises `BadRequest` for anything but a JSON object."""
    try:
        body = request.json
    except SanicException:
        raise BadRequest("the body is not JSON") from None
    if not isinstance(body, dict):
        raise BadRequest("the body is not a JSON object")
    return body


def _read(request: Request) -> tuple[str, list[str]]:
    """Sender id and the texts for Rasa, one after the other."""
    body = _object(request)
    sender = body.get("sender")
    if not is_conversation(sender):
        raise BadRequest("sender is not an id of the gateway")
    # the domain holds more, Rasa's own restart and back among them: none of those is a button
    intents = frozenset(contract_intents()) | BUTTON_INTENTS
    if "start" not in body:
        return sender, [to_rasa_text(body, intents)]
    start = body["start"]
    if not isinstance(start, dict):
        raise BadRequest("start is not a JSON object")
    language, topic = start.get("lang"), start.get("topic")
    if language is not None and not is_language(language):
        raise BadRequest("lang is not one of the languages")
    chosen = f'{{"language": "{language}"}}' if language else ""
    texts = [f"/start_conversation{chosen}"]
    if topic is not None:
        texts.append(_checked_payload(f"/{topic}", intents))
    return sender, texts
