"""Adapts the encoder to the conversations: cross-entropy of every task, and supervised contrast.

A task is what the server asks of a message: its intent, whether it is an emergency or a hard
request, what it answers to a question of the checklist. Token vectors stay as published unless
they are given a rate, so that words which no training message has keep their meaning. Every batch
holds messages of like length, four of a kin where there are so many, of all languages together:
the same intent in another language is a positive.
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
from torch.nn.attention import SDPBackend, sdpa_kernel

from encoder.augment import vary
from encoder.data import INTENT, LANES, Lesson, development_rows, lessons
from encoder.model import Encoder, load
from encoder.plan import Plan

_BLOCK = 4
_PLAIN = SDPBackend.MATH
_OF_EVERY_MESSAGE = frozenset([INTENT, *LANES])
"""Tasks that are no questions of the checklist."""


def batches(lengths: list[int], kin: list[str], size: int, rng: random.Random) -> list[list[int]]:
    """Indices of all messages once, in batches of like length, kin in blocks of four."""
    order = sorted(range(len(lengths)), key=lambda index: (lengths[index], rng.random()))
    result = []
    span = size * 8
    for begin in range(0, len(order), span):
        by_kin = defaultdict(list)
        for index in rng.sample(order[begin : begin + span], len(order[begin : begin + span])):
            by_kin[kin[index]].append(index)
        blocks = [
            group[i : i + _BLOCK] for group in by_kin.values() for i in range(0, len(group), _BLOCK)
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


class Tasks:
    """Labels of every task, and where their scores stand in the output of one linear layer."""

    def __init__(self, known: list[Lesson]) -> None:
        found: dict[str, set[str]] = defaultdict(set)
        for lesson in known:
            for task, label in lesson.labels.items():
                found[task].add(label)
        self.labels = {task: sorted(labels) for task, labels in sorted(found.items())}
        self.size = sum(map(len, self.labels.values()))
        self._places: dict[str, slice] = {}
        begin = 0
        for task, labels in self.labels.items():
            self._places[task] = slice(begin, begin + len(labels))
            begin += len(labels)

    def columns(self, task: str) -> slice:
        """Where the scores of `task` stand."""
        return self._places[task]

    def loss(self, scores: Tensor, known: list[Lesson], smoothing: float) -> Tensor:
        """Mean over the messages of the cross-entropy of all their tasks."""
        rows: dict[str, list[int]] = defaultdict(list)
        for row, lesson in enumerate(known):
            for task in lesson.labels:
                rows[task].append(row)
        total = scores.sum() * 0
        for task, chosen in rows.items():
            truth = [self.labels[task].index(known[row].labels[task]) for row in chosen]
            total = total + functional.cross_entropy(
                scores[chosen, self.columns(task)],
                torch.tensor(truth),
                label_smoothing=smoothing,
                reduction="sum",
            )
        return total / len(known)


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
        known = lessons()
        self.lessons = self.rng.sample(known, int(len(known) * plan.share))
        self.development = development_rows()
        self.tasks = Tasks(known)
        self.model = load(folder / f"{plan.start}.pt", plan.dropout)
        self.model.words.weight.requires_grad_(plan.words_rate > 0)
        self.model.freeze_layers(plan.frozen_layers)
        self.head = nn.Linear(self.model.words.embedding_dim, self.tasks.size)
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
        total = plan.epochs * math.ceil(self._epoch_size() / plan.batch)

        starts = [group["lr"] for group in optimizer.param_groups]
        best, history, step, done = -1.0, [], 0, 0.0
        print(
            f"{len(self.lessons)} messages, {len(self.tasks.labels)} tasks, "
            f"{self.tasks.size} labels, {total} steps",
            flush=True,
        )
        for epoch in range(1, plan.epochs + 1):
            losses = []
            for batch in self._epoch():
                pace = min(1.0, done / 0.06 + 0.02) * (1 - done)
                for group, start in zip(optimizer.param_groups, starts):
                    group["lr"] = start * pace
                losses.append(self._step(*batch, optimizer))
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
                head = {"head": self.averaged_head.state_dict(), "tasks": self.tasks.labels}
                torch.save({**head, "scale": self.scale}, self.folder / f"{plan.name}.head.pt")
            about = {
                "plan": asdict(plan),
                "messages": len(self.lessons),
                "minutes": round((time.time() - begin) / 60, 1),
                "epochs": history,
            }
            target.with_suffix(".json").write_text(json.dumps(about, indent=2))
            if done >= 1:
                break
        return target

    def _is_answer(self, lesson: Lesson) -> bool:
        return not lesson.labels.keys() & _OF_EVERY_MESSAGE

    def _epoch_size(self) -> int:
        answers = sum(map(self._is_answer, self.lessons))
        return len(self.lessons) - answers + int(answers * self.plan.answers)

    def _epoch(self) -> Iterator[tuple[list[str], list[Lesson]]]:
        """Batches of messages, each typed in a way of this epoch, with what is known of them."""
        chosen = [
            lesson
            for lesson in self.lessons
            if not self._is_answer(lesson) or self.rng.random() < self.plan.answers
        ]
        texts = [vary(lesson.text, self.rng) for lesson in chosen]
        lengths = [sum(e.attention_mask) for e in self.tokenizer.encode_batch(texts)]
        kin = [lesson.kin for lesson in chosen]
        for batch in batches(lengths, kin, self.plan.batch, self.rng):
            yield [texts[i] for i in batch], [chosen[i] for i in batch]

    def _step(
        self, texts: list[str], known: list[Lesson], optimizer: torch.optim.Optimizer
    ) -> float:
        self.model.train()
        ids, mask = self._inputs(texts)
        # the fused attention is the slower one for messages as short as these
        with torch.autocast("cpu", torch.bfloat16, enabled=self.plan.bf16), sdpa_kernel(_PLAIN):
            vectors = self.model(ids, mask)
        vectors = vectors.float()
        scores = self.head(vectors * self.scale)
        loss = self.tasks.loss(scores, known, self.plan.smoothing)
        numbers: dict[str, int] = {}
        kin = torch.tensor(
            # a message without kin is its own
            [numbers.setdefault(k.kin or f"\0{i}", len(numbers)) for i, k in enumerate(known)]
        )
        loss = loss + self.plan.contrast * contrast_loss(vectors, kin, self.plan.temperature)
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
            scores = self.averaged_head(vectors * self.scale)[:, self.tasks.columns(INTENT)]
            ranks = scores.argsort(dim=1, descending=True)
            for row, rank in zip(batch, ranks):
                names = [self.tasks.labels[INTENT][i] for i in rank[:3]]
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
