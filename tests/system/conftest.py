"""The real processes, started once for all tests of this folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from stack import Stack, Visitor


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    running = Stack(tmp_path_factory.mktemp("kompas"))
    try:
        running.start()
        yield running
    finally:
        running.stop()


@pytest.fixture
def arrive(stack: Stack) -> Callable[..., Visitor]:
    """Makes a visitor whose conversation has begun: `arrive("tr")`, or without a choice."""

    def make(lang: str | None = None, **more: str) -> Visitor:
        visitor = Visitor(stack)
        visitor.start(lang, **more)
        return visitor

    return make
