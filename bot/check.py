"""Checks what people edit before anything starts: data, words, rules, contacts.

`python -m bot.check` compiles the catalogues, lists every fault with file, place and remedy, and
exits with 1 when there is one. It needs no Rasa and takes a second. With `--start` texts that are
stale or past their last day are told of but do not stop the start: they are withheld
(bot/reviews.py), and a parent without any answer would be worse off.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import yaml

from bot import (
    catalogue,
    emergency,
    emergency_data,
    gazetteer,
    hard_request_data,
    hard_requests,
    language_names,
    papers,
    training_data,
    words,
    yaml_text,
)
from bot.checklist import examples, questions, wording
from bot.contacts import contacts
from bot.countries import states
from bot.errors import ProjectFileError
from bot.follow_ups import follow_ups
from bot.languages import languages
from bot.nlg import answers

_ROOT = training_data.ROOT


def _read(path: Path) -> Any:
    """The YAML of a file. Raises `ProjectFileError` naming file and line."""
    name = path.relative_to(_ROOT)
    try:
        return yaml_text.load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ProjectFileError([f"{name}: is missing. Restore the file."]) from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        line = yaml_text.after_name(error)
        raise ProjectFileError(
            [f"{name}:{line} is not YAML. Mend the indentation or the quotes there."]
        ) from None


def domain_faults() -> Iterator[str]:
    """Intents without a place in domain.yml or a rule, and responses without an entry."""
    domain = _read(_ROOT / "domain.yml")
    try:
        intents = set(domain["intents"])
        actions = {a if isinstance(a, str) else next(iter(a)) for a in domain["actions"]}
        actions |= set(domain.get("forms") or {})
    except (KeyError, TypeError):
        yield "domain.yml: has no lists `intents` and `actions`. Restore them."
        return
    rules: dict[str, str] = {}
    for path in sorted((_ROOT / "data" / "stories").glob("*.yml")):
        content = _read(path)
        try:
            found = [(rule["rule"], list(rule["steps"])) for rule in content["rules"]]
            named = {steps[0]["intent"] for _, steps in found if steps and "intent" in steps[0]}
            unknown = [
                (rule, step["action"])
                for rule, steps in found
                for step in steps
                if "action" in step and step["action"] not in actions
            ]
        except (KeyError, TypeError):
            yield (
                f"data/stories/{path.name}: is no list `rules` of rules with steps. "
                "Write it like its neighbours."
            )
            continue
        rules.update(dict.fromkeys(named, path.name))
        for rule, action in unknown:
            yield (
                f"data/stories/{path.name}: {rule}: {action} is not among the "
                "actions of domain.yml. Add it there or correct the name."
            )
    for intent in training_data.contract_intents():
        if intent not in intents:
            yield f"domain.yml: the intent {intent} is missing; the contract has it. Add the line."
        if intent not in rules:
            yield f"data/stories: no rule begins with the intent {intent}. Add one."
    if hard_requests.INTENT not in intents & set(rules):
        yield (
            f"domain.yml: the intent {hard_requests.INTENT} is missing there or has no rule in "
            "data/stories. Add it."
        )
    texts = [found.response for found in hard_requests.hard_requests().values()]
    for key in (hard_requests.RESPONSE, *texts):
        if key not in actions:
            yield f"domain.yml: the action {key} is missing; a hard request needs it. Add it."
    for action in sorted(actions):
        if action.startswith("utter_") and action not in answers.answers().entries:
            yield (
                f"bot/nlg/answers.yml: {action} has no entry, though domain.yml names it. "
                "Add it, with its texts."
            )


_FEWEST_CODE_WORDS = 1000


def code_word_faults() -> Iterator[str]:
    """Languages without the words that codes for a kept checklist are made of."""
    for language in languages():
        path = _ROOT / "bot" / "checklist" / "words" / f"{language}.txt"
        place = path.relative_to(_ROOT)
        listed = path.read_text(encoding="utf-8").split() if path.is_file() else []
        if len(listed) < _FEWEST_CODE_WORDS:
            yield (
                f"{place}: has {len(listed)} words. Write {_FEWEST_CODE_WORDS} or more: short "
                "names of things, easily told apart, a line each."
            )


def faults(*, at_start: bool = False) -> list[str]:
    """Everything that must be mended; `at_start` only what Kompas cannot start with."""
    found: list[str] = []

    def gather(place: str, step: object) -> None:
        try:
            result = step()  # type: ignore[operator]
        except ProjectFileError as error:
            found.extend(error.faults)
        except (OSError, yaml.YAMLError, LookupError, TypeError, ValueError, AttributeError) as e:
            # a fault that no check of its own foresees: at least the file is named
            said = " ".join(str(e).split())
            found.append(f"{place}: cannot be used ({type(e).__name__}: {said}). Mend the file.")
        else:
            if isinstance(result, (list, Iterator)):
                found.extend(str(fault) for fault in result)

    for place, step in (
        ("bot/languages.yml", languages),
        ("bot/contacts.yml", contacts),
        ("bot/contracting-states.csv", states),
        # a stale text hides no other fault; what is said of it comes with the papers
        ("locales", partial(catalogue.compile_catalogues, allow_stale=True)),
        ("locales", lambda: [] if at_start else list(catalogue.stale_texts())),
        ("bot/nlg/answers.yml", answers.answers),
        ("bot/intents.yml", training_data.intents_by_topic),
        ("bot/follow_ups.yml", follow_ups),
        ("bot/intent_meanings.yml", lambda: list(training_data.meaning_faults())),
        ("bot/nlg/answers.yml", lambda: answers.faults(training_data.contract_intents())),
        ("bot/checklist/questions.yml", questions.checklist),
        (papers.FACTS, lambda: list(papers.faults())),
        (papers.FACTS, lambda: [] if at_start else list(_past_their_day())),
        ("locales", lambda: list(wording.faults())),
        ("bot/words", lambda: list(words.faults())),
        ("bot/gazetteer", gazetteer.load),
        (language_names.PLACE, lambda: list(language_names.faults())),
        ("bot/checklist/words", lambda: list(code_word_faults())),
        ("bot/emergency", emergency.faults),
        ("data/emergency", lambda: list(emergency_data.faults())),
        ("bot/hard_requests.yml", lambda: list(hard_requests.faults())),
        ("data/hard_requests", lambda: list(hard_request_data.faults())),
        ("data/answers", lambda: list(examples.faults())),
        ("domain.yml", lambda: list(domain_faults())),
        ("data/nlu", training_data.faults),
    ):
        gather(place, step)
    return list(dict.fromkeys(found))


def _past_their_day() -> Iterator[str]:
    return papers.faults_on(answers.current_time().date())


def notices(*, at_start: bool = False) -> list[str]:
    """What somebody should look at, and nothing stops for."""
    found = list(papers.notices_on(answers.current_time().date()))
    if at_start:
        found += [*_past_their_day(), *catalogue.stale_texts()]
    return found


def main() -> None:
    """Print the notices, then the faults, one a line, or that there is none."""
    parser = argparse.ArgumentParser(prog="python -m bot.check", description=__doc__)
    parser.add_argument("--start", action="store_true", help="stop only for what stops a start")
    at_start: bool = parser.parse_args().start
    found = faults(at_start=at_start)
    if found:
        sys.exit("\n".join(found))
    for notice in notices(at_start=at_start):
        print(f"Notice: {notice}")
    print("Data, words, rules and contacts are in order.")


if __name__ == "__main__":
    main()
