"""Log lines without a visitor's words: of an error its kind and its place, not its text.

Libraries log what they could not read: header, path, body, with the address it came from. Every
process calls `leave_out_words` before anything else.
"""

from __future__ import annotations

import logging
import sys
import traceback
from pathlib import Path
from types import TracebackType
from typing import Any

_PLACES = 3


def leave_out_words() -> None:
    """From now on no log record of this process holds the text of an exception."""
    logging.setLogRecordFactory(_record)
    sys.excepthook = _uncaught


def _record(
    name: str,
    level: int,
    path: str,
    line: int,
    message: Any,
    arguments: Any,
    exception: Any,
    *more: Any,
    **named: Any,
) -> logging.LogRecord:
    if isinstance(exception, BaseException):
        exception = (type(exception), exception, exception.__traceback__)
    if exception and exception[0] is not None:
        # the message, too: it often holds the error again
        message, arguments = "%s", (_kind(exception[0], exception[2]),)
    elif any(isinstance(one, BaseException) for one in _values(arguments)):
        arguments = tuple(
            type(one).__name__ if isinstance(one, BaseException) else one
            for one in _values(arguments)
        )
    return logging.LogRecord(name, level, path, line, message, arguments, None, *more, **named)


def _values(arguments: Any) -> tuple[Any, ...]:
    return arguments if isinstance(arguments, tuple) else ()


def _kind(kind: type[BaseException], found: TracebackType | None) -> str:
    places = [
        f"{Path(frame.filename).parent.name}/{Path(frame.filename).name}:{frame.lineno}"
        for frame in traceback.extract_tb(found)[-_PLACES:]
    ]
    return f"failed with {kind.__name__} at {', '.join(places) or 'an unknown place'}"


def _uncaught(kind: type[BaseException], error: BaseException, found: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    print(f"The process {_kind(kind, found)}.", file=sys.stderr)
