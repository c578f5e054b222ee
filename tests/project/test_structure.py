"""How the parts may depend on each other, where words stand, what is pinned."""

from __future__ import annotations

import ast
import gettext
import re
from pathlib import Path

import pytest

from bot.languages import languages

ROOT = Path(__file__).parents[2]


def python_files(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def imports(path: Path) -> set[str]:
    """Full names of the modules a file imports, also inside of functions."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return found


def imports_of(path: Path, *packages: str) -> list[str]:
    return [
        name
        for name in imports(path)
        if any(name == package or name.startswith(f"{package}.") for package in packages)
    ]


def reached_from(paths: list[Path]) -> set[Path]:
    """The files, and those of ours that they import, directly or not."""
    reached: set[Path] = set()
    waiting = list(paths)
    while waiting:
        path = waiting.pop()
        if path in reached:
            continue
        reached.add(path)
        for name in imports(path):
            module = ROOT.joinpath(*name.split("."))
            waiting.extend(
                found
                for found in (module.with_suffix(".py"), module / "__init__.py")
                if found.is_file()
            )
    return reached


def test_the_visitor_site_reaches_no_rasa_and_no_case():
    for path in reached_from(python_files("web")):
        forbidden = imports_of(
            path, "rasa", "rasa_sdk", "tensorflow", "spacy", "sanic", "desk.models", "desk.registry"
        )
        assert forbidden == [], path.relative_to(ROOT)


def test_the_desk_reaches_no_rasa():
    for path in reached_from(python_files("desk")):
        assert imports_of(path, "rasa", "rasa_sdk", "tensorflow") == [], path.relative_to(ROOT)


PLAIN = [
    *(
        ROOT / "bot" / f"{name}.py"
        for name in [
            "catalogue",
            "contacts",
            "countries",
            "languages",
            "training_data",
            "check",
            "errors",
        ]
    ),
    ROOT / "bot" / "nlg" / "answers.py",
    ROOT / "bot" / "nlg" / "country_answer.py",
]


@pytest.mark.parametrize("path", PLAIN, ids=lambda path: path.name)
def test_a_rule_is_plain_python(path: Path):
    for reached in reached_from([path]):
        assert imports_of(reached, "rasa", "rasa_sdk", "aiohttp", "actions", "web") == [], reached


def test_tensorflow_is_imported_nowhere():
    for path in python_files("bot", "actions", "web", "desk"):
        assert imports_of(path, "tensorflow", "keras") == [], path.relative_to(ROOT)


def catalogue_texts(language: str) -> set[str]:
    """Wordings long enough to be a sentence, of every catalogue of a language."""
    from bot.catalogue import LOCALES, domains

    texts: set[str] = set()
    for domain in domains(language):
        catalogue = gettext.translation(domain, LOCALES, languages=[language])
        texts.update(t for t in catalogue._catalog.values() if isinstance(t, str))
    # code is documented in English and has its two-word phrases, too
    fewest = 40 if language == "en" else 12
    return {t for t in texts if len(t) >= fewest and " " in t}


@pytest.mark.parametrize("language", languages())
def test_no_sentence_of_a_catalogue_stands_in_code(language: str):
    texts = catalogue_texts(language)
    assert len(texts) > 50
    for path in python_files("bot", "actions", "web", "desk"):
        code = "\n".join(strings(path))
        assert [text for text in texts if text in code] == [], path.relative_to(ROOT)
    domain = (ROOT / "domain.yml").read_text(encoding="utf-8")
    assert [text for text in texts if text in domain] == []


_OWN_LETTERS = re.compile(r"[çğışöüÇĞİŞÖÜąćęłńśźżĄĆĘŁŃŚŹŻ]")
# what is known about the letters and words of the languages, not said to anyone
_FACTS = {"languages.py", "gazetteer.py", "inflection.py"}


def strings(path: Path) -> list[str]:
    """What a Python file may say: its strings, without the documentation."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    documentation = {
        node.body[0].value
        for node in ast.walk(tree)
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef))
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    # a string by itself says what the line above it is
    documentation |= {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and node not in documentation
    ]


def test_no_turkish_or_polish_sentence_stands_in_code():
    for path in python_files("bot", "actions", "web", "desk"):
        if path.name in _FACTS:
            continue
        sentences = [
            said for said in strings(path) if " " in said.strip() and _OWN_LETTERS.search(said)
        ]
        assert sentences == [], path.relative_to(ROOT)


@pytest.mark.parametrize("name", ["bot.txt", "web.txt"])
def test_every_requirement_is_pinned_with_hashes_and_without_addresses(name: str):
    text = (ROOT / "requirements" / name).read_text(encoding="utf-8")
    entries = [e for e in re.split(r"\n(?=\S)", text) if e.strip() and not e.startswith("#")]
    assert len(entries) > 20
    for entry in entries:
        assert re.match(r"[A-Za-z0-9._-]+(\[[^]]+\])?==\S+", entry), entry[:80]
        assert "--hash=sha256:" in entry, entry[:80]
    assert "://" not in text
    assert "@" not in text
    assert not re.search(r"^\s*(-i|-e|-f|--index-url|--extra-index-url|--find-links)", text, re.M)


def test_rasa_is_pinned_exactly_and_only_in_its_own_environment():
    requirements = ROOT / "requirements"
    assert re.search(r"^rasa==3\.6\.21\b", (requirements / "bot.txt").read_text(), re.M)
    assert not re.search(r"^rasa", (requirements / "web.txt").read_text(), re.M)


def test_the_continuous_integration_calls_the_test_command():
    assert "make test" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_telemetry_is_off_wherever_rasa_starts():
    assert "RASA_TELEMETRY_ENABLED=false" in (ROOT / "scripts/env.sh").read_text()
    for name in ("serve.py", "model.py"):
        assert "RASA_TELEMETRY_ENABLED" in (ROOT / "bot" / name).read_text()
