"""The visitor API against its description, with whatever could be sent."""

from __future__ import annotations

import http.client
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from fuzz_site import Site
from hypothesis import HealthCheck, settings
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import negative_data_rejection
from schemathesis.specs.openapi.schemas import OpenApiSchema

from bot.languages import languages

DOCUMENT = Path(__file__).parents[2] / "docs" / "visitor-api.yaml"
SLOWEST_SECONDS = 6
BOUNDED = settings(
    max_examples=10,
    suppress_health_check=list(HealthCheck),
    # the same examples each time: what is new is looked for by hand, with more of them
    derandomize=True,
)
GENEROUS = {
    # generous as no description can say: spaces, dashes, what is left empty
    "/api/contact",
}
_WORTH_LOOKING_FOR = re.compile(r"[^\w\s.,:/{}\"'-]")


def describe() -> OpenApiSchema:
    """The description as schemathesis reads it."""
    read = schemathesis.openapi.from_path(DOCUMENT)
    read.config.checks.negative_data_rejection.expected_statuses = ["400", "401", "413", "415"]
    return read


schema = describe()


def begin(port: int) -> str:
    """A token of a new conversation."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("POST", "/api/chat/start")
    token = json.loads(connection.getresponse().read())["token"]
    connection.close()
    return f"Bearer {token}"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    running = Site(tmp_path_factory.mktemp("fuzz"))
    yield running
    running.close()


@pytest.fixture(scope="module")
def headers(site: Site) -> dict[str, str]:
    return {"Authorization": begin(site.port)}


@pytest.fixture(scope="module")
def failing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site whose Rasa server fails once the conversation has begun."""
    running = Site(tmp_path_factory.mktemp("failing"))
    running.token = begin(running.port)
    running.behind.status = 500
    yield running
    running.close()


def never_late(ctx: Any, response: Any, case: Any) -> None:
    assert response.elapsed < SLOWEST_SECONDS, "later than a visitor waits"


def in_a_language_of_ours(ctx: Any, response: Any, case: Any) -> None:
    if "json" in response.headers.get("content-type", [""])[0]:
        said = response.json()
        assert said.get("lang", "nl") in languages()


def never_repeats_what_was_sent(ctx: Any, response: Any, case: Any) -> None:
    """Whatever a page would make of it: it is not there. Names of fields come back as data."""
    kind = response.headers.get("content-type", [""])[0]
    if "json" not in kind and not kind.startswith("text/"):
        return
    said = response.text
    if "json" in kind and "fields" in (body := response.json()):
        said = json.dumps({**body, "fields": []})
    for sent in strings(case.body):
        assert not (len(sent) >= 3 and _WORTH_LOOKING_FOR.search(sent) and sent in said)


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, each in value.items():
            yield from (name, *strings(each))
    elif isinstance(value, list):
        for each in value:
            yield from strings(each)


def never_without_the_help_card(ctx: Any, response: Any, case: Any) -> None:
    if response.status_code >= 500 and case.path != "/readyz":
        assert response.status_code == 503 and response.json()["help"]["contacts"]
    if response.status_code == 200 and case.path.startswith("/api/chat"):
        said = response.json()
        failed = any(message["kind"] == "error" for message in said["messages"])
        assert not failed or said["help"]["contacts"]


OURS = [
    never_late,
    in_a_language_of_ours,
    never_repeats_what_was_sent,
    never_without_the_help_card,
]


def excluded(case: schemathesis.Case) -> list[Any]:
    # what an address has besides, as links from campaigns do, is passed over
    more = set(case.query or {}) - {"lang", "lang2"}
    return [negative_data_rejection] if case.path in GENEROUS or more else []


@schema.parametrize()
@BOUNDED
def test_every_call_keeps_to_the_description(
    case: schemathesis.Case, site: Site, headers: dict[str, str]
):
    if case.path == "/api/chat/end":
        headers = {"Authorization": begin(site.port)}
    case.call_and_validate(
        base_url=site.address,
        headers=headers,
        additional_checks=OURS,
        excluded_checks=excluded(case),
    )


@schema.include(path_regex="^/api/").parametrize()
@settings(BOUNDED, max_examples=5)
def test_a_failure_behind_it_keeps_to_the_description_too(case: schemathesis.Case, failing: Site):
    if case.meta and case.meta.generation.mode != GenerationMode.POSITIVE:
        return
    reply = case.call(base_url=failing.address, headers={"Authorization": failing.token})
    assert reply.status_code in (200, 404, 503)
    # a failure is told as such: the description has 503 where it has no message for it
    case.validate_response(
        reply,
        checks=[
            *OURS,
            schemathesis.checks.CHECKS.get_one("status_code_conformance"),
            schemathesis.checks.CHECKS.get_one("response_schema_conformance"),
            schemathesis.checks.CHECKS.get_one("response_headers_conformance"),
        ],
    )
