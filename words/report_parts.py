"""Which text stands in which part of the review report: every text once, in reading order."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from bot import catalogue
from bot.checklist.questions import checklist
from bot.checklist.wording import needed_keys
from bot.training_data import intents_by_topic
from words.extraction import domains_of_keys

CONTACTS, STATES = "contacts", "states"
"""Parts that are a table of records, not texts."""


@dataclass(frozen=True)
class Part:
    """A part of the report: `title` is a key of the catalogues, `keys` the texts in their order."""

    name: str
    title: str
    keys: tuple[str, ...]


def _matching(pattern: str) -> Callable[[Sequence[str]], list[str]]:
    found = re.compile(pattern)
    return lambda keys: [key for key in keys if found.match(key)]


def _of_topic(intents: Sequence[str]) -> Callable[[Sequence[str]], list[str]]:
    def choose(keys: Sequence[str]) -> list[str]:
        chosen = []
        for intent in intents:
            own = rf"utter_{intent}$"
            if intent == "hague_country":
                own = r"utter_hague_country(?:_|$)|line_country_"
            chosen += [key for key in keys if re.match(own, key)]
        return chosen

    return choose


def _questions(keys: Sequence[str]) -> list[str]:
    """Each question with its why, options and what is said after each."""
    have, chosen = set(keys), []
    for question in checklist().questions.values():
        name = question.id
        wished = [f"{name}_ask", f"{name}_why"]
        wished += [key for key in keys if key.startswith(f"{name}_help_")]
        wished += [f"{name}_option_{option}" for option in question.options]
        # an option that is no outcome, the short name, and then what is said after each
        wished += [key for key in keys if re.match(rf"{name}_(?:option_|title$)", key)]
        wished += [f"{name}_tell_{outcome}" for outcome in question.outcomes]
        wished += [key for key in keys if key.startswith(f"{name}_tell_")]
        chosen += [key for key in wished if key in have]
    return list(dict.fromkeys(chosen))


def _documents(keys: Sequence[str]) -> list[str]:
    chosen = ["document_status_ask", "document_status_why"]
    for document in checklist().documents.values():
        for name in (document.id, *document.parts):
            chosen += [f"{name}_name", f"{name}_note"]
            chosen += [key for key in keys if key.startswith(f"{name}_obtain_")]
    return [key for key in dict.fromkeys(chosen) if key in set(keys)]


def _result(keys: Sequence[str]) -> list[str]:
    needed = list(dict.fromkeys(needed_keys()))
    first = [key for key in needed if re.match(r"condition_|sum_|route_", key)]
    rest = _matching(r"other_route|submission_|after_sending_|utter_checklist_result|sum_|route_")
    return [key for key in dict.fromkeys([*first, *rest(keys)]) if key in set(keys)]


def _choices() -> Iterator[tuple[str, str, Callable[[Sequence[str]], list[str]]]]:
    report = "desk_report_section_"
    yield "emergency", f"{report}emergency", _matching(r"emergency_|utter_(emergency$|doubtful_)")
    for topic, intents in intents_by_topic().items():
        if topic != "conversation":
            yield topic, f"web_kit_topic_{topic}", _of_topic(intents)
    yield "hard", f"{report}hard", _matching(r"utter_hard_")
    yield (
        "handover",
        f"{report}handover",
        _matching(r"utter_handover|handover_|contact_|button_handover_"),
    )
    yield "questions", f"{report}questions", _questions
    yield "documents", f"{report}documents", _documents
    yield "result", f"{report}result", _result
    yield "deadlines", f"{report}deadlines", _matching(r"t_|ics_")
    yield "replies", f"{report}replies", _matching(r"reply_")
    yield "withheld", f"{report}withheld", _matching(r"withheld_")
    yield "conversation", f"{report}conversation", _matching(r"utter_(?!checklist_)|hours_")
    yield "links", f"{report}links", _matching(r"link_")
    yield "kit", f"{report}kit", _matching(r"web_kit_")
    yield "pages", f"{report}pages", _matching(r"web_|error_")
    yield (
        "checklist",
        f"{report}checklist",
        lambda keys: [key for key in keys if domains_of_keys()[key] == "checklist"],
    )


def parts() -> list[Part]:
    """Every text for visitors in the part it belongs to; what belongs to none comes last.

    Titles of buttons and options stand with the answers that show them, in the parts of texts too.
    """
    left = [key for key, name in domains_of_keys().items() if name in catalogue.DOMAINS]
    found = []
    for name, title, choose in _choices():
        chosen = choose(left)
        if name in intents_by_topic():
            chosen = _with_titles(chosen, left)
        found.append(Part(name, title, tuple(chosen)))
        taken = set(chosen)
        left = [key for key in left if key not in taken]
    found.append(Part("other", "desk_report_section_other", tuple(left)))
    return [part for part in found if part.keys]


def _with_titles(chosen: Sequence[str], keys: Sequence[str]) -> list[str]:
    """The answers, each before the titles that lead to it."""
    result, have = [], set(keys)
    for key in chosen:
        result.append(key)
        intent = key.removeprefix("utter_")
        result += [each for each in (f"option_{intent}", f"button_{intent}") if each in have]
    return result
