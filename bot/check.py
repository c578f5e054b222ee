"""Checks what people edit before anything starts: data, words, rules, contacts.

`python -m bot.check` compiles the catalogues, lists every fault with file, place and remedy, and
exits with 1 when there is one. It needs no Rasa and takes a second.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

import yaml

from bot import catalogue, training_data
from bot.contacts import contacts
from bot.countries import states
from bot.errors import ProjectFileError
from bot.languages import languages
from bot.nlg import answers

_ROOT = training_data.ROOT


def domain_faults() -> Iterator[str]:
    """Intents without a place in domain.yml or a rule, and responses without an entry."""
    domain = yaml.safe_load((_ROOT / "domain.yml").read_text(encoding="utf-8"))
    intents = set(domain["intents"])
    actions = {a if isinstance(a, str) else next(iter(a)) for a in domain["actions"]}
    rules: dict[str, str] = {}
    for path in sorted((_ROOT / "data" / "stories").glob("*.yml")):
        for rule in yaml.safe_load(path.read_text(encoding="utf-8")).get("rules", []):
            steps = rule["steps"]
            if steps and "intent" in steps[0]:
                rules[steps[0]["intent"]] = path.name
            for action in (step["action"] for step in steps if "action" in step):
                if action not in actions:
                    yield (
                        f"data/stories/{path.name}: {rule['rule']}: {action} is not among the "
                        "actions of domain.yml. Add it there or correct the name."
                    )
    for intent in training_data.contract_intents():
        if intent not in intents:
            yield f"domain.yml: the intent {intent} is missing; the contract has it. Add the line."
        if intent not in rules:
            yield f"data/stories: no rule begins with the intent {intent}. Add one."
    for action in sorted(actions):
        if action.startswith("utter_") and action not in answers.answers().entries:
            yield (
                f"bot/nlg/answers.yml: {action} has no entry, though domain.yml names it. "
                "Add it, with its texts."
            )


def faults() -> list[str]:
    """Everything that must be mended before Kompas can start."""
    found: list[str] = []

    def gather(step: object) -> None:
        try:
            result = step()  # type: ignore[operator]
        except ProjectFileError as error:
            found.extend(error.faults)
        except (OSError, yaml.YAMLError, KeyError, TypeError) as error:
            found.append(f"{type(error).__name__}: {error}. Mend the file named there.")
        else:
            if isinstance(result, (list, Iterator)):
                found.extend(str(fault) for fault in result)

    for step in (
        languages,
        contacts,
        states,
        catalogue.compile_catalogues,
        answers.answers,
        lambda: answers.faults(training_data.contract_intents()),
        lambda: list(domain_faults()),
        training_data.faults,
    ):
        gather(step)
    return list(dict.fromkeys(found))


def main() -> None:
    """Print the faults, one a line, or that there is none."""
    found = faults()
    if found:
        sys.exit("\n".join(found))
    print("Data, words, rules and contacts are in order.")


if __name__ == "__main__":
    main()
