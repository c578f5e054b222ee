"""What lies on a disk sealed to the desk, and what becomes of wrong keys and changed texts."""

from __future__ import annotations

import base64

import pytest

from bot.sealing import (
    BadKey,
    CannotOpen,
    check_public_key,
    new_keys,
    open_sealed,
    public_of,
    seal,
)

PRIVATE, PUBLIC = new_keys()
NO_POINT = base64.urlsafe_b64encode(bytes(32)).decode()


@pytest.mark.parametrize("data", [b"", b"case", "Ayşe 😢".encode(), bytes(range(256)) * 5000])
def test_the_desk_opens_what_was_sealed_to_it(data: bytes):
    assert open_sealed(PRIVATE, seal(PUBLIC, data)) == data


def test_the_same_is_sealed_differently_each_time_and_says_nothing():
    one, other = seal(PUBLIC, b"secret words"), seal(PUBLIC, b"secret words")
    assert one != other
    assert b"secret" not in base64.urlsafe_b64decode(one + "==")


def test_a_public_key_follows_from_its_private_one():
    assert public_of(PRIVATE) == PUBLIC
    assert public_of(PRIVATE + "=") == PUBLIC


def test_another_key_does_not_open_it():
    with pytest.raises(CannotOpen, match="KOMPAS_DESK_SEAL_PUBLIC"):
        open_sealed(new_keys()[0], seal(PUBLIC, b"case"))


@pytest.mark.parametrize("place", [0, 40, -1])
def test_a_changed_text_does_not_open(place: int):
    sealed = list(seal(PUBLIC, b"case"))
    sealed[place] = "A" if sealed[place] != "A" else "Q"
    with pytest.raises(CannotOpen):
        open_sealed(PRIVATE, "".join(sealed))


@pytest.mark.parametrize("sealed", ["", "A", "AAAA", "çç", "a b", "{}", "=" * 9, "A" * 64])
def test_what_was_never_sealed_does_not_open(sealed: str):
    with pytest.raises(CannotOpen):
        open_sealed(PRIVATE, sealed)


@pytest.mark.parametrize("key", ["", "short", "ü" * 43, "a" * 42, "a" * 44, "a b" * 14 + "c"])
def test_a_bad_key_is_told_with_its_remedy_and_not_repeated(key: str):
    for use in (lambda: seal(key, b""), lambda: open_sealed(key, "A"), lambda: public_of(key)):
        with pytest.raises(BadKey, match="newkeys") as raised:
            use()
        assert not key or key not in str(raised.value)


def test_a_public_key_that_is_no_point_is_refused_at_the_start():
    with pytest.raises(BadKey, match="newkeys"):
        check_public_key(NO_POINT)
    check_public_key(PUBLIC)
