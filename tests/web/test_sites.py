"""web/sites.yml: which sites may show Kompas, and what is wrong with an entry."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.errors import ProjectFileError
from web import preflight
from web.sites import contrast, load, parse_sites

COLOURS = {
    "accent": "#14506e",
    "on_accent": "#ffffff",
    "accent_dark": "#8cc8e8",
    "on_accent_dark": "#0b1a22",
}
SITE = {"id": "buren", "origins": ["https://buren.example"]}


def text(*sites: Any, **changes: Any) -> str:
    """A file of sites."""
    return yaml.safe_dump(
        {"exit": "https://weer.example", "colours": COLOURS, "sites": list(sites), **changes}
    )


def faults(source: str) -> list[str]:
    """What is said of a file that cannot be used."""
    with pytest.raises(ProjectFileError) as refused:
        parse_sites(source)
    return refused.value.faults


def test_the_file_of_the_project_can_be_used() -> None:
    assert load().by_id


def test_a_site_has_the_common_colours_unless_it_has_its_own() -> None:
    own = {**COLOURS, "accent": "#3b2a8c"}
    sites = parse_sites(text(SITE, {**SITE, "id": "elders", "colours": own}))
    assert sites.by_id["buren"].colours == sites.colours
    assert sites.by_id["elders"].colours.accent == "#3b2a8c"


def test_every_fault_of_the_file_is_told_at_once() -> None:
    found = faults(
        text(
            {"id": "Buren!", "origins": ["https://buren.example/pagina"], "colour": "red"},
            SITE,
            {**SITE, "language": "xx"},
            exit="weer",
        )
    )
    for said in [
        "web/sites.yml: exit is no https address",
        "Buren!: the id",
        "Buren!: has unknown fields colour",
        "Buren!: origin 'https://buren.example/pagina'",
        "buren: occurs twice",
        "buren: language is none of nl, tr, pl",
    ]:
        assert any(said in fault for fault in found), (said, found)


@pytest.mark.parametrize(
    "origin",
    [
        "https://buren.example/",
        "https://buren.example/kompas",
        "http://buren.example",
        "https://*.buren.example",
        "https://",
        "buren.example",
        "null",
        "*",
        "https://user@buren.example",
        "https://buren.example:99999",
        "https://buren.example; script-src *",
        "https://BUREN.example",
        " https://buren.example",
        "https://buren.example\n",
        "'self'",
        7,
        None,
    ],
)
def test_an_origin_is_exact(origin: Any) -> None:
    assert any("origin" in fault for fault in faults(text({**SITE, "origins": [origin]})))


@pytest.mark.parametrize(
    "origin",
    ["https://buren.example", "https://buren.example:8443", "http://localhost:3000"],
)
def test_an_origin_may_have_a_port_and_a_trial_may_do_without_tls(origin: str) -> None:
    assert parse_sites(text({**SITE, "origins": [origin]})).by_id["buren"].origins == (origin,)


@pytest.mark.parametrize("origins", [None, [], "https://buren.example"])
def test_a_site_without_a_list_of_origins_is_refused(origins: Any) -> None:
    assert faults(text({**SITE, "origins": origins}))


@pytest.mark.parametrize(
    ("change", "pair"),
    [
        ({"accent": "#9bbccb"}, "accent on on_accent"),
        ({"on_accent": "#333333"}, "accent on on_accent"),
        ({"accent": "#767676"}, "accent on the light page"),
        ({"accent_dark": "#14506e"}, "accent_dark on the dark page"),
        ({"on_accent_dark": "#ffffff"}, "accent_dark on on_accent_dark"),
    ],
)
def test_colours_that_cannot_be_read_are_refused(change: dict[str, str], pair: str) -> None:
    found = faults(text({**SITE, "colours": {**COLOURS, **change}}))
    assert any(f"buren: colours: {pair} has a contrast of" in fault for fault in found), found


@pytest.mark.parametrize(
    "colours", [{}, {"accent": "#14506e"}, {**COLOURS, "accent": "blue"}, "red", None]
)
def test_colours_that_are_none_are_refused(colours: Any) -> None:
    assert faults(text({**SITE, "colours": colours}))
    assert faults(text(SITE, colours=colours))


def test_contrast_is_counted_as_wcag_counts() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert contrast("#ffffff", "#777777") == contrast("#777777", "#ffffff")


@pytest.mark.parametrize(
    ("contact", "said"),
    [
        ({"phone": "020 123 45 67"}, "has no name"),
        ({"name": "Buren"}, "has no phone, email or web"),
        ({"name": "Buren", "phone": "bel ons"}, "phone is no telephone number"),
        ({"name": "Buren", "phone": 201234567}, "phone is no text"),
        ({"name": "Buren", "email": "buren"}, "email is no e-mail address"),
        ({"name": "Buren", "web": "javascript:alert(1)"}, "web is no https address"),
        ({"name": "Buren", "web": 'https://buren.example/"x'}, "web is no https address"),
        ({"name": "Buren", "phone": "020 123", "hours": {"nl": "altijd"}}, "hours need a text"),
        ({"name": "Buren", "phone": "020 123", "fax": "1"}, "has unknown fields fax"),
        ("Buren", "has no fields"),
    ],
)
def test_a_card_that_helps_nobody_is_refused(contact: Any, said: str) -> None:
    found = faults(text({**SITE, "contact": contact}))
    assert any(said in fault for fault in found), found


@pytest.mark.parametrize(
    "source", ["", "[", "sites: {}", "- 1", "exit: a\ncolours: b\nsites: {c: d}"]
)
def test_a_file_that_is_something_else_is_refused(source: str) -> None:
    for fault in faults(source):
        assert fault.startswith("web/sites.yml:")


def test_a_file_that_cannot_be_read_is_named_with_its_setting(tmp_path: Path) -> None:
    with pytest.raises(ProjectFileError, match="KOMPAS_SITES: .*gone.yml cannot be read"):
        load(tmp_path / "gone.yml")


def test_faults_name_the_file_they_are_in(tmp_path: Path) -> None:
    file = tmp_path / "own.yml"
    file.write_text("exit: https://example.org", encoding="utf-8")
    with pytest.raises(ProjectFileError, match="own.yml: needs exactly"):
        load(file)


def test_a_faulty_file_stops_the_start_before_anything_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preflight.Settings, "from_environment", lambda: _Settings(tmp_path))
    monkeypatch.setattr(preflight, "_PORTS", {})
    assert "KOMPAS_SITES" in preflight.faults()[0]


class _Settings:
    def __init__(self, folder: Path) -> None:
        self.sites = folder / "gone.yml"
