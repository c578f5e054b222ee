"""The summary as PDF: what stands in it, in which column, and how it can be read."""

from __future__ import annotations

import io
import re
import time
from functools import cache
from typing import Any

import pypdf
import pytest
import typst
from walks import FINISHED, NOW, WALKS

from bot import catalogue
from bot.checklist import wording
from bot.checklist.questions import checklist
from bot.checklist.result import result
from bot.contacts import contacts
from bot.countries import states
from bot.languages import languages
from bot.nlg import checklist_messages as messages
from web import summary, typesetting
from web.summary import TEMPLATE, content, prose, summary_pdf

LANGUAGES = list(languages())
BESIDE = {"nl": "tr", "tr": "nl", "pl": "nl", "en": "nl"}
LETTERS = {
    "nl": "ÁÉËÏÓÖÜáéëïóöü",
    "tr": "ABCÇDEFGĞHIİJKLMNOÖPRSŞTUÜVYZÂÎÛabcçdefgğhıijklmnoöprsştuüvyzâîû",
    "pl": "AĄBCĆDEĘFGHIJKLŁMNŃOÓPRSŚTUWYZŹŻaąbcćdeęfghijklłmnńoóprsśtuwyzźż",
    "en": "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
}


def plain(text: str) -> str:
    """`text` without the breaks of its lines; Polish writes a hyphen at both sides of one."""
    return re.sub(r"\s+", "", text.replace("**", "")).replace("--", "-")


class Pages:
    """A made PDF, with the text of each half of its pages."""

    def __init__(self, body: bytes) -> None:
        self.size = len(body)
        self.reader = pypdf.PdfReader(io.BytesIO(body))
        self.root: Any = self.reader.trailer["/Root"]
        self.places: list[tuple[float, float, str, str]] = []
        self.halves = ["", ""]
        self.whole = [plain(page.extract_text()) for page in self.reader.pages]
        for page in self.reader.pages:
            middle = float(page.mediabox.width) / 2
            # between the lines at head and foot
            body_of_page = (45, float(page.mediabox.height) - 48)

            def visit(
                text: str,
                cm: Any,
                tm: Any,
                font: Any,
                size: Any,
                middle: Any = middle,
                within: Any = body_of_page,
            ):
                x, y = (cm[0] * tm[4] + cm[4], cm[3] * tm[5] + cm[5])
                if text.strip() and within[0] < y < within[1]:
                    self.halves[x >= middle] += text
                    self.places.append((x, y, text, str((font or {}).get("/BaseFont"))))

            page.extract_text(visitor_text=visit)
        self.halves = [plain(half) for half in self.halves]


@cache
def made(walk: str, *codes: str) -> Pages:
    return Pages(summary_pdf(WALKS[walk], codes, NOW))


def words_of(blocks: list[dict[str, Any]]) -> str:
    """What a cell shows, without marks and numbers of its lists."""
    return plain(
        "".join(run["text"] for block in blocks for line in block["lines"] for run in line)
    )


def in_order(texts: list[str], where: str) -> None:
    at = 0
    for text in texts:
        found = where.find(plain(text), at)
        assert found >= 0, text
        at = found + len(plain(text))


def unmarked(half: str) -> str:
    return re.sub(r"•|(?<!\d)\d\.(?=\D)", "", half)


@pytest.mark.parametrize(("first", "second"), BESIDE.items())
@pytest.mark.parametrize("walk", WALKS)
def test_every_item_stands_in_the_column_of_its_language(walk: str, first: str, second: str):
    pages = made(walk, first, second)
    shown = content(result(WALKS[walk], NOW.date()), [first, second], NOW)
    for column in (0, 1):
        half = unmarked(pages.halves[column])
        in_order([shown["title"][column], *(note[column] for note in shown["notes"])], half)
        for section in shown["sections"]:
            texts = [section["heading"][column]]
            for row in section["rows"]:
                cell = row[column]
                texts += cell if section["kind"] == "table" else [unmarked(words_of(cell))]
            in_order(texts, half)


