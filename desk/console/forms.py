"""What a colleague sends in a form: read once, bounded, with every field known."""

from __future__ import annotations

from urllib.parse import parse_qsl

from aiohttp import web

from desk.errors import Malformed, Refused

MOST_BODY = 256 * 1024
"""Bytes of a form: the longest note, written out in percent signs."""
_MOST_FIELDS = 200


class WrongForm(Refused):
    """The form belongs to no session, to another one, or comes from another site."""

    code = "wrong_form"
    status = 403


class TooLong(Refused):
    """The form is larger than any that the console shows."""

    code = "too_long"
    status = 413


class Form(dict[str, str]):
    """Fields of a form by name, without the token; a field given twice is refused."""

    def only(self, *names: str) -> Form:
        """The same form. Raises `Malformed` naming fields that are not among `names`."""
        unknown = [name[:80] for name in self if name not in names]
        if unknown:
            raise Malformed("Fields are unknown.", unknown)
        return self

    def text(self, name: str) -> str:
        """What stands in a field; nothing in one that was not sent."""
        return self.get(name, "")

    def number(self, name: str) -> int:
        """A whole number. Raises `Malformed`."""
        value = self.text(name).strip()
        if not (value.isascii() and value.isdigit() and len(value) < 10):
            raise Malformed("This is no number.", [name])
        return int(value)

    def ticked(self, name: str) -> bool:
        """Whether a box is ticked. Raises `Malformed` for anything a box cannot send."""
        value = self.text(name)
        if value not in ("", "yes"):
            raise Malformed("This is no box.", [name])
        return value == "yes"


FORM = web.RequestKey("form", Form)


async def read_form(request: web.Request) -> tuple[Form, str]:
    """The form of a request, and the token it carries. Raises `TooLong`, `Malformed`."""
    if request.content_length is None or request.content_length > MOST_BODY:
        raise TooLong("The form is too large.", ["form"])
    if request.content_length and request.content_type != "application/x-www-form-urlencoded":
        raise Malformed("This is no form.", ["form"])
    try:
        raw = (await request.read()).decode("ascii")
        pairs = parse_qsl(raw, keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        raise Malformed("This is no form.", ["form"]) from None
    form, token = Form(), ""
    for name, value in pairs:
        if name == "csrf":
            token = value
        elif name in form:
            raise Malformed("A field is given twice.", [name[:80]])
        else:
            # browsers send line ends of texts as CR LF
            form[name] = value.replace("\r\n", "\n")
    return form, token
