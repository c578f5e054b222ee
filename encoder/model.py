"""The encoder in PyTorch, as multilingual-e5-small is built: 12 BERT layers, mean of the tokens."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

from encoder.weights import Weights


class Dropout(nn.Module):
    """Dropout whose masks are cut at random places out of one that is drawn in the beginning.

    PyTorch draws them on one core, number by number: a fifth of the time of a training.
    """

    SIZE = 1 << 23

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.rate = rate
        self._drawn: dict[torch.dtype, Tensor] = {}

    def forward(self, x: Tensor) -> Tensor:
        """`x` with a part of its numbers set to 0, in training."""
        if not self.training or not self.rate:
            return x
        drawn = self._drawn.get(x.dtype, torch.empty(0))
        if len(drawn) < x.numel() * 2:
            size = max(self.SIZE, x.numel() * 2)
            drawn = (torch.rand(size) >= self.rate).to(x.dtype) / (1 - self.rate)
            self._drawn[x.dtype] = drawn
        begin = int(torch.randint(len(drawn) - x.numel(), ()))
        return x * drawn[begin : begin + x.numel()].view_as(x)


class Layer(nn.Module):
    """Self-attention and feed-forward, each followed by its layer norm."""

    def __init__(self, hidden: int, heads: int, inner: int, epsilon: float, dropout: Dropout):
        super().__init__()
        self.heads = heads
        self.dropout = dropout
        self.qkv = nn.Linear(hidden, 3 * hidden)
        self.out = nn.Linear(hidden, hidden)
        self.norm1 = nn.LayerNorm(hidden, epsilon)
        self.up = nn.Linear(hidden, inner)
        self.down = nn.Linear(inner, hidden)
        self.norm2 = nn.LayerNorm(hidden, epsilon)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """`x` of shape (batch, tokens, hidden); `mask` is true where there is a token."""
        batch, tokens, hidden = x.shape
        parts = self.qkv(x).view(batch, tokens, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        seen = functional.scaled_dot_product_attention(
            parts[0], parts[1], parts[2], attn_mask=mask[:, None, None, :]
        )
        seen = self.out(seen.transpose(1, 2).reshape(batch, tokens, hidden))
        x = self.norm1(x + self.dropout(seen))
        inner = self.down(functional.gelu(self.up(x)))
        result: Tensor = self.norm2(x + self.dropout(inner))
        return result


class Encoder(nn.Module):
    """Token ids and mask to one vector of length 1 a text."""

    def __init__(
        self,
        vocabulary: int,
        hidden: int = 384,
        layers: int = 12,
        heads: int = 12,
        inner: int = 1536,
        positions: int = 512,
        epsilon: float = 1e-12,
        dropout: float = 0.0,
    ):
        super().__init__()
        self.dropout = Dropout(dropout)
        self.frozen_layers = 0
        self.words = nn.Embedding(vocabulary, hidden)
        # the position table includes the one token type there is
        self.positions = nn.Parameter(torch.zeros(positions, hidden))
        self.norm = nn.LayerNorm(hidden, epsilon)
        self.layers = nn.ModuleList(
            Layer(hidden, heads, inner, epsilon, self.dropout) for _ in range(layers)
        )

    def freeze_layers(self, count: int) -> None:
        """Keep the first `count` layers, and what is below them, as they are."""
        self.frozen_layers = count
        for part in [self.norm, *self.layers[:count]] if count else []:
            part.requires_grad_(False)
        self.positions.requires_grad_(not count)

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Vectors of shape (batch, hidden)."""
        x = self.norm(self.words(ids) + self.positions[: ids.shape[1]])
        x = self.dropout(x)
        with torch.set_grad_enabled(torch.is_grad_enabled() and not self.frozen_layers):
            for layer in self.layers[: self.frozen_layers]:
                x = layer(x, mask)
        for layer in self.layers[self.frozen_layers :]:
            x = layer(x, mask)
        weight = mask[:, :, None].to(x.dtype)
        return functional.normalize((x * weight).sum(1) / weight.sum(1), dim=1)


def rebuild(weights: Weights, keep: list[int] | None = None, dropout: float = 0.0) -> Encoder:
    """The published encoder, with the token vectors of the pieces `keep` only, in that order."""
    word = torch.from_numpy(weights.tensors["emb.word"])
    word = word[keep] if keep is not None else word[: len(weights.pieces)]
    model = Encoder(
        len(word), weights.hidden, weights.layers, weights.heads, weights.inner,
        weights.positions, weights.epsilon, dropout,
    )  # fmt: skip
    given = {name: torch.from_numpy(value) for name, value in weights.tensors.items()}
    state = {
        "words.weight": word,
        "positions": given["emb.pos"] + given["emb.type"][: weights.hidden],
        "norm.weight": given["emb.ln.w"],
        "norm.bias": given["emb.ln.b"],
    }
    names = {"out": "ao", "norm1": "aln", "up": "fi", "down": "fo", "norm2": "oln"}
    for layer in range(weights.layers):
        for ours, long in (("w", "weight"), ("b", "bias")):
            state[f"layers.{layer}.qkv.{long}"] = torch.cat(
                [given[f"l{layer}.{part}.{ours}"] for part in "qkv"]
            )
            for name, theirs in names.items():
                state[f"layers.{layer}.{name}.{long}"] = given[f"l{layer}.{theirs}.{ours}"]
    model.load_state_dict(state)
    return model.eval()


def load(path: Path, dropout: float = 0.0) -> Encoder:
    """An encoder that `torch.save(model.state_dict(), path)` kept."""
    state = torch.load(path, weights_only=True)
    model = Encoder(len(state["words.weight"]), dropout=dropout)
    model.load_state_dict(state)
    return model.eval()