@pytest.mark.parametrize("walk", WALKS)
def test_the_columns_have_equally_many_items(walk: str):
    shown = content(result(WALKS[walk], NOW.date()), LANGUAGES, NOW)
    for section in shown["sections"]:
        assert all(bool(heading) == bool(section["heading"][0]) for heading in section["heading"])
        assert section["rows"]
        for row in section["rows"]:
            assert all(row), row


@pytest.mark.parametrize("language", ["tr", "pl"])
@pytest.mark.parametrize("walk", ["finished", "from_belgium", "from_germany", "all_unknown"])
def test_both_columns_tell_the_conditions_with_their_status(walk: str, language: str):
    pages = made(walk, language, "nl")
    found = result(WALKS[walk], NOW.date())
    assert found.conditions
    for column, code in enumerate([language, "nl"]):
        texts = [
            catalogue.text(code, f"label_{status}")
            + ": "
            + catalogue.text(code, f"condition_{condition}")
            for condition, status in found.conditions
        ]
        in_order(texts, pages.halves[column])


def test_the_items_of_a_row_begin_at_the_same_height():
    pages = made("finished", "tr", "nl")
    heights: list[list[float]] = []
    for code in ("tr", "nl"):
        label = catalogue.text(code, "label_met") + ":"
        heights.append([y for _, y, text, _ in pages.places if text.strip() == label])
    assert len(heights[0]) == 4
    assert heights[0] == pytest.approx(heights[1], abs=0.5)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("home", ["NL", "BE", "PL", "TR"])
@pytest.mark.parametrize("status", ["unknown", "have"])
def test_the_papers_are_one_page_in_each_language(language: str, home: str, status: str):
    known: Any = "unknown" if status == "unknown" else dict.fromkeys(checklist().documents, status)
    answers = {**FINISHED, "q_home_country": home, "q_child_where": "DE", "q_documents": known}
    second = BESIDE[language]
    pages = Pages(summary_pdf(answers, [language, second], NOW))
    found = result(answers, NOW.date())
    assert not found.route
    for code, page in ((language, pages.whole[-2]), (second, pages.whole[-1])):
        for paper in found.papers:
            in_order([catalogue.text(code, f"{paper.id}_name")], page)
            in_order([messages.paper_label(paper, code)], page)
            if paper.noted:
                in_order([catalogue.text(code, f"{paper.id}_note")], page)
            if status == "have":
                continue
            in_order([messages.paper_places(paper.id, found, code)], page)
            for part in paper.parts:
                where = messages.paper_places(part, found, code)
                in_order([catalogue.text(code, f"{part}_name"), where], page)


def test_the_papers_to_get_stand_before_those_the_parent_has():
    page = made("finished", "tr", "nl").whole[-1]
    names = [
        catalogue.text("nl", f"{paper.id}_name")
        for have in (False, True)
        for paper in result(FINISHED, NOW.date()).papers
        if (paper.status == "have") is have
    ]
    in_order(names, page)


def test_a_country_we_know_no_places_of_gets_those_of_every_country():
    whole = "".join(made("from_germany", "tr", "nl").whole)
    for code in ("NL", "BE", "PL", "TR"):
        assert plain(catalogue.text("nl", f"d_birth_obtain_{code}")) in whole


@pytest.mark.parametrize("language", ["tr", "pl"])
@pytest.mark.parametrize(
    ("walk", "authority"),
    [("finished", "central_authority_nl"), ("from_belgium", "federal_contact_point_be")],
)
def test_both_columns_tell_where_to_send_it(walk: str, authority: str, language: str):
    pages = made(walk, language, "nl")
    contact = contacts()[authority]
    for column, code in enumerate([language, "nl"]):
        wanted = [contact.names[code], contact.address, contact.visit]
        wanted += [contact.phone_from_abroad or contact.phone, contact.email]
        in_order([text for text in wanted if text], pages.halves[column])


