"""One request on its way: its id, the time of its stages, what failed."""

from __future__ import annotations

import asyncio

import pytest

from bot import request_trace
from bot.metrics import REGISTRY
from bot.request_trace import HEADER, begin, current, headers, line, stage


def errors(name: str) -> float:
    return REGISTRY.get_sample_value("kompas_errors_total", {"stage": name}) or 0.0


def measured(name: str) -> float:
    return REGISTRY.get_sample_value("kompas_stage_seconds_count", {"stage": name}) or 0.0


def test_an_id_of_ours_is_taken_over():
    assert begin("0123456789abcdef").id == "0123456789abcdef"
    assert headers() == {HEADER: "0123456789abcdef"}


@pytest.mark.parametrize(
    "given",
    [None, "", "Jan Jansen", "0123456789ABCDEF", "0123456789abcde", "0123456789abcdef\n", "é" * 16],
)
def test_anything_else_becomes_a_new_id(given: str | None):
    made = begin(given).id
    assert made != given
    assert request_trace.is_id(made)


def test_each_request_has_another_id():
    assert begin().id != begin().id


async def test_requests_side_by_side_do_not_mix():
    begun = [asyncio.Event(), asyncio.Event()]

    async def one(which: int, given: str) -> str:
        begin(given)
        begun[which].set()
        await begun[1 - which].wait()
        return current().id

    ids = ["a" * 16, "b" * 16]
    assert await asyncio.gather(*(one(which, each) for which, each in enumerate(ids))) == ids


def test_a_line_has_the_id_the_fields_and_the_stages():
    begin("a" * 16)
    with stage("parse"):
        pass
    assert line("turn", lang="tr", keys="utter_greet,utter_menu") == (
        f"turn request={'a' * 16} lang=tr keys=utter_greet,utter_menu parse=0"
    )


def test_a_stage_that_comes_twice_is_added_up():
    trace, before = begin(), measured("policy")
    for _ in range(2):
        with stage("policy"):
            pass
    assert list(trace.stages) == ["policy"]
    assert measured("policy") == before + 2


def test_a_failure_counts_once_where_it_began():
    begin()
    inner, outer = errors("parse"), errors("turn")
    with pytest.raises(ValueError), stage("turn"), stage("parse"):
        raise ValueError
    assert (errors("parse"), errors("turn")) == (inner + 1, outer)


def test_what_is_no_failure_is_not_counted_as_one():
    begin()
    before = errors("actions")
    with pytest.raises(KeyError), stage("actions", KeyError):
        raise KeyError
    assert errors("actions") == before


async def test_a_stage_that_is_broken_off_failed():
    begin()
    before = errors("actions")

    async def hang() -> None:
        with stage("actions"):
            await asyncio.Event().wait()

    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(hang(), 0.01)
    assert errors("actions") == before + 1
