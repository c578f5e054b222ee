"""The review report: every text once, with its papers and a place to sign."""

from __future__ import annotations

import io
import re
from datetime import date

import pypdf
import pytest

from bot import catalogue, reviews
from bot.contacts import contacts
from bot.countries import states
from bot.languages import SOURCE, languages
from words import report
from words.extraction import domains_of_keys
from words.report_parts import parts

TODAY = date(2026, 11, 22)


@pytest.fixture(scope="module", params=list(languages()))
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def content(language: str):
    return report.content(language, TODAY)


def test_each_text_for_visitors_stands_in_one_part():
    placed = [key for part in parts() for key in part.keys]
    assert len(placed) == len(set(placed))
    assert set(placed) == {
        key for key, name in domains_of_keys().items() if name in catalogue.DOMAINS
    }


def test_hardly_a_text_is_left_over():
    left = [part for part in parts() if part.name == "other"]
    assert sum(len(part.keys) for part in left) < 12


def test_a_question_comes_with_its_reason_its_options_and_what_is_said_then():
    (questions,) = [part.keys for part in parts() if part.name == "questions"]
    own = [key for key in questions if re.match(r"q_safety_(?!title)", key)]
    assert own[:3] == ["q_safety_ask", "q_safety_why", "q_safety_option_no"]
    assert own.index("q_safety_tell_danger") > own.index("q_safety_option_danger")


def texts_of(content) -> list[dict]:
    return [
        block for part in content["parts"] for block in part["blocks"] if block["kind"] == "text"
    ]


def test_a_translation_stands_beside_the_dutch(content, language: str):
    expected = 1 if language == SOURCE else 2
    assert all(len(block["columns"]) == expected for block in texts_of(content))
    assert content["columns"][-1] == report.t("desk_report_dutch")


def test_an_answer_shows_what_it_rests_on(content):
    (block,) = [b for b in texts_of(content) if b["key"] == "utter_travel_consent_needed"]
    shown = " ".join(block["papers"]["lines"])
    assert "TC-01" in shown
    assert "https://www.marechaussee.nl" in shown
    assert "22 november 2026" in shown
    assert "22 november 2027" in shown


def test_numbers_are_filled_in_as_a_visitor_sees_them(content):
    (block,) = [b for b in texts_of(content) if b["key"] == "utter_emergency"]
    said = "".join(
        run["text"] for part in block["columns"][0] for line in part["lines"] for run in line
    )
    assert "112" in said
    assert "{phone_" not in said


def test_what_a_jurist_must_confirm_stands_with_the_text_and_among_the_open_points(content):
    (block,) = [b for b in texts_of(content) if b["key"] == "utter_travel_consent_form"]
    assert [line.partition(":")[0] for line in block["papers"]["confirm"]] == [
        "TC-25",
        "TC-26",
        "TC-28",
    ]
    listed = {row[0]: row for row in content["open"]["facts"]["rows"]}
    assert "utter_travel_consent_form" in listed["TC-25"][2]


def test_each_unconfirmed_fact_has_its_question():
    unconfirmed = {f for review in reviews.reviews().values() for f in review.check_facts}
    assert unconfirmed == set(report.to_confirm())


def test_contacts_and_states_are_in_it(content):
    tables = {part["name"]: part["blocks"][0]["rows"] for part in content["parts"][-2:]}
    assert len(tables["contacts"]) == len(contacts())
    assert len(tables["states"]) == len(states())


def test_an_expired_text_is_an_open_point():
    later = report.content("tr", date(2027, 12, 1))
    expired = [line for line in later["open"]["states"]["lines"] if "verlopen" in line]
    assert any(line.startswith("utter_travel_consent_needed:") for line in expired)
    (block,) = [b for b in texts_of(later) if b["key"] == "utter_travel_consent_needed"]
    assert not block["papers"]["fine"]


def test_a_text_that_expires_soon_is_an_open_point():
    soon = report.content("pl", date(2027, 10, 15))
    lines = soon["open"]["states"]["lines"]
    assert any("utter_travel_consent_needed: verloopt" in line for line in lines)


def test_each_part_has_a_place_to_sign(content, language: str):
    page = report.html(content)
    signed = page.count(report.t("desk_report_sign_signature"))
    assert signed == len(content["parts"]) * (1 if language == SOURCE else 2)


def test_the_page_has_every_text_and_asks_nothing_of_the_network(content):
    page = report.html(content)
    for part in parts():
        assert all(f">{key}" in page for key in part.keys), part.name
    assert re.search(r"<(?:script|img|link|iframe)|@import|url\(", page) is None


def test_words_of_a_text_are_no_markup(content):
    broken = {**content, "title": "<b>Kompas</b>"}
    assert "<b>Kompas" not in report.html(broken)


def test_the_pdf_is_tagged_and_says_its_language_and_title(content):
    made = pypdf.PdfReader(io.BytesIO(report.pdf(content, TODAY)))
    root = made.trailer["/Root"]
    assert bool(root["/MarkInfo"]["/Marked"])
    assert root["/Lang"] == "nl"
    assert made.metadata.title == content["title"]
    assert len(made.pages) > 20
    assert content["title"] in made.pages[0].extract_text()


def test_both_files_lie_in_the_folder(tmp_path):
    written = report.write(SOURCE, TODAY, tmp_path)
    assert [path.name for path in written] == ["review-nl.html", "review-nl.pdf"]
    assert written[1].read_bytes().startswith(b"%PDF")
