"""Sets the pages of a PDF with Typst, in a process of its own.

Typst keeps what it has set in memory to be faster the next time: some hundred megabytes, with the
answers of visitors in them. The process ends with its PDF and takes both along. It starts in
20 ms, because it imports nothing of ours.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typst

FONTS = Path(__file__).parent / "fonts"
_PATIENCE = 20
# each takes one processor and some 150 MB
_AT_ONCE = threading.BoundedSemaphore(2)


class TypesettingFailed(Exception):
    """No PDF was made. `typeset` with the same arguments says why."""


def pdf(template: Path, inputs: Mapping[str, str], made_at: int) -> bytes:
    """`template` set with `inputs`, made at a time in seconds. Raises `TypesettingFailed`."""
    task = json.dumps({"template": str(template), "inputs": inputs, "made_at": made_at})
    try:
        with _AT_ONCE:
            done = subprocess.run(  # noqa: S603 (our own interpreter and file)
                [sys.executable, "-I", __file__],
                input=task.encode(),
                capture_output=True,
                timeout=_PATIENCE,
                check=True,
            )
    except (subprocess.SubprocessError, OSError) as error:
        # what the process wrote can hold answers
        raise TypesettingFailed(type(error).__name__) from None
    return done.stdout


def typeset(template: str, inputs: dict[str, str], made_at: int) -> bytes:
    """The PDF (PDF/UA-1, tagged), with our fonts alone. Raises `typst.TypstError`."""
    fonts = typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[FONTS]
    )
    compiler = typst.Compiler(
        template, root=Path(template).parent, font_paths=fonts, sys_inputs=inputs
    )
    made = compiler.compile(format="pdf", pdf_standards=["ua-1"], timestamp=made_at)
    assert isinstance(made, bytes)
    return made


def main() -> None:
    """Read the task from standard input and write the PDF to standard output."""
    task: dict[str, Any] = json.load(sys.stdin.buffer)
    sys.stdout.buffer.write(typeset(**task))


if __name__ == "__main__":
    main()
