"""Run by .venv/bot: `python -m bench.rasa_parse MODEL SET.csv OUT.json` parses each message."""

from __future__ import annotations

import asyncio
import csv
import json
import sys
from pathlib import Path

from rasa.core.agent import Agent


async def _parse(model: str, rows: list[dict[str, str]]) -> list[dict[str, object]]:
    agent = Agent.load(model)
    parsed = []
    for row in rows:
        result = await agent.parse_message(row["text"])
        parsed.append(
            {
                "id": row["id"],
                "intent": result["intent"]["name"],
                "ranking": [
                    [one["name"], round(one["confidence"], 4)] for one in result["intent_ranking"]
                ][:4],
            }
        )
    return parsed


def main() -> None:
    """Write intent and ranking of each message."""
    model, source, target = sys.argv[1:]
    with Path(source).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    Path(target).write_text(json.dumps(asyncio.run(_parse(model, rows))), encoding="utf-8")


if __name__ == "__main__":
    main()
