"""The messages of the hand-over: asking, the contact form, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from babel import Locale

from bot import catalogue, handover
from bot.contacts import DAYS
from bot.handover import Handover
from bot.languages import languages
from bot.nlg import answers as nlg
from bot.nlg.answers import Button, Message

CHANNELS = ("phone", "email", "whatsapp")
CONTACT_URL = "/api/contact"
_SPOKEN = ["phone", "whatsapp"]
"""Channels on which somebody else may answer; `channels` of a field: it is for those only."""
_WORDS = (
    *("required", "missing", "choose", "consent", "phone", "email", "safe_times", "other"),
    *("time", "add_time", "remove_time", "check", "sending", "sent", "failed", "retry"),
)


def _text(language: str, key: str, values: Mapping[str, str] | None = None) -> str:
    return nlg.wording(key, language, nlg.current_time(), values or {})


def _button(step: str, language: str) -> Button:
    name = f"button_handover_{step.replace('=', '_')}"
    payload = f'/{handover.INTENT}{{"{handover.ENTITY}": "{step}"}}'
    return Button(title=catalogue.text(language, name), payload=payload)


def ask(language: str) -> Message:
    """The question for permission, with the number to call oneself."""
    steps = [_button(step, language) for step in (handover.YES, handover.NO)]
    others = [nlg.button(name, language) for name in ("contact_hours", "privacy")]
    return nlg.compose(handover.ASK, language, buttons=[*steps, *others])


def role(language: str) -> Message:
    """Who the visitor is."""
    buttons = [_button(handover.role_step(each), language) for each in handover.ROLES]
    return nlg.compose(handover.ROLE_ASK, language, buttons=buttons)


def form(language: str) -> dict[str, Any]:
    """The contact form; what is filled in goes past the conversation, to `CONTACT_URL`."""
    buttons = [_button(step, language) for step in (handover.WITHOUT, handover.NO)]
    message = nlg.compose(handover.FORM, language, buttons=buttons)
    return {**message, "form": contact_form(language)}


def contact_form(language: str) -> dict[str, Any]:
    """The fields of the contract's contact form, with what stands beside each."""

    def field(name: str, kind: str, **more: Any) -> dict[str, Any]:
        found = {"name": name, "type": kind, "label": catalogue.text(language, f"contact_{name}")}
        if catalogue.has_text(language, f"contact_{name}_help"):
            found["help"] = catalogue.text(language, f"contact_{name}_help")
        return {**found, **more}

    def options(name: str, codes: tuple[str, ...]) -> list[dict[str, str]]:
        return [
            {"value": code, "title": catalogue.text(language, f"contact_{name}_{code}")}
            for code in codes
        ]

    week = Locale.parse(language).days["stand-alone"]["wide"]
    times = {
        "days": [{"value": day, "title": week[number]} for number, day in enumerate(DAYS)],
        "labels": {
            part: catalogue.text(language, f"contact_{part}") for part in ("days", "from", "to")
        },
    }
    spoken = [{"value": code, "title": each.name} for code, each in languages().items()]
    return {
        "kind": "contact",
        "url": CONTACT_URL,
        "fields": [
            field("channel", "choice", options=options("channel", CHANNELS), required=True),
            field("phone", "tel", required=True, channels=_SPOKEN, max=40),
            field("email", "email", required=True, channels=["email"], max=254),
            field("name", "text", max=200),
            field("safe_times", "times", **times),
            field("voicemail_allowed", "check", channels=["phone"]),
            field("if_someone_else_answers", "text", channels=_SPOKEN, max=500),
            field("code_word", "text", channels=_SPOKEN, max=100),
            field("language", "choice", options=spoken, value=language, required=True),
            field("interpreter", "check"),
            field("consent", "check", required=True),
        ],
        "send": catalogue.text(language, "contact_send"),
        # a page has its own language, which may be another than that of the conversation
        "words": {name: _word(name, language) for name in _WORDS},
    }


def _word(name: str, language: str) -> str:
    key = f"contact_word_{name}"
    # the page fills in the number
    values = {name: f"{{{name}}}" for name in catalogue.wording_placeholders(language, key)}
    return catalogue.text(language, key, **values)


def done(key: str, state: Handover, language: str) -> Message:
    """What became of the case: with the desk, already there, or on its way."""
    parts: list[tuple[str, Mapping[str, str]]] = []
    if state.urgent:
        parts.append(("utter_handover_urgent", {}))
    parts.append((key, {"reference": state.reference or ""}))
    steps = [handover.WITHDRAW]
    if key == "utter_handover_waiting":
        steps.insert(0, handover.STATUS)
    else:
        parts.append(_reading(state, language))
        if state.contact_ref is not None:
            parts.append(("handover_how_soon", {}))
        parts.extend(_follow_up(state))
        parts.append(("handover_keeping", {}))
    message = nlg.compose(
        key, language, text_keys=parts, buttons=[_button(step, language) for step in steps]
    )
    message["kind"] = "emergency" if state.urgent else "card"
    if state.urgent:
        message["links"] = [nlg.number_link("emergency_112", language), *message["links"]]
    return message


def known(state: Handover, language: str, *, more: bool) -> Message:
    """The case there is already; `more` was said since."""
    message = done("utter_handover_known", state, language)
    if more:
        message["buttons"].insert(0, _button(handover.AGAIN, language))
    return message


def _reading(state: Handover, language: str) -> tuple[str, Mapping[str, str]]:
    """When somebody looks, as the desk said it."""
    start = handover.moment(state.reading)
    if start is None:
        return "handover_read_unknown", {}
    start = start.astimezone(nlg.AMSTERDAM)
    if start <= nlg.current_time():
        return "handover_read_now", {}
    return "handover_read_from", {
        "day": nlg.day_of_week(start.date(), language),
        "time": nlg.time_of_day(start.time(), language),
    }


def _follow_up(state: Handover) -> list[tuple[str, Mapping[str, str]]]:
    if state.contact_ref is None:
        return [("handover_call_yourself", {})]
    sooner: list[tuple[str, Mapping[str, str]]] = [("handover_sooner", {})]
    return [("handover_safe", {}), *(sooner if not state.urgent else [])]


def withdraw_ask(language: str) -> Message:
    """Whether to take the case back."""
    steps = (handover.WITHDRAW_YES, handover.WITHDRAW_NO)
    return nlg.compose(
        handover.WITHDRAW_ASK, language, buttons=[_button(step, language) for step in steps]
    )


def kept(state: Handover, language: str) -> Message:
    """The case stays."""
    if state.reference is None:
        return nlg.compose("utter_handover_kept_waiting", language)
    values = {"reference": state.reference}
    return nlg.compose("utter_handover_kept", language, text_keys=[("utter_handover_kept", values)])
