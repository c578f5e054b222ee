"""The texts in reading order: each subject as a conversation, down to every last label.

A subject is made of sections, a section of lines: what a visitor would say, what the assistant
says to it with its buttons and links, or what stands on a page. They hold keys of the catalogues;
the records beside the catalogues (answers, checklist, replies) say how keys belong together.
A key that no record names stands in the subject of the rest of its catalogue.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from bot.checklist.questions import AUTHORITIES, Outcome, Question, checklist
from bot.emergency import KINDS
from bot.hard_requests import hard_requests
from bot.nlg.answers import answers
from bot.training_data import intents_by_topic
from desk.replies import SUBJECTS, replies

VISITOR, ASSISTANT, PAGE = "visitor", "assistant", "page"
_OBTAINED = "_obtain_"
_SPOKEN = ("utter", "line", "hours", "problem")


@dataclass(frozen=True)
class Line:
    """One bubble: keys of its paragraphs, of the titles under it, of its links.

    `about` is the id of an answer or paper that the line is about.
    """

    speaker: str
    keys: tuple[str, ...]
    buttons: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    about: str = ""


@dataclass(frozen=True)
class Section:
    """Lines that belong together. `title` is a key whose Dutch text names them, or nothing."""

    name: str
    lines: tuple[Line, ...]
    title: str = ""


@dataclass(frozen=True)
class Subject:
    """What one reads in one go; `group` is its part of the list of subjects."""

    name: str
    group: str
    sections: tuple[Section, ...]

    @property
    def keys(self) -> tuple[str, ...]:
        """Every key in it, once, in reading order."""
        found = (
            key
            for section in self.sections
            for line in section.lines
            for key in (*line.keys, *line.buttons, *line.links)
        )
        return tuple(dict.fromkeys(found))


def subjects(keys: Mapping[str, str]) -> Mapping[str, Subject]:
    """The subjects by name, of the texts that there are (key → catalogue)."""
    return _subjects(tuple(keys.items()))


@lru_cache(maxsize=2)
def _subjects(items: tuple[tuple[str, str], ...]) -> Mapping[str, Subject]:
    keys = dict(items)
    found: list[Subject] = []
    for made in (_topics, _checklists, _outcomes, _hand_over, _emergencies, _hard, _replies):
        found += [_only(subject, keys) for subject in made(keys)]
    named = {key for subject in found for key in subject.keys}
    for domain in dict.fromkeys(keys.values()):
        left = [key for key, own in keys.items() if own == domain and key not in named]
        if left:
            found.append(_rest(domain, left))
    return {subject.name: subject for subject in found if subject.sections}


def subject_of(key: str, keys: Mapping[str, str]) -> str | None:
    """The first subject in which a text stands."""
    return _first(tuple(keys.items())).get(key)


@lru_cache(maxsize=2)
def _first(items: tuple[tuple[str, str], ...]) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for subject in _subjects(items).values():
        for key in subject.keys:
            found.setdefault(key, subject.name)
    return found


def _only(subject: Subject, keys: Mapping[str, str]) -> Subject:
    """The subject without keys that have no text, and without what is empty then."""

    def there(wanted: Iterable[str]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(key for key in wanted if key in keys))

    sections = []
    for section in subject.sections:
        lines = [
            Line(line.speaker, there(line.keys), there(line.buttons), there(line.links), line.about)
            for line in section.lines
        ]
        kept = tuple(line for line in lines if line.keys or line.buttons or line.links)
        if kept:
            title = section.title if section.title in keys else ""
            sections.append(Section(section.name, kept, title))
    return Subject(subject.name, subject.group, tuple(sections))


def _answer(key: str, *more: str, buttons: Iterable[str] = ()) -> Line:
    """A message of the assistant, with what `answers.yml` puts under it."""
    entry = answers().entries.get(key)
    named = [f"button_{name}" for name in entry.buttons] if entry else []
    links = [f"link_{name}" for name in entry.links] if entry else []
    return Line(ASSISTANT, (key, *more), (*named, *buttons), tuple(links))


# --- questions of visitors ------------------------------------------------------------------


def _topics(keys: Mapping[str, str]) -> Iterator[Subject]:
    by_topic = intents_by_topic()
    intents = [intent for listed in by_topic.values() for intent in listed]
    for topic, listed in by_topic.items():
        sections = tuple(_intent(intent, intents, keys) for intent in listed)
        yield Subject(f"topic_{topic}", "topics", sections)


def _intent(intent: str, intents: list[str], keys: Mapping[str, str]) -> Section:
    own = f"utter_{intent}"
    longer = tuple(f"utter_{each}" for each in intents if each.startswith(f"{intent}_"))
    variants = [key for key in keys if key.startswith(f"{own}_") and not key.startswith(longer)]
    asked = Line(VISITOR, (f"option_{intent}", f"button_{intent}"))
    return Section(
        intent,
        (asked, *(_answer(key) for key in (own, *variants))),
        f"option_{intent}",
    )


# --- the checklist --------------------------------------------------------------------------


def _checklists(keys: Mapping[str, str]) -> Iterator[Subject]:
    listed = checklist()
    for side in AUTHORITIES:
        questions = [_question(each, side) for each in listed.questions.values()]
        yield Subject(
            f"checklist_{side}",
            "checklist",
            (*questions, *_papers(keys), *_result(side)),
        )


def _question(question: Question, side: str) -> Section:
    name = question.id
    offered = [f"{name}_option_{option}" for option in question.options]
    helps = [f"{name}_help_{each}" for each in (side, "other") if each in (*question.help, "other")]
    lines = [
        Line(PAGE, (f"{name}_title",)),
        Line(ASSISTANT, (f"{name}_ask",), (*offered, "button_checklist_skip")),
        Line(VISITOR, ("button_checklist_why",)),
        Line(ASSISTANT, (f"{name}_why", *helps)),
    ]
    for outcome in question.outcomes.values():
        if outcome.tells:
            said = f"{name}_option_{outcome.name}"
            lines += [
                Line(VISITOR, (said,), about=outcome.name),
                Line(ASSISTANT, (f"{name}_tell_{outcome.name}",), about=outcome.name),
            ]
    if question.type == "per_document":
        lines += [
            Line(
                ASSISTANT,
                ("document_status_ask", "document_status_why"),
                tuple(f"{name}_option_{each}" for each in ("all", "none", "one_by_one")),
            )
        ]
    return Section(name, tuple(lines), f"{name}_title")


def _papers(keys: Mapping[str, str]) -> Iterator[Section]:
    for document in checklist().documents.values():
        lines = []
        for paper in (document.id, *document.parts):
            places = [key for key in keys if key.startswith(f"{paper}{_OBTAINED}")]
            lines.append(Line(ASSISTANT, (f"{paper}_name", f"{paper}_note", *places), about=paper))
        yield Section(document.id, tuple(lines), f"{document.id}_name")


def _result(side: str) -> Iterator[Section]:
    listed = checklist()
    suffix = "_be" if side == "BE" else ""
    conditions = tuple(f"condition_{each.id}" for each in listed.conditions.get(side, ()))
    yield Section(
        "conditions",
        (
            Line(ASSISTANT, ("utter_checklist_conditions", *conditions)),
            Line(PAGE, ("label_met", "label_unclear", "label_not_met")),
        ),
        "label_conditions",
    )
    sent = (f"submission_{side}_how", *(f"after_sending_{number}" for number in (1, 2, 3)))
    yield Section("submission", (Line(ASSISTANT, sent),), "label_submission")
    limits = [f"{limit}_{part}" for limit in listed.deadlines for part in ("rule", "tell")]
    yield Section("deadlines", (Line(ASSISTANT, tuple(limits)),), "label_deadlines")
    result = (
        *("utter_checklist_result_head", "utter_checklist_result_counts"),
        *("utter_checklist_result_next", f"utter_checklist_result_jurist{suffix}"),
    )
    yield Section("result", (Line(ASSISTANT, result),), "utter_checklist_result_head")


def _outcomes(keys: Mapping[str, str]) -> Iterator[Subject]:
    listed = checklist()
    for route, intents in listed.routes.items():
        said = [key for key in keys if key == route or key.startswith(f"{route}_")]
        buttons = tuple(f"button_{intent}" for intent in intents)
        ends = (*said, "utter_checklist_left", "utter_checklist_result_jurist")
        yield Subject(
            f"outcome_{route}",
            "outcomes",
            (*_ways_to(route), Section("route", (Line(ASSISTANT, ends, buttons),))),
        )
    for _, _, summary in listed.evaluate:
        lines = (
            Line(
                ASSISTANT,
                (
                    *("utter_checklist_result_head", summary, "utter_checklist_result_counts"),
                    *("utter_checklist_result_next", "utter_checklist_result_jurist"),
                ),
                tuple(
                    f"button_checklist_{part}"
                    for part in ("conditions", "points", "documents", "submission", "deadlines")
                ),
            ),
        )
        yield Subject(f"outcome_{summary}", "outcomes", (Section("end", lines),))


def _ways_to(route: str) -> Iterator[Section]:
    """The answers that lead out of the list to `route`."""
    for question in checklist().questions.values():
        leading = [each for each in question.outcomes.values() if each.next == route]
        for outcome in leading:
            yield _way(question, outcome)


def _way(question: Question, outcome: Outcome) -> Section:
    name = question.id
    lines = [
        Line(ASSISTANT, (f"{name}_ask",)),
        Line(VISITOR, (f"{name}_option_{outcome.name}",), about=outcome.name),
        Line(ASSISTANT, (f"{name}_tell_{outcome.name}",), about=outcome.name),
    ]
    return Section(f"{name}_{outcome.name}", tuple(lines), f"{name}_title")


# --- the rest -------------------------------------------------------------------------------


def _hand_over(keys: Mapping[str, str]) -> Iterator[Subject]:
    def with_prefix(*prefixes: str) -> tuple[str, ...]:
        return tuple(key for key in keys if key.startswith(prefixes))

    roles = with_prefix("button_handover_role_")
    sections = (
        Section(
            "ask",
            (
                Line(VISITOR, ("option_ask_human",)),
                _answer("utter_ask_human", buttons=("button_handover_yes", "button_handover_no")),
            ),
            "option_ask_human",
        ),
        Section("role", (Line(ASSISTANT, ("utter_handover_role",), roles),)),
        Section(
            "form",
            (
                Line(ASSISTANT, ("utter_handover_form",), ("button_handover_none",)),
                Line(PAGE, with_prefix("contact_")),
            ),
        ),
        *(
            Section(key.removeprefix("utter_"), (_answer(key),))
            for key in with_prefix("utter_handover_")
            if key not in ("utter_handover_role", "utter_handover_form")
        ),
        Section("parts", (Line(ASSISTANT, with_prefix("handover_")),)),
        Section("buttons", (Line(ASSISTANT, (), with_prefix("button_handover_")),)),
    )
    yield Subject("handover", "others", sections)


def _emergencies(keys: Mapping[str, str]) -> Iterator[Subject]:
    kinds = [f"emergency_{kind}" for kind in KINDS]
    more = [key for key in keys if key.startswith("emergency_") and key not in kinds]
    yield Subject(
        "emergencies",
        "others",
        (
            *(Section(key, (_answer(key, "emergency_go_on"),)) for key in kinds),
            *(Section(key, (_answer(key),)) for key in ("utter_emergency", *more)),
        ),
    )


def _hard(keys: Mapping[str, str]) -> Iterator[Subject]:
    yield Subject(
        "hard_requests",
        "others",
        tuple(Section(kind, (_answer(found.response),)) for kind, found in hard_requests().items()),
    )


def _replies(keys: Mapping[str, str]) -> Iterator[Subject]:
    subjects_of_mails = tuple(f"reply_subject_{each}" for each in SUBJECTS)
    yield Subject(
        "replies",
        "others",
        (
            Section("frame", (Line(PAGE, subjects_of_mails),)),
            *(
                Section(
                    name,
                    (Line(ASSISTANT, ("reply_greeting", reply.key, "reply_closing")),),
                )
                for name, reply in replies().items()
            ),
        ),
    )


def _rest(domain: str, keys: list[str]) -> Subject:
    """What is left of a catalogue, by the beginning of the keys."""
    by_name: dict[str, list[str]] = {}
    for key in keys:
        parts = key.split("_")
        deep = parts[0] in ("web", "utter")
        by_name.setdefault("_".join(parts[: 2 if deep else 1]), []).append(key)
    sections = []
    for name, own in by_name.items():
        speaker = ASSISTANT if name.startswith(_SPOKEN) else PAGE
        sections.append(Section(name, tuple(Line(speaker, (key,)) for key in own)))
    return Subject(f"rest_{domain}", "labels", tuple(_merged(sections)))


def _merged(sections: list[Section]) -> Iterator[Section]:
    """Sections of a single line are gathered in one."""
    single = [section for section in sections if len(section.lines) == 1]
    yield from (section for section in sections if len(section.lines) > 1)
    if single:
        lines = tuple(line for section in single for line in section.lines)
        yield Section("", lines)
