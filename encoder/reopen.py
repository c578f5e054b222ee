"""Reads the layers of an artefact back, so that a training goes on from what is committed.

The opposite of `export.py`; what the 8 bits took stays lost, which a training makes good.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from tokenizers import Tokenizer
from torch import Tensor

from encoder.measure import open_encoder
from encoder.model import Encoder

_LAYER = re.compile(r"layers\.\d+\.\w+")


def layers_of(path: Path) -> dict[str, Tensor]:
    """Weights and biases of the layers of an ONNX graph that `export.py` wrote, float32."""
    graph = onnx.load(str(path)).graph
    known = {each.name: numpy_helper.to_array(each) for each in graph.initializer}
    found = {}
    for name in sorted({match[0] for each in known if (match := _LAYER.match(each))}):
        weight = known[f"{name}.weight"]
        if weight.dtype == np.int8:
            # columns of their own scale, inputs × outputs
            weight = (weight * known[f"{name}.scale"]).T
        elif weight.dtype == np.uint8:
            # outputs × blocks × inputs of a block, each block with a scale
            scale = known[f"{name}.scale"].reshape(*weight.shape[:2], 1)
            weight = ((weight.astype(np.float32) - 128) * scale).reshape(len(weight), -1)
        bias = known[f"{name}.bias"]
        found[f"{name}.weight"] = torch.from_numpy(weight.astype(np.float32))
        found[f"{name}.bias"] = torch.from_numpy(bias.astype(np.float32))
    return found


def reopen(model: Encoder, path: Path) -> Encoder:
    """`model` with the layers of the artefact's graph; its token vectors stay."""
    missing, unexpected = model.load_state_dict(layers_of(path), strict=False)
    lost = [name for name in missing if name.startswith("layers.")]
    if lost or unexpected:
        raise ValueError(f"{path} has other layers than the encoder: {lost + unexpected}")
    return model


def nearness(model: Encoder, tokenizer: Tokenizer, folder: Path, texts: Sequence[str]) -> float:
    """Mean cosine of what `model` and the artefact in `folder` make of `texts`."""
    encode = open_encoder(folder)
    found = []
    for text in texts:
        ids = torch.tensor([tokenizer.encode(text).ids])
        with torch.inference_mode():
            vector = model(ids, torch.ones_like(ids, dtype=torch.bool))[0].numpy()
        found.append(float(vector @ encode([text])[0]))
    return float(np.mean(found))
