"""`make audit`: asks pip-audit about both lock files, and says plainly when it cannot know.

pip-audit reports "no known vulnerabilities" also where it reached no data at all; that is no
answer. Ends with 0 when all is known and explained, 1 for an advisory that docs/advisories.md
does not name, 2 when there was no data.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
ADVISORIES = ROOT / "docs" / "advisories.md"
LOCKS = ("bot", "web")
_PATIENCE = 900


def judged(report: Mapping[str, Any] | None, explained: str) -> tuple[int, list[str]]:
    """Exit status and lines for a report of pip-audit; None for one that did not come."""
    if report is None or not report.get("dependencies"):
        return 2, ["pip-audit reached no data. Read docs/advisories.md instead."]
    packages = report["dependencies"]
    unknown = [each["name"] for each in packages if "skip_reason" in each]
    if unknown:
        return 2, [
            f"{len(unknown)} of {len(packages)} packages could not be looked up. "
            "Read docs/advisories.md instead."
        ]
    named = set(re.findall(r"[\w-]+", explained))
    lines = [
        f"{each['name']} {each['version']}: {found['id']} is not in docs/advisories.md. "
        "Upgrade, or write there why it is out of reach."
        for each in packages
        for found in each["vulns"]
        if not named & {found["id"], *found.get("aliases", ())}
    ]
    return (1 if lines else 0), lines or [f"{len(packages)} packages: nothing unexplained."]


def report_on(lock: str) -> Mapping[str, Any] | None:
    """What pip-audit says of a lock file."""
    command = [ROOT / ".venv/audit/bin/pip-audit", "-r", ROOT / f"requirements/{lock}.txt"]
    options = ["--require-hashes", "--disable-pip", "--progress-spinner", "off", "-f", "json"]
    try:
        done = subprocess.run(  # noqa: S603 - a fixed command
            [*map(str, command), *options], capture_output=True, text=True, timeout=_PATIENCE
        )
        found: Mapping[str, Any] = json.loads(done.stdout)
    except (ValueError, subprocess.TimeoutExpired):
        return None
    return found


def main(locks: Iterable[str] = LOCKS) -> int:
    """Audit each lock file; the worst status counts."""
    explained = ADVISORIES.read_text(encoding="utf-8")
    worst = 0
    for lock in locks:
        status, lines = judged(report_on(lock), explained)
        worst = max(worst, status)
        for line in lines:
            print(f"requirements/{lock}.txt: {line}")
    return worst


if __name__ == "__main__":
    sys.exit(main())
