"""What becomes of a case that the action server brings."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from cast import Desk, case_body, contact_body

from desk import models, references
from desk.errors import Erased, Malformed
from desk.intake import parse_case, parse_contact


@pytest.mark.both_databases
def test_it_has_a_reference_a_line_a_code_and_a_time_of_reading(desk: Desk):
    body = case_body()
    receipt, is_new = desk.registry.create_case(parse_case(body), f"{body['conversation']}-1")
    assert is_new
    assert references.parse(receipt.reference) == receipt.reference
    assert (receipt.line, receipt.code) == (2, "Internationale Kinderontvoering")
    assert receipt.next_reading == datetime(2026, 11, 25, 8, 30, tzinfo=UTC)


@pytest.mark.both_databases
def test_everything_in_it_comes_back_as_it_was(desk: Desk):
    body = case_body(
        children=[{"age": 4}, {"birth_year": 2020}],
        summary=[{"question_id": "q_documents", "answer": {"act": "yes", "n": [1]}}],
        embed="stichting-x",
    )
    reference = desk.bring(**body)
    view = desk.registry.look(desk["jan"], reference)
    assert view.content is not None
    assert [(child.age, child.birth_year) for child in view.content.children] == [
        (4, None),
        (None, 2020),
    ]
    assert view.content.summary[0].answer == {"act": "yes", "n": [1]}
    assert list(view.content.transcript) == body["transcript"]
    assert (view.row.country_from, view.row.country_to) == ("NL", "TR")
    assert view.embed == "stichting-x"
    assert [moment.channel for moment in view.content.moments] == ["chat"]


@pytest.mark.both_databases
def test_the_same_key_again_is_the_same_case(desk: Desk):
    body = case_body()
    key = f"{body['conversation']}-1"
    first, _ = desk.registry.create_case(parse_case(body), key)
    again, is_new = desk.registry.create_case(parse_case({**body, "urgent": True}), key)
    assert not is_new
    assert again == first
    assert desk.registry.count(desk["cor"]) == 1


def test_another_key_of_the_conversation_is_another_case(desk: Desk):
    body = case_body()
    desk.registry.create_case(parse_case(body), f"{body['conversation']}-1")
    _, is_new = desk.registry.create_case(parse_case(body), f"{body['conversation']}-2")
    assert is_new
    assert desk.registry.conflicts(desk["cor"]) == []


@pytest.mark.parametrize("key", ["", "other-1", "conversation", "x" * 200])
def test_a_key_of_another_conversation_is_refused(desk: Desk, key: str):
    with pytest.raises(Malformed) as raised:
        desk.registry.create_case(parse_case(case_body()), key)
    assert raised.value.fields == ("Idempotency-Key",)


@pytest.mark.both_databases
@pytest.mark.parametrize("contact_first", [True, False])
@pytest.mark.parametrize("by", ["contact_ref", "conversation"])
def test_the_contact_form_finds_its_case(desk: Desk, contact_first: bool, by: str):
    ref = "r" * 32
    form = {"contact_ref": ref} if by == "contact_ref" else {"conversation": "shared"}
    case = {"contact_ref": ref} if by == "contact_ref" else {"conversation": "shared"}
    if contact_first:
        desk.contact(**form)
    reference = desk.bring(**case)
    if not contact_first:
        desk.contact(**form)
    (view,) = desk.registry.contacts(desk["jan"], reference)
    assert view.details == {"name": "Ayşe Yılmaz", "phone": "+31 6 12345678"}


def test_a_contact_form_sent_twice_is_kept_once(desk: Desk):
    body = parse_contact(contact_body(contact_ref="r" * 32))
    assert desk.registry.store_contact(body) == ("r" * 32, True)
    assert desk.registry.store_contact(body) == ("r" * 32, False)


@pytest.mark.both_databases
def test_an_erased_conversation_does_not_come_back(desk: Desk):
    body = case_body()
    desk.bring(**body)
    desk.registry.erase_conversation(body["conversation"])
    with pytest.raises(Erased):
        desk.bring(**body)
    with pytest.raises(Erased):
        desk.contact(conversation=body["conversation"])
    assert desk.registry.count(desk["cor"]) == 0


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"phone_number": "06"}, ("phone_number",)),
        ({"urgent": "yes"}, ("urgent",)),
        ({"urgent": 1}, ("urgent",)),
        ({"language": "xx"}, ("language",)),
        ({"code": "Onbekend"}, ("code",)),
        ({"role": "mother"}, ("role",)),
        ({"countries": {"from": "Netherlands"}}, ("countries.from",)),
        ({"countries": {"via": "DE"}}, ("countries.via",)),
        ({"children": [{"name": "Ali"}]}, ("children.0.name",)),
        ({"children": [{"age": -1}]}, ("children.0.age",)),
        ({"children": [{"age": True}]}, ("children.0.age",)),
        ({"children": {}}, ("children",)),
        ({"summary": [{"answer": 1}]}, ("summary.0.question_id",)),
        ({"transcript": ["hello"]}, ("transcript.0",)),
        ({"transcript": [{"from": "jurist", "text": "x"}]}, ("transcript.0.from",)),
        ({"conversation": "a b"}, ("conversation",)),
        ({"conversation": "'; DROP TABLE cases; --"}, ("conversation",)),
        ({"conversation": "c\x00"}, ("conversation",)),
        ({"conversation": "c\n"}, ("conversation",)),
        ({"embed": "<script>"}, ("embed",)),
        ({"third_party": "<b>"}, ("third_party",)),
        ({"contact_ref": "../x"}, ("contact_ref",)),
        ({"line_hint": 3}, ("line_hint",)),
    ],
)
def test_what_cannot_be_used_is_named(changes: dict[str, object], fields: tuple[str, ...]):
    with pytest.raises(Malformed) as raised:
        parse_case(case_body(**changes))
    assert raised.value.fields == fields


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"consent": False}, ("consent",)),
        ({"phone": None, "email": None}, ("phone",)),
        ({"phone": "call me"}, ("phone",)),
        ({"email": "a@b@c"}, ("email",)),
        ({"email": "a@b\nBcc: x@y"}, ("email",)),
        ({"channel": "visit"}, ("channel",)),
        ({"safe_times": [{"days": ["Mon"], "from": "9", "to": "17:00"}]}, ("safe_times.0.from",)),
        ({"safe_times": [{"days": [], "from": "09:00", "to": "17:00"}]}, ("safe_times.0.days",)),
        ({"voicemail_allowed": "no"}, ("voicemail_allowed",)),
        ({"address": "Street 1"}, ("address",)),
    ],
)
def test_a_fault_of_the_contact_form_is_named(changes: dict[str, object], fields: tuple[str, ...]):
    with pytest.raises(Malformed) as raised:
        parse_contact(contact_body(**changes))
    assert raised.value.fields == fields


def test_every_fault_is_named_at_once():
    with pytest.raises(Malformed) as raised:
        parse_case({"language": "xx", "nonsense": 1})
    assert {"conversation", "language", "role", "urgent", "nonsense"} == set(raised.value.fields)


def test_a_refusal_does_not_repeat_what_was_sent():
    with pytest.raises(Malformed) as raised:
        parse_case(case_body(role="Ayşe 0612345678"))
    assert "0612345678" not in str(raised.value)
    assert raised.value.__cause__ is None


HOSTILE = [
    "'; DROP TABLE cases; --",
    "<script>alert(1)</script>",
    "{{ 7 * 7 }} ${7*7} %s %n",
    "a\x00b",
    "\u202egnp.exe",
    "İstanbul'da çocuğum 😢",
    "x" * 1_000_000,
]


@pytest.mark.both_databases
@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text[:20]))
def test_what_a_visitor_wrote_is_kept_as_it_is(desk: Desk, text: str):
    reference = desk.bring(
        transcript=[{"from": "visitor", "text": text}],
        summary=[{"question_id": "q", "answer": text}],
    )
    content = desk.registry.look(desk["jan"], reference).content
    assert content is not None
    assert content.transcript[0]["text"] == text
    assert content.summary[0].answer == text


@pytest.mark.both_databases
def test_half_a_character_does_not_lose_a_case(desk: Desk):
    reference = desk.bring(transcript=[{"from": "visitor", "text": "a\ud83d"}])
    content = desk.registry.look(desk["jan"], reference).content
    assert content is not None
    assert content.transcript[0]["text"] == "a\ufffd"


@pytest.mark.both_databases
def test_nothing_personal_stands_open_in_the_database(desk: Desk):
    reference = desk.bring(
        conversation="c1",
        transcript=[{"from": "visitor", "text": "SECRETWORDS"}],
        summary=[{"question_id": "q", "answer": "SECRETWORDS"}],
    )
    desk.contact(conversation="c1", name="SECRETWORDS", code_word="SECRETWORDS")
    desk.registry.add_note(desk["jan"], reference, "SECRETWORDS")
    desk.registry.set_child(desk["jan"], reference, None, {"given": "SECRETWORDS"})
    desk.registry.set_person(desk["jan"], reference, "client", {"family": "SECRETWORDS"})
    desk.registry.change_code(desk["jan"], reference, "preventie", "SECRETWORDS")
    desk.registry.add_moment(
        desk["jan"], reference, channel="phone", incoming=True, minutes=5, note="SECRETWORDS"
    )
    with desk.database.reading() as session:
        for table in models.Base.metadata.sorted_tables:
            for row in session.execute(sa.select(table)):
                assert "SECRETWORDS" not in str(row).upper(), table.name


@pytest.mark.both_databases
def test_a_rehearsal_leaves_nothing(desk: Desk):
    def everything() -> list[str]:
        with desk.database.reading() as session:
            return [
                str(row)
                for table in models.Base.metadata.sorted_tables
                for row in session.execute(sa.select(table))
            ]

    before = everything()
    desk.registry.rehearse()
    assert everything() == before
    desk.bring()
    assert desk.registry.verify_audit().whole
