"""Options of a training."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Plan:
    """How to adapt the encoder; every field is an option of `python -m encoder train`."""

    # of the files written under var/encoder
    name: str = "adapted"
    # the checkpoint to begin from: what is committed, an earlier training under its name, or the
    # published weights (`frozen`; a rate of 2e-4 and more epochs do then)
    start: str = "committed"
    epochs: int = 4
    # the learning rate reaches zero after the epochs or this time, whichever comes first
    minutes: float = 50.0
    # learning rates: of the layers, of the linear head, of the token vectors (0: frozen)
    rate: float = 1.5e-4
    head_rate: float = 2e-3
    words_rate: float = 0.0
    # so much of the typed answers to the checklist is taken in an epoch: they are half of all
    answers: float = 0.5
    # the first layers stay as published: half of them costs a third less time
    frozen_layers: int = 4
    batch: int = 64
    dropout: float = 0.1
    # weight and temperature of the contrastive term
    contrast: float = 0.3
    temperature: float = 0.07
    # label smoothing
    smoothing: float = 0.05
    # the weights kept are a moving average over some 1 / (1 - average) steps
    average: float = 0.995
    max_tokens: int = 64
    # of the training messages, for a quick look
    share: float = 1.0
    seed: int = 1
    threads: int = 2
    # faster on processors with AVX512-BF16
    bf16: bool = True
