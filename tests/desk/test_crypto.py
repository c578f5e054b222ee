"""Sealing, blind indexes, and changing keys."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from cast import KEY, Desk
from hypothesis import given
from hypothesis import strategies as st

from desk import rotation
from desk.crypto import BlindIndex, CannotOpen, Vault
from desk.registry import Registry

NEW = "n" * 32
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(), lambda each: st.lists(each), max_leaves=9
)


@given(value=JSON)
def test_what_was_sealed_comes_back(value: object):
    vault = Vault([KEY])
    assert vault.open(vault.seal(value, "notes.content:1"), "notes.content:1") == value


def test_the_same_value_is_never_sealed_alike():
    vault = Vault([KEY])
    assert vault.seal("a", "p") != vault.seal("a", "p")


@pytest.mark.parametrize("position", [0, 3, 8, 20, -1])
def test_a_changed_value_is_not_opened(position: int):
    vault = Vault([KEY])
    sealed = bytearray(vault.seal({"name": "Ayşe"}, "p:1"))
    sealed[position] ^= 1
    with pytest.raises(CannotOpen) as raised:
        vault.open(bytes(sealed), "p:1")
    assert "Ayşe" not in str(raised.value)


def test_a_value_moved_to_another_row_is_not_opened():
    vault = Vault([KEY])
    with pytest.raises(CannotOpen):
        vault.open(vault.seal("a", "notes.content:1"), "notes.content:2")


def test_another_key_does_not_open():
    with pytest.raises(CannotOpen):
        Vault([NEW]).open(Vault([KEY]).seal("a", "p"), "p")


@pytest.mark.parametrize("sealed", [b"", b"\x01", b"\x01abcd", b"x" * 100])
def test_rubbish_is_not_opened(sealed: bytes):
    with pytest.raises(CannotOpen):
        Vault([KEY]).open(sealed, "p")


def test_tokens_depend_on_key_and_purpose():
    index = BlindIndex(KEY)
    assert index.token("name", "a") == BlindIndex(KEY).token("name", "a")
    assert index.token("name", "a") != index.token("phone", "a")
    assert index.token("name", "a") != BlindIndex(NEW).token("name", "a")


def fill(desk: Desk) -> str:
    reference = desk.bring(conversation="c")
    desk.contact(conversation="c")
    desk.registry.add_note(desk["jan"], reference, "a note")
    desk.registry.set_child(desk["jan"], reference, None, {"given": "Elif"})
    desk.registry.set_person(desk["jan"], reference, "client", {"given": "Ayşe"})
    desk.registry.change_code(desk["jan"], reference, "preventie", "why")
    desk.registry.add_moment(
        desk["jan"], reference, channel="phone", incoming=True, minutes=3, note="called"
    )
    return reference


def test_after_a_rotation_the_old_key_is_not_needed(desk: Desk):
    reference = fill(desk)
    before = desk.registry.look(desk["jan"], reference).content
    assert rotation.rotate(desk.database, Vault([NEW, KEY])) > 10
    registry = Registry(desk.database, Vault([NEW]), desk.index, desk.clock)
    assert registry.look(desk["jan"], reference).content == before
    with pytest.raises(CannotOpen):
        desk.registry.look(desk["jan"], reference)
    assert rotation.rotate(desk.database, Vault([NEW, KEY])) == 0


def test_both_keys_work_until_then(desk: Desk):
    reference = fill(desk)
    registry = Registry(desk.database, Vault([NEW, KEY]), desk.index, desk.clock)
    desk.clock.turn(seconds=1)
    registry.add_note(desk["jan"], reference, "another")
    content = registry.look(desk["jan"], reference).content
    assert content is not None
    assert [note.text for note in content.notes] == ["a note", "another"]


def test_a_rotation_without_the_old_key_stops_and_breaks_nothing(desk: Desk):
    reference = fill(desk)
    with pytest.raises(CannotOpen):
        rotation.rotate(desk.database, Vault([NEW]))
    assert desk.registry.look(desk["jan"], reference).content is not None


def test_the_rotation_fills_every_kind_of_value(desk: Desk):
    """So that the test above cannot leave one out when a column is added."""
    fill(desk)
    with desk.database.reading() as session:
        for model, column in rotation.sealed_columns():
            number = session.scalar(
                sa.select(sa.func.count()).where(getattr(model, column).is_not(None))
            )
            assert number, f"{model.__tablename__}.{column}"
