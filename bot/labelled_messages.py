"""Messages of people, sorted by kind: folders of YAML files, read and checked.

Such a folder has `<language>/<name>.yml` with a list under `messages`. The name of the file is
the kind of its messages; a file of messages that only sound alike has the kind `NONE`. A file may
hold a list for each kind instead. Plain Python: the check at the start reads them without Rasa.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import yaml

from bot import training_data, yaml_text
from bot.languages import fold, languages

NONE = "none"
"""The kind of a message that is of none."""
MESSAGES = "messages"
"""The list that a file holds."""
TOLD = "told"
"""The file that says of messages of `data/nlu` of which kind they are."""


class Message(NamedTuple):
    """A message with its kind; `source` is the name of its file."""

    language: str
    kind: str
    text: str
    source: str


@dataclass(frozen=True)
class MessageFolder:
    """`place` names the folder in what is said about faults; `kinds` gives each file its kind.

    `sorted_files`: files that hold lists by kind, and which.
    """

    place: str
    kinds: Mapping[str, str]
    fewest: int
    sorted_files: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def messages(self, data: Path) -> list[Message]:
        """Every message of every language. Raises ValueError saying what is wrong with a file."""
        return [message for listed in self.messages_by_file(data) for message in listed]

    def messages_by_file(self, data: Path) -> list[list[Message]]:
        """The same, file by file, each in its order."""
        return [
            self.messages_of(data / language / f"{name}.yml")
            for language in languages()
            for name in self._names()
        ]

    def messages_of(self, path: Path) -> list[Message]:
        """Messages of one file. Raises ValueError saying what is wrong with it."""
        language, name = path.parent.name, path.stem
        try:
            content = yaml_text.load(path.read_text(encoding="utf-8"))
        except yaml.YAMLError as error:
            where = yaml_text.in_file(error)
            raise ValueError(
                f"{where} is not YAML. Mend the indentation or the quotes there"
            ) from None
        kinds = {key: key for key in self.sorted_files.get(name, ())}
        kinds = kinds or {MESSAGES: self.kinds[name]}
        if not isinstance(content, dict) or set(content) != set(kinds):
            raise ValueError(f"needs exactly {', '.join(kinds)}. Write it like its neighbours")
        found = []
        for key, kind in kinds.items():
            lines = content[key]
            if not isinstance(lines, list):
                raise ValueError(f"{key} is no list. Begin each message with `- `")
            for number, line in enumerate(lines, start=1):
                if not isinstance(line, str) or not line.strip():
                    raise ValueError(f"message {number} is no text. Put quotes around it")
                found.append(Message(language, kind, line, name))
        return found

    def _names(self) -> tuple[str, ...]:
        return (*self.kinds, *self.sorted_files)

    def faults(self, data: Path) -> Iterator[str]:
        """Every fault of the files: place, fault, remedy."""
        for language in languages():
            seen: dict[str, Message] = {}
            for name in self._names():
                yield from self._faults_of(data / language / f"{name}.yml", seen)
            for path in sorted((data / language).glob("*.yml")):
                if path.stem not in self._names():
                    yield (
                        f"{self.place}/{language}/{path.name}: is none of "
                        f"{', '.join(self._names())}. Rename or remove it."
                    )

    def _faults_of(self, path: Path, seen: dict[str, Message]) -> Iterator[str]:
        place = f"{self.place}/{path.parent.name}/{path.name}"
        if not path.is_file():
            yield f"{place}: is missing. Write it like those of the other languages."
            return
        try:
            found = self.messages_of(path)
        except (ValueError, UnicodeDecodeError) as error:
            yield f"{place}: {error}."
            return
        if len(found) < self.fewest:
            yield f"{place}: has {len(found)} messages. Write {self.fewest} or more."
        for number, message in enumerate(found, start=1):
            key = "".join(c for c in fold(message.text) if c.isalnum())
            twin = seen.setdefault(key, message)
            if twin.kind != message.kind:
                yield (
                    f"{place}: message {number} stands as {twin.kind} in {twin.source}.yml too. "
                    "Decide which it is and remove the other."
                )

    def copies_of_nothing(self, data: Path, name: str, near: Iterable[str]) -> Iterator[str]:
        """What the file `name` of a language holds that no intent of `near` in `data/nlu` has."""
        for language in languages():
            known = {
                example.text
                for intent in near
                for example in training_data.examples_of(
                    training_data.DATA / language / f"{intent}.yml"
                )
            }
            listed = self.messages_of(data / language / f"{name}.yml")
            for number, message in enumerate(listed, start=1):
                if message.text not in known:
                    yield (
                        f"{self.place}/{language}/{name}.yml: message {number} is none of "
                        f"{', '.join(near)} in data/nlu/{language}. Copy it anew or remove it."
                    )
