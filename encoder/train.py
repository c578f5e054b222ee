"""Adapts the encoder to the conversations: cross-entropy on the intents and supervised contrast.

Token vectors stay as published unless they are given a rate, so that words which no training
message has keep their meaning. Every batch holds messages of like length, four of an intent where
there are so many, of all languages together: the same intent in another language is a positive.
"""

from __future__ import annotations

import copy
import json
import math
import random
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional

from bot.training_data import is_held_out
from encoder.augment import vary
from encoder.data import development_rows, lane_rows, training_rows
from encoder.model import Encoder, load
from encoder.plan import Plan

_BLOCK = 4


def batches(
    lengths: list[int], labels: list[int], size: int, rng: random.Random
) -> list[list[int]]:
    """Indices of all messages once, in batches of like length, intents in blocks of four."""
    order = sorted(range(len(lengths)), key=lambda index: (lengths[index], rng.random()))
    result = []
    span = size * 8
    for begin in range(0, len(order), span):
        by_intent = defaultdict(list)
        for index in rng.sample(order[begin : begin + span], len(order[begin : begin + span])):
            by_intent[labels[index]].append(index)
        blocks = [
            group[i : i + _BLOCK]
            for group in by_intent.values()
            for i in range(0, len(group), _BLOCK)
        ]
        rng.shuffle(blocks)
        flat = [index for block in blocks for index in block]
        result += [flat[i : i + size] for i in range(0, len(flat), size)]
    rng.shuffle(result)
    return result


def contrast_loss(vectors: Tensor, labels: Tensor, temperature: float) -> Tensor:
    """Supervised contrast (Khosla et al. 2020): messages of an intent near, all others far."""
    similar = vectors @ vectors.T / temperature
    itself = torch.eye(len(labels), dtype=torch.bool)
    similar = similar.masked_fill(itself, -1e9)
    positive = (labels[:, None] == labels[None, :]) & ~itself
    log_share = similar - similar.logsumexp(dim=1, keepdim=True)
    count = positive.sum(dim=1)
    mean = (log_share * positive).sum(dim=1) / count.clamp(min=1)
    return -mean[count > 0].mean() if bool((count > 0).any()) else vectors.sum() * 0


