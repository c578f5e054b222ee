"""POST /api/contact: what a visitor fills in reaches the desk once, and nobody else."""

from __future__ import annotations

import asyncio
import json
import logging
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from stand_in import SEAL_KEY, Behind, MakeVisitor, Visitor, a_message, begin

from bot import catalogue
from bot.languages import languages
from bot.nlg.handover_messages import contact_form
from bot.outbox import CONTACT, Outbox
from bot.sealing import open_sealed
from desk.intake import parse_contact
from web.contact_form import ContactForm, FormFault, parse
from web.errors import error_body

FORM: dict[str, Any] = {
    "channel": "phone",
    "phone": "0612345678",
    "name": "Ayşe Yılmaz",
    "if_someone_else_answers": "Zeg dat de school belt",
    "code_word": "tulp",
    "safe_times": [{"days": ["Mon"], "from": "09:00", "to": "12:00"}],
    "language": "tr",
    "consent": True,
}
PERSONAL = ["0612345678", "Ayşe", "Yılmaz", "school", "tulp", "09:00"]


@pytest.fixture(autouse=True)
def answer(behind: Behind) -> None:
    behind.reply = {"lang": "nl", "messages": [a_message("utter_handover_done", "nl")]}


def letters(outbox: Path) -> list[dict[str, Any]]:
    """What lies in the outbox, as the desk opens it."""
    found = Outbox(outbox).waiting()
    assert all(letter.kind == CONTACT for letter in found)
    return [json.loads(open_sealed(SEAL_KEY, letter.body["sealed"])) for letter in found]


def written(outbox: Path) -> bytes:
    """Every byte that the outbox has on the disk."""
    return b"".join(file.read_bytes() for file in outbox.parent.glob("outbox.db*"))


async def send(
    visitor: Visitor, token: str | None, form: Any, **headers: str
) -> tuple[int, dict[str, Any]]:
    if token is not None:
        headers["Authorization"] = token
    response = await visitor.post("/api/contact", json=form, headers=headers)
    return response.status, await response.json()


async def test_the_form_goes_to_the_desk_and_its_reference_to_the_conversation(
    visitor: Visitor, behind: Behind, token: str, outbox: Path
) -> None:
    status, body = await send(visitor, token, FORM)
    assert status == 200
    assert [message["id"] for message in body["messages"]] == ["utter_handover_done"]
    [(sender, told)] = behind.handed_over
    assert told == {"contact_ref": body["contact_ref"]}
    [kept] = letters(outbox)
    assert kept == {
        **FORM,
        "voicemail_allowed": False,
        "interpreter": False,
        "conversation": sender,
        "contact_ref": body["contact_ref"],
    }
    assert parse_contact(kept).contact_ref == body["contact_ref"]


async def test_nobody_but_the_desk_reads_what_waits(
    visitor: Visitor, token: str, outbox: Path
) -> None:
    await send(visitor, token, FORM)
    on_disk = written(outbox)
    assert on_disk
    for words in PERSONAL:
        assert words.encode() not in on_disk
        assert json.dumps(words)[1:-1].encode() not in on_disk