@pytest.mark.parametrize("language", ["tr", "pl"])
def test_both_columns_tell_the_deadlines_of_each_child(language: str):
    pages = made("several_children", language, "nl")
    found = result(WALKS["several_children"], NOW.date())
    assert [limit.child for limit in found.deadlines if limit.first] == [None, 2, 1]
    for column, code in enumerate([language, "nl"]):
        for limit in found.deadlines:
            texts = [catalogue.text(code, f"{limit.id}_tell")]
            if limit.child:
                texts.insert(0, catalogue.text(code, "child_number", number=str(limit.child)))
            if limit.first and limit.last:
                texts.insert(0, wording.days(limit.first, limit.last, code))
            in_order(texts, pages.halves[column])
    assert plain("29 februari 2028") in pages.halves[1]


@pytest.mark.parametrize("language", ["tr", "pl"])
@pytest.mark.parametrize(
    ("walk", "route"), [("led_elsewhere", "route_non_hague_NL"), ("in_danger", "route_safety")]
)
def test_who_is_led_elsewhere_reads_the_other_way(walk: str, route: str, language: str):
    pages = made(walk, language, "nl")
    for column, code in enumerate([language, "nl"]):
        lines = re.split(r"\n+|\{\w+\}", catalogue.text(code, route, **same(code, route)))
        said = [re.sub(r"^(- |\d+\. )", "", line) for line in lines if line.strip()]
        in_order(said, unmarked(pages.halves[column]))
        assert plain(catalogue.text(code, "label_conditions")) not in pages.halves[column]
        assert plain(catalogue.text(code, "pdf_title")) not in pages.halves[column]
    assert "112" in pages.halves[0]
    assert len(pages.whole) == 1


def same(language: str, key: str) -> dict[str, str]:
    return {name: f"{{{name}}}" for name in catalogue.wording_placeholders(language, key)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_one_column_when_the_languages_are_the_same(language: str):
    pages = made("finished", language, language)
    assert sum(plain(catalogue.text(language, "pdf_title")) in page for page in pages.whole) == 1
    other = "nl" if language != "nl" else "tr"
    assert plain(catalogue.text(other, "pdf_title")) not in "".join(pages.whole)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_hours_of_the_day_it_was_made_are_kept(language: str):
    second = BESIDE[language]
    for walk in WALKS:
        whole = "".join(made(walk, language, second).whole)
        for code in (language, second):
            for key in ("hours_open_today", "hours_closed_until", "hours_open_later_today"):
                start = re.split(r"[{]", catalogue.text(code, key, **same(code, key)))[0]
                assert not start or plain(start) not in whole


def test_the_hours_that_hold_every_week_are_kept():
    whole = "".join(made("finished", "tr", "nl").whole)
    assert plain("maandag–vrijdag, 9:30–16:30") in whole
    assert plain("Pazartesi–Cuma, saat 9:30–16:30") in whole


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_letter_of_the_language_is_there(language: str, monkeypatch: pytest.MonkeyPatch):
    texts = catalogue._translations(language)
    monkeypatch.setitem(texts, "pdf_subtitle", f"{LETTERS[language]} **{LETTERS[language]}**")
    pages = Pages(summary_pdf(WALKS["unfinished"], [language, "nl"], NOW))
    assert pages.halves[0].count(LETTERS[language]) == 2


def test_the_font_has_every_character_of_every_text():
    read = catalogue.all_keys("tr")  # by visitors: the words of the desk are Dutch only
    texts = [catalogue._translations(code)[key] for code in LANGUAGES for key in read]
    texts += [name for contact in contacts().values() for name in contact.names.values()]
    texts += [wording.country_name(state, code) for state in states() for code in LANGUAGES]
    letters = sorted({letter for text in texts for letter in text if letter.isprintable()})
    shown = content(result(WALKS["unfinished"], NOW.date()), ["nl"], NOW)
    shown["title"] = [" ".join(letters)]
    assert typesetting.typeset(str(TEMPLATE), summary.inputs(shown), 0)
    shown["title"] = ["漢"]
    with pytest.raises(typst.TypstError):
        typesetting.typeset(str(TEMPLATE), summary.inputs(shown), 0)


HOSTILE = (
    '#panic() #{1+1} *x* _y_ $z^2$ `w` <a> @b // c /* d */ [e] = f \\n \\u{41} ~ "g" '
    "https://h.example {i} ** j"
)


@pytest.mark.parametrize("key", ["pdf_subtitle", "sum_jurist", "q_custody_title", "d_birth_name"])
def test_a_text_is_never_read_as_markup(key: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(
        catalogue._translations("tr"), key, HOSTILE.replace("{", "{{").replace("}", "}}")
    )
    pages = Pages(summary_pdf({**FINISHED, "q_custody": "unknown"}, ["tr", "nl"], NOW))
    assert re.sub(r"[\s*]", "", HOSTILE) in re.sub(r"[\s*]", "", "".join(pages.whole))


def test_our_own_marks_make_words_strong(monkeypatch: pytest.MonkeyPatch):
    text = "zwak **sterk woord** zwakker"
    monkeypatch.setitem(catalogue._translations("nl"), "pdf_check", text)
    pages = made.__wrapped__("finished", "nl")
    fonts = {text.strip(): font for _, _, text, font in pages.places}
    assert "Bold" in fonts["sterk woord"]
    assert "Bold" not in fonts["zwakker"]
    assert "**" not in "".join(pages.whole)


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("Een.", ["paragraph"]),
        ("Een.\n\nTwee.", ["paragraph", "paragraph"]),
        ("Een:\n- a\n- b\n\nTwee.", ["paragraph", "list", "paragraph"]),
        ("1. a\n2. b\n10. c", ["numbers"]),
        ("", []),
    ],
)
def test_a_text_is_taken_apart(text: str, kinds: list[str]):
    assert [block["kind"] for block in prose(text)] == kinds


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("walk", WALKS)
def test_it_is_small_enough_for_an_old_phone(walk: str, language: str):
    assert made(walk, language, BESIDE[language]).size < 300_000


