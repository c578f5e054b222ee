"""Conversation tokens."""

from __future__ import annotations

import base64

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
