"""Why the registry refuses. Messages name fields and remedies, never what stood in a field."""

from __future__ import annotations

from collections.abc import Iterable


class Refused(Exception):
    """Something the registry does not do; `code` is for programs, `status` for HTTP."""

    code = "refused"
    status = 400

    def __init__(self, message: str = "", fields: Iterable[str] = ()) -> None:
        self.fields = tuple(fields)
        super().__init__(message or self.code)


class Malformed(Refused):
    """A field is missing, unknown or cannot be used; `fields` names each."""

    code = "malformed"


class NotAllowed(Refused):
    """The role of the staff member does not include this."""

    code = "forbidden"
    status = 403


class NotFound(Refused):
    """There is no such thing, or none that this staff member may know of."""

    code = "not_found"
    status = 404


class Erased(Refused):
    """The conversation was erased; nothing of it is taken in again."""

    code = "erased"
    status = 410


class Withheld(Refused):
    """The content is closed to this staff member until it is released."""

    code = "withheld"
    status = 403


class NotPossible(Refused):
    """The case is in another state than this needs."""

    code = "conflict"
    status = 409


class LoginRefused(Refused):
    """Name, password or code is wrong; which of them is nobody's business."""

    code = "unauthorized"
    status = 401


class TooManyAttempts(Refused):
    """Too many failures from here or for this name; `retry_after` is in seconds."""

    code = "too_many"
    status = 429

    def __init__(self, retry_after: int) -> None:
        self.retry_after = retry_after
        super().__init__()
