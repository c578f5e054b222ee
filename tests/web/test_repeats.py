"""A message that is sent again."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from web.repeats import Repeats

KEY, OTHER = "a" * 32, "b" * 32


class Work:
    """Counts how often it is done; may wait or fail."""

    def __init__(self) -> None:
        self.done = 0
        self.may_go = asyncio.Event()
        self.may_go.set()
        self.failure: Exception | None = None

    async def __call__(self) -> dict[str, Any]:
        self.done += 1
        number = self.done
        await self.may_go.wait()
        if self.failure:
            raise self.failure
        return {"number": number}


async def test_the_same_key_is_answered_alike_and_done_once() -> None:
    repeats, work = Repeats(), Work()
    assert await repeats.answer("s", KEY, work) == await repeats.answer("s", KEY, work)
    assert work.done == 1


async def test_a_repeat_waits_for_what_is_under_way() -> None:
    repeats, work = Repeats(), Work()
    work.may_go.clear()
    both = asyncio.gather(repeats.answer("s", KEY, work), repeats.answer("s", KEY, work))
    await asyncio.sleep(0)
    work.may_go.set()
    assert await both == [{"number": 1}, {"number": 1}]


async def test_a_broken_connection_does_not_break_off_the_work() -> None:
    repeats, work = Repeats(), Work()
    work.may_go.clear()
    first = asyncio.ensure_future(repeats.answer("s", KEY, work))
    await asyncio.sleep(0)
    first.cancel()
    work.may_go.set()
    assert await repeats.answer("s", KEY, work) == {"number": 1}


@pytest.mark.parametrize(("sender", "key"), [("s", OTHER), ("t", KEY), ("s", None)])
async def test_anything_else_is_done_anew(sender: str, key: str | None) -> None:
    repeats, work = Repeats(), Work()
    await repeats.answer("s", KEY, work)
    assert await repeats.answer(sender, key, work) == {"number": 2}


@pytest.mark.parametrize("key", [None, OTHER])
async def test_once_something_else_was_said_it_is_no_repeat_any_more(key: str | None) -> None:
    repeats, work = Repeats(), Work()
    await repeats.answer("s", KEY, work)
    await repeats.answer("s", key, work)
    assert await repeats.answer("s", KEY, work) == {"number": 3}


async def test_a_failure_is_tried_again() -> None:
    repeats, work = Repeats(), Work()
    work.failure = RuntimeError()
    with pytest.raises(RuntimeError):
        await repeats.answer("s", KEY, work)
    work.failure = None
    assert await repeats.answer("s", KEY, work) == {"number": 2}


async def test_what_is_old_ended_or_too_much_is_forgotten() -> None:
    work = Work()
    for repeats, forget in [
        (Repeats(seconds=0), lambda of: None),
        (Repeats(), lambda of: of.forget("s")),
        (Repeats(most=0), lambda of: None),
    ]:
        work.done = 0
        await repeats.answer("s", KEY, work)
        forget(repeats)
        assert await repeats.answer("s", KEY, work) == {"number": 2}
