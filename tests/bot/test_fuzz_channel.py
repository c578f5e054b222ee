"""The channel with whatever could be sent: refused or read as words, never obeyed."""

from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from rasa.shared.core.constants import DEFAULT_INTENTS, EXTERNAL_MESSAGE_PREFIX
from rasa.shared.core.training_data.story_reader.yaml_story_reader import YAMLStoryReader
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from test_channel import (
    DOMAIN,
    INTENTS,
    SENDER,
    Server,
    Turn,
    begun,
    running_server,
    server,
    store,
    turn,
)

from bot.channel import SIGNS, BadRequest, to_rasa_text
from bot.languages import clean

__all__ = ["running_server", "server", "store", "turn"]

BOUNDED = settings(
    max_examples=200,
    suppress_health_check=list(HealthCheck),
    # the same examples each time
    derandomize=True,
)
MESSAGES = "/webhooks/kompas/messages"
SIGN_OR_UNREADABLE = {"/nothing_readable", *(f"/{intent}" for intent in SIGNS.values())}

# --- what Rasa obeys ------------------------------------------------------------------------

# "out_of_scope" is an intent of ours as well, and Rasa does nothing of its own on it
OBEYED = sorted(set(DEFAULT_INTENTS) - {"out_of_scope"})
COMMANDS = [
    "restart",
    "session_start",
    "back",
    "out_of_scope",
    "nlu_fallback",
    "stop",
    "start_conversation",
    "goodbye",
    'change_language{"language": "pl"}',
    "greet@1.0",
    'greet@0.9{"country": "TR"}',
    'handover{"handover": "yes"}',
    "action_restart",
    "action_listen",
    "EXTERNAL: greet",
]
BEFORE = [
    "",
    " ",
    "\t\n",
    "/",
    "/ /",
    "\u200b",
    "\ufeff",
    "\u2060\u200d",
    "\u202e",
    "\u00a0",
    "\u3000",
    "\x00",
    "\x1b",
    "\ufff9",
    "\u00ad",
    "\u180e",
    "\u061c",
    "\ud800",
    "\u0338",
]
SLASHES = ["/", "\uff0f", "\u2044", "\u2215", "\u29f8", "\\", "\u0337"]


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("before", BEFORE)
@pytest.mark.parametrize("slash", SLASHES)
def test_a_typed_command_stays_words(command: str, before: str, slash: str):
    read = to_rasa_text({"text": f"{before}{slash}{command}"}, INTENTS)
    assert not read.startswith("/")
    assert unpacked(read) == read


def unpacked(text: str) -> str:
    """What Rasa itself makes of a text: the same where it obeys nothing."""
    given_ = Message({TEXT: text})
    read = YAMLStoryReader.unpack_regex_message(given_, domain=DOMAIN)
    return text if read is given_ else f"obeyed: {read.as_dict()}"


@BOUNDED
@given(st.text(st.characters(blacklist_categories=()), max_size=80))
@example("\u037e/restart")
@example("/\u200b/\u200brestart")
@example("\u200b" * 50 + "/restart")
@example("\x00/\x00restart")
def test_no_text_is_obeyed(text: str):
    read = to_rasa_text({"text": text}, INTENTS)
    if read not in SIGN_OR_UNREADABLE:
        assert unpacked(read) == read
        # what the normaliser makes of it later is no command either
        assert not clean(read).startswith("/")
        assert unicodedata.is_normalized("NFC", read)


@pytest.mark.parametrize("intent", [*OBEYED, "EXTERNAL", "start_conversation", "stop"])
@pytest.mark.parametrize("after", ["", "{}", '{"a": "b"}', "@1.0", '@1.0{"language": "nl"}', " "])
def test_no_payload_reaches_what_rasa_has_besides_our_buttons(intent: str, after: str):
    with pytest.raises(BadRequest):
        to_rasa_text({"payload": f"/{intent}{after}"}, INTENTS)


