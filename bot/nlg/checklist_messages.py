"""The messages of the checklist: questions, what is said to an answer, and the result.

The tracker holds codes only (slot `checklist`); this turns them into the visitor's language.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from bot import catalogue
from bot.checklist import flow, rules, wording
from bot.checklist.questions import UNKNOWN, Question, checklist
from bot.checklist.result import OBTAINED_IN, Paper, Result, result
from bot.checklist.state import WHICH_ITEM, State
from bot.checklist.values import NOT_YET, OLDEST_EVENT_YEARS, Answers, parse
from bot.contacts import contacts
from bot.countries import country_name
from bot.nlg import answers as nlg
from bot.nlg import country_answer
from bot.nlg.answers import Button, Link, Message

QUESTION = "utter_ask_checklist_answer"
RESULT = "utter_checklist_result"
OFFER = "utter_checklist_offer"
PARTS = ("conditions", "points", "documents", "submission", "deadlines")
"""Details of the result, each a message of its own."""

INTERRUPTING = frozenset(["threat_imminent", "domestic_violence", "missing_child"])
"""After these the list waits until the visitor takes it up again."""

# Countries offered as buttons: where the children mostly are.
_USUAL_COUNTRIES = ("NL", "BE", "TR", "PL", "DE", "MA")
_MOST_ITEMS = 20


def answer_button(item: str, value: str, title: str) -> Button:
    """A button that answers `item` with `value`."""
    return Button(title=title, payload=f'/checklist_answer{{"answer": "{item}={value}"}}')


def line_button(line: str, language: str) -> Button:
    """A button for an answer line, titled with the answer in words."""
    today = nlg.current_time().date()
    item, value = parse(line, today)
    return Button(
        title=wording.shown(item.partition("/")[0], value, language),
        payload=f'/checklist_answer{{"answer": "{line}"}}',
    )


def _text(language: str, key: str, values: Mapping[str, str] | None = None) -> str:
    return nlg.said(key, language, nlg.current_time(), values or {})


def _line(language: str, key: str) -> str:
    """A text in a list: one that is withheld becomes a short line, not a paragraph."""
    return _text(language, key if nlg.can_say(key, language) else WITHHELD_LINE)


WITHHELD_LINE = "withheld_line"
_WITHHELD_QUESTION = "withheld_question"


def _button(name: str, language: str, payload: str) -> Button:
    return Button(title=catalogue.text(language, f"button_{name}"), payload=payload)


def resume_button(language: str) -> Button:
    """Goes on with the list where it was left."""
    return _button("checklist_resume", language, "/hague_start_checklist")


def restart_button(language: str) -> Button:
    """Begins the list anew."""
    return _button("checklist_restart", language, '/hague_start_checklist{"checklist": "restart"}')


def change_button(language: str) -> Button:
    """Lets the visitor choose an answer to change."""
    return _button("checklist_change", language, "/correct_answer")


def _message(key: str, language: str, text: str, kind: str, buttons: Iterable[Button]) -> Message:
    return Message(id=key, text=text, lang=language, kind=kind, buttons=list(buttons), links=[])


# --- questions ------------------------------------------------------------------------------


def question(slot: Any, language: str) -> dict[str, Any]:
    """The question of the current item, with its buttons and how far one is."""
    state, today = State(slot), nlg.current_time().date()
    if state.item == WHICH_ITEM:
        return dict(which_item(state, language))
    walk = flow.walk(state.answers, today)
    item = state.item or walk.current
    if item is None:
        return dict(outcome(slot, language))
    name, _, part = item.partition("/")
    asked = checklist().questions[name]
    message = _message(
        QUESTION,
        language,
        _asked(asked, part, state, language),
        "question",
        _answers_to(asked, item, language),
    )
    items = [*walk.items, *([walk.current] if walk.current else [])]
    step = items.index(item) + 1 if item in items else walk.step
    extra: dict[str, Any] = {
        "question_id": name,
        "item": item,
        "progress": {"step": step, "of": walk.total},
    }
    choices = _choices(asked, part, language)
    if choices and not _is_withheld(asked, part, language):
        extra["choices"] = choices
    return {**message, **extra}


def _asked(asked: Question, part: str, state: State, language: str) -> str:
    if asked.type == "per_document" and part:
        text = _text(language, "document_status_ask", {"document": _name(part, language)})
        note = f"{part}_note"
        return f"{text}\n\n{_text(language, note)}" if nlg.can_say(note, language) else text
    if asked.type == "number_or_date_of_birth" and part:
        count = len(state.answers.get(asked.id) or [])
        return _text(
            language, "utter_checklist_several_children", {"number": part, "count": str(count)}
        )
    if _is_withheld(asked, part, language):
        return _text(language, _WITHHELD_QUESTION, {"title": wording.title(asked.id, language)})
    return _text(language, f"{asked.id}_ask")


def _is_withheld(asked: Question, part: str, language: str) -> bool:
    """Whether the words of a question may not be said, and no others stand in for them.

    Then it is named and can only be skipped: nobody is to choose among answers to a question that
    they cannot read. The walk keeps its length, and "unknown" counts against nobody.
    """
    key = f"{asked.id}_ask"
    if part or nlg.can_say(key, language):
        return False
    return nlg.is_general(key)


def _answers_to(asked: Question, item: str, language: str) -> list[Button]:
    _, _, part = item.partition("/")
    buttons: list[Button] = []
    if _is_withheld(asked, part, language):
        skip = catalogue.text(language, "button_checklist_skip")
        return [answer_button(item, UNKNOWN, skip), nlg.button("ask_human", language)]
    if asked.type in ("choice", "multi"):
        buttons = [
            answer_button(item, option, wording.option(asked.id, option, language))
            for option in asked.options
        ]
    elif asked.type == "country":
        buttons = [
            answer_button(item, code, country_name(code, language)) for code in _USUAL_COUNTRIES
        ]
    elif asked.type == "date":
        buttons = [_not_yet(item, language)]
    elif asked.type == "per_document" and part:
        buttons = [
            answer_button(item, status, wording.status(status, language))
            for status in asked.options
        ]
    elif asked.type == "per_document":
        buttons = [
            answer_button(item, value, wording.option(asked.id, value, language))
            for value in ("all", "none", "one_by_one")
        ]
    # the options of the papers are those of one paper
    about_all = asked.type == "per_document" and not part
    if about_all or UNKNOWN not in asked.options:
        buttons.append(
            answer_button(item, UNKNOWN, catalogue.text(language, "button_checklist_skip"))
        )
    buttons.append(_button("checklist_why", language, "/why_ask"))
    return buttons


def _not_yet(item: str, language: str) -> Button:
    return answer_button(item, NOT_YET, catalogue.text(language, "button_checklist_not_yet"))


def _choices(asked: Question, part: str, language: str) -> dict[str, Any] | None:
    """For an answer of several parts: what can be ticked, and how a client sends the ticks.

    The payload is `prefix`, the ids joined with `+`, and `suffix`.
    """
    if asked.type == "multi":
        options = {name: wording.option(asked.id, name, language) for name in asked.options}
    elif asked.type == "per_document" and not part:
        options = {name: _name(name, language) for name in checklist().documents}
    else:
        return None
    return {
        "options": [{"id": name, "title": title} for name, title in options.items()],
        "send": catalogue.text(language, "button_checklist_send"),
        "prefix": f'/checklist_answer{{"answer": "{asked.id}=',
        "suffix": '"}',
    }


def which_item(state: State, language: str) -> Message:
    """The choice of the answer to change."""
    buttons = [
        Button(title=wording.title(name, language), payload=f'/correct_answer{{"item": "{name}"}}')
        for name in checklist().questions
        if name in state.answers
    ][:_MOST_ITEMS]
    return _message(
        "utter_checklist_which_item",
        language,
        _text(language, "utter_checklist_which_item"),
        "question",
        [*buttons, resume_button(language)],
    )


def why(slot: Any, language: str) -> Message | None:
    """Why the open question is asked; None without one."""
    state, today = State(slot), nlg.current_time().date()
    item = state.current(today) if state.given and state.item != WHICH_ITEM else None
    if item is None:
        return None
    name, _, part = item.partition("/")
    asked = checklist().questions[name]
    if asked.type == "per_document" and part:
        parts = [_text(language, "document_status_why")]
    else:
        parts = [_text(language, f"{name}_why")]
    side = rules.authority(state.answers)
    if side in asked.help:
        parts.append(_text(language, f"{name}_help_{side}"))
    elif asked.help:
        parts.append(_text(language, f"{name}_help_other"))
    # the fallback stands once for all that it replaces
    return _message("utter_why_ask", language, "\n\n".join(dict.fromkeys(parts)), "text", [])


# --- what is said to an answer ----------------------------------------------------------------


def note(
    slot: Any, item: str, language: str, *, noted: bool, changed: bool = False
) -> Message | None:
    """What is said to the answer of `item`: what was noted, if asked for, and what it means."""
    state, today = State(slot), nlg.current_time().date()
    name, _, part = item.partition("/")
    asked = checklist().questions[name]
    value = state.answers[name]
    parts = []
    if noted or changed:
        key = "utter_checklist_changed" if changed else "utter_checklist_noted"
        shown = wording.shown(item, value, language)
        values = {"title": wording.title(item, language), "answer": shown}
        parts.append(_text(language, key, values))
    parts.extend(_text(language, key) for key in _tells(asked, part, state.answers, today))
    if name == "q_child_where" and _states_are_old(state.answers, language):
        parts.append(_text(language, "line_country_check"))
    if not parts:
        return None
    parts = list(dict.fromkeys(parts))
    buttons = []
    if asked.type == "number_or_date_of_birth" and value != UNKNOWN:
        more = catalogue.text(language, "button_checklist_one_more_child")
        buttons = [answer_button(asked.id, "+1", more)]
    return _message("utter_checklist_note", language, "\n\n".join(parts), "text", buttons)


def _states_are_old(answers: Answers, language: str) -> bool:
    """Whether what the table says of the two countries was last checked too long ago."""
    codes = (answers.get("q_home_country"), answers.get("q_child_where"))
    return any(country_answer.is_old(str(code), language) for code in codes if code)


def _tells(asked: Question, part: str, answers: Answers, today: date) -> list[str]:
    if asked.type == "per_document":
        if not part:
            return []
        found = [asked.outcome(answers[asked.id][part])]
    elif asked.type == "number_or_date_of_birth" and isinstance(answers[asked.id], list):
        # said of each child, once
        known = [child for child in answers[asked.id] if child is not None]
        names = [rules.child_outcome(child, today) for child in known]
        found = [asked.outcome(name) for name in dict.fromkeys(names)]
    else:
        found = list(dict.fromkeys(rules.outcomes(asked, answers, today)))
    return [f"{asked.id}_tell_{each.name}" for each in found if each.tells]


def unclear(reason: str, candidates: Sequence[str], language: str) -> Message:
    """Why the answer could not be noted, with the likeliest answers as buttons."""
    buttons = [line_button(line, language) for line in candidates]
    if reason == "problem_date_future":
        buttons.append(_not_yet("q_date", language))
    if reason in ("problem_date_before_birth", "problem_age_event"):
        buttons.append(change_button(language))
    return _message(reason, language, _text(language, reason, _PROBLEM_VALUES), "text", buttons)


_PROBLEM_VALUES = {"years": str(OLDEST_EVENT_YEARS)}


def offer(language: str) -> Message:
    """The list waits: go on, or not."""
    return _message(OFFER, language, _text(language, OFFER), "text", [resume_button(language)])


def paused(language: str) -> Message:
    """The visitor stopped the list."""
    key = "utter_checklist_paused"
    buttons = [resume_button(language), _save_button(language), restart_button(language)]
    return _message(key, language, _text(language, key), "text", buttons)


def _save_button(language: str) -> Button:
    return _button("checklist_save", language, "/checklist_save")


CODE_FORMS = {"utter_checklist_code": "keep", "utter_checklist_code_open": "open"}
"""Messages under which a client shows a form: of a number, and of words and a number."""


def code(key: str, language: str, days: int) -> dict[str, Any]:
    """What a code is, or how to use one; `form` tells the client which fields to show."""
    text = _text(language, key, {"days": str(days)})
    fields = ["words", "number"] if CODE_FORMS[key] == "open" else ["number"]
    form = {
        "kind": CODE_FORMS[key],
        "fields": [
            {"name": name, "label": catalogue.text(language, f"label_code_{name}")}
            for name in fields
        ],
        "send": catalogue.text(language, f"button_code_{CODE_FORMS[key]}"),
    }
    return {**_message(key, language, text, "text", [resume_button(language)]), "form": form}


def composed(key: str, language: str, values: Mapping[str, str] | None = None) -> Message:
    """A message of one text, with what belongs after it."""
    buttons = []
    if key == "utter_checklist_code_refused":
        buttons = [
            _button("checklist_open", language, "/checklist_open"),
            restart_button(language),
        ]
    elif key != "utter_checklist_code_opened":
        buttons = [resume_button(language)]
    return _message(key, language, _text(language, key, values), "text", buttons)


# --- the result -------------------------------------------------------------------------------


def outcome(slot: Any, language: str) -> dict[str, Any]:
    """The result, short first: what it seems to be, the next step, and buttons for the rest."""
    found = result(State(slot).answers, nlg.current_time().date())
    if found.route:
        return dict(_route(found, language))
    parts = [
        f"**{_text(language, 'utter_checklist_result_head')}**",
        _text(language, found.summary),
        _text(
            language,
            "utter_checklist_result_counts",
            {status: str(found.count(status)) for status in rules.STATUSES},
        ),
        next_step(found, language),
        jurist(found, language),
    ]
    if _states_are_old(dict(found.answers), language):
        parts.insert(-1, _text(language, "line_country_check"))
    details = [
        _button(f"checklist_{part}", language, f'/checklist_detail{{"part": "{part}"}}')
        for part in PARTS
    ]
    message = _message(
        RESULT,
        language,
        "\n\n".join(dict.fromkeys(parts)),
        "card",
        [
            *details,
            change_button(language),
            _save_button(language),
            nlg.button("ask_human", language),
        ],
    )
    message["links"] = _numbers(found, language)
    downloads = [_download("pdf", "/api/summary.pdf", "application/pdf", language)]
    if any(each.first for each in found.deadlines):
        downloads.append(_download("calendar", "/api/deadlines.ics", "text/calendar", language))
    return {**message, "downloads": downloads, "verdict": found.verdict}


def _download(name: str, url: str, kind: str, language: str) -> dict[str, str]:
    title = catalogue.text(language, f"button_checklist_{name}")
    return {"title": title, "url": f"{url}?lang={language}", "type": kind}


def next_step(found: Result, language: str) -> str:
    """What the parent can do today."""
    if not found.contacts:
        return _text(language, "submission_other_how")
    authority = contacts()[found.contacts[0]]
    phone = nlg.shown_number(authority.id, language)
    values = {"authority": authority.names[language], "phone": phone}
    return _text(language, "utter_checklist_result_next", values)


def jurist(found: Result, language: str, values: Mapping[str, str] | None = None) -> str:
    """Who looks at it for free; `values` go before those of the contacts."""
    suffix = "_be" if found.authority == "BE" else ""
    return _text(language, f"utter_checklist_result_jurist{suffix}", values)


def _numbers(found: Result, language: str) -> list[Link]:
    listed = found.contacts or ("centrum_iko",)
    return [nlg.number_link(contact, language) for contact in listed if contacts()[contact].phone]


def _route(found: Result, language: str) -> Message:
    assert found.route is not None
    route = found.route.removesuffix(f"_{found.authority}")
    intents = checklist().routes.get(found.route) or checklist().routes[route]
    # the text of the route names the ways; a jurist is offered whatever the route
    parts = [
        _text(language, found.route),
        _text(language, "utter_checklist_left"),
        jurist(found, language),
    ]
    buttons = [nlg.button(intent, language) for intent in intents]
    message = _message(
        RESULT,
        language,
        "\n\n".join(parts),
        "card",
        [*buttons, change_button(language), nlg.button("ask_human", language)],
    )
    message["links"] = _numbers(found, language)
    if found.route in ("route_safety", "route_threat"):
        message["kind"] = "emergency"
        message["links"] = [nlg.number_link("emergency_112", language), *message["links"]]
    return message


def _name(document: str, language: str) -> str:
    return catalogue.text(language, f"{document}_name")


def detail(slot: Any, part: str, language: str) -> dict[str, Any]:
    """One part of the result in full."""
    found = result(State(slot).answers, nlg.current_time().date())
    lines = _DETAILS[part](found, language)
    key = f"utter_checklist_{part}"
    if part == "points" and not lines:
        key = "utter_checklist_no_points"
    shown = "\n".join(_once(lines))
    text = "\n\n".join([_text(language, key), *([shown] if shown else [])])
    others = [
        _button(f"checklist_{other}", language, f'/checklist_detail{{"part": "{other}"}}')
        for other in PARTS
        if other != part
    ]
    message = _message(key, language, text, "text", [*others, nlg.button("ask_human", language)])
    if part == "submission":
        message["links"] = _numbers(found, language)
    return dict(message)


def conditions(found: Result, language: str) -> list[str]:
    """A line for each condition with its status."""
    return [
        f"- **{catalogue.text(language, f'label_{status}')}:** {_condition(condition, language)}"
        for condition, status in found.conditions
    ]


def _condition(condition: str, language: str) -> str:
    """What a condition asks; withheld, what it is about."""
    key = f"condition_{condition}"
    if nlg.can_say(key, language):
        return _text(language, key)
    listed = (each for side in checklist().conditions.values() for each in side)
    tested = next(each.met for each in listed if each.id == condition)
    titles = "; ".join(wording.title(question, language) for question in tested)
    return f"{titles}. {_text(language, WITHHELD_LINE)}"


def _once(lines: Iterable[str]) -> list[str]:
    """`lines` without those that say again that something is withheld; blank ones stay."""
    kept: list[str] = []
    for line in lines:
        if not line or line not in kept:
            kept.append(line)
    return kept


def points(found: Result, language: str) -> list[str]:
    """A line for each answer at which someone must look."""
    lines = []
    answers = dict(found.answers)
    for point in found.points:
        shown = wording.shown(point.question, answers[point.question], language)
        head = f"**{wording.title(point.question, language)}: {shown}.**"
        tell = f"{point.question}_tell_{point.outcome}"
        said = _line(language, tell) if catalogue.has_text(language, tell) else ""
        if not said and point.verdict == "jurist":
            said = f"{catalogue.text(language, 'label_jurist')}."
        line = f"- {head} {' '.join(said.split())}".strip()
        if line not in lines:
            lines.append(line)
    return lines


def paper_places(paper: str, found: Result, language: str) -> str:
    """Where to get a paper in the country where the child lived, else in each we know of.

    `paper` is the id of a document or of one of its parts.
    """
    if found.home:
        key = f"{paper}_obtain_{found.home}"
        return _text(language, key) if nlg.can_say(key, language) else ""
    known = [
        f"{country_name(code, language)}: {_text(language, f'{paper}_obtain_{code}')}"
        for code in OBTAINED_IN
        if nlg.can_say(f"{paper}_obtain_{code}", language)
    ]
    return "; ".join(known)


def papers_to_get_first(found: Result) -> list[Paper]:
    """The papers, those the parent has last."""
    return sorted(found.papers, key=lambda each: each.status == "have")


def paper_label(paper: Paper, language: str) -> str:
    """Status of a paper, where it is known, and how much it is needed."""
    label = catalogue.text(language, f"label_{paper.need}")
    if paper.status is None:
        return label
    return f"{wording.status(paper.status, language)} · {label}"


def paper_copies(paper: Paper, language: str) -> str:
    """How many copies; empty for one."""
    if paper.copies == 1:
        return ""
    return _text(language, "label_copies", {"count": str(paper.copies)})


def _documents(found: Result, language: str) -> list[str]:
    lines = []
    for paper in papers_to_get_first(found):
        copies = paper_copies(paper, language)
        name = f"**{_name(paper.id, language)}**{f' ({copies})' if copies else ''}"
        line = f"- {name} – {paper_label(paper, language)}."
        where = paper_places(paper.id, found, language)
        if where and paper.status != "have":
            line += f" {catalogue.text(language, 'label_where_to_get')}: {where}."
        lines.append(line)
    return lines


def addresses(found: Result, language: str) -> list[str]:
    """How and where to send the request."""
    side = found.authority if found.contacts else "other"
    lines = [_text(language, f"submission_{side}_how")]
    for contact_id in found.contacts[:1]:
        contact = contacts()[contact_id]
        if nlg.is_old_contact(contact_id, language):
            lines.append(_text(language, "number_check"))
        lines.append(f"**{contact.names[language]}**")
        lines.extend(
            f"- {catalogue.text(language, label)}: {value}"
            for label, value in (
                ("label_post", contact.address),
                ("label_visit", contact.visit),
                ("label_phone", contact.phone_from_abroad or contact.phone),
                ("label_email", contact.email),
            )
            if value
        )
    return lines


def after_sending(language: str) -> list[str]:
    """A line for each thing to do once the request is sent."""
    return [f"- {_line(language, f'after_sending_{number}')}" for number in (1, 2, 3)]


def _submission(found: Result, language: str) -> list[str]:
    return [*addresses(found, language), "", *after_sending(language)]


def deadlines(found: Result, language: str) -> list[str]:
    """A line for each time limit, with its days where they are known."""
    lines = []
    for limit in found.deadlines:
        head = ""
        if limit.first and limit.last:
            head = f"**{wording.days(limit.first, limit.last, language)}** – "
        if limit.child:
            head += f"{catalogue.text(language, 'child_number', number=str(limit.child))}: "
        said = [_line(language, f"{limit.id}_{part}") for part in ("rule", "tell")]
        lines.append(f"- {head}{' '.join(dict.fromkeys(said))}")
    return lines


_DETAILS: Mapping[str, Callable[[Result, str], list[str]]] = {
    "conditions": conditions,
    "points": points,
    "documents": _documents,
    "submission": _submission,
    "deadlines": deadlines,
}