async def test_nothing_of_the_form_passes_through_rasa_or_a_log(
    visitor: Visitor, behind: Behind, token: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        await send(visitor, token, FORM)
        await send(visitor, token, {**FORM, "email": "geen adres", "phone": "geheim"})
        behind.status = 500
        await send(visitor, token, {**FORM, "name": "Mehmet"})
    passed = json.dumps([behind.received, behind.handed_over], ensure_ascii=False)
    for words in [*PERSONAL, "geheim", "Mehmet", "geen adres"]:
        assert words not in caplog.text
        assert words not in passed


async def test_what_is_left_empty_is_not_given(visitor: Visitor, token: str, outbox: Path) -> None:
    form = {"channel": "email", "email": " a@example.org ", "language": "pl", "consent": True}
    empty = {"name": "", "phone": "", "safe_times": [], "code_word": None}
    status, _ = await send(visitor, token, {**form, **empty})
    assert status == 200
    [kept] = letters(outbox)
    assert kept["email"] == "a@example.org"
    assert not {"name", "phone", "code_word"} & set(kept)


@pytest.mark.parametrize("header", [None, "Bearer ", "Bearer nonsense", f"Bearer {'A' * 64}"])
async def test_without_a_token_of_ours_nothing_is_taken(
    visitor: Visitor, behind: Behind, outbox: Path, header: str | None
) -> None:
    status, body = await send(visitor, header, FORM)
    assert (status, body["error"]) == (401, "unauthorized")
    assert (letters(outbox), behind.handed_over) == ([], [])


FAULTY: list[tuple[dict[str, Any], list[str]]] = [
    ({"phone": "bel mij"}, ["phone"]),
    ({"phone": ""}, ["phone"]),
    ({"channel": "email"}, ["email"]),
    ({"channel": "email", "email": "geen adres"}, ["email"]),
    ({"channel": "fax"}, ["channel"]),
    ({"name": "n" * 201}, ["name"]),
    ({"safe_times": "altijd"}, ["safe_times"]),
    ({"safe_times": [{"days": ["Mon"], "from": "9", "to": "12:00"}]}, ["safe_times.0.from"]),
    ({"voicemail_allowed": "ja"}, ["voicemail_allowed"]),
    ({"if_someone_else_answers": "x" * 501}, ["if_someone_else_answers"]),
    ({"code_word": "x" * 101}, ["code_word"]),
    ({"language": "de"}, ["language"]),
    ({"interpreter": 1}, ["interpreter"]),
    ({"consent": False}, ["consent"]),
    ({"phone": "bel mij", "consent": "ja"}, ["phone", "consent"]),
]


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize(("changes", "fields"), FAULTY)
async def test_faulty_fields_are_named_in_the_language_of_the_conversation(
    visitor: Visitor,
    behind: Behind,
    outbox: Path,
    changes: Mapping[str, Any],
    fields: list[str],
    language: str,
) -> None:
    token = await begin(visitor, lang=language)
    status, body = await send(visitor, token, {**FORM, **changes}, **{"Accept-Language": "de"})
    assert (status, body["error"]) == (400, "malformed")
    assert set(body["fields"]) == set(fields)
    for field in fields:
        assert catalogue.text(language, f"contact_{field.split('.')[0]}_name") in body["message"]
    assert "bel mij" not in json.dumps(body)
    assert (letters(outbox), behind.handed_over) == ([], [])


@pytest.mark.parametrize("body", ["[]", '"x"', "null", "{broken", "", "[" * 5000])
async def test_what_is_no_form_is_refused(visitor: Visitor, token: str, body: str) -> None:
    headers = {"Authorization": token, "Content-Type": "application/json"}
    response = await visitor.post("/api/contact", data=body, headers=headers)
    assert (response.status, (await response.json())["error"]) == (400, "malformed")


async def test_a_field_that_is_not_in_the_form_is_named(visitor: Visitor, token: str) -> None:
    status, body = await send(visitor, token, {**FORM, "conversation": "0a" * 32})
    assert (status, body["fields"]) == (400, ["conversation"])


async def test_another_type_than_json_is_refused(visitor: Visitor, token: str) -> None:
    response = await visitor.post(
        "/api/contact", data=FORM["name"], headers={"Authorization": token}
    )
    assert (response.status, (await response.json())["error"]) == (415, "unsupported_type")


async def test_a_body_larger_than_any_form_is_refused(
    visitor: Visitor, token: str, outbox: Path
) -> None:
    status, body = await send(visitor, token, {**FORM, "name": "n" * 100_000})
    assert (status, body["error"]) == (413, "too_long")
    assert letters(outbox) == []


async def test_half_a_character_is_no_reason_to_fail(
    visitor: Visitor, token: str, outbox: Path
) -> None:
    status, _ = await send(visitor, token, {**FORM, "name": "Ay\ud83d"})
    assert status == 200
    assert letters(outbox)[0]["name"] == "Ay\ufffd"


async def test_sent_twice_it_is_one_form_with_one_reference(
    visitor: Visitor, token: str, outbox: Path
) -> None:
    spaced = {name: FORM[name] for name in reversed(FORM)} | {"phone": " 0612345678 "}
    first, second = await asyncio.gather(send(visitor, token, FORM), send(visitor, token, spaced))
    assert first[1]["contact_ref"] == second[1]["contact_ref"]
    assert len(letters(outbox)) == 1


async def test_another_form_or_another_visitor_has_another_reference(
    visitor: Visitor, token: str, outbox: Path
) -> None:
    other = await begin(visitor)
    found = [
        await send(visitor, token, FORM),
        await send(visitor, token, {**FORM, "code_word": "roos"}),
        await send(visitor, other, FORM),
    ]
    assert len({body["contact_ref"] for _, body in found}) == 3
    assert len(letters(outbox)) == 3


@pytest.mark.parametrize("status", [400, 401, 500, 503])
async def test_when_the_conversation_cannot_go_on_the_form_is_kept_and_the_numbers_are_given(
    visitor: Visitor, behind: Behind, token: str, outbox: Path, status: int
) -> None:
    behind.status = status
    got, body = await send(visitor, token, FORM)
    assert (got, body["error"]) == (503, "unavailable")
    assert any(row["id"] == "emergency_112" for row in body["help"]["contacts"])
    assert "contact_ref" not in body
    [kept] = letters(outbox)
    behind.status = 200
    got, body = await send(visitor, token, FORM)
    assert (got, body["contact_ref"]) == (200, kept["contact_ref"])
    assert letters(outbox) == [kept]


async def test_with_nothing_behind_the_site_the_form_is_kept_and_the_numbers_are_given(
    visitor: Visitor, stranded: Visitor, outbox: Path
) -> None:
    # the same secret: a token of one site is good at the other
    status, body = await send(stranded, await begin(visitor), FORM)
    assert (status, body["error"]) == (503, "unavailable")
    assert body["help"]["contacts"]
    assert len(letters(outbox)) == 1


async def test_a_conversation_that_has_ended_is_told(
    visitor: Visitor, behind: Behind, token: str
) -> None:
    behind.status = 410
    status, body = await send(visitor, token, FORM)
    assert (status, body["error"]) == (401, "unauthorized")


async def test_a_form_that_cannot_be_kept_is_not_handed_over(
    visitor: Visitor, behind: Behind, token: str, outbox: Path
) -> None:
    for file in outbox.parent.glob("outbox.db*"):
        file.write_bytes(b"no database" * 500)
    status, body = await send(visitor, token, FORM)
    assert (status, body["error"]) == (503, "unavailable")
    assert body["help"]["contacts"]
    assert behind.handed_over == []


async def test_who_sends_too_often_is_asked_to_wait(
    make_visitor: MakeVisitor, behind: Behind
) -> None:
    behind.reply = {"lang": "pl", "messages": [a_message("utter_handover_done", "pl")]}
    visitor = await make_visitor(codes_per_minute=2)
    token = await begin(visitor, lang="pl")
    assert [(await send(visitor, token, FORM))[0] for _ in range(2)] == [200, 200]
    response = await visitor.post("/api/contact", json=FORM, headers={"Authorization": token})
    body = await response.json()
    assert (response.status, body["error"]) == (429, "too_many")
    assert 1 <= int(response.headers["Retry-After"]) <= 60
    assert body["message"] == error_body("too_many", "pl")["message"]
    # another visitor need not wait
    assert (await send(visitor, await begin(visitor), FORM))[0] == 200


async def test_another_site_may_not_send_it(visitor: Visitor, token: str, outbox: Path) -> None:
    status, body = await send(visitor, token, FORM, Origin="https://evil.example")
    assert (status, body["error"]) == (403, "forbidden_origin")
    assert letters(outbox) == []


async def test_it_is_only_posted(visitor: Visitor) -> None:
    assert (await visitor.get("/api/contact")).status == 405


async def test_ending_the_conversation_leaves_the_form_on_its_way(
    visitor: Visitor, token: str, outbox: Path
) -> None:
    _, body = await send(visitor, token, FORM)
    await visitor.post("/api/chat/end", headers={"Authorization": token})
    assert [kept["contact_ref"] for kept in letters(outbox)] == [body["contact_ref"]]


async def test_ending_the_conversation_drops_what_is_remembered_of_a_delivered_form(
    visitor: Visitor, token: str, outbox: Path
) -> None:
    _, body = await send(visitor, token, FORM)
    kept = Outbox(outbox)
    kept.delivered(body["contact_ref"], {"contact_ref": body["contact_ref"]})
    await visitor.post("/api/chat/end", headers={"Authorization": token})
    assert kept.receipt(body["contact_ref"]) is None
    assert body["contact_ref"].encode() not in written(outbox)


async def test_a_conversation_ends_although_the_outbox_is_gone(
    visitor: Visitor, behind: Behind, token: str, outbox: Path
) -> None:
    shutil.rmtree(outbox.parent)
    response = await visitor.post("/api/chat/end", headers={"Authorization": token})
    assert response.status == 204
    assert len(behind.erased) == 1


@pytest.mark.parametrize("language", languages())
def test_the_form_that_is_shown_is_the_form_that_is_taken(language: str) -> None:
    shown = {field["name"]: field for field in contact_form(language)["fields"]}
    assert set(shown) == set(ContactForm.model_fields)
    for name, field in shown.items():
        assert catalogue.has_text(language, f"contact_{name}_name")
        if field["type"] == "choice":
            for option in field["options"]:
                taken = parse({**FORM, "email": "a@example.org", name: option["value"]})
                assert isinstance(taken, ContactForm)
    for name in ("name", "if_someone_else_answers", "code_word"):
        longest = "x" * shown[name]["max"]
        assert isinstance(parse({**FORM, name: longest}), ContactForm)
        assert parse({**FORM, name: longest + "x"}) == FormFault((name,))
    days = [day["value"] for day in shown["safe_times"]["days"]]
    every_day = {"days": days, "from": "00:00", "to": "23:59"}
    assert isinstance(parse({**FORM, "safe_times": [every_day]}), ContactForm)
