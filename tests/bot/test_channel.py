"""The input channel: what a request becomes for Rasa, and what it answers."""

from __future__ import annotations

import asyncio
import functools
import json
import socket
import threading
import time
from types import SimpleNamespace

import aiohttp
import pytest
from nlu_parts import ROOT
from rasa.core.lock_store import InMemoryLockStore
from rasa.core.tracker_store import FailSafeTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.utils.io import read_file
from sanic import Sanic

from bot import channel, handover
from bot.channel import (
    BUTTON_INTENTS,
    DEADLINE_HEADER,
    MENDED,
    REPEAT_KEY,
    SIGNS,
    BadRequest,
    KompasInput,
    KompasOutput,
    to_rasa_text,
    with_emergency,
    with_proposal,
)
from bot.languages import languages
from bot.tracker_store import ErasableTrackerStore
from bot.training_data import contract_intents

DOMAIN = Domain.from_yaml(read_file(str(ROOT / "domain.yml")))
INTENTS = frozenset(contract_intents()) | BUTTON_INTENTS
SECRET = "s" * 64
SENDER = "0a" * 32
GATEWAY = {"Authorization": f"Bearer {SECRET}"}


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("hallo", "hallo"),
        ("  twee \n regels ", "twee regels"),
        ("/hague_costs", "hague_costs"),
        ("//restart", "restart"),
        (" / /restart", "restart"),
        ("\u200b/restart", "restart"),
        ("\ufeff/ \u200b/restart", "restart"),
        ('/change_language{"language": "tr"}', 'change_language{"language": "tr"}'),
        ("en/of", "en/of"),
        ("Çocuğum İzmir'de", "Çocuğum İzmir'de"),
        ("7", "7"),
        ("hallo 👍", "hallo 👍"),
        ("<b>{x}</b>", "<b>{x}</b>"),
    ],
)
def test_words_stay_words_whatever_they_begin_with(typed: str, read: str):
    assert to_rasa_text({"text": typed}, INTENTS) == read


@pytest.mark.parametrize(
    "typed", ["", " ", "/", "////", "???", "🙂🙂", "\u200b", "\x00", "...", "{}", "\ud83d"]
)
def test_signs_without_words_are_said_to_be_unreadable(typed: str):
    assert to_rasa_text({"text": typed}, INTENTS) == "/nothing_readable"


@pytest.mark.parametrize("typed", ["👍", "👍🏽", "👍👍", " 👍 !", "✔️", "✅"])
def test_a_raised_thumb_means_yes(typed: str):
    assert to_rasa_text({"text": typed}, INTENTS) == "/affirm"


@pytest.mark.parametrize(("sign", "intent"), SIGNS.items())
def test_a_sign_alone_has_its_plain_meaning(sign: str, intent: str):
    assert to_rasa_text({"text": sign}, INTENTS) == f"/{intent}"
    assert intent in INTENTS


@pytest.mark.parametrize("language", languages())
def test_a_choice_of_language_becomes_its_payload(language: str):
    said = to_rasa_text({"lang": language}, INTENTS)
    assert said == f'/change_language{{"language": "{language}"}}'
    assert to_rasa_text({"payload": said}, INTENTS) == said


@pytest.mark.parametrize(
    "payload",
    [
        "/menu",
        "/hague_costs",
        '/checklist_answer{"answer": "q_custody=yes_joint"}',
        '/checklist_answer{"answer": "q_proceedings=case_here+case_there"}',
        '/checklist_answer{"answer": "q_documents/d_birth=have"}',
        '/checklist_detail{"part": "documents"}',
        '/correct_answer{"item": "q_age"}',
        '/hague_start_checklist{"checklist": "restart"}',
        "/checklist_save",
    ],
)
def test_a_buttons_payload_is_passed_on(payload: str):
    assert to_rasa_text({"payload": payload}, INTENTS) == payload


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"text": "hallo", "payload": "/menu"},
        {"text": "hallo", "lang": "nl"},
        {"text": None},
        {"text": 3},
        {"text": ["hallo"]},
        {"lang": "fr"},
        {"lang": ""},
        {"lang": None},
        {"payload": "menu"},
        {"payload": "/dance"},
        {"payload": "/restart"},
        {"payload": "/start_conversation"},
        {"payload": '/checklist_answer{"answer": "q_custody=maybe"}'},
        {"payload": '/checklist_answer{"answer": "q_custody?utter_error"}'},
        {"payload": '/checklist_answer{"answer": ["q_custody=no"]}'},
        {"payload": '/checklist_detail{"part": "secrets"}'},
        {"payload": '/correct_answer{"item": "q_nothing"}'},
        {"payload": "/menu "},
        {"payload": "/menu\n"},
        {"payload": "/menu@0.9"},
        {"payload": '/menu{"countries": ["TR"]}'},
        {"payload": '/change_language{"language": "fr"}'},
        {"payload": '/change_language{"language": "tr", "country": "TR"}'},
        {"payload": "/change_language{broken}"},
        {"payload": "/change_language{}"},
        {"payload": '/menu{"language": "nl"}/restart'},
    ],
)
def test_anything_else_is_refused(body: dict):
    with pytest.raises(BadRequest):
        to_rasa_text(body, INTENTS)


