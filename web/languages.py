"""Which language a conversation was last in: for the errors that Rasa does not answer."""

from __future__ import annotations

from collections import OrderedDict


class LastLanguages:
    """Language codes by conversation id, in memory only and bounded; a restart forgets them."""

    def __init__(self, most: int = 20_000) -> None:
        self._most = most
        self._codes: OrderedDict[str, str] = OrderedDict()

    def keep(self, sender: str, code: str) -> None:
        """Remember the language of a conversation's last reply."""
        self._codes[sender] = code
        self._codes.move_to_end(sender)
        if len(self._codes) > self._most:
            self._codes.popitem(last=False)

    def get(self, sender: str) -> str | None:
        """The language of a conversation, where it is remembered."""
        return self._codes.get(sender)

    def forget(self, sender: str) -> None:
        """Drop an ended conversation."""
        self._codes.pop(sender, None)
