"""An error speaks the language of the conversation, not that of the browser."""

from __future__ import annotations

from stand_in import Behind, Visitor, a_message

from bot import catalogue

MESSAGE = "/api/chat/message"
DUTCH_BROWSER = {"Accept-Language": "nl"}


async def test_an_error_after_a_turn_is_in_the_language_of_the_conversation(
    visitor: Visitor, behind: Behind, token: str
) -> None:
    behind.reply = {"lang": "pl", "messages": [a_message("utter_menu", "pl")]}
    headers = {"Authorization": token, **DUTCH_BROWSER}
    await visitor.post(MESSAGE, json={"lang": "pl"}, headers=headers)
    response = await visitor.post(MESSAGE, json={"text": "a" * 2001}, headers=headers)
    assert (await response.json())["message"] == catalogue.text("pl", "error_too_long")


async def test_before_any_turn_the_browser_decides(visitor: Visitor) -> None:
    response = await visitor.post(MESSAGE, json={"text": "x"}, headers={"Accept-Language": "tr"})
    assert (await response.json())["message"] == catalogue.text("tr", "error_unauthorized")
