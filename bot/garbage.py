"""Python's search for garbage, where a process holds millions of objects for as long as it runs.

Python looks at all of them again and again: half of the time of a start, and a hundred
milliseconds in a turn now and then.
"""

from __future__ import annotations

import gc

_YOUNG, _MIDDLE, _OLD = 20_000, 10, 50


def look_seldom() -> None:
    """From now on look less often: what is loaded at a start is no garbage."""
    gc.set_threshold(_YOUNG, _MIDDLE, _OLD)


def leave_alone_what_is_there() -> None:
    """Look only at what comes from now on: the models and the code stay until the end."""
    gc.freeze()
