"""What the action server and the visitor site may send, field by field.

Unknown fields and wrong types are refused by name; what a visitor wrote is taken as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, Field, StringConstraints, ValidationError

from bot.conversation_ids import PATTERN
from desk.codes import codebook
from desk.errors import Malformed
from web.contact_form import ContactForm, Language, Strict, faulty_fields, mendable

MOST_ENTRIES = 5000
"""Most entries of a transcript: far more than anyone says, far less than what clogs a page."""
ERASURES_A_PAGE = 100
"""Most conversations that are listed, and told of, at once."""


def _known_code(value: str) -> str:
    if codebook().named(value) is None:
        raise ValueError("no code")
    return value


Identifier = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.:-]{1,128}\z")]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{1,80}\z")]
Kind = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{1,40}\z")]
Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}\z")]


class ChildBody(Strict):
    """A child as the conversation knows it: a birth year or an age, no more."""

    birth_year: Annotated[int, Field(ge=1980, le=2100)] | None = None
    age: Annotated[int, Field(ge=0, le=30)] | None = None


class Countries(Strict):
    """ISO 3166 codes, as far as they are known."""

    from_: Annotated[Country | None, Field(alias="from")] = None
    to: Country | None = None


class SummaryBody(Strict):
    """An answer of the checklist."""

    question_id: Name
    answer: Any = None
    verdict: Kind | None = None


class EntryBody(Strict):
    """A message of the conversation; `id`, `variables` let an assistant's be shown in Dutch."""

    from_: Annotated[Literal["visitor", "assistant"], Field(alias="from")]
    text: str
    id: Identifier | None = None
    variables: dict[str, Any] | None = None
    lang: Language | None = None
    at: Annotated[str, Field(max_length=40)] | None = None
    intent: Name | None = None
    question_id: Name | None = None


class CaseBody(Strict):
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


class ContactBody(ContactForm):
    """The contact form; `contact_ref` lets a sender that was cut off send it again."""

    conversation: Identifier | None = None
    contact_ref: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{22,64}\z")] | None = None


Conversation = Annotated[str, StringConstraints(pattern=rf"^{PATTERN}\z")]
"""An id as the gateway makes them: the Rasa server knows no others."""


class ErasuresBody(Strict):
    """Conversations that the Rasa server erased, and those that it did not."""

    erased: Annotated[list[Conversation], Field(max_length=ERASURES_A_PAGE)]
    failed: Annotated[list[Conversation], Field(max_length=ERASURES_A_PAGE)]


_Body = TypeVar("_Body", bound=BaseModel)


def parse_case(body: object) -> CaseBody:
    """The body of a case. Raises `Malformed` naming each field at fault."""
    return _parse(CaseBody, body)


def parse_contact(body: object) -> ContactBody:
    """The body of a contact form. Raises `Malformed` naming each field at fault."""
    return _parse(ContactBody, body)


def parse_erasures(body: object) -> ErasuresBody:
    """How erasing went. Raises `Malformed` naming each field at fault."""
    return _parse(ErasuresBody, body)


def _parse(kind: type[_Body], body: object) -> _Body:
    if not isinstance(body, Mapping):
        raise Malformed("The body is not a JSON object.", ["body"])
    try:
        return kind.model_validate(mendable(body))
    except ValidationError as error:
        raise Malformed(
            "Fields are missing, unknown or not usable.", faulty_fields(error)
        ) from None
    except RecursionError:
        raise Malformed("The body is nested too deeply.", ["body"]) from None
