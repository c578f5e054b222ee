"""What is erased is gone: from every table, and from the file."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from cast import Desk

from desk.errors import NotAllowed, NotFound
from desk.models import Base, Case, ErasureReceipt
from desk.references import reference as make_reference
from desk.registry import Filters

DAYS = {"new": 365, "open": 730, "closed": 730, "unlinked": 7}
ALL = Filters(status=("new", "open", "closed"))
CONVERSATION = "conversation-to-be-erased"


def fill(desk: Desk) -> str:
    reference = desk.bring(conversation=CONVERSATION, embed="embed-to-be-erased")
    desk.contact(conversation=CONVERSATION, contact_ref="contact-to-be-erased-0000")
    jan = desk["jan"]
    desk.registry.assign(jan, reference, jan.id)
    desk.registry.add_note(jan, reference, "note")
    desk.registry.set_child(jan, reference, None, {"given": "Elif", "birth_date": "2019-01-02"})
    desk.registry.set_person(jan, reference, "client", {"given": "Ayşe"})
    desk.registry.change_code(jan, reference, "preventie", "why")
    desk.registry.use_reply(jan, reference, "reply", "tr")
    desk.registry.add_moment(jan, reference, channel="phone", incoming=True, minutes=3, note="n")
    return reference


def rows_about(desk: Desk, case_id: str) -> dict[str, int]:
    with desk.database.reading() as session:
        return {
            table.name: session.scalar(
                sa.select(sa.func.count()).select_from(table).where(table.c.case_id == case_id)
            )
            or 0
            for table in Base.metadata.sorted_tables
            if "case_id" in table.c
        }


def case_id_of(desk: Desk, reference: str) -> str:
    with desk.database.reading() as session:
        return session.scalars(sa.select(Case.id).where(Case.reference == reference)).one()


def everything(desk: Desk) -> str:
    with desk.database.reading() as session:
        return "\n".join(
            str(row)
            for table in Base.metadata.sorted_tables
            for row in session.execute(sa.select(table))
        )


@pytest.mark.both_databases
@pytest.mark.parametrize("by", ["visitor", "staff"])
def test_nothing_is_left_in_any_table(desk: Desk, by: str):
    reference = fill(desk)
    case_id = case_id_of(desk, reference)
    before = rows_about(desk, case_id)
    # in this test there is something to erase in these
    assert {name for name, number in before.items() if number} >= {
        "children", "people", "summary_rows", "transcripts", "contacts", "moments", "notes",
        "code_changes", "reply_uses", "handlers", "clues",
    }  # fmt: skip
    if by == "visitor":
        receipt = desk.registry.erase_conversation(CONVERSATION)
    else:
        receipt = desk.registry.erase_case(desk["cor"], reference)
    assert not any(rows_about(desk, case_id).values())
    assert receipt.removed["cases"] == receipt.removed["notes"] == receipt.removed["contacts"] == 1
    left = everything(desk)
    for trace in (reference, CONVERSATION, "embed-to-be-erased", "contact-to-be-erased"):
        assert trace not in left
    with pytest.raises(NotFound):
        desk.registry.look(desk["jan"], reference)


# what PostgreSQL's files keep after the VACUUM that is asked for is its own matter
def test_nothing_is_left_in_the_file(desk: Desk):
    reference = fill(desk)
    folder = Path(desk.url.removeprefix("sqlite:///")).parent

    def on_disk() -> bytes:
        return b"".join(path.read_bytes() for path in sorted(folder.glob("desk.db*")))

    traces = [text.encode() for text in (reference, CONVERSATION, "embed-to-be-erased")]
    assert all(trace in on_disk() for trace in traces)
    desk.registry.erase_conversation(CONVERSATION)
    assert [trace for trace in traces if trace in on_disk()] == []


def test_there_is_a_receipt_that_names_nobody(desk: Desk):
    fill(desk)
    receipt = desk.registry.erase_conversation(CONVERSATION)
    with desk.database.reading() as session:
        row = session.get(ErasureReceipt, receipt.code)
        assert row is not None
        assert CONVERSATION not in row.subject + row.removed


def test_erasing_twice_is_no_fault(desk: Desk):
    fill(desk)
    desk.registry.erase_conversation(CONVERSATION)
    assert desk.registry.erase_conversation(CONVERSATION).removed == {}


@pytest.mark.both_databases
def test_the_other_case_of_a_conflict_loses_its_mark(desk: Desk):
    reference = fill(desk)
    other = desk.bring(role="taking")
    desk.registry.set_child(
        desk["joke"], other, None, {"given": "Elif", "birth_date": "2019-02-01"}
    )
    assert desk.registry.look(desk["joke"], other).row.conflict
    desk.registry.erase_case(desk["cor"], reference)
    assert not desk.registry.look(desk["joke"], other).row.conflict


def test_the_audit_log_stays_whole(desk: Desk):
    fill(desk)
    desk.registry.erase_conversation(CONVERSATION)
    assert desk.registry.verify_audit().whole


@pytest.mark.parametrize("name", ["wim", "jan", "tess", "aad"])
def test_only_a_coordinator_erases(desk: Desk, name: str):
    reference = desk.bring(code="toestemming_vakantie", transcript=[])
    with pytest.raises((NotAllowed, NotFound)):
        desk.registry.erase_case(desk[name], reference)
    with pytest.raises(NotAllowed):
        desk.registry.retention(desk[name], DAYS, dry_run=True)


@pytest.mark.both_databases
def test_retention_counts_first_and_erases_only_when_told(desk: Desk):
    desk.bring()
    closed = desk.bring()
    desk.registry.close(desk["jan"], closed, "advised")
    opened = desk.bring()
    desk.registry.look(desk["jan"], opened)
    desk.contact()
    desk.clock.turn(days=366)
    young = desk.bring()
    expected = {"new": 1, "open": 0, "closed": 0, "unlinked": 1}
    for member in (desk["cor"], None):
        assert desk.registry.retention(member, DAYS, dry_run=True) == expected
    assert desk.registry.count(desk["cor"], ALL) == 4
    assert desk.registry.retention(None, DAYS, dry_run=False) == expected
    assert {row.reference for row in desk.registry.queue(desk["cor"], ALL)} == {
        closed,
        opened,
        young,
    }
    desk.clock.turn(days=364 + 1)
    numbers = desk.registry.retention(None, DAYS, dry_run=False)
    assert numbers == {"new": 0, "open": 1, "closed": 1, "unlinked": 0}
    assert [row.reference for row in desk.registry.queue(desk["cor"], ALL)] == [young]


def test_retention_spares_what_is_worked_on(desk: Desk):
    reference = desk.bring()
    desk.registry.look(desk["jan"], reference)
    desk.clock.turn(days=700)
    desk.registry.add_note(desk["jan"], reference, "still on it")
    desk.clock.turn(days=700)
    assert desk.registry.retention(None, DAYS, dry_run=False)["open"] == 0
    desk.clock.turn(days=31)
    assert desk.registry.retention(None, DAYS, dry_run=False)["open"] == 1


def test_a_reference_that_never_was_is_not_found(desk: Desk):
    with pytest.raises(NotFound):
        desk.registry.erase_case(desk["cor"], make_reference(2026, 4242))