@pytest.mark.parametrize(
    "payload",
    [
        f"{EXTERNAL_MESSAGE_PREFIX}greet",
        f"/{EXTERNAL_MESSAGE_PREFIX}greet",
        "\uff0fgreet",
        "\u200b/greet",
        "/greet\u200b",
        "/gre\u200bet",
        "/GREET",
        "/greet/restart",
        "/greet\n/restart",
        "/greet{}",
        "/greet{}{}",
        '/greet{"a": "b"}/restart',
        '/change_language{"language": "nl"}@1.0',
        '/change_language@1.0{"language": "nl"}',
        '/change_language{"language": "nl", "language": "../x"}',
        '/change_language{"language": {"code": "nl"}}',
        '/change_language{"langu\\u0061ge": "fr"}',
        '/change_language{"language": "\\ud800"}',
        '/change_language{"__proto__": "nl"}',
        '/checklist_answer{"answer": "q_custody=yes_joint\\n/restart"}',
        '/checklist_answer{"answer": "q_age=' + "9" * 5000 + '"}',
        '/checklist_answer{"answer": "q_age=\u0661"}',
        '/checklist_answer{"answer": NaN}',
        '/checklist_answer{"answer": ' + "[" * 5000,
        '/checklist_answer{"answer": ' + "9" * 5000 + "}",
        "{" + '"intent": {"name": "restart"}}',
        '[{"event": "slot", "name": "language", "value": "tr"}]',
    ],
)
def test_a_payload_that_no_button_says_is_refused(payload: str):
    with pytest.raises(BadRequest) as caught:
        to_rasa_text({"payload": payload}, INTENTS)
    assert payload not in str(caught.value)


@BOUNDED
@given(
    intent=st.sampled_from(sorted({*INTENTS, *OBEYED})),
    entities=st.one_of(
        st.none(),
        st.text(max_size=20),
        st.dictionaries(
            st.sampled_from(["language", "answer", "item", "part", "checklist", "handover", "x"]),
            st.one_of(
                st.none(),
                st.integers(),
                st.sampled_from(["nl", "restart", "q_age", "documents", "yes", "q_age=8"]),
                st.text(max_size=8),
                st.lists(st.text(max_size=3), max_size=2),
            ),
            max_size=2,
        ).map(json.dumps),
    ),
)
def test_a_payload_that_passes_is_one_that_rasa_reads_as_we_did(intent: str, entities: str | None):
    payload = f"/{intent}{entities or ''}"
    try:
        read = to_rasa_text({"payload": payload}, INTENTS)
    except BadRequest:
        return
    assert read == payload
    found = YAMLStoryReader.unpack_regex_message(Message({TEXT: read}), domain=DOMAIN)
    assert found.get("intent")["name"] == intent
    assert intent not in OBEYED
    told = json.loads(entities) if entities else {}
    assert {e["entity"]: e["value"] for e in found.get("entities")} == told


@BOUNDED
@given(
    st.dictionaries(
        st.sampled_from(["text", "payload", "lang", "metadata", "sender"]),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
            lambda inner: (
                st.lists(inner, max_size=2)
                | st.dictionaries(st.text(max_size=4), inner, max_size=2)
            ),
            max_leaves=5,
        ),
    )
)
def test_any_body_is_read_or_refused(body: dict):
    try:
        read = to_rasa_text(body, INTENTS)
    except BadRequest:
        return
    read.encode()


# --- on the served channel ------------------------------------------------------------------

ODD_BODIES = [
    b"",
    b"null",
    b"[]",
    b"[1]",
    b'"hallo"',
    b"7",
    b"{",
    b"\xff\xfe",
    b"\x00",
    b'{"sender": "\\ud800"}',
    b'{"sender": NaN}',
    b"[" * 100_000,
    b'{"a":' * 20_000,
    b"9" * 100_000,
]
CALLS = [
    ("POST", MESSAGES),
    ("POST", f"/webhooks/kompas/conversations/{SENDER}/code"),
    ("POST", f"/webhooks/kompas/conversations/{SENDER}/code/open"),
    ("POST", f"/webhooks/kompas/conversations/{SENDER}/handover"),
]


