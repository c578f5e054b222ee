"""The audit log shows what was done, and shows if somebody changed it."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from cast import Desk

from desk.errors import NotAllowed
from desk.models import Base

TRIGGERS = {
    "sqlite": ["DROP TRIGGER audit_no_update", "DROP TRIGGER audit_no_delete"],
    "postgresql": ["DROP TRIGGER audit_no_change ON audit"],
}


def run(desk: Desk, *statements: str) -> None:
    with desk.database.writing() as session:
        for statement in statements:
            session.execute(sa.text(statement))


def work(desk: Desk) -> str:
    reference = desk.bring()
    desk.registry.look(desk["jan"], reference)
    desk.registry.add_note(desk["jan"], reference, "a SECRET")
    desk.registry.close(desk["jan"], reference, "advised")
    return reference


@pytest.mark.both_databases
def test_every_look_and_change_is_in_it(desk: Desk):
    work(desk)
    actions = [entry.action for entry in desk.registry.audit_log(desk["aad"])]
    assert actions[:4] == ["close", "add_note", "look", "create_case"]
    assert desk.registry.verify_audit().whole


def test_reading_the_log_is_in_the_log(desk: Desk):
    desk.registry.audit_log(desk["aad"])
    assert desk.registry.audit_log(desk["aad"])[0].action == "audit_log"


def test_it_holds_no_content(desk: Desk):
    reference = work(desk)
    text = str(desk.registry.audit_log(desk["aad"]))
    assert "SECRET" not in text
    assert reference not in text


@pytest.mark.both_databases
@pytest.mark.parametrize(
    "statement",
    ["UPDATE audit SET actor = 'x'", "DELETE FROM audit WHERE id = 3", "DELETE FROM audit"],
)
def test_the_database_refuses_to_change_it(desk: Desk, statement: str):
    work(desk)
    with pytest.raises(sa.exc.DBAPIError):
        run(desk, statement)
    assert desk.registry.verify_audit().whole


@pytest.mark.both_databases
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET actor = 'x' WHERE id = 9",
        "UPDATE audit SET details = '{}' WHERE id = 9",
        "UPDATE audit SET at = '2020-01-01 00:00:00' WHERE id = 9",
        "UPDATE audit SET subject = '' WHERE id = 9",
        "DELETE FROM audit WHERE id = 9",
        # at the end, where no later entry misses it
        "DELETE FROM audit WHERE id = (SELECT max(id) FROM audit)",
        "UPDATE audit SET hash = 'x' WHERE id = (SELECT max(id) FROM audit)",
        "UPDATE audit_head SET position = 3",
    ],
)
def test_who_changes_it_all_the_same_is_found_out(desk: Desk, statement: str):
    work(desk)
    run(desk, *TRIGGERS[desk.database.engine.dialect.name], statement)
    verdict = desk.registry.verify_audit()
    assert not verdict.whole
    assert verdict.broken_at is not None


@pytest.mark.both_databases
def test_what_fails_leaves_no_entry(desk: Desk):
    reference = desk.bring()
    desk.registry.close(desk["jan"], reference, "advised")
    before = desk.registry.verify_audit().entries
    with pytest.raises(Exception, match="closed already"):
        desk.registry.close(desk["jan"], reference, "advised")
    assert desk.registry.verify_audit().entries == before


@pytest.mark.parametrize("name", ["wim", "jan", "cor", "tess"])
def test_only_an_auditor_reads_it(desk: Desk, name: str):
    with pytest.raises(NotAllowed):
        desk.registry.audit_log(desk[name])
    with pytest.raises(NotAllowed):
        desk.registry.verify_audit(desk[name])


@pytest.mark.both_databases
def test_it_is_one_log_of_all(desk: Desk):
    assert "audit" in Base.metadata.tables
    work(desk)
    with desk.database.reading() as session:
        ids = session.scalars(sa.text("SELECT id FROM audit ORDER BY id")).all()
    assert list(ids) == list(range(1, len(ids) + 1))
