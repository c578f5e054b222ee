"""The soak test in small: ten conversations at once for twenty seconds, none lost."""

from __future__ import annotations

import asyncio

from stack import Stack

from bench import soak


def test_conversations_at_once_are_all_answered_and_ended(stack: Stack) -> None:
    found = asyncio.run(
        soak.converse(stack.address, conversations=10, seconds=20, think=2, weigh=lambda: {"x": 0})
    )
    told = soak.figures(found)
    assert (told["conversations"], told["lost"], told["ended"]) == (10, 0, 10)
    assert told["messages"] >= 20
    assert told["failures"] == 0
    assert told["beside_the_restart"]["seconds"] is None
    assert told["memory_mb"]["x"] == {"least": 0, "most": 0, "last": 0}


def test_a_report_tells_the_restart_apart() -> None:
    found = soak.Found(begun=2, ended=2, killed_at=10.0, back_at=16.0)
    found.turns = [
        soak.Turn(1.0, 0.1, 1, True),
        soak.Turn(9.95, 6.0, 3, True),
        soak.Turn(20.0, 0.2, 1, True),
        soak.Turn(21.0, 4.0, 2, True),
    ]
    told = soak.figures(found)
    assert told["failures"] == 1
    assert (told["p50_ms"], told["p99_ms"]) == (100.0, 200.0)
    restart = {"messages": 1, "said_again": 1, "longest_s": 6.0, "seconds": 6.0}
    assert told["beside_the_restart"] == restart
    machine = {"date": "", "commit": "", "processor": "", "cores": 2, "load_before": 0.0}
    settings = {"conversations": 2, "languages": 3, "minutes": 1, "think": 2, "killed": True}
    written = soak.text({"machine": machine, "settings": settings, "figures": told})
    assert "conversations lost: 0 of 2" in written
    assert "killed in the middle" in written
