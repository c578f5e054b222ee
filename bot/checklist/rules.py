"""What answers mean: outcomes, the authority, conditions, and the summary.

Every function is pure; `today` is the day in Amsterdam. Nothing here decides a case: the verdicts
say where a jurist must look.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from dateutil.relativedelta import relativedelta

from bot import countries
from bot.checklist.questions import (
    AUTHORITIES,
    UNKNOWN,
    Condition,
    Outcome,
    Question,
    checklist,
)
from bot.checklist.values import NOT_YET, SAME_AS_HOME, Answers, age_range

OTHER = "other"
"""The authority of a country that is neither the Netherlands nor Belgium, or not known."""

MET, UNCLEAR, NOT_MET = "met", "unclear", "not_met"
STATUSES = (MET, UNCLEAR, NOT_MET)

# Parts of the Kingdom outside Europe: within the Kingdom other rules may apply.
_CARIBBEAN = countries.KINGDOM - {"NL"}
_MAIN_POINTS = ("q_custody", "q_consent", "q_residence_facts")
_WORST_FIRST = ("stop", "jurist", "unknown", "attention", "ok")


def authority(answers: Answers) -> str:
    """NL or BE by the country where the child lived, else `OTHER`."""
    home = answers.get("q_home_country")
    return str(home) if home in AUTHORITIES else OTHER


def outcomes(question: Question, answers: Answers, today: date) -> list[Outcome]:
    """Outcomes of the answer to `question`: one, or one per option of a multiple answer."""
    value = answers[question.id]
    if question.type == "multi":
        names = value if isinstance(value, list) else [UNKNOWN]
    elif question.type == "per_document":
        states = value.values() if isinstance(value, dict) else [UNKNOWN]
        # None: one by one, and not yet asked
        names = sorted({state or UNKNOWN for state in states})
    elif question.id in _COMPUTED:
        names = [_COMPUTED[question.id](value, answers, today)]
    else:
        names = [value]
    found = [question.outcome(name) for name in names]
    if question.id == "q_date" and _before_the_convention(answers):
        # hc art. 35: it covers only what happened after it came into force between the two
        found = [Outcome(each.name, "jurist", each.next, each.tells) for each in found]
    return found


def verdict(question: Question, answers: Answers, today: date) -> str:
    """The gravest verdict among the outcomes of the answer."""
    found = {outcome.verdict for outcome in outcomes(question, answers, today)}
    return next(each for each in _WORST_FIRST if each in found)


def _home_country(value: str, answers: Answers, today: date) -> str:
    if value in AUTHORITIES or value == UNKNOWN:
        return value
    if value in _CARIBBEAN:
        return "kingdom_caribbean"
    state = countries.states().get(value)
    return {"yes": "other_party", "no": "not_party"}.get(state.party if state else "", UNKNOWN)


def _child_where(value: str, answers: Answers, today: date) -> str:
    home = answers.get("q_home_country", UNKNOWN)
    if value == UNKNOWN:
        return UNKNOWN
    if value in (home, SAME_AS_HOME):
        return "same_as_home"
    if home == UNKNOWN:
        return "in_force_unknown"
    if value in AUTHORITIES and home not in AUTHORITIES:
        return "child_in_nl_or_be"
    if countries.brussels_iib_between(home, value):
        return "eu_except_dk"
    return f"in_force_{countries.convention_between(home, value).answer}"


def _age(value: Any, answers: Answers, today: date) -> str:
    """The list ends only when every child is sixteen; one that is nearly so asks for haste."""
    if value == UNKNOWN:
        return UNKNOWN
    each = [child_outcome(child, today) for child in value]
    if set(each) == {"16_or_older"}:
        return "16_or_older"
    return next(
        name for name in ("from_15_under_16", UNKNOWN, "under_15", "16_or_older") if name in each
    )


def child_outcome(child: Any, today: date) -> str:
    """Outcome of q_age for one child; where its age is a range, the one that asks for more care."""
    if child in (None, UNKNOWN):
        return UNKNOWN
    lowest, highest = age_range(child, today)
    if lowest >= 16:
        return "16_or_older"
    return "from_15_under_16" if highest >= 15 else "under_15"


def _date(value: Any, answers: Answers, today: date) -> str:
    if value == UNKNOWN:
        return UNKNOWN
    if value == NOT_YET:
        return "future"
    first, last = map(date.fromisoformat, value)
    if last + relativedelta(years=1) <= today:
        return "over_one_year"
    # of a vague date the earliest day counts: better in a hurry than too late
    if first + relativedelta(months=9) <= today:
        return "nine_months_to_one_year"
    return "under_nine_months"


_COMPUTED: Mapping[str, Callable[[Any, Answers, date], str]] = {
    "q_home_country": _home_country,
    "q_child_where": _child_where,
    "q_age": _age,
    "q_date": _date,
}


def _before_the_convention(answers: Answers) -> bool:
    event = answers.get("q_date")
    pair = [answers.get("q_home_country"), answers.get("q_child_where")]
    found = [countries.states().get(str(code)) for code in pair]
    if not isinstance(event, list) or None in found:
        return False
    home, where = found
    assert home is not None and where is not None
    starts = [state.since for state in (home, where) if state.since]
    if pair[0] == "NL" and where.in_force_with_nl_since:
        starts.append(where.in_force_with_nl_since)
    return bool(starts) and bool(date.fromisoformat(event[0]) < max(starts))


def condition_status(condition: Condition, answers: Answers, today: date) -> str:
    """Whether a condition seems `MET`, `UNCLEAR` or `NOT_MET`: its worst question counts."""
    found = set()
    for name in condition.met:
        question = checklist().questions[name]
        if name not in answers:
            found.add(UNCLEAR)
            continue
        for outcome in outcomes(question, answers, today):
            if outcome.name in condition.met[name]:
                found.add(MET)
            else:
                found.add(NOT_MET if outcome.name in condition.not_met[name] else UNCLEAR)
    return next(status for status in (NOT_MET, UNCLEAR, MET) if status in found)


def conditions(answers: Answers, today: date) -> list[tuple[Condition, str]]:
    """The conditions of the authority with their status."""
    side = authority(answers)
    listed = checklist().conditions["BE" if side == OTHER else side]
    return [(condition, condition_status(condition, answers, today)) for condition in listed]


def _left_the_list(answers: Answers, today: date) -> bool:
    return any(o.next for q in _answered(answers) for o in outcomes(q, answers, today))


def _any_jurist(answers: Answers, today: date) -> bool:
    return any(verdict(q, answers, today) == "jurist" for q in _answered(answers))


def _in_force_unknown(answers: Answers, today: date) -> bool:
    home, where = answers.get("q_home_country"), answers.get("q_child_where")
    if not home or not where or UNKNOWN in (home, where):
        return True
    if countries.brussels_iib_between(home, where):
        # members of the Union all apply the Convention with each other
        return False
    return bool(countries.convention_between(home, where).answer == UNKNOWN)


def _main_points_unknown(answers: Answers, today: date) -> bool:
    return [answers.get(name) for name in _MAIN_POINTS].count(UNKNOWN) >= 2


def _over_one_year(answers: Answers, today: date) -> bool:
    value = answers.get("q_date", UNKNOWN)
    return _date(value, answers, today) == "over_one_year"


def _all_conditions_met(answers: Answers, today: date) -> bool:
    return all(status == MET for _, status in conditions(answers, today))


SUMMARY_RULES: Mapping[str, Callable[[Answers, date], bool]] = {
    "left_the_list": _left_the_list,
    "any_jurist": _any_jurist,
    "in_force_unknown": _in_force_unknown,
    "main_points_unknown": _main_points_unknown,
    "over_one_year": _over_one_year,
    "all_conditions_met": _all_conditions_met,
    "otherwise": lambda answers, today: True,
}


def evaluate(answers: Answers, today: date) -> tuple[str, str]:
    """Verdict over the whole and the key of the summary that says it."""
    return next(
        (verdict, summary)
        for rule, verdict, summary in checklist().evaluate
        if SUMMARY_RULES[rule](answers, today)
    )


def _answered(answers: Answers) -> list[Question]:
    return [question for name, question in checklist().questions.items() if name in answers]
