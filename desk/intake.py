"""What the action server and the visitor site may send, field by field.

Unknown fields and wrong types are refused by name; what a visitor wrote is taken as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)

from bot.languages import is_language
from desk.codes import codebook
from desk.errors import Malformed

MOST_ENTRIES = 5000
"""Most entries of a transcript: far more than anyone says, far less than what clogs a page."""


def _known_code(value: str) -> str:
    if codebook().named(value) is None:
        raise ValueError("no code")
    return value


def _known_language(value: str) -> str:
    if not is_language(value):
        raise ValueError("no language")
    return value


Identifier = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.:-]{1,128}\z")]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{1,80}\z")]
Kind = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{1,40}\z")]
Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}\z")]
Time = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]\z")]
Language = Annotated[str, AfterValidator(_known_language)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)


class ChildBody(_Strict):
    """A child as the conversation knows it: a birth year or an age, no more."""

    birth_year: Annotated[int, Field(ge=1980, le=2100)] | None = None
    age: Annotated[int, Field(ge=0, le=30)] | None = None


class Countries(_Strict):
    """ISO 3166 codes, as far as they are known."""

    from_: Annotated[Country | None, Field(alias="from")] = None
    to: Country | None = None


class SummaryBody(_Strict):
    """An answer of the checklist."""

    question_id: Name
    answer: Any = None
    verdict: Kind | None = None


class EntryBody(_Strict):
    """A message of the conversation; `id`, `variables` let an assistant's be shown in Dutch."""

    from_: Annotated[Literal["visitor", "assistant"], Field(alias="from")]
    text: str
    id: Identifier | None = None
    variables: dict[str, Any] | None = None
    lang: Language | None = None
    at: Annotated[str, Field(max_length=40)] | None = None
    intent: Name | None = None
    question_id: Name | None = None


class CaseBody(_Strict):
    """The body of `POST /api/cases`."""

    conversation: Identifier
    language: Language
    role: Literal["left_behind", "taking", "relative", "professional", "unknown"]
    urgent: bool
    code: Annotated[str, AfterValidator(_known_code)] | None = None
    line_hint: Literal[1, 2] | None = None
    third_party: Kind | None = None
    countries: Countries = Countries()
    children: Annotated[list[ChildBody], Field(max_length=30)] = []
    summary: Annotated[list[SummaryBody], Field(max_length=500)] = []
    contact_ref: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}\z")] | None = None
    transcript: Annotated[list[EntryBody], Field(max_length=MOST_ENTRIES)] = []
    embed: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{1,64}\z")] | None = None


class SafeTime(_Strict):
    """Days and hours (Dutch time) at which it is safe to get in touch."""

    days: Annotated[
        list[Literal["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]],
        Field(min_length=1, max_length=7),
    ]
    from_: Annotated[Time, Field(alias="from")]
    to: Time


class ContactBody(_Strict):
    """The contact form; `contact_ref` lets a sender that was cut off send it again."""

    channel: Literal["phone", "email", "whatsapp"]
    language: Language
    consent: Literal[True]
    name: Annotated[str, Field(max_length=200)] | None = None
    phone: Annotated[str, StringConstraints(pattern=r"^[0-9+()/. -]{5,40}\z")] | None = None
    email: (
        Annotated[str, StringConstraints(max_length=254, pattern=r"^[^@\s<>]+@[^@\s<>]+\z")] | None
    ) = None
    safe_times: Annotated[list[SafeTime], Field(max_length=20)] = []
    voicemail_allowed: bool = False
    if_someone_else_answers: Annotated[str, Field(max_length=500)] | None = None
    code_word: Annotated[str, Field(max_length=100)] | None = None
    interpreter: bool = False
    conversation: Identifier | None = None
    contact_ref: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{22,64}\z")] | None = None

    @model_validator(mode="after")
    def _reachable(self) -> ContactBody:
        if not self.phone and not self.email:
            raise ValueError("phone or email")
        return self


_Body = TypeVar("_Body", bound=BaseModel)


def parse_case(body: object) -> CaseBody:
    """The body of a case. Raises `Malformed` naming each field at fault."""
    return _parse(CaseBody, body)


def parse_contact(body: object) -> ContactBody:
    """The body of a contact form. Raises `Malformed` naming each field at fault."""
    return _parse(ContactBody, body)


def _parse(kind: type[_Body], body: object) -> _Body:
    if not isinstance(body, Mapping):
        raise Malformed("The body is not a JSON object.", ["body"])
    try:
        return kind.model_validate(mendable(body))
    except ValidationError as error:
        # names of fields only: pydantic's sentences repeat what stood in them
        fields = [
            ".".join(str(part)[:80] for part in fault["loc"]) or "phone"
            for fault in error.errors(include_url=False, include_context=False, include_input=False)
        ]
        raise Malformed("Fields are missing, unknown or not usable.", fields) from None


def mendable(value: Any) -> Any:
    """`value` with lone surrogates, which no program can store, replaced by U+FFFD."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, Mapping):
        return {mendable(key): mendable(each) for key, each in value.items()}
    if isinstance(value, list):
        return [mendable(each) for each in value]
    return value