@pytest.mark.parametrize(("method", "path"), CALLS)
@pytest.mark.parametrize("raw", ODD_BODIES, ids=range(len(ODD_BODIES)))
async def test_an_odd_body_is_refused(
    server: Server, turn: Turn, store, caplog, method: str, path: str, raw: bytes
):
    await begun(store)
    reply = await server.request(method, path, data=raw)
    assert (reply.status, turn.texts) == (400, [])
    assert "Traceback" not in caplog.text


_SEGMENTS = ["x", SENDER.upper(), SENDER[:-1], SENDER + "0", "..%2f", "%00", "%ff", "a" * 5000]


@pytest.mark.parametrize("name", _SEGMENTS, ids=range(len(_SEGMENTS)))
@pytest.mark.parametrize("rest", ["", "/checklist", "/code", "/code/open", "/handover"])
async def test_an_id_that_is_none_has_no_conversation(
    server: Server, turn: Turn, store, name: str, rest: str
):
    method = {"": "DELETE", "/checklist": "GET"}.get(rest, "POST")
    told = {"number": "1234", "words": "a", "contact_ref": "r" * 43}
    reply = await server.request(method, f"/webhooks/kompas/conversations/{name}{rest}", json=told)
    assert reply.status in (400, 404, 410)
    assert turn.texts == []


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"Bearer",
        b"Bearer ",
        b"bearer " + b"s" * 64,
        b"Bearer " + b"s" * 63,
        b"Bearer " + b"s" * 65,
        b"Bearer \xff",
        b"\xed\xa0\x80",
        b"Basic " + b"s" * 64,
        "Bearer ſ".encode() + b"s" * 63,
    ],
)
@pytest.mark.parametrize(("method", "path"), [*CALLS, ("GET", "/webhooks/kompas/ready")])
async def test_a_wrong_secret_is_told_nothing(
    server: Server, turn: Turn, store, value: bytes, method: str, path: str
):
    await begun(store)
    headers = {"Authorization": value.decode("utf-8", "surrogateescape")}
    reply = await server.request(
        method, path, headers=headers, json={"sender": SENDER, "text": "hallo"}
    )
    assert (reply.status, reply.json) == (401, {"error": "unauthorized"})
    assert turn.texts == []


@pytest.mark.parametrize(
    "more",
    [
        {"metadata": {"language": "tr"}},
        {"metadata": "x" * 5000},
        {"input_channel": "rest"},
        {"parse_data": {"intent": {"name": "restart"}, "entities": []}},
        {"is_external": True},
        {"message": "/restart", "stream": True},
    ],
)
async def test_fields_that_other_channels_have_do_nothing(
    server: Server, turn: Turn, store, more: dict
):
    await begun(store)
    reply = await server.request("POST", MESSAGES, json={"sender": SENDER, "text": "hallo", **more})
    assert (reply.status, turn.texts) == (200, ["hallo"])


@pytest.mark.parametrize(
    "text",
    [
        "\ud800\udc00",
        "\udc00\ud800",
        "שלום \u202e",
        "e\u0301" * 900,
        "\u0301" * 2000,
        "𝒜" * 2000,
        "👨‍👩‍👧" * 200,
        "\x00hallo\x00",
        "a" * 100_000,
    ],
    ids=range(9),
)
async def test_odd_letters_reach_rasa_as_text_that_can_be_stored(
    server: Server, turn: Turn, store, text: str
):
    await begun(store)
    raw = json.dumps({"sender": SENDER, "text": text}).encode()
    reply = await server.request("POST", MESSAGES, data=raw)
    assert reply.status == 200
    [read] = turn.texts
    read.encode()
    assert "\x00" not in read


@pytest.mark.parametrize(
    "path", ["/webhooks/rest/webhook", "/model/parse", "/conversations/x/tracker"]
)
async def test_other_ways_into_rasa_are_not_there(server: Server, path: str):
    reply = await server.request("POST", path, json={"sender": SENDER, "message": "/restart"})
    assert reply.status in (401, 404)


def test_the_domain_knows_more_than_a_button_may_say():
    """Were it not so, the tests above would prove little."""
    assert set(OBEYED) <= set(DOMAIN.intents)
    assert not set(OBEYED) & set(INTENTS)
