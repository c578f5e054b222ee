"""Logging in, and what ends a session."""

from __future__ import annotations

import pyotp
import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher
from cast import PASSWORD, Desk

from desk import models
from desk.errors import LoginRefused, Malformed, NotPossible, TooManyAttempts
from desk.login import LoggedIn, Login


def code(desk: Desk, name: str, steps: int = 0) -> str:
    totp = pyotp.parse_uri(desk.uris[name])
    assert isinstance(totp, pyotp.TOTP)
    return totp.at(desk.clock.now, counter_offset=steps)


def enter(desk: Desk, name: str = "jan", password: str = PASSWORD, **more: str) -> LoggedIn:
    return desk.login.log_in(
        name, password, more.get("code") or code(desk, name), more.get("address", "10.0.0.1")
    )


@pytest.mark.both_databases
def test_name_password_and_code_open_a_session(desk: Desk):
    session = enter(desk)
    assert session.member == desk["jan"]
    found = desk.login.session(session.token)
    assert found == session


@pytest.mark.parametrize(
    ("name", "password", "given"),
    [
        ("jan", "wrong password!", None),
        ("jan", "", None),
        ("jan", PASSWORD + "\x00", None),
        ("jan", "x" * 100_000, None),
        ("jan", "\ud800 surrogate", None),
        ("nobody", PASSWORD, "123456"),
        ("jan'; --", PASSWORD, "123456"),
        ("jan\x00", PASSWORD, "123456"),
        ("jan", PASSWORD, "000000"),
        ("jan", PASSWORD, "no"),
        ("jan", PASSWORD, "٠٠٠٠٠٠"),
    ],
)
def test_anything_else_does_not_and_does_not_say_why(
    desk: Desk, name: str, password: str, given: str | None
):
    with pytest.raises(LoginRefused) as raised:
        enter(desk, name, password, code=given or code(desk, "jan"))
    assert str(raised.value) == "Name, password or code is not right."
    assert desk.registry.audit_log(desk["aad"])[0].action == "login_refused"


@pytest.mark.both_databases
def test_a_code_works_once(desk: Desk):
    used = code(desk, "jan")
    enter(desk, code=used)
    with pytest.raises(LoginRefused):
        enter(desk, code=used)
    with pytest.raises(LoginRefused):
        enter(desk, code=code(desk, "jan", -1))
    desk.clock.turn(seconds=30)
    enter(desk)


@pytest.mark.parametrize(("steps", "works"), [(-1, True), (1, True), (-2, False), (2, False)])
def test_clocks_may_be_off_by_a_step(desk: Desk, steps: int, works: bool):
    given = code(desk, "jan", steps)
    if works:
        enter(desk, code=given)
    else:
        with pytest.raises(LoginRefused):
            enter(desk, code=given)


@pytest.mark.both_databases
def test_after_five_failures_even_the_right_password_waits(desk: Desk):
    for number in range(5):
        with pytest.raises(LoginRefused):
            enter(desk, password="wrong password!", address=f"10.0.0.{number}")
    with pytest.raises(TooManyAttempts) as raised:
        enter(desk, address="10.9.9.9")
    assert 0 < raised.value.retry_after <= 900
    enter(desk, "joke")
    desk.clock.turn(minutes=16)
    enter(desk)


def test_one_address_cannot_try_many_names(desk: Desk):
    for number in range(30):
        with pytest.raises(LoginRefused):
            desk.login.log_in(f"name{number}", "wrong password!", "123456", "10.0.0.1")
    with pytest.raises(TooManyAttempts):
        enter(desk)
    enter(desk, address="10.0.0.2")


def test_it_ends_when_nothing_is_done(desk: Desk):
    session = enter(desk)
    for _ in range(3):
        desk.clock.turn(minutes=29)
        assert desk.login.session(session.token)
    desk.clock.turn(minutes=31)
    assert desk.login.session(session.token) is None


def test_it_ends_after_a_working_day(desk: Desk):
    session = enter(desk)
    for _ in range(24):
        desk.clock.turn(minutes=25)
        desk.login.session(session.token)
    desk.clock.turn(minutes=25)
    assert desk.login.session(session.token) is None


