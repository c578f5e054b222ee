"""What a backup brings back beside the registry: letters for the desk, counts, withdrawn texts."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Collection
from contextlib import closing
from pathlib import Path

from bot.outbox import ERASURE, WAITING, Outbox
from desk.backup import COUNTS, OUTBOX, WITHDRAWN, Places
from desk.crypto import BlindIndex
from desk.erasure import conversation_token

_TAKE_BACK = """
INSERT INTO letters (key, conversation, kind, body, encrypted, state, created, due)
VALUES (?, ?, ?, ?, ?, ?, ?, 0)
ON CONFLICT (key) DO UPDATE SET
  body = excluded.body, state = excluded.state, tries = 0, due = 0, receipt = NULL
WHERE state = 'delivered'
"""


def put_files_back(places: Places, folder: Path, index: BlindIndex, erased: Collection[str]) -> int:
    """Letters join those that wait; counts and withdrawn texts come back where there are none."""
    for name, target in ((COUNTS, places.counts), (WITHDRAWN, places.withdrawn)):
        if (folder / name).is_file() and not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(folder / name, target)
            target.chmod(0o600)
    if not (folder / OUTBOX).is_file():
        return 0
    # makes the file where there is none
    Outbox(places.outbox).count()
    with closing(
        sqlite3.connect(f"{(folder / OUTBOX).resolve().as_uri()}?mode=ro", uri=True)
    ) as old:
        letters = old.execute(
            "SELECT key, conversation, kind, body, encrypted, created FROM letters"
        ).fetchall()
    back = 0
    with closing(sqlite3.connect(places.outbox, timeout=30)) as outbox, outbox:
        withdrawn = {
            row[0]
            for row in outbox.execute(
                "SELECT conversation FROM letters WHERE kind = ?", (ERASURE,)
            ).fetchall()
        }
        for key, conversation, kind, body, encrypted, created in letters:
            if conversation_token(index, conversation) in erased or conversation in withdrawn:
                continue
            # what was delivered since went to the registry that is no more
            back += outbox.execute(
                _TAKE_BACK,
                (key, conversation, kind, body, encrypted, WAITING, created),
            ).rowcount
    return back
