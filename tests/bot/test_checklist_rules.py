"""What answers mean: countries, ages and dates, the conditions, and which summary is said."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from checklist_walks import TODAY, answered, favourable, other_questions, outcome_cases
from dateutil.relativedelta import relativedelta
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import countries
from bot.checklist import flow, rules
from bot.checklist.questions import UNKNOWN, checklist
from bot.checklist.rules import MET, NOT_MET, UNCLEAR
from bot.checklist.values import Answers

bounded = settings(max_examples=100)
NOT_IN_THE_TABLE = ("ZZ", "GG", "AQ")


def outcome_of(name: str, answers: Answers, today: date = TODAY) -> tuple[str, str]:
    (found,) = rules.outcomes(checklist().questions[name], answers, today)
    return found.name, found.verdict


# --- countries --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("home", "side"),
    [("NL", "NL"), ("BE", "BE"), ("TR", "other"), ("EG", "other"), ("CW", "other")]
    + [(UNKNOWN, "other"), (None, "other")],
)
def test_the_authority_is_that_of_the_country_where_the_child_lived(
    home: str | None, side: str
) -> None:
    assert rules.authority({"q_home_country": home} if home else {}) == side


@pytest.mark.parametrize(
    ("home", "outcome", "verdict"),
    [
        ("NL", "NL", "ok"),
        ("BE", "BE", "ok"),
        ("TR", "other_party", "attention"),
        ("PL", "other_party", "attention"),
        ("EG", "not_party", "jurist"),
        ("XK", "not_party", "jurist"),
        ("CW", "kingdom_caribbean", "jurist"),
        ("BQ", "kingdom_caribbean", "jurist"),
        ("AW", "kingdom_caribbean", "jurist"),
        ("SX", "kingdom_caribbean", "jurist"),
        ("ZZ", "unknown", "jurist"),
        (UNKNOWN, "unknown", "jurist"),
    ],
)
def test_the_country_where_the_child_lived(home: str, outcome: str, verdict: str) -> None:
    assert outcome_of("q_home_country", {"q_home_country": home}) == (outcome, verdict)


@pytest.mark.parametrize(
    ("home", "where", "outcome"),
    [
        ("NL", "TR", "in_force_yes"),
        ("NL", "PL", "eu_except_dk"),
        ("NL", "DK", "in_force_yes"),
        ("NL", "BE", "eu_except_dk"),
        ("BE", "NL", "eu_except_dk"),
        ("BE", "MA", "in_force_yes"),
        ("BE", "AL", "in_force_unknown"),
        ("NL", "TN", "in_force_unknown"),
        ("NL", "EG", "in_force_no"),
        ("NL", "XK", "in_force_no"),
        ("NL", "CW", "in_force_unknown"),
        ("CW", "NL", "child_in_nl_or_be"),
        ("TR", "NL", "child_in_nl_or_be"),
        ("EG", "BE", "child_in_nl_or_be"),
        ("TR", "PL", "in_force_yes"),
        ("DE", "FR", "eu_except_dk"),
        ("US", "AU", "in_force_unknown"),
        ("US", "EG", "in_force_no"),
        ("NL", "NL", "same_as_home"),
        ("CW", "CW", "same_as_home"),
        ("NL", "same_as_home", "same_as_home"),
        (UNKNOWN, "same_as_home", "same_as_home"),
        (UNKNOWN, "TR", "in_force_unknown"),
        (UNKNOWN, "NL", "in_force_unknown"),
        (UNKNOWN, "EG", "in_force_unknown"),
        ("NL", UNKNOWN, "unknown"),
        (UNKNOWN, UNKNOWN, "unknown"),
        ("NL", "ZZ", "in_force_unknown"),
        ("ZZ", "TR", "in_force_unknown"),
    ],
)
def test_the_country_where_the_child_is(home: str, where: str, outcome: str) -> None:
    answers = {"q_home_country": home, "q_child_where": where}
    assert outcome_of("q_child_where", answers)[0] == outcome


@pytest.mark.parametrize("where", NOT_IN_THE_TABLE)
@pytest.mark.parametrize("home", ["NL", "BE", "TR", "US", UNKNOWN])
def test_a_territory_that_is_not_in_the_table_leads_to_a_jurist(home: str, where: str) -> None:
    assert where not in countries.states()
    answers = favourable({"q_home_country": home, "q_child_where": where})
    assert outcome_of("q_child_where", answers) == ("in_force_unknown", "jurist")
    assert flow.walk(answers, TODAY).route is None
    assert rules.evaluate(answers, TODAY) == ("jurist", "sum_jurist")


@pytest.mark.parametrize("home", ["NL", "BE"])
def test_only_a_no_of_the_table_is_a_no(home: str) -> None:
    for code, state in countries.states().items():
        answers = {"q_home_country": home, "q_child_where": code}
        name, verdict = outcome_of("q_child_where", answers)
        if code == home:
            assert name == "same_as_home"
            continue
        said = state.in_force[home]
        assert (name == "in_force_no") == (said == "no"), code
        if said == "unknown":
            assert (name, verdict) == ("in_force_unknown", "jurist"), code


# --- dates and the Convention (art. 35) -------------------------------------------------------


@pytest.mark.parametrize(
    ("home", "where", "days", "verdict"),
    [
        # in force with the Netherlands since 1 June 2016
        ("NL", "RU", ("2016-05-31", "2016-05-31"), "jurist"),
        ("NL", "RU", ("2016-05-01", "2016-06-30"), "jurist"),
        ("NL", "RU", ("2016-06-01", "2016-06-01"), "attention"),
        # party since 1 October 2011, whoever asks
        ("TR", "RU", ("2011-09-30", "2011-09-30"), "jurist"),
        ("TR", "RU", ("2011-10-01", "2011-10-01"), "attention"),
        # no date is known, or no country: nothing follows
        ("NL", "CW", ("2012-01-01", "2012-01-01"), "attention"),
        ("NL", "ZZ", ("2012-01-01", "2012-01-01"), "attention"),
        ("NL", UNKNOWN, ("2012-01-01", "2012-01-01"), "attention"),
    ],
)
def test_what_happened_before_the_convention_goes_to_a_jurist(
    home: str, where: str, days: tuple[str, str], verdict: str
) -> None:
    answers = {"q_home_country": home, "q_child_where": where, "q_date": list(days)}
    assert outcome_of("q_date", answers) == ("over_one_year", verdict)


def test_a_date_before_the_convention_is_summed_up_for_a_jurist() -> None:
    early = {"q_child_where": "RU", "q_date": "2016-05-31/2016-05-31", "q_age": "13"}
    assert rules.evaluate(favourable(dict(early)), TODAY) == ("jurist", "sum_jurist")
    early["q_date"] = "2016-06-01/2016-06-01"
    assert rules.evaluate(favourable(dict(early)), TODAY) == ("attention", "sum_late")


def date_outcome(first: date, last: date, today: date) -> str:
    return outcome_of("q_date", {"q_date": [str(first), str(last)]}, today)[0]


@pytest.mark.parametrize(
    ("event", "today", "outcome"),
    [
        # exactly nine months
        ("2026-02-23", "2026-11-22", "under_nine_months"),
        ("2026-02-22", "2026-11-22", "nine_months_to_one_year"),
        # exactly one year
        ("2025-11-23", "2026-11-22", "nine_months_to_one_year"),
        ("2025-11-22", "2026-11-22", "over_one_year"),
        # across the turn of the year
        ("2025-12-31", "2026-12-30", "nine_months_to_one_year"),
        ("2025-12-31", "2026-12-31", "over_one_year"),
        ("2026-03-31", "2026-12-30", "under_nine_months"),
        ("2026-03-31", "2026-12-31", "nine_months_to_one_year"),
        ("2026-04-01", "2027-01-01", "nine_months_to_one_year"),
        # 29 February: a year later it is 28 February
        ("2024-02-29", "2025-02-27", "nine_months_to_one_year"),
        ("2024-02-29", "2025-02-28", "over_one_year"),
        ("2027-02-28", "2028-02-28", "over_one_year"),
        ("2023-05-29", "2024-02-28", "under_nine_months"),
        ("2023-05-29", "2024-02-29", "nine_months_to_one_year"),
        ("2026-11-22", "2026-11-22", "under_nine_months"),
    ],
)
def test_the_year_of_article_12(event: str, today: str, outcome: str) -> None:
    day = date.fromisoformat(event)
    assert date_outcome(day, day, date.fromisoformat(today)) == outcome


@pytest.mark.parametrize(
    ("first", "last", "outcome"),
    [
        # of a vague date the earliest day asks for haste, the last one lets the year be over
        ("2026-06-01", "2026-08-31", "under_nine_months"),
        ("2026-02-01", "2026-02-28", "nine_months_to_one_year"),
        ("2025-11-01", "2025-11-30", "nine_months_to_one_year"),
        ("2025-10-01", "2025-10-31", "over_one_year"),
        ("2025-01-01", "2025-12-31", "nine_months_to_one_year"),
        ("2026-01-01", "2026-11-22", "nine_months_to_one_year"),
    ],
)
def test_a_vague_date_counts_for_the_one_who_waits(first: str, last: str, outcome: str) -> None:
    assert date_outcome(date.fromisoformat(first), date.fromisoformat(last), TODAY) == outcome


@bounded
@given(st.dates(date(2012, 1, 1), date(2026, 11, 22)), st.integers(1, 600))
def test_the_later_it_happened_the_less_is_over(event: date, days: int) -> None:
    order = ["over_one_year", "nine_months_to_one_year", "under_nine_months"]
    later = min(event + timedelta(days), TODAY)
    before, after = (order.index(date_outcome(each, each, TODAY)) for each in (event, later))
    assert before <= after


# --- ages -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("child", "today", "outcome"),
    [
        ("14", "2026-11-22", "under_15"),
        ("15", "2026-11-22", "from_15_under_16"),
        ("16", "2026-11-22", "16_or_older"),
        ("14y11m", "2026-11-22", "under_15"),
        ("15y11m", "2026-11-22", "from_15_under_16"),
        ("0m", "2026-11-22", "under_15"),
        ("b2010-11-23/2010-11-23", "2026-11-22", "from_15_under_16"),
        ("b2010-11-22/2010-11-22", "2026-11-22", "16_or_older"),
        ("b2011-11-23/2011-11-23", "2026-11-22", "under_15"),
        ("b2011-11-22/2011-11-22", "2026-11-22", "from_15_under_16"),
        # told as a year: sixteen is not certain, so haste is asked for
        ("b2010-01-01/2010-12-31", "2026-11-22", "from_15_under_16"),
        ("b2011-01-01/2011-12-31", "2026-11-22", "from_15_under_16"),
        ("b2009-01-01/2009-12-31", "2026-11-22", "16_or_older"),
        # born on 29 February
        ("b2012-02-29/2012-02-29", "2028-02-28", "from_15_under_16"),
        ("b2012-02-29/2012-02-29", "2028-02-29", "16_or_older"),
        ("b2012-02-29/2012-02-29", "2027-02-27", "under_15"),
        ("b2012-02-29/2012-02-29", "2027-02-28", "from_15_under_16"),
    ],
)
def test_the_age_of_a_child(child: str, today: str, outcome: str) -> None:
    day = date.fromisoformat(today)
    (kept,) = answered(f"q_age={child}", today=day)["q_age"]
    assert rules.child_outcome(kept, day) == outcome


@pytest.mark.parametrize("child", [None, UNKNOWN])
def test_a_child_without_an_age_is_not_known(child: str | None) -> None:
    assert rules.child_outcome(child, TODAY) == UNKNOWN


@pytest.mark.parametrize(
    ("children", "outcome"),
    [
        ("16+17", "16_or_older"),
        ("16+8", "under_15"),
        ("16+15", "from_15_under_16"),
        ("8+15+unknown", "from_15_under_16"),
        ("8+unknown", "unknown"),
        ("16+unknown", "unknown"),
        ("unknown+unknown", "unknown"),
    ],
)
def test_the_list_ends_only_when_every_child_is_sixteen(children: str, outcome: str) -> None:
    assert outcome_of("q_age", answered(f"q_age={children}"))[0] == outcome


def test_an_age_told_a_year_ago_has_grown() -> None:
    told = answered("q_age=15", today=date(2025, 11, 22))
    assert outcome_of("q_age", told, TODAY)[0] == "16_or_older"


@bounded
@given(st.dates(date(2009, 1, 1), date(2026, 11, 22)))
def test_the_age_by_date_of_birth_is_that_of_the_calendar(born: date) -> None:
    years = relativedelta(TODAY, born).years
    name = rules.child_outcome({"born": [str(born), str(born)]}, TODAY)
    expected = "16_or_older" if years >= 16 else "from_15_under_16" if years == 15 else "under_15"
    assert name == expected


# --- several outcomes -------------------------------------------------------------------------


def test_the_gravest_of_several_options_counts() -> None:
    question = checklist().questions["q_proceedings"]
    answers = answered("q_proceedings=decision_before+case_here+case_there")
    assert [each.name for each in rules.outcomes(question, answers, TODAY)] == [
        "decision_before",
        "case_here",
        "case_there",
    ]
    assert rules.verdict(question, answers, TODAY) == "jurist"


def test_papers_not_asked_yet_count_as_not_known() -> None:
    question = checklist().questions["q_documents"]
    answers = answered("q_documents=one_by_one", "q_documents/d_birth=not_available")
    assert {each.name for each in rules.outcomes(question, answers, TODAY)} == {
        "not_available",
        "unknown",
    }


# --- conditions -------------------------------------------------------------------------------


def status_of(condition: str, answers: Answers) -> str:
    return {each.id: status for each, status in rules.conditions(answers, TODAY)}[condition]


def condition_cases() -> list[tuple[str, str, dict[str, Any], str]]:
    """Every outcome of every question of every condition, with the status it must make."""
    made = {(name, outcome): changed for name, outcome, changed in outcome_cases()}
    cases = []
    for side, listed in checklist().conditions.items():
        for condition in listed:
            for name in condition.met:
                for outcome in checklist().questions[name].outcomes:
                    changed = {"q_home_country": side, **made[name, outcome]}
                    status = UNCLEAR
                    if outcome in condition.met[name]:
                        status = MET
                    elif outcome in condition.not_met[name]:
                        status = NOT_MET
                    answers = favourable(changed)
                    # another country of residence may mean another authority, or other questions
                    if condition.id in {c.id for c, _ in rules.conditions(answers, TODAY)}:
                        cases.append((condition.id, f"{name}={outcome}", changed, status))
    return cases


@pytest.mark.parametrize(("condition", "answer", "changed", "status"), condition_cases())
def test_a_condition_follows_each_outcome(
    condition: str, answer: str, changed: dict[str, Any], status: str
) -> None:
    assert status_of(condition, favourable(changed)) == status


@pytest.mark.parametrize(
    ("condition", "met", "not_met", "unclear"),
    [
        ("nl1", {}, {"q_age": "16"}, {"q_age": "unknown"}),
        ("nl2", {}, {"q_custody": "no"}, {"q_custody": "unknown"}),
        (
            "nl3",
            {},
            {"q_residence_facts": "only_temporary"},
            {"q_residence_facts": "two_countries"},
        ),
        ("nl4", {}, {"q_consent": "yes"}, {"q_child_where": "unknown"}),
        ("nl4", {"q_child_where": "PL"}, {"q_child_where": "EG"}, {"q_child_where": "TN"}),
        (
            "nl4",
            {"q_consent": "holiday_only"},
            {"q_custody_exercised": "no"},
            {"q_custody_exercised": "little"},
        ),
        ("be1", {}, {"q_child_where": "EG"}, {"q_child_where": "unknown"}),
        ("be2", {"q_age": "15"}, {"q_age": "16"}, {"q_age": "unknown"}),
        (
            "be3",
            {},
            {"q_residence_facts": "only_temporary"},
            {"q_residence_facts": "yes_recently_meant_to_stay"},
        ),
        ("be4", {"q_custody": "yes_sole"}, {"q_custody": "no"}, {"q_custody": "unknown"}),
        (
            "be5",
            {},
            {"q_custody_exercised": "no"},
            {"q_custody_exercised": "prevented"},
        ),
        ("be6", {}, {"q_consent": "yes"}, {"q_consent": "under_pressure"}),
    ],
)
def test_a_condition_is_met_or_not_or_unclear(
    condition: str, met: dict[str, str], not_met: dict[str, str], unclear: dict[str, str]
) -> None:
    home = {"q_home_country": condition[:2].upper()}
    for changed, status in ((met, MET), (not_met, NOT_MET), (unclear, UNCLEAR)):
        assert status_of(condition, favourable({**home, **changed})) == status


@pytest.mark.parametrize(("side", "count"), [("NL", 4), ("BE", 6)])
def test_every_condition_is_open_without_answers_and_met_with_favourable_ones(
    side: str, count: int
) -> None:
    nothing = rules.conditions({"q_home_country": side}, TODAY)
    whole = rules.conditions(favourable({"q_home_country": side}), TODAY)
    assert [status for _, status in nothing] == [UNCLEAR] * count
    assert [status for _, status in whole] == [MET] * count


@pytest.mark.parametrize("home", ["TR", "EG", "unknown"])
def test_another_country_is_held_against_the_list_of_the_convention(home: str) -> None:
    answers = favourable({"q_home_country": home})
    assert [each.id for each, _ in rules.conditions(answers, TODAY)][0] == "be1"
    status = {"TR": MET, "EG": NOT_MET, "unknown": UNCLEAR}[home]
    assert status_of("be3", answers) == status


def test_what_is_not_known_never_speaks_against_a_condition() -> None:
    for side in ("NL", "BE"):
        for name in checklist().questions:
            if name == "q_home_country":
                continue
            changed: dict[str, str | None] = {"q_home_country": side, name: UNKNOWN}
            found = rules.conditions(favourable(changed), TODAY)
            assert NOT_MET not in [status for _, status in found], name


# --- the summary ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "verdict", "summary"),
    [
        ({"q_safety": "danger"}, "stop", "other_route"),
        # whatever else was said
        ({"q_safety": "danger", "q_custody": "no"}, "stop", "other_route"),
        ({"q_custody": "no"}, "jurist", "sum_jurist"),
        ({"q_custody": "unknown", "q_consent": "unknown"}, "jurist", "sum_jurist"),
        ({"q_child_where": "TN"}, "jurist", "sum_jurist"),
        ({"q_child_where": "unknown"}, "jurist", "sum_country_unknown"),
        ({"q_child_where": "unknown", "q_date": None}, "jurist", "sum_country_unknown"),
        ({"q_date": "2025-01-15/2025-01-15"}, "attention", "sum_late"),
        ({}, "ok", "sum_ok"),
        ({"q_home_country": "BE"}, "ok", "sum_ok"),
        ({"q_home_country": "TR", "q_child_where": "PL"}, "ok", "sum_ok"),
        ({"q_child_where": "PL"}, "ok", "sum_ok"),
        ({"q_custody_exercised": "little"}, "attention", "sum_partial"),
        ({"q_age": "unknown"}, "attention", "sum_partial"),
        ({"q_residence_facts": "yes_recently_meant_to_stay"}, "attention", "sum_partial"),
    ],
)
def test_each_rule_says_its_summary(
    changed: dict[str, str | None], verdict: str, summary: str
) -> None:
    kept = flow.reachable(favourable(changed), TODAY)
    assert rules.evaluate(kept, TODAY) == (verdict, summary)


@pytest.mark.parametrize("open_points", [1, 2, 3])
def test_two_main_points_not_known_are_said_where_no_answer_asks_for_a_jurist(
    open_points: int, tmp_path: Path
) -> None:
    names = ["q_custody", "q_consent", "q_residence_facts"]

    def soften(data: dict[str, Any]) -> None:
        for row in data["questions"]:
            if row["id"] in names:
                row["outcomes"]["unknown"] = {"verdict": "unknown"}

    answers = favourable(dict.fromkeys(names[:open_points], UNKNOWN))
    with other_questions(soften, tmp_path):
        said = rules.evaluate(answers, TODAY)
    assert said == (("attention", "sum_partial") if open_points == 1 else ("jurist", "sum_unknown"))


def test_between_two_other_eu_states_the_summary_agrees_with_the_answer() -> None:
    answers = favourable({"q_home_country": "DE", "q_child_where": "FR"})
    assert outcome_of("q_child_where", answers) == ("eu_except_dk", "ok")
    assert rules.evaluate(answers, TODAY)[1] != "sum_country_unknown"


# The points that `sum_unknown` waits for call for a jurist when not known, and the rule for
# that stands before it in the file of the jurists.
NEVER_FIRST = {"sum_unknown"}


def test_every_other_summary_can_be_said_with_the_projects_file() -> None:
    changed: list[dict[str, str | None]] = [c for _, _, c in outcome_cases()]
    changed += [{"q_custody": UNKNOWN, "q_consent": UNKNOWN, "q_residence_facts": UNKNOWN}]
    said = {rules.evaluate(flow.reachable(favourable(c), TODAY), TODAY)[1] for c in changed}
    assert said == {summary for _, _, summary in checklist().evaluate} - NEVER_FIRST
