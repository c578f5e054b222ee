"""How well messages are understood in a conversation: `python -m bot.evaluate_dialogues`.

Reads tests/dialogues/*.yml, in whose name the language stands: dialogues, each a list of
`{say: text, intent: name}`, where `intent` may be several, parted by `|`; or another folder
(`--set`; tests/dialogues/unseen is of other authors, and nothing is chosen or written by it). Each
message is judged twice: alone, and after what was said before it. The replies before it are those
that follow on what was understood, without the action server.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from bot import evaluate, training_data, yaml_text

SET = training_data.ROOT / "tests" / "dialogues"

FIRST, LATER_ALONE, LATER = "first message", "later, judged alone", "later, after the others"
GROUPS = (FIRST, LATER_ALONE, LATER)
"""What is told apart."""


class Turn(NamedTuple):
    """A message and the intents that are right after what was said before it."""

    text: str
    intents: frozenset[str]


class DialogueFileError(ValueError):
    """A file cannot be used; the message names file, dialogue and fault."""


def read_dialogues(path: Path) -> list[list[Turn]]:
    """The dialogues of a file. Raises `DialogueFileError`."""
    known = set(training_data.contract_intents())
    found: list[list[Turn]] = []
    read = yaml_text.load(path.read_text(encoding="utf-8"))
    if not isinstance(read, list):
        raise DialogueFileError(f"{path}: it holds no list of dialogues.")
    for number, dialogue in enumerate(read, 1):
        turns: list[Turn] = []
        for turn in dialogue if isinstance(dialogue, list) else [dialogue]:
            if not isinstance(turn, Mapping) or set(turn) != {"say", "intent"}:
                raise DialogueFileError(
                    f"{path}, dialogue {number}: a message is not {{say: …, intent: …}}."
                )
            intents = frozenset(each.strip() for each in str(turn["intent"]).split("|"))
            if intents - known:
                raise DialogueFileError(
                    f"{path}, dialogue {number}: {min(intents - known)!r} is no intent of "
                    "bot/intents.yml."
                )
            turns.append(Turn(str(turn["say"]), intents))
        found.append(turns)
    return found


class Counts:
    """How many messages were right at first, handled, and asked back."""

    def __init__(self) -> None:
        self.all = self.right = self.handled = self.asked_back = 0

    def add(self, turn: Turn, parsed: Mapping[str, Any]) -> None:
        """Count a message. One is handled when the answer, or an intent offered, is right."""
        self.all += 1
        ranking = parsed.get("intent_ranking") or [{"name": None}]
        self.right += ranking[0]["name"] in turn.intents
        intent = parsed["intent"]["name"]
        if intent == evaluate.FALLBACK:
            self.asked_back += 1
            self.handled += bool(turn.intents & set(parsed.get("options") or ()))
        else:
            self.handled += intent in turn.intents

    def __str__(self) -> str:
        shares = (self.right, self.handled, self.asked_back)
        return "  ".join(f"{share / max(self.all, 1):.3f}" for share in shares)


def judged(dialogues: list[list[Turn]], agent: Any) -> Iterator[tuple[int, Turn, Any, Any]]:
    """Place in the dialogue, message, what it is taken for alone, and after the others."""
    from rasa.core.channels.channel import UserMessage
    from rasa.shared.core.events import BotUttered, UserUttered
    from rasa.shared.core.trackers import DialogueStateTracker

    loop = asyncio.new_event_loop()

    def parse(text: str, tracker: Any) -> Mapping[str, Any]:
        message = UserMessage(evaluate.as_typed(text))
        found = loop.run_until_complete(agent.processor.parse_message(message, tracker))
        return dict(found)

    nothing = DialogueStateTracker("alone", agent.domain.slots)
    for dialogue in dialogues:
        tracker = DialogueStateTracker("dialogue", agent.domain.slots)
        for place, turn in enumerate(dialogue):
            alone = parse(turn.text, nothing)
            # before the first there is nothing
            after = parse(turn.text, tracker) if place else alone
            yield place, turn, alone, after
            intent = after["intent"]["name"]
            key = "utter_ask_back" if intent == evaluate.FALLBACK else f"utter_{intent}"
            tracker.update(UserUttered(turn.text))
            tracker.update(BotUttered("…", data={"custom": {"id": key}}))


def measured(dialogues: list[list[Turn]], agent: Any) -> tuple[dict[str, Counts], list[str]]:
    """Counts by group of messages, and a line for each later message that was not handled."""
    groups = {name: Counts() for name in GROUPS}
    faults = []
    for place, turn, alone, after in judged(dialogues, agent):
        if not place:
            groups[FIRST].add(turn, alone)
            continue
        groups[LATER_ALONE].add(turn, alone)
        handled = groups[LATER].handled
        groups[LATER].add(turn, after)
        if groups[LATER].handled == handled:
            found = ", ".join(
                f"{one['name']} {one['confidence']:.2f}" for one in after["intent_ranking"][:3]
            )
            wanted = "|".join(sorted(turn.intents))
            faults.append(f"{turn.text!r} is {wanted}, not {after['intent']['name']} ({found})")
    return groups, faults


def main() -> None:
    """Print shares by language, alone and in the conversation."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--set", type=Path, default=SET, help="a folder of dialogues")
    parser.add_argument("--faults", action="store_true", help="print what was not handled")
    options = parser.parse_args()
    try:
        files = {path.stem: read_dialogues(path) for path in sorted(options.set.glob("*.yml"))}
    except DialogueFileError as error:
        sys.exit(str(error))
    if not files:
        sys.exit(f"{options.set} holds no dialogues (*.yml).")
    agent = evaluate.trained_agent()
    print(f"{'':<30}messages  right at first, handled, asked back")
    for name, dialogues in files.items():
        groups, faults = measured(dialogues, agent)
        for fault in faults if options.faults else ():
            print(f"{name}: {fault}")
        for group, counts in groups.items():
            print(f"{name}  {group:<26}{counts.all:>8}  {counts}")


if __name__ == "__main__":
    main()
