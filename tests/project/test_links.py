"""Links inside the documents lead somewhere; paths and figures that they name are there."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted(DOCS.rglob("*.md"))]
TASKS = sorted((DOCS / "tasks").glob("*.md"))
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_CODE = re.compile(r"```.*?```|`[^`]*`", re.DOTALL)
_FENCED = re.compile(r"```.*?```", re.DOTALL)


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def links(path: Path) -> list[str]:
    return _LINK.findall(_CODE.sub("", path.read_text(encoding="utf-8")))


def anchors(path: Path) -> set[str]:
    """As forges make them of headings."""
    text = _FENCED.sub("", path.read_text(encoding="utf-8"))
    heads = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).strip().replace(" ", "-") for head in heads}


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_every_link_leads_somewhere(path: Path):
    faults = []
    for link in links(path):
        if link.startswith(("https://", "mailto:")):
            continue
        file, _, anchor = link.partition("#")
        target = (path.parent / file).resolve() if file else path
        if not target.exists():
            faults.append(f"{link}: there is no such file")
        elif anchor and target.suffix == ".md" and anchor not in anchors(target):
            faults.append(f"{link}: there is no such heading")
    assert faults == []


def test_the_map_of_the_documents_names_every_page():
    reached = {(DOCS / link.partition("#")[0]).resolve() for link in links(DOCS / "README.md")}
    pages = {page for page in DOCS.rglob("*.md") if page.name != "README.md"}
    assert {name(page) for page in pages - reached} == set()


def project_paths(text: str) -> set[str]:
    """What reads as a path of the project; `…`, `<…>` and the like stand for something."""
    found = re.findall(
        r"`((?:bot|actions|data|desk|web|locales|tests|docs|scripts)/[^`\s]+)`", text
    )
    return {path.rstrip("/") for path in found}


_EXAMPLES = ("tell_child", "q_passport_there")
"""Names that the pages invent to show how something is added."""


@pytest.mark.parametrize("path", TASKS, ids=name)
def test_the_paths_that_a_task_names_are_there(path: Path):
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    folders = {str(parent) for file in tracked for parent in Path(file).parents}
    known = {*tracked, *folders}
    faults = []
    for named in project_paths(path.read_text(encoding="utf-8")):
        if any(example in named for example in _EXAMPLES):
            continue
        # `fr` is the language that a page adds
        pattern = re.escape(re.sub(r"(?<=[/_])fr(?=[/._]|$)", "tr", named))
        # `data/nlu/<language>/<intent>.yml`, `data/nlu/tr/…`, `locales/*`
        pattern = pattern.replace(r"\*\*", ".+")
        pattern = re.sub(r"\\\{([^}]*)\\\}", lambda m: f"({m[1].replace(',', '|')})", pattern)
        for stands_for in (r"<[^>]*>", "…", r"\\\*", r"\\\.\\\.\\\."):
            pattern = re.sub(stands_for, "[^/]+", pattern)
        if not any(re.fullmatch(pattern, each) for each in known):
            faults.append(named)
    assert faults == []


def settings_defaults() -> dict[str, str]:
    page = (DOCS / "settings.md").read_text(encoding="utf-8")
    return dict(re.findall(r"^\| `(KOMPAS_\w+)` \| `([^`]+)` \|", page, re.MULTILINE))


def code_defaults() -> dict[str, str]:
    """Defaults that stand in code as `"NAME", "value"`, or are set in scripts/env.sh."""
    found: dict[str, str] = {}
    for folder in ("bot", "web", "desk"):
        for path in (ROOT / folder).rglob("*.py"):
            text = path.read_text(encoding="utf-8")
            found.update(re.findall(r'"(KOMPAS_\w+)", "([^"]+)"', text))
    script = (ROOT / "scripts" / "env.sh").read_text(encoding="utf-8")
    found.update(re.findall(r"\$\{(KOMPAS_\w+):-([^$}]+)\}", script))
    days = (ROOT / "bot" / "letting_go.py").read_text(encoding="utf-8")
    found.update(
        {f"KOMPAS_{kind}_DAYS": value for kind, value in re.findall(r'(\w+)_DAYS: "(\d+)"', days)}
    )
    return found


def test_the_defaults_of_the_settings_are_those_of_the_code():
    told, used = settings_defaults(), code_defaults()
    both = told.keys() & used.keys()
    assert len(both) > 15
    assert {key: told[key] for key in both} == {key: used[key] for key in both}


RETENTION = re.compile(r"`(KOMPAS_\w+)` \((\d+)\)")
KEPT = ["data-protection.md", "operations.md", "backup.md"]


@pytest.mark.parametrize("page", KEPT)
def test_how_long_something_is_kept_is_what_the_settings_say(page: str):
    named = RETENTION.findall((DOCS / page).read_text(encoding="utf-8"))
    defaults = settings_defaults()
    assert named
    assert [(key, days) for key, days in named if defaults.get(key) != days] == []


def test_every_setting_of_days_is_in_the_table_of_data_protection():
    named = set(dict(RETENTION.findall((DOCS / "data-protection.md").read_text(encoding="utf-8"))))
    kept = {key for key in settings_defaults() if "_DAYS" in key}
    assert kept <= named


@pytest.mark.parametrize(
    ("said", "file", "meant"),
    [
        ("5 minutes", "web/repeats.py", "seconds: float = 300"),
        ("| 2 days |", "bot/outbox.py", "_RECEIPT_SECONDS = 2 * 24 * 3600.0"),
        ("15 minutes", "desk/login.py", "_WINDOW = timedelta(minutes=15)"),
        ("five wrong numbers", "bot/saved_checklists.py", "MOST_FAILURES = 5"),
        ("four words", "bot/saved_checklists.py", "WORDS_IN_CODE = 4"),
    ],
)
def test_a_figure_of_data_protection_is_that_of_the_code(said: str, file: str, meant: str):
    assert said in (DOCS / "data-protection.md").read_text(encoding="utf-8")
    assert meant in (ROOT / file).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "place", re.findall(r"\[`([^`]+)`\]", (DOCS / "data-protection.md").read_text())
)
def test_the_places_in_the_code_that_data_protection_names_are_there(place: str):
    assert (ROOT / place).exists()


def test_the_figures_of_the_algorithm_register_are_those_of_the_benchmarks():
    register = (DOCS / "algorithm-register.md").read_text(encoding="utf-8")
    table = register.partition("**Performance**")[2].partition("**Supplier**")[0]
    figures = set(re.findall(r"0\.\d{2,3}", table))
    assert len(figures) > 10
    known = (DOCS / "benchmarks.md").read_text(encoding="utf-8")
    assert {figure for figure in figures if figure not in known} == set()