class Trainer:
    """One training: `run` gives the path of the best epoch's weights."""

    def __init__(self, plan: Plan, folder: Path) -> None:
        torch.set_num_threads(plan.threads)
        torch.manual_seed(plan.seed)
        self.plan = plan
        self.folder = folder
        self.rng = random.Random(plan.seed)
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.tokenizer.enable_truncation(plan.max_tokens)
        known = [*training_rows(), *lane_rows()]
        rows = [row for row in known if not is_held_out(row.text)]
        self.rows = self.rng.sample(rows, int(len(rows) * plan.share))
        self.development = development_rows()
        self.intents = sorted({row.intent for row in rows})
        self.model = load(folder / f"{plan.start}.pt", plan.dropout)
        self.model.words.weight.requires_grad_(plan.words_rate > 0)
        self.model.freeze_layers(plan.frozen_layers)
        self.head = nn.Linear(self.model.words.embedding_dim, len(self.intents))
        self.scale = 16.0
        self.averaged = copy.deepcopy(self.model).eval()
        self.averaged_head = copy.deepcopy(self.head)

    def _inputs(self, texts: list[str]) -> tuple[Tensor, Tensor]:
        found = self.tokenizer.encode_batch(texts)
        ids = torch.tensor([e.ids for e in found])
        return ids, torch.tensor([e.attention_mask for e in found], dtype=torch.bool)

    def _optimizer(self) -> torch.optim.Optimizer:
        body = [
            p for n, p in self.model.named_parameters() if p.requires_grad and n != "words.weight"
        ]
        groups = [
            {"params": body, "lr": self.plan.rate, "weight_decay": 0.01},
            {"params": self.head.parameters(), "lr": self.plan.head_rate, "weight_decay": 0.01},
        ]
        if self.plan.words_rate > 0:
            groups.append({"params": [self.model.words.weight], "lr": self.plan.words_rate})
        return torch.optim.AdamW(groups, weight_decay=0.0, fused=True)

    def run(self) -> Path:
        """Train all epochs, keep the one that is best on the development set."""
        plan, begin = self.plan, time.time()
        target = self.folder / f"{plan.name}.pt"
        optimizer = self._optimizer()
        total = plan.epochs * math.ceil(len(self.rows) / plan.batch)

        starts = [group["lr"] for group in optimizer.param_groups]
        best, history, step, done = -1.0, [], 0, 0.0
        print(f"{len(self.rows)} messages, {len(self.intents)} intents, {total} steps", flush=True)
        for epoch in range(1, plan.epochs + 1):
            losses = []
            for texts, labels in self._epoch():
                pace = min(1.0, done / 0.06 + 0.02) * (1 - done)
                for group, start in zip(optimizer.param_groups, starts):
                    group["lr"] = start * pace
                losses.append(self._step(texts, labels, optimizer))
                step += 1
                done = max(step / total, (time.time() - begin) / 60 / plan.minutes)
                self._follow(min(plan.average, (step + 1) / (step + 10)))
                if step % 25 == 0:
                    spent = time.time() - begin
                    left = spent / 60 * (1 / done - 1)
                    print(
                        f"epoch {epoch} step {step}/{total} loss {np.mean(losses[-50:]):.3f} "
                        f"{spent / 60:.1f} min, {left:.1f} to go",
                        flush=True,
                    )
                if done >= 1:
                    break
            figures = self.accuracy()
            history.append({"epoch": epoch, "loss": float(np.mean(losses)), **figures})
            print(json.dumps(history[-1]), flush=True)
            score = figures["top1"] + 0.5 * figures["top3"]
            if score > best:
                best = score
                torch.save(self.averaged.state_dict(), target)
                head = {"head": self.averaged_head.state_dict(), "intents": self.intents}
                torch.save({**head, "scale": self.scale}, self.folder / f"{plan.name}.head.pt")
            about = {
                "plan": asdict(plan),
                "messages": len(self.rows),
                "minutes": round((time.time() - begin) / 60, 1),
                "epochs": history,
            }
            target.with_suffix(".json").write_text(json.dumps(about, indent=2))
            if done >= 1:
                break
        return target

    def _epoch(self) -> Iterator[tuple[list[str], Tensor]]:
        """Batches of messages, each typed in a way of this epoch, with their labels."""
        texts = [vary(row.text, self.rng) for row in self.rows]
        lengths = [sum(e.attention_mask) for e in self.tokenizer.encode_batch(texts)]
        numbers = {intent: number for number, intent in enumerate(self.intents)}
        labels = [numbers[row.intent] for row in self.rows]
        for batch in batches(lengths, labels, self.plan.batch, self.rng):
            yield [texts[i] for i in batch], torch.tensor([labels[i] for i in batch])

    def _step(self, texts: list[str], labels: Tensor, optimizer: torch.optim.Optimizer) -> float:
        self.model.train()
        ids, mask = self._inputs(texts)
        with torch.autocast("cpu", torch.bfloat16, enabled=self.plan.bf16):
            vectors = self.model(ids, mask)
        vectors = vectors.float()
        logits = self.head(vectors * self.scale)
        loss = functional.cross_entropy(logits, labels, label_smoothing=self.plan.smoothing)
        loss = loss + self.plan.contrast * contrast_loss(vectors, labels, self.plan.temperature)
        optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        optimizer.step()
        return loss.item()

    @torch.no_grad()
    def _follow(self, share: float) -> None:
        """Move the averaged weights, which are the ones kept, towards the trained ones."""
        pairs: list[tuple[nn.Module, nn.Module]] = [
            (self.averaged, self.model), (self.averaged_head, self.head),
        ]  # fmt: skip
        for mean, now in pairs:
            for a, b in zip(mean.parameters(), now.parameters()):
                if b.requires_grad:
                    a.lerp_(b, 1 - share)

    def accuracy(self) -> dict[str, float]:
        """Of the averaged encoder and head on the development set, overall and per language."""
        rows = sorted(self.development, key=lambda row: len(row.text))
        first: dict[str, list[bool]] = defaultdict(list)
        third: dict[str, list[bool]] = defaultdict(list)
        for begin in range(0, len(rows), 64):
            batch = rows[begin : begin + 64]
            vectors = embed(self.averaged, self._inputs([row.text for row in batch]))
            ranks = self.averaged_head(vectors * self.scale).argsort(dim=1, descending=True)
            for row, rank in zip(batch, ranks):
                names = [self.intents[i] for i in rank[:3]]
                right = [name in row.intent.split("|") for name in names]
                for key in ("", f"_{row.language}", f"_{row.style}"):
                    first[key].append(right[0])
                    third[key].append(any(right))
        return {
            f"{name}{key}": round(float(np.mean(values)), 4)
            for name, found in (("top1", first), ("top3", third))
            for key, values in found.items()
        }


@torch.inference_mode()
def embed(model: Encoder, inputs: tuple[Tensor, Tensor]) -> Tensor:
    """Vectors in float32, without training."""
    with torch.autocast("cpu", torch.bfloat16):
        vectors: Tensor = model.eval()(*inputs)
    return vectors.float()
