"""The page for organisations: what it offers to copy, and what it says of colours and ids."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser

import pytest
import yaml
from babel.numbers import format_decimal
from hypothesis import given
from hypothesis import strategies as st
from stand_in import SEAL_PUBLIC, Behind, MakeVisitor, Visitor, begin

from bot import catalogue
from bot.languages import languages
from bot.training_data import contract_intents
from web import sites
from web.house_colours import choose
from web.keys import COUNTS
from web.settings import Settings, SettingsError
from web.sites import DARK, LEAST_CONTRAST, LIGHT, Colours, contrast, parse_sites
from web.snippets import SNIPPETS, Placement, entry

STANDARD = sites.load().colours
HEAD = """
exit: https://www.buienradar.nl
colours:
  {accent: "#14506e", on_accent: "#ffffff", accent_dark: "#8cc8e8", on_accent_dark: "#0b1a22"}
sites:
"""


class Fields(HTMLParser):
    """The text of each text area, by id."""

    def __init__(self) -> None:
        super().__init__()
        self.of: dict[str, str] = {}
        self._now: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "textarea":
            self._now = str(dict(attrs)["id"])
            self.of[self._now] = ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._now = None

    def handle_data(self, data: str) -> None:
        if self._now:
            self.of[self._now] += data


async def page(visitor: Visitor, **query: str) -> str:
    response = await visitor.get("/kit", params=query)
    assert response.status == 200
    return await response.text()


def fields(text: str) -> dict[str, str]:
    parser = Fields()
    parser.feed(text)
    return parser.of


def note(text: str, name: str) -> str:
    found = re.search(rf'id="{name}-note"[^>]*>(.*?)</span>', text, re.DOTALL)
    assert found is not None
    return html.unescape(found[1]).strip()


@pytest.mark.parametrize("lang", languages())
async def test_it_has_every_way_to_put_kompas_on_a_page(visitor: Visitor, lang: str) -> None:
    found = fields(await page(visitor, lang=lang, embed="voorbeeld", speak="pl"))
    assert set(found) == {f"snippet-{name}" for name in (*SNIPPETS, "policy", "entry")}
    host = f"http://{visitor.host}:{visitor.port}"
    assert found["snippet-link"] == f"{host}/?lang=pl&embed=voorbeeld"
    assert f'src="{host}/kompas.js" data-embed="voorbeeld" data-lang="pl"' in found["snippet-tag"]
    assert f"{host}/embed?lang=pl&amp;embed=voorbeeld" in found["snippet-frame"]
    assert found["snippet-policy"] == f"script-src {host}; frame-src {host};"


async def test_a_topic_that_was_chosen_is_in_the_code(visitor: Visitor) -> None:
    found = fields(await page(visitor, lang="nl", embed="voorbeeld", topic="threat_abduction"))
    for name in ("tag", "element"):
        assert 'data-topic="threat_abduction"' in found[f"snippet-{name}"]
    for name in ("frame", "link"):
        assert "topic=threat_abduction" in found[f"snippet-{name}"]


@pytest.mark.parametrize("name", ["lang", "embed", "speak", "topic", "accent", "accent_dark"])
async def test_nothing_of_the_address_becomes_code(visitor: Visitor, name: str) -> None:
    attack = "\"><script>alert(1)</script>'</textarea>"
    text = await page(visitor, **{name: attack})
    assert "<script>alert" not in text
    for code in fields(text).values():
        assert "alert" not in code


async def test_a_host_that_is_none_becomes_no_code(visitor: Visitor) -> None:
    headers = {"Host": '"><script>alert(1)</script>'}
    response = await visitor.get("/kit", headers=headers)
    assert "<script>alert" not in await response.text()


async def test_the_setting_decides_the_address_in_the_code(make_visitor: MakeVisitor) -> None:
    visitor = await make_visitor(public_url="https://kompas.example")
    text = await page(visitor, lang="nl", embed="voorbeeld")
    for code in fields(text).values():
        assert "127.0.0.1" not in code
    assert 'src="https://kompas.example/kompas.js"' in fields(text)["snippet-tag"]


@pytest.mark.parametrize("lang", languages())
async def test_an_unknown_id_is_told_and_what_to_do(visitor: Visitor, lang: str) -> None:
    text = await page(visitor, lang=lang, embed="fout")
    assert note(text, "embed") == catalogue.text(lang, "web_kit_site_unknown")
    placeholder = catalogue.text(lang, "web_kit_entry_id")
    assert f'data-embed="{placeholder}"' in fields(text)["snippet-tag"]
    assert catalogue.text(lang, "web_kit_code_id", id=placeholder) in html.unescape(text)


@pytest.mark.parametrize("lang", languages())
async def test_a_colour_too_light_to_read_is_told_with_a_better_one(
    visitor: Visitor, lang: str
) -> None:
    said = note(await page(visitor, lang=lang, accent="#ffcc00"), "accent")
    assert format_decimal(1.3, locale=lang) in said
    better = re.search("#[0-9a-f]{6}", said)
    assert better is not None
    again = note(await page(visitor, lang=lang, accent=better[0]), "accent")
    assert again.startswith(catalogue.text(lang, "web_kit_colour_good", found="")[:8])


@pytest.mark.parametrize("value", ["rood", "#fff", "14506e", "#14506g", "#14506e;}", "é"])
async def test_what_is_no_colour_is_told(visitor: Visitor, value: str) -> None:
    text = await page(visitor, lang="nl", accent=value)
    assert note(text, "accent").startswith("Dit is geen kleur.")
    response = await visitor.get("/kit/colours.css", params={"accent": value})
    assert f"--accent: {STANDARD.accent};" in await response.text()


COLOUR = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


@given(accent=COLOUR | st.just(""), dark=COLOUR | st.just(""))
def test_whatever_colour_is_chosen_what_comes_of_it_can_be_read(accent: str, dark: str) -> None:
    found = choose(accent, dark, STANDARD)
    assert all(contrast(found.colours.accent, paper) >= LEAST_CONTRAST for paper in LIGHT)
    assert all(contrast(found.colours.accent_dark, paper) >= LEAST_CONTRAST for paper in DARK)
    parse_sites(HEAD + entry("buren", "nl", found.colours))
    for value, note, used in (
        (accent, found.light, found.colours.accent),
        (dark, found.dark, found.colours.accent_dark),
    ):
        if value:
            assert note is not None
            assert note.is_fault == (used != value), "told when and only when it was changed"


@given(text=st.text(max_size=12))
def test_no_text_in_a_colour_field_breaks_anything(text: str) -> None:
    found = choose(text, text, STANDARD)
    assert isinstance(found.colours, Colours)


@pytest.mark.parametrize("lang", languages())
async def test_what_an_organisation_sends_us_fits_into_the_file(
    visitor: Visitor, lang: str
) -> None:
    found = fields(await page(visitor, lang=lang, accent="#7a1fa2"))["snippet-entry"]
    known = parse_sites(HEAD + found).by_id
    (site,) = known.values()
    assert site.colours.accent == "#7a1fa2"
    assert site.language == lang
    assert set(yaml.safe_load(found)[0]["contact"]["hours"]) == set(languages())


def test_code_for_a_page_escapes_what_it_is_given() -> None:
    placement = Placement("https://k.example", 'a"b', "tr", "threat_abduction")
    assert 'data-embed="a&quot;b"' in placement.tag()
    assert 'a"b' not in placement.tag() + placement.element() + placement.frame()


@pytest.mark.parametrize("lang", languages())
async def test_every_topic_can_be_chosen_by_its_name(visitor: Visitor, lang: str) -> None:
    text = await page(visitor, lang=lang)
    offered = set(re.findall(r'<option value="([a-z_]{3,})"', text))
    assert {"threat_abduction", "travel_consent_needed", "hague_start_checklist"} <= offered
    assert offered <= set(contract_intents())
    assert "greet" not in offered


async def test_nothing_is_asked_of_others_and_nobody_may_frame_it(visitor: Visitor) -> None:
    response = await visitor.get("/kit?lang=nl")
    rules = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in rules
    assert "frame-ancestors 'none'" in rules
    assert "unsafe" not in rules
    assert "Set-Cookie" not in response.headers
    text = await response.text()
    assert not re.findall(r'(?:src|href)="(?!/|#|tel:)[^"]*"', text)
    assert "style=" not in text


async def test_only_our_own_page_may_show_the_preview(visitor: Visitor) -> None:
    response = await visitor.get("/kit/preview?lang=tr&embed=voorbeeld")
    assert "frame-ancestors 'self';" in response.headers["Content-Security-Policy"] + ";"
    assert '"site": "_preview"' in await response.text()


async def test_the_preview_is_not_counted(visitor: Visitor, behind: Behind) -> None:
    await begin(visitor, embed="_preview")
    assert visitor.app is not None
    assert not visitor.app[COUNTS]._waiting


async def test_the_preview_has_the_colours_that_were_chosen(visitor: Visitor) -> None:
    text = await (await visitor.get("/kit/preview", params={"accent": "#7a1fa2"})).text()
    sheet = html.unescape(re.findall(r'href="(/kit/colours[^"]+)"', text)[0])
    response = await visitor.get(sheet)
    assert response.content_type == "text/css"
    assert "--accent: #7a1fa2;" in await response.text()


@pytest.mark.parametrize("path", ["/kit", "/kit/preview", "/kit/colours.css", "/kit/poster.pdf"])
async def test_it_is_only_to_be_read(visitor: Visitor, path: str) -> None:
    assert (await visitor.post(path)).status == 405


@pytest.mark.parametrize(
    "value", ["kompas.example", "http://kompas.example", "https://kompas.example/", "https://"]
)
def test_an_address_that_no_code_can_lead_to_stops_the_start(value: str) -> None:
    secrets = {
        "KOMPAS_CHANNEL_SECRET": "c" * 32,
        "KOMPAS_TOKEN_SECRET": "t" * 32,
        "KOMPAS_DESK_SEAL_PUBLIC": SEAL_PUBLIC,
    }
    assert Settings.from_environment(secrets).public_url == ""
    with pytest.raises(SettingsError, match="KOMPAS_PUBLIC_URL is .* Write it as https://host"):
        Settings.from_environment({**secrets, "KOMPAS_PUBLIC_URL": value})
