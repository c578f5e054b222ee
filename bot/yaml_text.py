"""Reads YAML: fast, and with the place of what is wrong, for an error that names it."""

from __future__ import annotations

from typing import Any

import yaml

# the safe loader, but written in C where there is one: ten times as fast
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def load(text: str | bytes) -> Any:
    """What the text holds: mappings, lists and plain values. Raises `yaml.YAMLError`."""
    return yaml.load(text, Loader=_LOADER)  # noqa: S506


def line_of(error: BaseException) -> int | None:
    """The line of the text, from 1, at which `error` was found, where the loader knows it."""
    mark = getattr(error, "problem_mark", None)
    return None if mark is None else int(mark.line) + 1


def after_name(error: BaseException) -> str:
    """What stands behind `name.yml:` in a fault: ` line 3:`, or nothing."""
    line = line_of(error)
    return "" if line is None else f" line {line}:"


def in_file(error: BaseException) -> str:
    """`line 3`, or `the file`, to begin a sentence with."""
    line = line_of(error)
    return "the file" if line is None else f"line {line}"
