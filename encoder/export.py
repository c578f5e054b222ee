"""Writes the artefact: an ONNX graph in 8 bits, the tokenizer and a manifest with their hashes.

The weights go into the graph as follows, so that one graph is right on every processor:

* token vectors: int8, one scale a piece;
* attention and the first half of the feed-forward: int8 of 7 bits, as processors without VNNI
  add pairs of products in 16 bits and overflow at 8;
* the second half of the feed-forward: 8 bits in blocks of 128 with activations quantised per
  block, because a few of its inputs are some hundred times larger than the others.

Mean and length 1 are in the graph: `input_ids`, `attention_mask` (int64) to `vector` (float32).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import numpy as np
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper
from tokenizers import Tokenizer

from encoder.data import ROOT
from encoder.vocabulary import MAX_TOKENS, PREFIX
from encoder.weights import SOURCE

ARTEFACT = ROOT / "bot" / "nlu" / "encoder"

_HEADS = 12
_EPSILON = 1e-12
_BLOCK = 128
_CONTRIB = "com.microsoft"


class _Graph:
    """Collects nodes and constants; every method gives the name of its result."""

    def __init__(self, state: Mapping[str, np.ndarray]) -> None:
        self.state = state
        self.nodes: list[NodeProto] = []
        self.constants: list[TensorProto] = []

    def constant(self, name: str, value: np.ndarray) -> str:
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def node(self, kind: str, inputs: list[str], contrib: bool = False, **options: Any) -> str:
        return self.split(kind, inputs, 1, contrib, **options)[0]

    def split(
        self, kind: str, inputs: list[str], count: int, contrib: bool = False, **options: Any
    ) -> list[str]:
        name = f"{kind}_{len(self.nodes)}"
        outputs = [f"{name}_{i}" for i in range(count)]
        domain = _CONTRIB if contrib else ""
        self.nodes.append(
            helper.make_node(kind, inputs, outputs, name=name, domain=domain, **options)
        )
        return outputs

    def parts(self, name: str) -> list[str]:
        return [self.constant(f"{name}.{p}", self.state[f"{name}.{p}"]) for p in ("weight", "bias")]

    def linear(self, x: str, name: str) -> str:
        """`x` times an int8 matrix with one scale a column, in 7 bits."""
        weight, bias = self.state[f"{name}.weight"].T, self.state[f"{name}.bias"]
        scale = (np.abs(weight).max(axis=0) / 63).astype(np.float32)
        numbers = np.round(weight / scale).astype(np.int8)
        inputs = [
            x,
            self.constant(f"{name}.weight", numbers),
            self.constant(f"{name}.scale", scale),
            self.constant(f"{name}.zero", np.zeros(len(scale), np.int8)),
            self.constant(f"{name}.bias", bias),
        ]
        return self.node("DynamicQuantizeMatMul", inputs, contrib=True)

    def linear_in_blocks(self, x: str, name: str) -> str:
        """`x` times a matrix in blocks of 8 bits, activations quantised per block as well."""
        weight, bias = self.state[f"{name}.weight"], self.state[f"{name}.bias"]
        outputs, inputs = weight.shape
        blocks = weight.reshape(outputs, inputs // _BLOCK, _BLOCK)
        scale = (np.abs(blocks).max(axis=2) / 127).astype(np.float32)
        numbers = (np.round(blocks / scale[..., None]) + 128).astype(np.uint8)
        names = [
            x,
            self.constant(f"{name}.weight", numbers),
            self.constant(f"{name}.scale", scale),
            "",
            "",
            self.constant(f"{name}.bias", bias),
        ]
        return self.node(
            "MatMulNBits", names, contrib=True,
            K=inputs, N=outputs, bits=8, block_size=_BLOCK, accuracy_level=4,
        )  # fmt: skip

    def add_and_norm(self, x: str, y: str, name: str) -> str:
        inputs = [x, y, *self.parts(name)]
        return self.node("SkipLayerNormalization", inputs, contrib=True, epsilon=_EPSILON)


def build_graph(state: Mapping[str, np.ndarray]) -> ModelProto:
    """The ONNX model of an encoder's `state_dict()` in NumPy arrays."""
    graph = _Graph(state)
    words = state["words.weight"]
    scale = np.maximum(np.abs(words).max(axis=1, keepdims=True) / 127, 1e-9).astype(np.float32)
    graph.constant("words", np.round(words / scale).astype(np.int8))
    graph.constant("words.scale", scale)
    graph.constant("positions", state["positions"][:MAX_TOKENS])
    for axis in range(3):
        graph.constant(f"axis{axis}", np.array([axis], np.int64))

    numbers = graph.node("Cast", [graph.node("Gather", ["words", "input_ids"])], to=1)
    scales = graph.node("Gather", ["words.scale", "input_ids"])
    tokens = graph.node("Shape", ["input_ids"], start=1, end=2)
    places = graph.node("Slice", ["positions", "axis0", tokens, "axis0"])
    x = graph.node("Add", [graph.node("Mul", [numbers, scales]), places])
    x = graph.node("LayerNormalization", [x, *graph.parts("norm")], axis=-1, epsilon=_EPSILON)
    mask = graph.node("Cast", ["attention_mask"], to=TensorProto.INT32)
    for layer in range(sum(name.endswith("qkv.weight") for name in state)):
        at = f"layers.{layer}"
        qkv = graph.split("Split", [graph.linear(x, f"{at}.qkv")], 3, axis=-1, num_outputs=3)
        seen = graph.node("MultiHeadAttention", [*qkv, "", mask], contrib=True, num_heads=_HEADS)
        x = graph.add_and_norm(graph.linear(seen, f"{at}.out"), x, f"{at}.norm1")
        inner = graph.node("Gelu", [graph.linear(x, f"{at}.up")], contrib=True)
        x = graph.add_and_norm(graph.linear_in_blocks(inner, f"{at}.down"), x, f"{at}.norm2")
    weight = graph.node("Unsqueeze", [graph.node("Cast", ["attention_mask"], to=1), "axis2"])
    total = graph.node("ReduceSum", [graph.node("Mul", [x, weight]), "axis1"], keepdims=0)
    count = graph.node("ReduceSum", [weight, "axis1"], keepdims=0)
    mean = graph.node("Div", [total, count])
    graph.nodes.append(
        helper.make_node("LpNormalization", [mean], ["vector"], axis=1, p=2, name="length")
    )
    ids = [
        helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "tokens"])
        for name in ("input_ids", "attention_mask")
    ]
    vector = helper.make_tensor_value_info("vector", TensorProto.FLOAT, ["batch", words.shape[1]])
    return helper.make_model(
        helper.make_graph(graph.nodes, "kompas_encoder", ids, [vector], graph.constants),
        opset_imports=[helper.make_opsetid("", 18), helper.make_opsetid(_CONTRIB, 1)],
        ir_version=9,
        producer_name="kompas",
    )


