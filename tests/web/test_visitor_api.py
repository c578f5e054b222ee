"""docs/visitor-api.yaml is the interface: its addresses, its codes, its fields."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from stand_in import settings_for

from bot.languages import every_language, languages
from bot.nlg.answers import KINDS
from web.app import create_app
from web.contact_form import ContactForm, SafeTime
from web.errors import STATUS

ROOT = Path(__file__).parents[2]
DOCUMENT: dict[str, Any] = yaml.safe_load(
    (ROOT / "docs" / "visitor-api.yaml").read_text(encoding="utf-8")
)
SCHEMAS = DOCUMENT["components"]["schemas"]
OPERATION = {"/healthz", "/readyz", "/metrics"}
CALLS = [
    pytest.param(call, id=call["operationId"])
    for item in DOCUMENT["paths"].values()
    for call in item.values()
]


def described() -> dict[tuple[str, str], str]:
    return {
        (method, path): call["operationId"]
        for path, item in DOCUMENT["paths"].items()
        for method, call in item.items()
    }


def test_every_route_for_programs_is_described_under_its_name_and_nothing_else(outbox: Path):
    app = create_app(settings_for(1, outbox))
    assert described() == {
        (route.method.lower(), route.resource.canonical): route.name
        for route in app.router.routes()
        if route.resource is not None
        and route.method != "HEAD"
        and (route.resource.canonical.startswith("/api/") or route.resource.canonical in OPERATION)
    }


def test_every_error_is_described_with_its_status():
    kinds = {
        response["content"]["application/json"]["schema"]["allOf"][1]["properties"]["error"][
            "const"
        ]: name
        for name, response in DOCUMENT["components"]["responses"].items()
        if name != "Reply"
    }
    assert set(kinds) == set(STATUS) == set(SCHEMAS["Error"]["properties"]["error"]["enum"])
    for call in (call for item in DOCUMENT["paths"].values() for call in item.values()):
        for status, response in call["responses"].items():
            name = response.get("$ref", "").rpartition("/")[2]
            for error, response_name in kinds.items():
                if name == response_name:
                    assert status == str(STATUS[error])


@pytest.mark.parametrize("call", CALLS)
def test_what_reads_a_body_says_which_bodies_it_refuses(call: dict[str, Any]):
    assert ("requestBody" in call) == ({"400", "413", "415"} <= set(call["responses"]))


@pytest.mark.parametrize("call", CALLS)
def test_what_needs_a_token_says_so(call: dict[str, Any]):
    assert ("401" in call["responses"]) == (call.get("security") != [])


@pytest.mark.parametrize(
    ("schema", "model"),
    [
        (SCHEMAS["ContactForm"], ContactForm),
        (SCHEMAS["ContactForm"]["properties"]["safe_times"]["items"], SafeTime),
    ],
)
def test_the_contact_form_has_the_fields_of_the_model(
    schema: dict[str, Any], model: type[ContactForm] | type[SafeTime]
):
    fields = model.model_fields.items()
    assert set(schema["properties"]) == {field.alias or name for name, field in fields}
    assert set(schema["required"]) == {
        field.alias or name for name, field in fields if field.is_required()
    }


def test_languages_and_kinds_are_those_there_are():
    # a language that is being made may stand there already
    assert set(languages()) <= set(SCHEMAS["Language"]["enum"]) <= set(every_language())
    assert SCHEMAS["Message"]["properties"]["kind"]["enum"] == list(KINDS)


def test_the_longest_text_is_that_of_the_settings():
    settings = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    default = re.search(r"^\| `KOMPAS_MAX_TEXT` \| `(\d+)`", settings, re.MULTILINE)
    assert default
    longest = {each["maxLength"] for form in SCHEMAS["Said"]["oneOf"] for each in fields(form)}
    assert longest == {int(default[1])}


def fields(form: dict[str, Any]) -> list[dict[str, Any]]:
    return [each for each in form["properties"].values() if "maxLength" in each]


def test_every_reference_leads_somewhere():
    for reference in set(re.findall(r'"#/([^"]+)"', json.dumps(DOCUMENT))):
        found: Any = DOCUMENT
        for part in reference.split("/"):
            found = found[part]
