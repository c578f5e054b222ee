"""Texts taken back at once: the small file that every process looks at (`python -m bot.withdraw`).

The file is written aside and moved, and read again when it changed; a damaged one is told of in
the log, and the last good list stays.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import tempfile
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Lock

logger = logging.getLogger(__name__)

VARIABLE = "KOMPAS_WITHDRAWN"
_Stamp = tuple[int, int, int]


@dataclass(frozen=True)
class Withdrawal:
    """One text taken back; `language` None: in every language. `at` is an ISO time."""

    key: str
    language: str | None
    reason: str
    at: str


class DamagedList(ValueError):
    """The file of withdrawn texts is no list of them."""


def file() -> Path:
    """Where the list lies (KOMPAS_WITHDRAWN)."""
    folder = os.environ.get("KOMPAS_VAR", "var")
    return Path(os.environ.get(VARIABLE, "") or Path(folder) / "withdrawn.json")


class _Known:
    """The list as last read, and what the file looked like then."""

    def __init__(self) -> None:
        self.path: Path | None = None
        self.stamp: _Stamp | None = None
        self.listed: tuple[Withdrawal, ...] = ()
        self.pairs: frozenset[tuple[str, str | None]] = frozenset()
        self.lock = Lock()

    def keep(self, path: Path, stamp: _Stamp | None, listed: Iterable[Withdrawal]) -> None:
        self.listed = tuple(listed)
        self.pairs = frozenset((each.key, each.language) for each in self.listed)
        self.path, self.stamp = path, stamp


_known = _Known()


def withdrawals() -> tuple[Withdrawal, ...]:
    """What is withdrawn now, the oldest first. Costs a `stat`; reads the file when it changed."""
    _look()
    return _known.listed


def is_withdrawn(key: str, language: str) -> bool:
    """Whether `key` is withdrawn in `language` or in all of them."""
    _look()
    return (key, None) in _known.pairs or (key, language) in _known.pairs


def _look() -> None:
    path = file()
    try:
        found = path.stat()
        stamp: _Stamp | None = (found.st_mtime_ns, found.st_size, found.st_ino)
    except FileNotFoundError:
        stamp = None
    except OSError as error:
        _complain(path, type(error).__name__)
        return
    if (path, stamp) == (_known.path, _known.stamp):
        return
    with _known.lock:
        if stamp is None:
            _known.keep(path, None, ())
            return
        try:
            listed = read(path)
        except FileNotFoundError:
            # removed in between: the next look sees it
            return
        except (DamagedList, OSError) as error:
            _complain(path, str(error) or type(error).__name__)
            # said once for each state of the file
            _known.keep(path, stamp, _known.listed if path == _known.path else _last_good(path))
            return
        _known.keep(path, stamp, listed)
        if listed:
            keys = ", ".join(sorted({each.key for each in listed}))
            logger.warning("Withdrawn now: %s.", keys)


def backup(path: Path) -> Path:
    """The copy that a process reads which starts while the list is damaged."""
    return path.with_name(f"{path.name}.last")


def _last_good(path: Path) -> tuple[Withdrawal, ...]:
    try:
        return read(backup(path))
    except (DamagedList, OSError):
        return ()


def _complain(path: Path, fault: str) -> None:
    logger.error(
        "%s: cannot be read (%s). The last good list goes on to hold. Copy %s over it, or remove "
        "both and withdraw the texts again with `python -m bot.withdraw`.",
        path,
        fault,
        backup(path).name,
    )


def read(path: Path) -> tuple[Withdrawal, ...]:
    """The list in the file at `path`. Raises `DamagedList` and `OSError`."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        rows = data["withdrawn"]
        listed = tuple(
            Withdrawal(row["key"], row["language"], row["reason"], row["at"]) for row in rows
        )
    except (ValueError, KeyError, TypeError, RecursionError):
        raise DamagedList("no list of withdrawn texts") from None
    for each in listed:
        texts = (each.key, each.reason, each.at)
        if not all(isinstance(text, str) for text in texts) or not (
            each.language is None or isinstance(each.language, str)
        ):
            raise DamagedList("an entry has no key, language, reason and time")
    return listed


def write(path: Path, listed: Iterable[Withdrawal]) -> None:
    """Put `listed` in the place of the file at `path`, whole or not at all; and a copy beside."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"withdrawn": [asdict(each) for each in listed]}, indent=1)
    for target in (backup(path), path):
        _replace(target, text)


def _replace(path: Path, text: str) -> None:
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as aside:
            aside.write(f"{text}\n")
            aside.flush()
            os.fsync(aside.fileno())
        # other processes, which may be of other users, read it; nothing in it is a secret
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise
