"""Working on a case: listing, contact details, assigning, closing, registering."""

from __future__ import annotations

import pytest
from cast import COLLEAGUES, Desk

from desk.errors import Malformed, NotAllowed, NotFound, NotPossible
from desk.registry import Filters

HOSTILE = "'; DROP TABLE cases; -- <script>alert(1)</script> \x00 {{7*7}}"


@pytest.mark.both_databases
def test_urgent_ones_come_first_then_who_waited_longest(desk: Desk):
    brought = []
    for urgent in (False, True, False, True):
        brought.append(desk.bring(urgent=urgent))
        desk.clock.turn(minutes=1)
    rows = desk.registry.queue(desk["jan"])
    assert [row.reference for row in rows] == [brought[number] for number in (1, 3, 0, 2)]
    assert rows[0].waiting.total_seconds() == 180


@pytest.mark.both_databases
def test_filters_and_pages(desk: Desk):
    polish = desk.bring(language="pl", code="preventie", transcript=[])
    turkish = desk.bring(language="tr", code="toestemming_vakantie", transcript=[])

    def listed(**filters: object) -> list[str]:
        found = desk.registry.queue(desk["jan"], Filters(**filters))  # type: ignore[arg-type]
        return [row.reference for row in found]

    assert listed(language="pl") == [polish]
    assert listed(line=1) == [turkish]
    assert listed(code="preventie") == [polish]
    assert listed(reference=turkish.lower()) == [turkish]
    assert listed(status=("closed",)) == []
    assert listed(urgent=True) == []
    assert listed(mine=True) == []
    assert listed(language=HOSTILE) == listed(code=HOSTILE) == listed(status=(HOSTILE,)) == []
    assert len(desk.registry.queue(desk["jan"], limit=1, offset=1)) == 1
    assert desk.registry.queue(desk["jan"], limit=-5, offset=-5) != []


def test_opening_a_case_starts_it(desk: Desk):
    reference = desk.bring()
    desk.clock.turn(minutes=5)
    row = desk.registry.look(desk["jan"], reference).row
    assert (row.status, row.waiting.total_seconds()) == ("open", 300)


def test_a_worker_has_line_one_only(desk: Desk):
    first = desk.bring(code="toestemming_vakantie", transcript=[])
    second = desk.bring(code="preventie", transcript=[])
    assert [row.reference for row in desk.registry.queue(desk["wim"])] == [first]
    with pytest.raises(NotFound):
        desk.registry.look(desk["wim"], second)


def test_contact_details_show_in_the_safe_hours_only(desk: Desk):
    reference = desk.bring(conversation="c")
    desk.contact(
        conversation="c",
        safe_times=[{"days": ["Tue"], "from": "10:30", "to": "12:00"}],
        code_word="tulp",
        if_someone_else_answers="school",
    )
    (safe,) = desk.registry.contacts(desk["jan"], reference)
    assert safe.safe
    assert safe.details["phone"] == "+31 6 12345678"
    desk.clock.turn(hours=2)
    (later,) = desk.registry.contacts(desk["jan"], reference)
    assert (later.safe, later.details) == (False, {})
    assert later.safety["code_word"] == "tulp"
    assert later.next_safe is not None


def test_workers_and_jurists_take_cases_for_themselves(desk: Desk):
    reference = desk.bring()
    desk.registry.assign(desk["jan"], reference, desk["jan"].id)
    assert desk.registry.queue(desk["jan"], Filters(mine=True))[0].assignee == "jan"
    with pytest.raises(NotAllowed):
        desk.registry.assign(desk["joke"], reference, desk["joke"].id)
    with pytest.raises(NotAllowed):
        desk.registry.assign(desk["jan"], reference, desk["joke"].id)
    desk.registry.assign(desk["cor"], reference, desk["joke"].id)
    desk.registry.assign(desk["joke"], reference, None)


@pytest.mark.parametrize("name", ["wim", "tess", "aad"])
def test_line_two_goes_to_who_can_do_it(desk: Desk, name: str):
    reference = desk.bring()
    with pytest.raises(NotPossible):
        desk.registry.assign(desk["cor"], reference, desk[name].id)


def test_closing_and_opening_again(desk: Desk):
    reference = desk.bring()
    with pytest.raises(Malformed):
        desk.registry.close(desk["jan"], reference, "because")
    desk.registry.close(desk["jan"], reference, "advised")
    assert desk.registry.queue(desk["jan"]) == []
    with pytest.raises(NotPossible):
        desk.registry.close(desk["jan"], reference, "advised")
    desk.registry.reopen(desk["jan"], reference)
    assert len(desk.registry.queue(desk["jan"])) == 1
    with pytest.raises(NotPossible):
        desk.registry.reopen(desk["jan"], reference)


@pytest.mark.both_databases
def test_another_code_needs_a_reason_and_moves_the_line(desk: Desk):
    reference = desk.bring(code="toestemming_vakantie", transcript=[])
    desk.registry.assign(desk["wim"], reference, desk["wim"].id)
    for code, reason in (("none", "why"), ("preventie", " ")):
        with pytest.raises(Malformed):
            desk.registry.change_code(desk["wim"], reference, code, reason)
    desk.registry.change_code(desk["wim"], reference, "preventie", "he threatens to leave")
    with pytest.raises(NotFound):
        desk.registry.look(desk["wim"], reference)
    view = desk.registry.look(desk["jan"], reference)
    assert (view.row.line, view.row.assignee, view.proposed_code) == (
        2,
        None,
        "toestemming_vakantie",
    )
    assert view.content is not None
    assert view.content.code_changes[0].reason == "he threatens to leave"


@pytest.mark.both_databases
def test_hostile_words_are_kept_as_they_are(desk: Desk):
    reference = desk.bring()
    jan = desk["jan"]
    desk.registry.add_note(jan, reference, HOSTILE)
    desk.registry.set_child(jan, reference, None, {"given": HOSTILE[:100]})
    desk.registry.add_moment(
        jan, reference, channel="phone", incoming=False, minutes=0, note=HOSTILE
    )
    content = desk.registry.look(jan, reference).content
    assert content is not None
    assert content.notes[0].text == HOSTILE
    assert HOSTILE in [moment.note for moment in content.moments]
    assert content.children[-1].details["given"] == HOSTILE[:100].strip()


@pytest.mark.parametrize(
    "details",
    [
        {"bsn": "1"},
        {"given": "x" * 201},
        {"given": 5},
        {"birth_date": "04-03-2019"},
        {"birth_date": "2019-02-30"},
    ],
)
def test_a_detail_that_cannot_be_used_is_named(desk: Desk, details: dict[str, str]):
    reference = desk.bring()
    with pytest.raises(Malformed) as raised:
        desk.registry.set_child(desk["jan"], reference, None, details)
    assert raised.value.fields == tuple(details)


@pytest.mark.both_databases
def test_hostile_keys_find_nothing(desk: Desk):
    reference, jan = desk.bring(), desk["jan"]
    with pytest.raises(NotFound):
        desk.registry.look(jan, HOSTILE)
    with pytest.raises(NotFound):
        desk.registry.set_child(jan, reference, HOSTILE, {"given": "A"})
    with pytest.raises(NotPossible):
        desk.registry.assign(desk["cor"], reference, HOSTILE)
    with pytest.raises(NotFound):
        desk.registry.resolve(desk["cor"], HOSTILE, confirmed=True)
    with pytest.raises(Malformed):
        desk.registry.use_reply(jan, reference, HOSTILE, "nl")
    assert desk.registry.audit_log(desk["aad"], subject=HOSTILE) == []


def test_a_child_of_another_case_cannot_be_changed(desk: Desk):
    mine, other = desk.bring(), desk.bring()
    child = desk.registry.set_child(desk["jan"], other, None, {"given": "A"})
    with pytest.raises(NotFound):
        desk.registry.set_child(desk["jan"], mine, child, {"given": "B"})


@pytest.mark.parametrize(
    "moment",
    [
        {"channel": "visit", "incoming": True, "minutes": 1},
        {"channel": "phone", "incoming": True, "minutes": -1},
        {"channel": "phone", "incoming": True, "minutes": 10_000},
    ],
)
def test_a_moment_that_cannot_be(desk: Desk, moment: dict[str, object]):
    with pytest.raises(Malformed):
        desk.registry.add_moment(desk["jan"], desk.bring(), **moment)  # type: ignore[arg-type]


def test_who_is_asking_can_be_set_right(desk: Desk):
    reference = desk.bring(role="unknown")
    desk.registry.set_role(desk["jan"], reference, "professional", "police")
    row = desk.registry.look(desk["jan"], reference).row
    assert (row.role, row.third_party) == ("professional", "police")
    entry = next(e for e in desk.registry.audit_log(desk["aad"]) if e.action == "set_role")
    assert entry.details == {"role": "professional", "third_party": "police"}
    assert (entry.actor, entry.actor_name) == (desk["jan"].id, "jan")
    desk.registry.set_role(desk["jan"], reference, "relative", None)
    assert desk.registry.look(desk["jan"], reference).row.third_party is None


@pytest.mark.parametrize(
    ("role", "third_party", "field"),
    [
        ("mother", None, "role"),
        ("", None, "role"),
        ("professional", "plumber", "third_party"),
        ("taking", "police", "third_party"),
    ],
)
def test_a_role_that_is_none_is_named(desk: Desk, role: str, third_party: str | None, field: str):
    with pytest.raises(Malformed) as raised:
        desk.registry.set_role(desk["jan"], desk.bring(), role, third_party)
    assert raised.value.fields == (field,)


def test_a_side_that_is_set_right_makes_a_conflict_seen(desk: Desk):
    # one telephone in both: a second case of the same person, or the other parent's
    first, second = (
        desk.bring(conversation=name, role="left_behind") for name in ("first", "second")
    )
    for name in ("first", "second"):
        desk.contact(conversation=name, phone="0612345678")
    assert desk.registry.conflicts(desk["cor"]) == []
    desk.registry.set_role(desk["jan"], second, "taking", None)
    assert len(desk.registry.conflicts(desk["cor"])) == 1


def test_urgency_can_be_set_and_taken_back(desk: Desk):
    calm, urgent = desk.bring(), desk.bring()
    desk.registry.set_urgent(desk["jan"], urgent, True)
    assert [row.reference for row in desk.registry.queue(desk["jan"])] == [urgent, calm]
    desk.registry.set_urgent(desk["jan"], urgent, False)
    assert not desk.registry.look(desk["jan"], urgent).row.urgent


def test_the_page_has_the_safety_instructions_without_a_way_to_reach_anyone(desk: Desk):
    reference = desk.bring(conversation="c")
    desk.contact(conversation="c", code_word="tulp")
    (contact,) = desk.registry.look(desk["jan"], reference).contacts
    assert contact.safety["code_word"] == "tulp"
    assert contact.details == {}
    assert "look_contact" not in [e.action for e in desk.registry.audit_log(desk["aad"])]


@pytest.mark.both_databases
def test_the_audit_log_is_filtered_and_paged(desk: Desk):
    reference = desk.bring()
    for _ in range(4):
        desk.registry.look(desk["jan"], reference)
    desk.registry.look(desk["joke"], reference)
    aad = desk["aad"]
    jans = desk.registry.audit_log(aad, actor=desk["jan"].id)
    assert {(e.action, e.actor_name) for e in jans} == {("look", "jan")}
    positions = [e.position for e in desk.registry.audit_log(aad, action="look")]
    assert positions == sorted(positions, reverse=True)
    assert len(positions) == 5
    newest = [e.position for e in desk.registry.audit_log(aad, action="look", limit=2)]
    older = [
        e.position for e in desk.registry.audit_log(aad, action="look", before=newest[-1], limit=2)
    ]
    assert newest + older == positions[:4]
    back = desk.registry.audit_log(aad, action="look", after=older[0], limit=2)
    assert [e.position for e in back] == newest
    assert {each.name for each in desk.registry.audit_actors(aad)} == set(COLLEAGUES)


@pytest.mark.parametrize("name", ["wim", "jan", "cor", "tess"])
def test_the_audit_log_is_for_auditors(desk: Desk, name: str):
    with pytest.raises(NotAllowed):
        desk.registry.audit_log(desk[name])
    with pytest.raises(NotAllowed):
        desk.registry.audit_actors(desk[name])


def test_what_the_console_refused_is_logged_with_who_asked(desk: Desk):
    desk.registry.record_refusal("close_case", "malformed", ("token",), member=desk["jan"])
    entry = desk.registry.audit_log(desk["aad"])[0]
    assert (entry.actor, entry.action) == (desk["jan"].id, "refused")


def test_its_handler_sees_to_whom_a_case_can_be_released(desk: Desk):
    reference, other = desk.bring(role="left_behind"), desk.bring(role="taking")
    child = {"given": "Elif", "birth_date": "2019-03-04"}
    desk.registry.assign(desk["jan"], reference, desk["jan"].id)
    assert desk.registry.releasable_to(desk["jan"], reference) == []
    desk.registry.set_child(desk["jan"], reference, None, child)
    desk.registry.set_child(desk["joke"], other, None, child)
    names = [each.name for each in desk.registry.releasable_to(desk["jan"], reference)]
    assert names == ["cor", "cora"]
    assert desk.registry.releasable_to(desk["cor"], reference) == []


@pytest.mark.both_databases
def test_years_with_figures(desk: Desk):
    assert desk.registry.figure_years(desk["jan"]) == []
    desk.bring(code="preventie", transcript=[])
    desk.clock.turn(days=800)
    desk.bring(code="preventie", transcript=[])
    assert desk.registry.figure_years(desk["jan"]) == [2029, 2028, 2027, 2026]
    assert desk.registry.figure_years(desk["wim"]) == []
