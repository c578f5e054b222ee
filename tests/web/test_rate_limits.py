"""How often one conversation or one address may ask."""

from __future__ import annotations

from web.limits import RateLimit


def test_it_gives_a_minutes_worth_at_once_and_then_says_how_long_to_wait() -> None:
    limit = RateLimit(per_minute=6)
    assert [limit.wait("a", now=100.0) for _ in range(7)] == [0] * 6 + [10]


def test_waiting_as_long_as_it_said_is_enough() -> None:
    limit = RateLimit(per_minute=6)
    while not (seconds := limit.wait("a", now=100.0)):
        pass
    assert limit.wait("a", now=100.0 + seconds) == 0
    assert limit.wait("a", now=100.0 + seconds) > 0


def test_a_long_rest_gives_no_more_than_a_minutes_worth() -> None:
    limit = RateLimit(per_minute=2)
    limit.wait("a", now=0.0)
    assert [limit.wait("a", now=100_000.0) for _ in range(3)] == [0, 0, 30]


def test_keys_do_not_share() -> None:
    limit = RateLimit(per_minute=1)
    assert [limit.wait(key, now=0.0) for key in ("a", "b", "a")] == [0, 0, 60]


def test_being_refused_does_not_make_the_wait_longer() -> None:
    limit = RateLimit(per_minute=1)
    limit.wait("a", now=0.0)
    for second in range(60):
        limit.wait("a", now=float(second))
    assert limit.wait("a", now=60.0) == 0


def test_no_address_is_kept_as_it_is() -> None:
    limit = RateLimit(per_minute=1)
    limit.wait("203.0.113.7", now=0.0)
    assert "203.0.113.7" not in repr(vars(limit))


def test_it_forgets_the_oldest_key_rather_than_grow_without_end() -> None:
    limit = RateLimit(per_minute=1, most_keys=2)
    for key in ("a", "b", "c"):
        limit.wait(key, now=0.0)
    assert limit.wait("c", now=0.0) == 60
    assert limit.wait("a", now=0.0) == 0