def test_it_is_soon_there():
    began = time.monotonic()
    summary_pdf(WALKS["from_germany"], ["pl", "nl"], NOW)
    # half a second on a machine that does nothing else; this only catches a change of the order
    assert time.monotonic() - began < 20


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_reader_can_read_it_aloud(language: str):
    second = BESIDE[language]
    pages = made("finished", language, second)
    assert pages.root["/MarkInfo"]["/Marked"]
    assert pages.root["/Lang"] == language
    assert "<pdfuaid:part>1<" in pages.root["/Metadata"].get_data().decode()
    assert second in languages_of(pages.root["/StructTreeRoot"])
    fonts = {font for *_, font in pages.places}
    assert all("NotoSans" in font for font in fonts), fonts


def languages_of(element: Any) -> set[str]:
    element = element.get_object() if hasattr(element, "get_object") else element
    if isinstance(element, list):
        return set().union(*map(languages_of, element))
    if isinstance(element, dict):
        own = {element["/Lang"]} if "/Lang" in element else set()
        return own | (languages_of(element["/K"]) if "/K" in element else set())
    return set()


def test_what_names_the_file_says_nothing_of_the_subject():
    metadata = made("finished", "tr", "nl").reader.metadata
    assert metadata is not None
    assert metadata.title == "Kompas"
    assert not metadata.author and not metadata.subject and not metadata.keywords


def test_every_page_has_its_number():
    pages = made("finished", "pl", "nl")
    for number, page in enumerate(pages.whole, start=1):
        key = catalogue.text("pl", "pdf_page", page=str(number), pages=str(len(pages.whole)))
        assert plain(key) in page


def test_a_failure_tells_nothing_of_the_answers(tmp_path: Any):
    broken = tmp_path / "broken.typ"
    broken.write_text("#panic(sys.inputs.data)")
    with pytest.raises(typesetting.TypesettingFailed) as raised:
        typesetting.pdf(broken, {"data": "secret answer"}, 0)
    assert "secret" not in str(raised.value)
    assert raised.value.__cause__ is None


def test_every_language_has_letters_to_test():
    assert set(LETTERS) >= set(languages())
