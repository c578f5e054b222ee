"""Log lines hold of an error its kind and place, never its text."""

from __future__ import annotations

import subprocess
import sys

import pytest

_START = """
import logging
from bot.logs import leave_out_words
leave_out_words()
logging.basicConfig(format="%(levelname)s %(name)s %(message)s")
logger = logging.getLogger("somebody.elses")
def read():
    raise ValueError("mijn geheim")
"""


def logged(code: str) -> str:
    """What a process of its own prints: the way logs are made is one for the whole process."""
    done = subprocess.run(
        [sys.executable, "-c", _START + code], capture_output=True, text=True, check=False
    )
    return done.stdout + done.stderr


@pytest.mark.parametrize(
    "code",
    [
        "try:\n    read()\nexcept ValueError:\n    logger.exception('mijn geheim')",
        "try:\n    read()\nexcept ValueError as e:\n    logger.error('of %s', 1, exc_info=e)",
        "try:\n    read()\nexcept ValueError as e:\n    logger.error('it was %s', e)",
        "read()",
        "import asyncio\nasync def f():\n    asyncio.ensure_future(g())"
        "\n    await asyncio.sleep(0.1)\nasync def g():\n    read()\nasyncio.run(f())",
    ],
)
def test_of_an_error_kind_and_place_are_told_and_not_its_text(code: str) -> None:
    said = logged(code)
    assert "ValueError" in said
    assert "geheim" not in said


def test_what_is_no_error_is_logged_as_it_is() -> None:
    assert "WARNING somebody.elses 3 of x" in logged("logger.warning('%d of %s', 3, 'x')")
    assert "INFO" not in logged("logger.info('%(a)s', {'a': 1})")
    assert "as 1" in logged("logger.warning('as %(a)s', {'a': 1})")
