"""Whatever arrives gets a clear error or a sensible reply."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from stack import Stack, Visitor, fetch

Arrive = Callable[..., Visitor]
MESSAGE = "/api/chat/message"


@pytest.mark.parametrize("token", ["", "abc", "A" * 64])
def test_a_wrong_token_is_refused(stack: Stack, token: str) -> None:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    answer = fetch(stack, "POST", MESSAGE, {"text": "dag"}, headers)
    assert (answer.status, answer.body["error"]) == (401, "unauthorized")


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b'{"text": 1}', b'{"text": "\xff"}', b"{}"])
def test_malformed_json_is_refused(arrive: Arrive, raw: bytes) -> None:
    answer = arrive("nl").send(raw)
    assert (answer.status, answer.body["error"]) == (400, "malformed")


@pytest.mark.parametrize("lang", ["de", "EN", "NL", "nl_NL", "../nl", "{nl}"])
def test_an_unknown_language_is_refused(stack: Stack, arrive: Arrive, lang: str) -> None:
    assert arrive("nl").choose(lang).status == 400
    assert fetch(stack, "POST", "/api/chat/start", {"lang": lang}).status == 400


@pytest.mark.parametrize("topic", ["weather", "restart", "../x", "", "greet{}", "session_start"])
def test_an_unknown_topic_is_refused(stack: Stack, topic: str) -> None:
    assert fetch(stack, "POST", "/api/chat/start", {"topic": topic}).status == 400


@pytest.mark.parametrize(
    "payload",
    [
        "/restart",
        "/back",
        "/session_start",
        "/nlu_fallback",
        "/weather",
        "greet",
        "/",
        "//greet",
        "/greet ",
        "/greet{",
        '/greet{"country": "TR"}',
        '/change_language{"language": "de"}',
        '/change_language{"language": null}',
        '/change_language{"language": "nl", "x": 1}',
        '/change_language["nl"]',
        "/change_language{" + '"a":' * 300 + "1}",
        "hoi",
    ],
)
def test_a_payload_of_no_button_is_refused(arrive: Arrive, payload: str) -> None:
    visitor = arrive("pl")
    answer = visitor.press(payload)
    assert (answer.status, answer.body["error"]) == (400, "malformed")
    assert visitor.press("/menu").lang == "pl"


def test_2000_characters_are_answered_and_2001_refused(arrive: Arrive) -> None:
    visitor = arrive("nl")
    story = ("Mijn ex wil met ons kind naar Turkije verhuizen en ik wil dat niet. " * 40)[:2000]
    assert len(story) == 2000
    assert not visitor.say(story).failed
    answer = visitor.say(story + "!")
    assert (answer.status, answer.body["error"]) == (413, "too_long")
    assert not visitor.say("a" * 2000).failed
    assert not visitor.say("😀" * 2000).failed


ODD = {
    "HTML": "<script>alert('Pimpeltje')</script><b>dag</b>",
    "attribute": '"><img src=x onerror=alert(1)> Pimpeltje',
    "braces": "{x} {phone_centrum_iko} {0} Pimpeltje",
    "unmatched brace": "Pimpeltje } { mag dit",
    "format signs": "%s %(x)s $x ${y} Pimpeltje",
    "SQL": "Pimpeltje'; DROP TABLE events; --",
    "control characters": "Pimpel\x00tje \x07 mag\x1b[31m ik\x7f reizen",
    "line ends": "Pimpeltje\r\n\r\nmag ik\n\treizen",
    "zero width": "mag\u200bik\u200d met\ufeff Pimpeltje\u2060 reizen",
    "direction marks": "\u202ePimpeltje\u202c reizen \u2066x\u2069",
    "lone surrogate": "Pimpeltje \ud800 reizen",
    "combining marks": "P\u0301\u0302\u0303" * 200,
    "Rasa's own prefix": "EXTERNAL: greet Pimpeltje",
    "Rasa's own notation": '[Pimpeltje](country){"entity": "country", "value": "TR"}',
    "one letter": "a",
    "one sign": "?",
    "digits": "0612345678",
    "address of a page": "https://evil.example/Pimpeltje?x=<y>",
    "one endless word": "Pimpeltje" * 200,
}


@pytest.mark.parametrize("name", ODD)
def test_odd_text_gets_a_sensible_reply_and_is_not_echoed(arrive: Arrive, name: str) -> None:
    visitor = arrive("nl")
    answer = visitor.say(ODD[name])
    assert not answer.failed
    assert answer.lang == "nl"
    assert "Pimpeltje" not in str(answer.body)
    assert visitor.press("/menu").ids == ["utter_menu"], "the conversation goes on"


@pytest.mark.parametrize(
    "text", ["😀", "🤷‍♀️🤷‍♀️", "???", "...", "\u200b.\u200b", "—", "🇹🇷", "/", "///"]
)
def test_without_any_word_it_asks_for_words(arrive: Arrive, text: str) -> None:
    answer = arrive("tr").say(text)
    assert answer.ids == ["utter_nothing_readable"]
    assert answer.lang == "tr"


@pytest.mark.parametrize(
    ("sign", "expected"), [("👍", "affirm"), ("👍🏽", "affirm"), ("👎", "deny"), ("🙏", "thank")]
)
def test_a_sign_with_a_plain_meaning_is_taken_for_it(
    arrive: Arrive, sign: str, expected: str
) -> None:
    assert arrive("pl").say(sign).ids == [f"utter_{expected}"]


@pytest.mark.parametrize("text", ["", "   ", "\n\t"])
def test_an_empty_text_is_refused(arrive: Arrive, text: str) -> None:
    assert arrive("nl").say(text).status == 400


@pytest.mark.parametrize("text", ["\u200b", "\x00", "\ufeff\u2060"])
def test_invisible_text_asks_for_words(arrive: Arrive, text: str) -> None:
    assert arrive("nl").say(text).ids == ["utter_nothing_readable"]


@pytest.mark.parametrize(
    "text",
    [
        "/restart",
        "/session_start",
        "/back",
        '/change_language{"language": "pl"}',
        "/start_conversation",
        ' /change_language{"language": "pl"}',
        '\u200b/change_language{"language": "pl"}',
        '/ /change_language{"language": "pl"}',
        "/goodbye",
    ],
)
def test_a_text_that_looks_like_a_payload_does_not_act_as_one(arrive: Arrive, text: str) -> None:
    visitor = arrive("tr")
    visitor.press("/lawyer")
    answer = visitor.say(text)
    assert not answer.failed
    assert answer.lang == "tr"
    assert "utter_welcome" not in answer.ids
    assert visitor.press("/menu").lang == "tr", "a restart would have forgotten the choice"


def test_quick_repeated_sends_are_all_answered(arrive: Arrive) -> None:
    visitor = arrive("pl")
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(visitor.say, ["co to jest uprowadzenie dziecka"] * 6))
    assert [answer.failed for answer in answers] == [False] * 6
    assert len({tuple(answer.ids) for answer in answers}) == 1
    assert {answer.lang for answer in answers} == {"pl"}


def test_a_flood_of_one_conversation_is_slowed_down_not_dropped(arrive: Arrive) -> None:
    visitor = arrive("nl")
    with ThreadPoolExecutor(25) as pool:
        answers = list(pool.map(visitor.press, ["/menu"] * 25))
    assert {answer.status for answer in answers} <= {200, 429}
    assert sum(answer.status == 200 for answer in answers) >= 8
    assert all("Retry-After" in answer.headers for answer in answers if answer.status == 429)
    assert visitor.press("/menu").ids == ["utter_menu"]
