"""Conversation tokens."""

from __future__ import annotations

import base64
import re

from hypothesis import given
from hypothesis import strategies as st

from web.tokens import Tokens

TOKENS = Tokens("s" * 32)


def test_a_token_gives_the_same_conversation_each_time() -> None:
    token = TOKENS.issue()
    assert TOKENS.sender(token) == TOKENS.sender(token) == Tokens("s" * 32).sender(token)


def test_it_holds_256_random_bits() -> None:
    randoms = {base64.urlsafe_b64decode(TOKENS.issue())[:32] for _ in range(200)}
    assert len(randoms) == 200


def test_a_token_of_another_secret_is_none_of_ours() -> None:
    assert TOKENS.sender(Tokens("z" * 32).issue()) is None


def test_changing_any_sign_voids_it() -> None:
    token = TOKENS.issue()
    for position, sign in enumerate(token):
        changed = token[:position] + ("A" if sign != "A" else "B") + token[position + 1 :]
        assert TOKENS.sender(changed) is None


@given(st.one_of(st.text(), st.text(alphabet="abcXYZ019-_=", min_size=60, max_size=68)))
def test_no_made_up_text_passes_for_a_token_or_breaks_the_check(text: str) -> None:
    assert TOKENS.sender(text) is None


SENDER, OTHER = "0a" * 32, "0b" * 32


def test_the_same_sent_again_has_the_same_reference() -> None:
    first = TOKENS.reference(SENDER, "form")
    assert first == TOKENS.reference(SENDER, "form") == Tokens("s" * 32).reference(SENDER, "form")


def test_another_conversation_content_or_secret_has_another_reference() -> None:
    references = {
        TOKENS.reference(SENDER, "form"),
        TOKENS.reference(OTHER, "form"),
        TOKENS.reference(SENDER, "form "),
        TOKENS.reference(SENDER, ""),
        Tokens("z" * 32).reference(SENDER, "form"),
    }
    assert len(references) == 5


@given(st.text(alphabet=st.characters(blacklist_categories=())))
def test_any_content_has_a_reference_that_the_desk_takes_and_that_repeats_nothing(
    content: str,
) -> None:
    reference = TOKENS.reference(SENDER, content)
    assert re.fullmatch("[A-Za-z0-9_-]{43}", reference)
    assert SENDER not in reference


def test_a_token_tells_the_site_it_was_issued_for() -> None:
    assert TOKENS.site(TOKENS.issue("buren")) == "buren"
    assert TOKENS.site(TOKENS.issue()) == ""
    assert TOKENS.site(Tokens("z" * 32).issue("buren")) is None


def test_nobody_can_change_the_site_of_a_token() -> None:
    raw = base64.urlsafe_b64decode(TOKENS.issue("buren"))
    for changed in (raw[:48], raw[:48] + b"elders", raw + b"x"):
        token = base64.urlsafe_b64encode(changed).decode()
        assert TOKENS.sender(token) is None
        assert TOKENS.site(token) is None


@given(st.integers(0, 60))
def test_part_of_a_token_is_none(length: int) -> None:
    raw = base64.urlsafe_b64decode(TOKENS.issue("buren"))[:length]
    whole = length >= 48 + len("buren")
    assert (TOKENS.sender(base64.urlsafe_b64encode(raw).decode()) is not None) == whole
