"""The page of figures, and its file for a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Awaitable, Callable
from xml.etree import ElementTree

import pytest
from cast import Desk
from console import Browser, Client, console_of, words

from bot.catalogue import text
from desk import charts
from desk.spreadsheet import table


@pytest.fixture
async def browser(desk: Desk, aiohttp_client: Callable[..., Awaitable[Client]]) -> Browser:
    for number, code in (
        (6, "preventie"),
        (9, "kinderontvoering"),
        (5, "toestemming_vakantie"),
        (2, "omgang"),
    ):
        for _ in range(number):
            desk.bring(code=code, countries={"from": "NL", "to": "PL"}, transcript=[])
    return Browser(await aiohttp_client(console_of(desk)), desk)


async def test_it_shows_the_year_in_tables_with_dutch_names(browser: Browser):
    await browser.log_in("jan")
    page = words(await browser.get("/figures"))
    for shown in ("Cijfers over 2026", "Preventie", "Toestemming vakantie", "Polen", "Turks"):
        assert shown in page


async def test_a_small_number_is_marked_and_explained(browser: Browser):
    await browser.log_in("jan")
    page = await browser.get("/figures?year=2026")
    assert text("nl", "desk_figures_hidden_short") in page
    assert text("nl", "desk_figures_explain", most="4") in words(page)
    table = page.split('aria-labelledby="figures-code"')[1].split("</section>")[0]
    row = table.split("Internationale Omgang</th>")[1].split("</tr>")[0]
    assert ">2<" not in row and "n.t." in row


async def test_every_chart_is_named_and_stands_beside_its_table(browser: Browser):
    await browser.log_in("cor")
    page = await browser.get("/figures")
    drawings = [part.split("</svg>")[0] for part in page.split("<svg")[1:]]
    assert len(drawings) == page.count("<table")
    for drawing in drawings:
        svg = ElementTree.fromstring(f"<svg{drawing}</svg>")  # noqa: S314 - our own page
        named = svg.attrib["aria-labelledby"].split()
        assert [child.attrib["id"] for child in svg[:2]] == named
        assert all((child.text or "").strip() for child in svg[:2])
        # the Content-Security-Policy would take them away
        assert not [each for each in svg.iter() if "style" in each.attrib]


async def test_the_file_says_what_the_page_says(browser: Browser):
    await browser.log_in("jan")
    response = await browser.client.get("/figures.csv?year=2026")
    assert response.headers["Content-Type"].startswith("text/csv; charset=utf-8")
    assert response.headers["Content-Disposition"] == 'attachment; filename="kompas-2026.csv"'
    raw = await response.read()
    assert raw.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(raw.decode("utf-8-sig")), delimiter=";"))
    assert rows[0] == ["jaar", "waarover", "wat", "maand", "aantal"]
    assert ["2026", "Onderwerp", "Internationale Kinderontvoering", "Hele jaar", "9"] in rows
    assert ["2026", "Land van bestemming", "Polen", "november", "22"] in rows
    assert ["2026", "Onderwerp", "Internationale Omgang", "Hele jaar", "n.t."] in rows


async def test_a_worker_sees_figures_of_line_one_only(browser: Browser):
    await browser.log_in("wim")
    page = words(await browser.get("/figures"))
    assert "Toestemming vakantie" in page and "Preventie" not in page


@pytest.mark.parametrize("name", ["tess", "aad"])
@pytest.mark.parametrize("path", ["/figures", "/figures.csv"])
async def test_other_roles_have_no_figures(browser: Browser, name: str, path: str):
    await browser.log_in(name)
    await browser.get(path, 403)


@pytest.mark.parametrize("year", ["1999", "x", "", "20261", "٢٠٢٦"])
async def test_a_year_that_is_none_is_no_fault_of_the_server(browser: Browser, year: str):
    await browser.log_in("jan")
    response = await browser.client.get("/figures", params={"year": year})
    assert response.status in (200, 400)


async def test_a_year_without_cases_says_so(browser: Browser):
    await browser.log_in("jan")
    assert text("nl", "desk_figures_none", year="2024") in words(
        await browser.get("/figures?year=2024")
    )


@pytest.mark.parametrize("cell", ["=1+1", "+31", "-2", "@SUM(A1)", "\tx", "  =1", "|calc"])
def test_a_cell_is_never_a_formula(cell: str):
    written = next(csv.reader(io.StringIO(table([[cell]])), delimiter=";"))
    assert written == [f"'{cell}"]


def test_a_number_that_is_not_shown_has_no_bar():
    drawing = charts.below([("a", 10), ("b", None), ("c", 0)])
    assert [bar.width > 0 for bar in drawing.bars] == [True, False, False]


def test_a_chart_of_many_rows_says_how_many_it_leaves_out():
    drawing = charts.below([(str(number), number) for number in range(30)])
    assert len(drawing.bars) + drawing.left_out == 30
