"""Every fault at every moment: a reply in time, the truth in it, nothing lost, nothing doubled.

`make test` runs each fault once, of the slow ones only one. `make test-faults ROUNDS=20` runs all
of it so many times. The processes have the time limits of production.
"""

from __future__ import annotations

import contextlib
import time
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from faults import FAULTS, ROUNDS, Fault, Site
from handover_steps import Desk
from moments import MOMENTS, Creation, Moment, Told, timed
from stack import LANGUAGES

# the promise, on the quiet machine that ROUNDS asks for; one that runs other tests beside is slower
_LIMIT = 6.0 if ROUNDS else 12.0
# how long after the touch the fault begins, for who is in the middle of it
_DELAYS = (0.0, 0.02, 0.05, 0.1, 0.2, 0.4)


def _cells() -> Iterator[tuple[int, Fault]]:
    """Rounds and faults; without ROUNDS the slow faults take turns by what the code is."""
    if ROUNDS:
        for number in range(ROUNDS):
            for fault in FAULTS:
                yield number, fault
        return
    turn = zlib.crc32(b"".join(path.read_bytes() for path in _code()))
    slow = [fault for fault in FAULTS if fault.slow]
    for fault in FAULTS:
        if not fault.slow or fault is slow[turn % len(slow)]:
            yield turn, fault


def _code() -> list:
    from stack import ROOT

    return sorted([*(ROOT / "bot").glob("*.py"), *(ROOT / "web").glob("*.py")])


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    made = Site(tmp_path_factory.mktemp("faults"))
    # a page gives up some time after that, too
    made.stack.patience = _LIMIT + 2
    try:
        made.stack.start()
        yield made
    finally:
        made.close()


@pytest.mark.parametrize(
    ("number", "fault"), [pytest.param(n, f, id=f"{f.name}-{n % 1000}") for n, f in _cells()]
)
def test_whatever_fails_visitors_are_answered_and_nothing_is_lost(
    site: Site, number: int, fault: Fault
) -> None:
    site.keep_cases(on_server=fault.on_server)
    with contextlib.closing(Desk(site.stack)) as desk:
        _fail_at_every_moment(site, desk, number, fault)


def _fail_at_every_moment(site: Site, desk: Desk, number: int, fault: Fault) -> None:
    lang = LANGUAGES[number % len(LANGUAGES)]
    moments = [kind(site.stack, desk, lang) for kind in MOMENTS]
    with ThreadPoolExecutor(len(moments)) as threads:
        list(threads.map(lambda moment: moment.arrive(), moments))
        site.visitors = [moment.visitor for moment in moments]
        early = [moment for moment in moments if isinstance(moment, Creation)]
        asked = {moment.name: threads.submit(timed, moment.act) for moment in early}
        time.sleep(_DELAYS[number % len(_DELAYS)])
        with fault.under_way(site):
            for moment in moments:
                if moment.name not in asked:
                    asked[moment.name] = threads.submit(timed, moment.act)
            told = {name: future.result() for name, future in asked.items()}
    slowest = max(told.values(), key=lambda one: one.seconds).seconds
    print(f"{fault.name}: slowest reply {slowest:.2f} s; ", end="")
    print({name: _short(one) for name, one in told.items()})
    for moment in moments:
        assert_answered(moment, told[moment.name], fault)
    for moment in moments:
        moment.afterwards(told[moment.name], fault.loses)


def _short(told: Told) -> str:
    if told.answer is None:
        return "none"
    return "ok" if told.worked else f"{told.answer.status}"


def assert_answered(moment: Moment, told: Told, fault: Fault) -> None:
    """The truth in time: what was asked for, or an error with whom to call."""
    cut = not fault.answered or (fault.cuts and isinstance(moment, Creation))
    if cut and told.answer is None:
        return
    assert told.answer is not None, moment.name
    assert told.seconds <= _LIMIT, (moment.name, told.seconds)
    if told.answer.status == 200:
        assert told.answer.messages
        if told.answer.failed:
            assert told.answer.body["help"]["contacts"]
    else:
        # the form, which only says whether it was taken
        assert (told.answer.status, moment.name) == (503, "mid-hand-off, form")
        assert told.answer.body["help"]["contacts"]
