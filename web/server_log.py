"""What aiohttp logs of a request that is no HTTP: without the address and the bytes that came."""

from __future__ import annotations

import logging


class WithoutContent(logging.Filter):
    """Leaves of an error its kind: its text repeats what was sent, a token perhaps or a name."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Change the record in place; it is logged all the same."""
        if record.exc_info and record.exc_info[1] is not None:
            kind = type(record.exc_info[1]).__name__
            record.msg, record.args = "A request could not be handled: %s.", (kind,)
            record.exc_info = record.exc_text = None
        return True


_FILTER = WithoutContent()


def keep_content_out() -> None:
    """From now on; more than once does no more."""
    logging.getLogger("aiohttp.server").addFilter(_FILTER)
