"""Which of several Rasa servers has a conversation."""

from __future__ import annotations

from collections import Counter

import pytest

from bot import workers

CONVERSATIONS = [f"{number:064x}" for number in range(2000)]


def firsts(count: int) -> list[str]:
    names = [str(number) for number in range(count)]
    return [workers.in_turn(conversation, names)[0] for conversation in CONVERSATIONS]


def test_every_worker_is_somewhere_in_the_order_of_a_conversation():
    for conversation in CONVERSATIONS[:50]:
        assert sorted(workers.in_turn(conversation, "abcd")) == list("abcd")


@pytest.mark.parametrize("count", [2, 3, 8])
def test_the_conversations_are_spread_evenly(count: int):
    shares = Counter(firsts(count))
    assert len(shares) == count
    assert max(shares.values()) < 1.25 * len(CONVERSATIONS) / count


def test_a_worker_more_takes_its_share_and_moves_no_other_conversation():
    before, after = firsts(3), firsts(4)
    assert {new for old, new in zip(before, after) if old != new} == {"3"}


def test_the_conversations_of_a_worker_that_is_down_go_to_all_the_others():
    seconds = Counter(
        workers.in_turn(each, "abc")[1]
        for each in CONVERSATIONS
        if workers.in_turn(each, "abc")[0] == "a"
    )
    assert set(seconds) == {"b", "c"}


def test_a_worker_knows_which_conversations_are_its_own():
    for conversation, first in zip(CONVERSATIONS, firsts(3)):
        own = [number for number in range(3) if workers.has(number, conversation, 3)]
        assert own == [int(first)]


def test_it_does_not_depend_on_where_the_workers_listen():
    here = workers.addresses({"KOMPAS_RASA_PORT": "5005", "KOMPAS_RASA_WORKERS": "3"})
    there = workers.addresses({"KOMPAS_RASA_PORT": "7000", "KOMPAS_RASA_WORKERS": "3"})
    for conversation in CONVERSATIONS[:50]:
        first_here = here.index(workers.in_turn(conversation, here)[0])
        assert first_here == there.index(workers.in_turn(conversation, there)[0])


def test_each_worker_has_the_next_port():
    environment = {"KOMPAS_RASA_PORT": "6000", "KOMPAS_RASA_WORKERS": "3"}
    assert workers.ports(environment) == (6000, 6001, 6002)
    assert workers.addresses({}) == ("http://127.0.0.1:5005",)


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ({"KOMPAS_RASA_WORKERS": "0"}, "KOMPAS_RASA_WORKERS"),
        ({"KOMPAS_RASA_WORKERS": "many"}, "KOMPAS_RASA_WORKERS"),
        ({"KOMPAS_RASA_WORKERS": "65"}, "KOMPAS_RASA_WORKERS"),
        ({"KOMPAS_RASA_WORKERS": "2", "KOMPAS_RASA_WORKER": "2"}, "KOMPAS_RASA_WORKER"),
        ({"KOMPAS_RASA_WORKERS": "9", "KOMPAS_RASA_PORT": "65530"}, "KOMPAS_RASA_PORT"),
    ],
)
def test_a_value_that_cannot_be_used_is_named(environment: dict[str, str], named: str):
    with pytest.raises(workers.BadWorkers, match=f"{named} is"):
        workers.own(environment)
        workers.ports(environment)