def test_logging_out_ends_it(desk: Desk):
    session = enter(desk)
    desk.login.log_out(session.token)
    desk.login.log_out(session.token)
    assert desk.login.session(session.token) is None


def test_another_password_ends_all_sessions(desk: Desk):
    session = enter(desk)
    with pytest.raises(LoginRefused):
        desk.login.change_password(desk["jan"], "wrong", "another long password")
    desk.login.change_password(desk["jan"], PASSWORD, "another long password")
    assert desk.login.session(session.token) is None
    desk.clock.turn(seconds=30)
    enter(desk, password="another long password")


def test_a_closed_account_is_out_at_once(desk: Desk):
    session = enter(desk)
    desk.login.set_active("jan", False)
    assert desk.login.session(session.token) is None
    desk.clock.turn(seconds=30)
    with pytest.raises(LoginRefused):
        enter(desk)
    desk.login.set_active("jan", True)
    enter(desk)


@pytest.mark.parametrize("token", ["", "x", "x" * 43, "\ud800", "' OR 1=1 --"])
def test_a_made_up_token_is_no_session(desk: Desk, token: str):
    enter(desk)
    assert desk.login.session(token) is None


def test_a_form_needs_the_token_of_its_session(desk: Desk):
    session, other = enter(desk), enter(desk, "joke")
    assert Login.csrf_fits(session, session.csrf)
    for wrong in ("", other.csrf, session.csrf[:-1], "Ünï\ud800"):
        assert not Login.csrf_fits(session, wrong)


def test_neither_token_nor_password_nor_name_tried_is_stored(desk: Desk):
    session = enter(desk)
    with pytest.raises(LoginRefused):
        enter(desk, "a-secret-name", code="123456")
    with desk.database.reading() as connection:
        for table in (models.StaffSession, models.LoginAttempt, models.Staff, models.AuditEntry):
            text = str(connection.execute(sa.select(table.__table__)).all())
            for secret in (session.token, PASSWORD, "a-secret-name", "10.0.0.1"):
                assert secret not in text
            assert pyotp.parse_uri(desk.uris["jan"]).secret not in text


@pytest.mark.both_databases
def test_the_sweep_removes_what_is_over(desk: Desk):
    session = enter(desk)
    desk.clock.turn(hours=1)
    kept = enter(desk, "joke")
    desk.login.sweep()
    with desk.database.reading() as connection:
        assert connection.scalar(sa.select(sa.func.count(models.StaffSession.id))) == 1
        assert connection.scalar(sa.select(sa.func.count(models.LoginAttempt.id))) == 1
    assert desk.login.session(session.token) is None
    assert desk.login.session(kept.token)


@pytest.mark.parametrize(
    ("name", "role", "password", "field"),
    [
        ("", "worker", PASSWORD, "name"),
        ("a\x00", "worker", PASSWORD, "name"),
        ("x" * 81, "worker", PASSWORD, "name"),
        ("new", "admin", PASSWORD, "role"),
        ("new", "worker", "short", "password"),
        ("new", "worker", "x" * 201, "password"),
    ],
)
def test_an_account_that_cannot_be(desk: Desk, name: str, role: str, password: str, field: str):
    with pytest.raises(Malformed) as raised:
        desk.login.create_account(name, role, password)
    assert raised.value.fields == (field,)


def test_a_name_is_taken_once(desk: Desk):
    with pytest.raises(NotPossible):
        desk.login.create_account("jan", "worker", PASSWORD)


def test_passwords_are_argon2id_as_the_library_advises(desk: Desk):
    login = Login(desk.database, desk.vault, desk.index, clock=desk.clock)
    # rehashed at the next login, when the advice has changed
    login.log_in("jan", PASSWORD, code(desk, "jan"), "10.0.0.1")
    with desk.database.reading() as connection:
        hashed = connection.scalar(
            sa.select(models.Staff.password).where(models.Staff.name == "jan")
        )
    assert hashed is not None
    assert hashed.startswith("$argon2id$")
    assert not PasswordHasher().check_needs_rehash(hashed)
