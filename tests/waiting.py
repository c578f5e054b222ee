"""Waiting in browser tests, for machines that are slow and busy: nothing here goes by luck.

What a page shows says nothing of what has arrived elsewhere: at a server, in a list of the test, on
a disk. That is waited for, too.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from playwright.sync_api import Error

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Frame, Page

EXPECT = 45_000
"""Milliseconds until an expectation of Playwright fails."""
_ACTION, _NAVIGATION, LAUNCH = 45_000, 90_000, 180_000
_PATIENCE = 60.0
_PAUSE = 50
T = TypeVar("T")


def be_patient(context: BrowserContext) -> None:
    """Let everything in it take its time."""
    context.set_default_timeout(_ACTION)
    context.set_default_navigation_timeout(_NAVIGATION)


def close(context: BrowserContext) -> None:
    """Close it, whatever it is still asking for; one that is closed already is none the worse."""
    with contextlib.suppress(Error):
        context.unroute_all(behavior="ignoreErrors")
    context.close()


def wait_for(place: Page | Frame, look: Callable[[], T], seconds: float = _PATIENCE) -> T:
    """What `look` gives, once it is something."""
    until = time.monotonic() + seconds
    while not (found := look()) and time.monotonic() < until:
        # not a sleep: what the browser sends waits until Playwright hands it on
        place.wait_for_timeout(_PAUSE)
    assert found, "it never came"
    return found


def wait_for_equal(place: Page | Frame, look: Callable[[], T], expected: T) -> None:
    """Until `look` gives what is expected."""
    with contextlib.suppress(AssertionError):
        wait_for(place, lambda: look() == expected)
    assert look() == expected


def leave_by_keys(page: Page, gone: Callable[[], object]) -> None:
    """Press Esc three times; again where a machine took longer over it than Kompas waits for."""
    for _ in range(10):
        for _ in range(3):
            page.keyboard.press("Escape")
        with contextlib.suppress(AssertionError):
            wait_for(page, gone, seconds=5)
            return
    raise AssertionError("it does not leave")
