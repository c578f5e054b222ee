"""The contact form: which fields it has and what can be used in them.

The visitor site checks a form with this before it keeps it, and the desk checks it again. People
type as they are used to: spaces around, numbers with dots and brackets, fields left empty.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from bot.languages import is_language

_PHONE = re.compile(r"\(?\+?[0-9()/. -]{5,40}")
_FEWEST_DIGITS, _MOST_DIGITS = 5, 17
_REACHED_BY = {"phone": "phone", "whatsapp": "phone", "email": "email"}
"""Which field each channel needs."""


@dataclass(frozen=True)
class FormFault:
    """Why a form cannot be used: the fields at fault, by name, never what stood in them."""

    fields: tuple[str, ...]


def _known_language(value: str) -> str:
    if not is_language(value):
        raise ValueError("no language")
    return value


def _plain(value: Any) -> Any:
    """`value` without what a keyboard or an address book adds unseen, its dashes plain."""
    if not isinstance(value, str):
        return value
    kept = (each for each in value if unicodedata.category(each) != "Cf")
    plain = {"Zs": " ", "Pd": "-"}
    return "".join(plain.get(unicodedata.category(each), each) for each in kept).strip()


def _phone(value: str) -> str:
    digits = sum(each in "0123456789" for each in value)
    if not _PHONE.fullmatch(value) or not _FEWEST_DIGITS <= digits <= _MOST_DIGITS:
        raise ValueError("no telephone number")
    return value


Language = Annotated[str, AfterValidator(_known_language)]
Time = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]\z")]
Phone = Annotated[str, BeforeValidator(_plain), AfterValidator(_phone)]
Email = Annotated[
    str,
    BeforeValidator(_plain),
    StringConstraints(
        max_length=254, pattern=r"^[^@\s<>\x00-\x1f]+@[^@\s<>.\x00-\x1f]+(\.[^@\s<>.\x00-\x1f]+)+\z"
    ),
]


class Strict(BaseModel):
    """Unknown fields and other types are refused; what was given is never repeated."""

    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)


class SafeTime(Strict):
    """Days and hours (Dutch time) at which it is safe to get in touch; may go past midnight."""

    days: Annotated[
        list[Literal["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]],
        Field(min_length=1, max_length=7),
    ]
    from_: Annotated[Time, Field(alias="from")]
    to: Time


class ContactForm(Strict):
    """How to reach a visitor safely, as they told it."""

    # before `phone` and `email`, which ask which of them it needs
    channel: Literal["phone", "email", "whatsapp"]
    language: Language
    consent: Literal[True]
    name: Annotated[str, Field(max_length=200)] | None = None
    phone: Annotated[Phone | None, Field(validate_default=True)] = None
    email: Annotated[Email | None, Field(validate_default=True)] = None
    safe_times: Annotated[list[SafeTime], Field(max_length=20)] = []
    voicemail_allowed: bool = False
    if_someone_else_answers: Annotated[str, Field(max_length=500)] | None = None
    code_word: Annotated[str, Field(max_length=100)] | None = None
    interpreter: bool = False

    @model_validator(mode="before")
    @classmethod
    def _given(cls, body: Any) -> Any:
        """A field left empty is a field not given."""
        if not isinstance(body, Mapping):
            return body
        tidy = {
            name: value.strip() if isinstance(value, str) else value for name, value in body.items()
        }
        if tidy.get("safe_times") == []:
            del tidy["safe_times"]
        return {name: value for name, value in tidy.items() if value not in ("", None)}

    @field_validator("consent", mode="before")
    @classmethod
    def _said(cls, value: Any) -> Any:
        """1 equals True, but nobody said yes with it."""
        return value if value is True else False

    @field_validator("phone", "email")
    @classmethod
    def _needed(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is None and _REACHED_BY.get(info.data.get("channel", "")) == info.field_name:
            raise ValueError("the channel needs it")
        return value


def parse(body: object) -> ContactForm | FormFault:
    """The form, or the fields that keep it from being used, all of them at once."""
    if not isinstance(body, Mapping):
        return FormFault(("body",))
    try:
        return ContactForm.model_validate(mendable(body))
    except ValidationError as error:
        return FormFault(faulty_fields(error))
    except RecursionError:
        return FormFault(("body",))


def faulty_fields(error: ValidationError) -> tuple[str, ...]:
    """The names of the fields at fault: pydantic's own sentences repeat what stood in them."""
    faults = error.errors(include_url=False, include_context=False, include_input=False)
    return tuple(".".join(str(part)[:80] for part in fault["loc"]) or "body" for fault in faults)


def mendable(value: Any) -> Any:
    """`value` with lone surrogates, which no program can store, replaced by U+FFFD."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, Mapping):
        return {mendable(key): mendable(each) for key, each in value.items()}
    if isinstance(value, list):
        return [mendable(each) for each in value]
    return value