def write_artefact(
    state: Mapping[str, np.ndarray], tokenizer: Tokenizer, about: dict[str, Any],
    folder: Path = ARTEFACT,
) -> None:  # fmt: skip
    """Write `model.onnx`, `tokenizer.json` and `manifest.json` with `about` in it."""
    folder.mkdir(parents=True, exist_ok=True)
    contents = {
        "model.onnx": build_graph(state).SerializeToString(deterministic=True),
        "tokenizer.json": tokenizer.to_str().encode(),
    }
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    manifest = {
        "name": "kompas-encoder",
        "source": SOURCE,
        "licence": "MIT",
        "created": datetime.now(timezone.utc).date().isoformat(),
        "sha256": {name: hashlib.sha256(data).hexdigest() for name, data in contents.items()},
        "bytes": {name: len(data) for name, data in contents.items()},
        "dimensions": int(state["words.weight"].shape[1]),
        "pieces": int(state["words.weight"].shape[0]),
        "max_tokens": MAX_TOKENS,
        "prefix": f"{PREFIX!r}, added by tokenizer.json",
        "normaliser": "NFKC, control characters out, odd and repeated spaces to one space",
        "runtime": "onnxruntime >= 1.22, with its com.microsoft operators",
        **about,
    }
    _write_manifest(folder, manifest)


def add_to_manifest(folder: Path, about: dict[str, Any]) -> None:
    """Put more facts into the manifest of an artefact."""
    path = folder / "manifest.json"
    _write_manifest(folder, json.loads(path.read_text(encoding="utf-8")) | about)


def _write_manifest(folder: Path, manifest: dict[str, Any]) -> None:
    text = json.dumps(manifest, ensure_ascii=False, indent=2) + "\n"
    (folder / "manifest.json").write_text(text, encoding="utf-8")
