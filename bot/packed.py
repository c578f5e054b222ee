"""What was trained, written so that it is read quickly: in a tenth of the time.

`joblib` reads a file object by object in Python, and of an archive Rasa makes even the classes that
only its training needs, TensorFlow among them. So a file that is trained is written again, with the
same contents: as one piece, which the unpickler written in C reads. `joblib.load` and Rasa read
the result as they read the file before.
"""

from __future__ import annotations

import gzip
import io
import json
import pickle
import pickletools
import tarfile
from pathlib import Path
from typing import IO, Any

_METADATA = "metadata.json"
_SUFFIX = ".joblib"
# enough of a file for the name of what reads it
_HEAD = 64


class _Packed:
    """Pickled, it is the bytes of `held` and the advice to unpickle those."""

    def __init__(self, held: Any) -> None:
        self._held = held

    def __reduce__(self) -> tuple[Any, tuple[bytes]]:
        return pickle.loads, (pickle.dumps(self._held, protocol=5),)


def pack(path: Path) -> None:
    """Write the joblib file or the archive of Rasa anew, unless that is done already."""
    is_joblib = path.suffix == _SUFFIX
    with path.open("rb") as file:
        # at every start: of what is packed already the head is enough
        if is_joblib and _is_packed(file.read(_HEAD)):
            return
    packed = (_pack_joblib if is_joblib else _pack_archive)(path.read_bytes())
    if packed is not None:
        unfinished = path.with_name(f"{path.name}.new")
        unfinished.write_bytes(packed)
        unfinished.rename(path)


def _is_packed(head: bytes) -> bool:
    return b"loads" in head


def _pack_joblib(raw: bytes) -> bytes | None:
    """None where it is packed."""
    if _is_packed(raw[:_HEAD]):
        return None
    # `bot.model` is also read where there is no joblib
    import joblib

    held = joblib.load(io.BytesIO(raw))
    _with_plain_numbers(held, set())
    # without marks for reading a thing twice: they would keep the bytes in memory
    return pickletools.optimize(pickle.dumps(_Packed(held), protocol=5))


def _with_plain_numbers(held: Any, seen: set[int]) -> None:
    """Make the places of n-grams, of which each is an array of NumPy, numbers of Python."""
    if id(held) in seen or isinstance(held, type):
        return
    seen.add(id(held))
    if isinstance(held, list | tuple):
        parts = list(held)
    else:
        own = getattr(held, "__dict__", {})
        if "vocabulary_" in own:
            own["vocabulary_"] = {ngram: int(place) for ngram, place in own["vocabulary_"].items()}
        parts = list(own.values())
    for part in parts:
        _with_plain_numbers(part, seen)


def _pack_archive(raw: bytes) -> bytes | None:
    """None where it is packed."""
    with tarfile.open(fileobj=io.BytesIO(raw), mode="r:gz") as archive:
        members = {member.name: member for member in archive.getmembers()}
        name = next(name for name in members if Path(name).name == _METADATA)
        metadata = json.load(_opened(archive, members[name]))
        if not metadata["train_schema"]["nodes"]:
            return None
        # the server takes nothing from it but the time to import what trained the model
        metadata["train_schema"]["nodes"] = {}
        packed = io.BytesIO()
        with (
            # not compressed: the disk is quicker
            gzip.GzipFile(fileobj=packed, mode="wb", compresslevel=0, mtime=0) as compressed,
            tarfile.open(fileobj=compressed, mode="w") as found,
        ):
            for each in members.values():
                if not each.isfile():
                    found.addfile(each)
                    continue
                content = _opened(archive, each).read()
                if each.name == name:
                    content = json.dumps(metadata).encode()
                elif each.name.endswith(_SUFFIX):
                    content = _pack_joblib(content) or content
                each.size = len(content)
                found.addfile(each, io.BytesIO(content))
    return packed.getvalue()


def _opened(archive: tarfile.TarFile, member: tarfile.TarInfo) -> IO[bytes]:
    found = archive.extractfile(member)
    assert found is not None, "a file"
    return found