def test_a_refusal_repeats_no_words():
    with pytest.raises(BadRequest) as caught:
        to_rasa_text({"payload": "mijn geheim"}, INTENTS)
    assert "geheim" not in str(caught.value)


async def test_the_output_keeps_messages_in_the_form_of_the_visitor_api():
    output = KompasOutput()
    await output.send_response(
        SENDER, {"text": "Dag", "buttons": None, "custom": {"id": "utter_greet", "lang": "nl"}}
    )
    assert output.messages == [{"id": "utter_greet", "lang": "nl", "text": "Dag", "buttons": []}]


def test_a_proposal_comes_last_in_the_language_proposed():
    given = [{"id": "utter_greet", "text": "Dag", "lang": "nl", "proposal": "tr"}]
    plain, offer = with_proposal(given)
    assert plain == {"id": "utter_greet", "text": "Dag", "lang": "nl"}
    assert offer["lang"] == "tr"
    assert [b["payload"] for b in offer["buttons"]] == ['/change_language{"language": "tr"}']


def test_without_a_proposal_nothing_is_added():
    assert with_proposal([{"id": "utter_greet"}]) == [{"id": "utter_greet"}]


@pytest.mark.parametrize("secret", ["", "short", "s" * 31])
def test_a_missing_or_short_secret_is_refused(monkeypatch, secret: str):
    monkeypatch.setenv("KOMPAS_CHANNEL_SECRET", secret)
    with pytest.raises(InvalidConfigException, match="KOMPAS_CHANNEL_SECRET.*make run"):
        KompasInput.from_credentials(None)


class Turn:
    """Stands for Rasa behind the channel: says what a test wants said."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.says: list[dict] = [
            {"text": "Dag", "custom": {"id": "utter_greet", "lang": "nl", "kind": "text"}}
        ]
        self.error: Exception | None = None
        self.waits: asyncio.Event | None = None

    async def __call__(self, message) -> None:
        self.texts.append(message.text)
        if self.waits is not None:
            await self.waits.wait()
        if self.error is not None:
            raise self.error
        for said in self.says:
            await message.output_channel.send_response(message.sender_id, said)


@pytest.fixture
def turn() -> Turn:
    return Turn()


@pytest.fixture
def store(tmp_path) -> FailSafeTrackerStore:
    return FailSafeTrackerStore(
        ErasableTrackerStore(DOMAIN, host=f"sqlite:///{tmp_path / 'tracker.db'}")
    )


class Server:
    """The channel served on a free port of loopback, for all tests of this file.

    Sanic takes seconds to start and can do so only once in a process, so the agent behind the
    channel is exchanged instead.
    """

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.app = Sanic("channel_under_test", configure_logging=False)
        self.turn: Turn
        channel = KompasInput(SECRET)
        self.app.blueprint(channel.blueprint(self._turn), url_prefix="/webhooks/kompas")
        self.base = asyncio.run_coroutine_threadsafe(self._start(), self._running()).result(60)

    def _running(self) -> asyncio.AbstractEventLoop:
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        return self.loop

    async def _start(self) -> str:
        listening = socket.create_server(("127.0.0.1", 0))
        self.server = await self.app.create_server(sock=listening, return_asyncio_server=True)
        await self.server.startup()
        await self.server.start_serving()
        return f"http://127.0.0.1:{listening.getsockname()[1]}"

    async def _turn(self, message) -> None:
        await self.turn(message)

    async def request(self, method: str, path: str, headers=GATEWAY, **kwargs) -> SimpleNamespace:
        async with (
            aiohttp.ClientSession(self.base) as client,
            client.request(method, path, headers=headers, **kwargs) as reply,
        ):
            body = await reply.text()
            return SimpleNamespace(status=reply.status, json=json.loads(body) if body else None)


@functools.cache
def the_server() -> Server:
    """The one of this process: test_fuzz_channel.py uses it too. Its thread ends with us."""
    return Server()


@pytest.fixture(scope="module")
def running_server():
    return the_server()


@pytest.fixture
def server(running_server: Server, turn: Turn, store: FailSafeTrackerStore) -> Server:
    running_server.turn = turn
    running_server.app.ctx.agent = SimpleNamespace(
        domain=DOMAIN, tracker_store=store, lock_store=InMemoryLockStore(), is_ready=lambda: True
    )
    return running_server


async def begun(store: FailSafeTrackerStore) -> None:
    await store.save(
        DialogueStateTracker.from_events(SENDER, [UserUttered("hallo")], slots=DOMAIN.slots)
    )


async def post(server, body, headers=GATEWAY):
    return await server.request("POST", "/webhooks/kompas/messages", headers, json=body)


@pytest.mark.parametrize(
    "headers",
    [{}, {"Authorization": "Bearer wrong"}, {"Authorization": SECRET}, {"Authorization": "é"}],
)
async def test_nobody_but_the_gateway_is_answered(server, turn: Turn, headers: dict):
    reply = await post(server, {"sender": SENDER, "start": {}}, headers)
    assert reply.status == 401
    assert turn.texts == []


@pytest.mark.parametrize(
    ("start", "texts"),
    [
        ({}, ["/start_conversation"]),
        ({"lang": "tr"}, ['/start_conversation{"language": "tr"}']),
        (
            {"lang": "pl", "topic": "threat_abduction"},
            ['/start_conversation{"language": "pl"}', "/threat_abduction"],
        ),
    ],
)
async def test_a_conversation_starts(server, turn: Turn, start: dict, texts: list[str]):
    reply = await post(server, {"sender": SENDER, "start": start})
    assert reply.status == 200
    assert turn.texts == texts
    assert reply.json["lang"] == "nl"
    assert reply.json["messages"][0]["id"] == "utter_greet"


@pytest.mark.parametrize(
    "body",
    [
        [],
        "hallo",
        {},
        {"sender": "short", "text": "hallo"},
        {"sender": SENDER.upper(), "text": "hallo"},
        {"sender": 3, "text": "hallo"},
        {"sender": SENDER},
        {"sender": SENDER, "start": {"lang": "fr"}},
        {"sender": SENDER, "start": {"lang": ["nl"]}},
        {"sender": SENDER, "start": {"topic": "dance"}},
        {"sender": SENDER, "start": {"topic": 3}},
        {"sender": SENDER, "start": "now"},
        {"sender": SENDER, "start": None},
    ],
)
async def test_a_malformed_request_is_refused(server, turn: Turn, body):
    reply = await post(server, body)
    assert reply.status == 400
    assert turn.texts == []


async def test_a_conversation_that_never_began_is_gone(server, turn: Turn):
    reply = await post(server, {"sender": SENDER, "text": "hallo"})
    assert reply.status == 410
    assert turn.texts == []


async def test_a_message_of_a_conversation_is_answered(server, turn: Turn, store):
    await begun(store)
    reply = await post(server, {"sender": SENDER, "text": "/hallo"})
    assert reply.status == 200
    assert turn.texts == ["hallo"]


def _answered(key: str) -> list:
    told = {"custom": {"id": "utter_greet", "lang": "nl", "kind": "text"}, "buttons": []}
    return [UserUttered("hallo", metadata={REPEAT_KEY: key}), BotUttered("Dag", told)]


async def test_a_message_that_was_answered_before_the_gateway_died_is_not_said_twice(
    server, turn: Turn, store
):
    key = "c" * 32
    await store.save(DialogueStateTracker.from_events(SENDER, _answered(key), slots=DOMAIN.slots))
    again = await post(server, {"sender": SENDER, "text": "hallo", "key": key})
    assert again.status == 200
    assert again.json["lang"] == "nl"
    assert [message["text"] for message in again.json["messages"]] == ["Dag"]
    assert again.json["messages"][0]["id"] == "utter_greet"
    assert turn.texts == []
    await post(server, {"sender": SENDER, "text": "hallo", "key": "d" * 32})
    await post(server, {"sender": SENDER, "text": "hallo"})
    assert turn.texts == ["hallo", "hallo"]


async def test_of_a_key_only_the_last_message_is_asked(server, turn: Turn, store):
    key = "c" * 32
    events = [*_answered(key), UserUttered("iets anders"), BotUttered("Goed")]
    await store.save(DialogueStateTracker.from_events(SENDER, events, slots=DOMAIN.slots))
    await post(server, {"sender": SENDER, "text": "hallo", "key": key})
    assert turn.texts == ["hallo"]


async def test_an_error_is_told_without_the_visitors_words(server, turn: Turn, store, caplog):
    await begun(store)
    turn.error = RuntimeError("mijn geheim")
    reply = await post(server, {"sender": SENDER, "text": "mijn geheim"})
    assert (reply.status, reply.json) == (500, {"error": "failed"})
    assert "geheim" not in caplog.text
    assert "RuntimeError" in caplog.text


async def test_silence_is_an_error(server, turn: Turn, store):
    await begun(store)
    turn.says = []
    reply = await post(server, {"sender": SENDER, "text": "hallo"})
    assert (reply.status, reply.json) == (500, {"error": "silent"})


async def test_a_turn_that_was_given_up_long_ago_is_not_begun(server, turn: Turn, store):
    await begun(store)
    late = {**GATEWAY, DEADLINE_HEADER: str(time.time() - 1)}
    reply = await post(server, {"sender": SENDER, "text": "hallo"}, late)
    assert (reply.status, turn.texts) == (504, [])
    erased = await server.request(
        "DELETE", f"/webhooks/kompas/conversations/{SENDER}", headers=late
    )
    assert erased.status == 204, "what was to be erased is erased all the same"


async def test_a_turn_that_waits_too_long_is_broken_off_in_time(server, turn: Turn, store):
    await begun(store)
    turn.waits = asyncio.Event()
    soon = {**GATEWAY, DEADLINE_HEADER: str(time.time() + 0.5)}
    reply = await post(server, {"sender": SENDER, "text": "hallo"}, soon)
    assert (reply.status, reply.json) == (500, {"error": "failed"})


async def test_a_turn_more_waits_until_another_is_done(server, turn: Turn):
    turn.waits = asyncio.Event()
    many = channel._TURNS_AT_ONCE + 2
    senders = [f"{number:064x}" for number in range(many)]
    replies = asyncio.gather(*(post(server, {"sender": each, "start": {}}) for each in senders))
    while len(turn.texts) < channel._TURNS_AT_ONCE:
        await asyncio.sleep(0.01)
    assert (await server.request("GET", "/webhooks/kompas/ready")).status == 200
    assert len(turn.texts) == channel._TURNS_AT_ONCE
    server.loop.call_soon_threadsafe(turn.waits.set)
    assert [reply.status for reply in await replies] == [200] * many


async def test_a_database_that_is_away_is_an_error_without_a_word(server, store, caplog):
    await begun(store)
    store._tracker_store.SQLEvent.__table__.drop(store._tracker_store.engine)
    reply = await post(server, {"sender": SENDER, "text": "mijn geheim"})
    assert (reply.status, reply.json) == (500, {"error": "failed"})
    assert "geheim" not in caplog.text
    assert SENDER not in caplog.text


async def test_a_conversation_of_which_a_part_was_lost_is_told_so_once(server, turn: Turn, store):
    await begun(store)
    store._tracker_store._mended.add(SENDER)
    reply = await post(server, {"sender": SENDER, "text": "hallo"})
    assert [said["id"] for said in reply.json["messages"]] == [MENDED, "utter_greet"]
    again = await post(server, {"sender": SENDER, "text": "hallo"})
    assert MENDED not in [said["id"] for said in again.json["messages"]]


async def test_an_ended_conversation_is_erased(server, store):
    await begun(store)
    reply = await server.request("DELETE", f"/webhooks/kompas/conversations/{SENDER}")
    assert reply.status == 204
    assert (await post(server, {"sender": SENDER, "text": "hallo"})).status == 410


async def test_erasing_needs_a_senders_id(server):
    reply = await server.request("DELETE", "/webhooks/kompas/conversations/all")
    assert reply.status == 400


async def test_ready_says_which_part_is_not(server, store):
    reply = await server.request("GET", "/webhooks/kompas/ready")
    assert (reply.status, reply.json) == (200, {"model": True, "tracker_store": True})
    server.app.ctx.agent.is_ready = lambda: False
    reply = await server.request("GET", "/webhooks/kompas/ready")
    assert (reply.status, reply.json) == (503, {"model": False, "tracker_store": True})


@pytest.mark.parametrize("kind", ["departure", "violence", "child", "suicide"])
def test_the_card_for_an_emergency_comes_first(kind: str):
    said = [{"id": "utter_hague_costs", "lang": "tr", "text": "…", "emergency": kind}]
    found = with_emergency(said)
    assert (found[0]["id"], found[0]["kind"], found[0]["lang"]) == (
        "utter_emergency",
        "emergency",
        "tr",
    )
    assert "112" in found[0]["text"].splitlines()[0]
    assert found[1:] == (
        [] if kind == "child" else [{"id": "utter_hague_costs", "lang": "tr", "text": "…"}]
    )


def test_the_answer_to_a_departure_is_card_enough():
    said = [{"id": "utter_threat_imminent", "lang": "nl", "text": "…", "emergency": "departure"}]
    assert [m["id"] for m in with_emergency(said)] == ["utter_threat_imminent"]


def test_without_an_emergency_nothing_is_put_first():
    said = [{"id": "utter_menu", "lang": "nl", "text": "…"}]
    assert with_emergency(said) == said


# --- handing over ---------------------------------------------------------------------------

REFERENCE = "r" * 43
HANDOVER = f"/webhooks/kompas/conversations/{SENDER}/handover"


@pytest.mark.parametrize(
    "name", [*sorted(handover.STEPS), *(handover.role_step(role) for role in handover.ROLES)]
)
def test_every_step_can_be_pressed(name: str) -> None:
    payload = f'/handover{{"handover": "{name}"}}'
    assert to_rasa_text({"payload": payload}, INTENTS) == payload


@pytest.mark.parametrize(
    "value", [f"ref={REFERENCE}", "ref=", "role=jurist", "YES", "", "yes ", "k" * 5000]
)
def test_no_page_can_press_what_no_button_says(value: str) -> None:
    payload = f"/handover{json.dumps({'handover': value})}"
    with pytest.raises(BadRequest):
        to_rasa_text({"payload": payload}, INTENTS)


def test_a_typed_payload_stays_words() -> None:
    typed = f'/handover{{"handover": "ref={REFERENCE}"}}'
    assert not to_rasa_text({"text": typed}, INTENTS).startswith("/")


async def test_the_dutch_for_the_jurist_does_not_reach_the_visitor() -> None:
    output = KompasOutput()
    custom = {"id": "utter_handover_role", "lang": "tr", "nl": "Wie bent u?"}
    await output.send_response(SENDER, {"text": "Siz kimsiniz?", "custom": custom})
    [told] = output.messages
    assert "Wie bent u?" not in json.dumps(told)


async def test_the_form_becomes_the_step_that_names_it(server, turn: Turn, store) -> None:
    await begun(store)
    turn.says = [{"text": "Klaar", "custom": {"id": "utter_handover_done", "lang": "nl"}}]
    reply = await server.request("POST", HANDOVER, json={"contact_ref": REFERENCE})
    assert reply.status == 200
    assert turn.texts == [f'/handover{{"handover": "ref={REFERENCE}"}}']
    assert reply.json["lang"] == "nl"
    assert [each["id"] for each in reply.json["messages"]] == ["utter_handover_done"]


async def test_the_reply_is_in_the_language_of_the_conversation(server, turn: Turn, store) -> None:
    await begun(store)
    where = await store.retrieve(SENDER)
    where.update(SlotSet("language", "pl"))
    await store.save(where)
    reply = await server.request("POST", HANDOVER, json={"contact_ref": REFERENCE})
    assert reply.json["lang"] == "pl"


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        {"contact_ref": None},
        {"contact_ref": 3},
        {"contact_ref": "short"},
        {"contact_ref": "x" * 65},
        {"contact_ref": 'x"}' + "x" * 30},
    ],
)
async def test_without_a_reference_nothing_is_handed_over(server, turn: Turn, store, body) -> None:
    await begun(store)
    reply = await server.request("POST", HANDOVER, json=body)
    assert (reply.status, turn.texts) == (400, [])


async def test_only_the_gateway_hands_over(server, turn: Turn, store) -> None:
    await begun(store)
    wrong = {**GATEWAY, "Authorization": "Bearer nonsense"}
    reply = await server.request("POST", HANDOVER, headers=wrong, json={"contact_ref": REFERENCE})
    assert (reply.status, turn.texts) == (401, [])


async def test_a_conversation_that_is_gone_is_not_handed_over(server, turn: Turn) -> None:
    reply = await server.request("POST", HANDOVER, json={"contact_ref": REFERENCE})
    assert (reply.status, turn.texts) == (410, [])


async def test_a_failure_is_told_without_a_word(server, turn: Turn, store, caplog) -> None:
    await begun(store)
    turn.error = RuntimeError("mijn geheim")
    reply = await server.request("POST", HANDOVER, json={"contact_ref": REFERENCE})
    assert (reply.status, reply.json) == (500, {"error": "failed"})
    assert "geheim" not in caplog.text


async def test_silence_is_a_failure(server, turn: Turn, store) -> None:
    await begun(store)
    turn.says = []
    reply = await server.request("POST", HANDOVER, json={"contact_ref": REFERENCE})
    assert (reply.status, reply.json) == (500, {"error": "silent"})
