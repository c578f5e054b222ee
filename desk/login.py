"""Who works at the desk: accounts, logging in, sessions.

Passwords are kept as argon2id hashes; a code of an authenticator app (TOTP) is always asked for
and works once. Sessions live in the database under a hash of the token that the browser holds.
Methods block, hashing a password on purpose: call them outside the event loop.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pyotp
import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from pyotp.exceptions import OTPVerificationError
from sqlalchemy.orm import Session

from desk import audit
from desk.access import ROLES, Member
from desk.crypto import BlindIndex, Vault
from desk.database import Database
from desk.errors import LoginRefused, Malformed, NotPossible, TooManyAttempts
from desk.models import LoginAttempt, Staff, StaffSession, new_id, place

LEAST_PASSWORD = 12
_MOST_PASSWORD = 200
_WINDOW = timedelta(minutes=15)
# an office shares one address
_FAILURES_PER_ADDRESS = 6
ISSUER = "Kompas desk"


@dataclass(frozen=True)
class LoggedIn:
    """A session: `token` goes into the cookie, `csrf` into every form."""

    token: str
    csrf: str
    member: Member


@dataclass(frozen=True)
class Account:
    """A new account: `totp_uri` is for the authenticator app and is shown once."""

    id: str
    totp_uri: str


class Login:
    """Accounts and sessions in the database of the registry; `clock` is for tests."""

    def __init__(
        self,
        database: Database,
        vault: Vault,
        index: BlindIndex,
        *,
        idle: timedelta = timedelta(minutes=30),
        longest: timedelta = timedelta(hours=10),
        failures: int = 5,
        hasher: PasswordHasher | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._vault = vault
        self._index = index
        self._idle = idle
        self._longest = longest
        self._failures = failures
        self._hasher = hasher or PasswordHasher()
        self._clock = clock
        # checked for a name that is not there, so that it takes the same time
        self._nobody = self._hasher.hash(secrets.token_hex(16))

    def create_account(self, name: str, role: str, password: str) -> Account:
        """Make an account. Raises `Malformed` naming what cannot be used."""
        name = name.strip()
        if not name or len(name) > 80 or not name.isprintable():
            raise Malformed("A name has from 1 to 80 characters.", ["name"])
        if role not in ROLES:
            raise Malformed(f"A role is one of {', '.join(ROLES)}.", ["role"])
        hashed = self._hash(password)
        secret = pyotp.random_base32()
        with self._database.writing() as session:
            if self._staff(session, name) is not None:
                raise NotPossible("There is an account of this name.", ["name"])
            staff = Staff(id=new_id(), name=name, role=role, password=hashed, created=self._clock())
            staff.totp = self._vault.seal(secret, place(staff, "totp"))
            session.add(staff)
            session.flush()
            self._log(session, audit.SYSTEM, "create_account", staff.id, role=role)
            return Account(
                staff.id, pyotp.TOTP(secret, name=name, issuer=ISSUER).provisioning_uri()
            )

    def change_password(self, member: Member, old: str, new: str) -> None:
        """Set another password; all sessions of this colleague end."""
        hashed = self._hash(new)
        with self._database.reading() as session:
            staff = session.get(Staff, member.id)
            current = staff.password if staff is not None else self._nobody
        if not self._fits(current, old):
            raise LoginRefused("The password is not right.")
        with self._database.writing() as session:
            session.execute(sa.update(Staff).where(Staff.id == member.id).values(password=hashed))
            session.execute(sa.delete(StaffSession).where(StaffSession.staff_id == member.id))
            self._log(session, member.id, "change_password", member.id)

    def set_active(self, name: str, active: bool) -> None:
        """Close an account, or open it again; closing ends its sessions."""
        with self._database.writing() as session:
            staff = self._staff(session, name)
            if staff is None:
                raise Malformed("There is no account of this name.", ["name"])
            staff.active = active
            session.execute(sa.delete(StaffSession).where(StaffSession.staff_id == staff.id))
            self._log(session, audit.SYSTEM, "set_active", staff.id, active=active)

    def log_in(self, name: str, password: str, code: str, address: str) -> LoggedIn:
        """A session for the right name, password and code.

        Raises `TooManyAttempts`, or `LoginRefused`, which does not say what was wrong.
        """
        name_token = self._index.token("login", name.strip()[:200])
        address_token = self._index.token("address", address)
        now = self._clock()
        with self._database.writing() as session:
            self._limit(session, name_token, address_token, now)
            # counted before it is known how it ends: many at once cannot slip through
            attempt = LoginAttempt(name=name_token, address=address_token, at=now, success=False)
            session.add(attempt)
            session.flush()
            attempt_id = attempt.id
            staff = self._staff(session, name.strip()) if name.isprintable() else None
        # outside of a transaction: this takes its time
        fits = self._fits(staff.password if staff is not None else self._nobody, password)
        with self._database.writing() as session:
            member = self._enter(session, staff, code, now) if staff is not None and fits else None
            if member is None:
                known = staff.id if staff is not None else ""
                self._log(session, audit.SYSTEM, "login_refused", known)
            else:
                session.execute(
                    sa.update(LoginAttempt)
                    .where(LoginAttempt.id == attempt_id)
                    .values(success=True)
                )
                if self._hasher.check_needs_rehash(staff.password if staff is not None else ""):
                    session.execute(
                        sa.update(Staff)
                        .where(Staff.id == member.id)
                        .values(password=self._hasher.hash(password))
                    )
                logged_in = self._begin(session, member, now)
                self._log(session, member.id, "login")
        if member is None:
            raise LoginRefused("Name, password or code is not right.")
        return logged_in

    def log_in_with_identity(self, identity: str) -> LoggedIn:
        """A session for who the identity provider vouches for (desk/oidc.py).

        Raises `LoginRefused` when no account is linked to them, or a closed one.
        """
        now = self._clock()
        member: Member | None = None
        with self._database.writing() as session:
            staff = session.scalar(sa.select(Staff).where(Staff.oidc == identity))
            if staff is not None and staff.active:
                member = Member(staff.id, staff.name, staff.role)
                logged_in = self._begin(session, member, now)
                self._log(session, member.id, "login", way="oidc")
            else:
                known = staff.id if staff is not None else ""
                self._log(session, audit.SYSTEM, "login_refused", known, way="oidc")
        if member is None:
            raise LoginRefused("No account that is open is linked to this identity.")
        return logged_in

    def link(self, name: str, identity: str | None) -> None:
        """Let an account be entered by an identity of the provider too, or (None) no longer."""
        with self._database.writing() as session:
            staff = self._staff(session, name)
            if staff is None:
                raise Malformed("There is no account of this name.", ["name"])
            other = session.scalar(
                sa.select(Staff.id).where(Staff.oidc == identity, Staff.id != staff.id)
            )
            if identity is not None and other is not None:
                raise NotPossible("Another account is linked to this subject.", ["oidc-subject"])
            staff.oidc = identity
            session.execute(sa.delete(StaffSession).where(StaffSession.staff_id == staff.id))
            self._log(session, audit.SYSTEM, "link", staff.id, linked=identity is not None)

    @staticmethod
    def _begin(session: Session, member: Member, now: datetime) -> LoggedIn:
        token, csrf = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        session.add(
            StaffSession(id=_hash(token), staff_id=member.id, csrf=csrf, created=now, seen=now)
        )
        return LoggedIn(token, csrf, member)

    def session(self, token: str) -> LoggedIn | None:
        """The session of a cookie, or None when there is none or it is over."""
        now = self._clock()
        with self._database.reading() as session:
            found = session.execute(
                sa.select(StaffSession, Staff)
                .join(Staff, Staff.id == StaffSession.staff_id)
                .where(StaffSession.id == _hash(token), Staff.active)
            ).first()
        if found is None:
            return None
        row, staff = found
        if now - row.seen > self._idle or now - row.created > self._longest:
            self.log_out(token)
            return None
        if now - row.seen > timedelta(minutes=1):
            with self._database.writing() as session:
                session.execute(
                    sa.update(StaffSession).where(StaffSession.id == row.id).values(seen=now)
                )
        return LoggedIn(token, row.csrf, Member(staff.id, staff.name, staff.role))

    def log_out(self, token: str) -> None:
        """End a session; one that is not there has ended already."""
        with self._database.writing() as session:
            ended = session.scalar(
                sa.delete(StaffSession)
                .where(StaffSession.id == _hash(token))
                .returning(StaffSession.staff_id)
            )
            if ended is not None:
                self._log(session, ended, "logout")

    @staticmethod
    def csrf_fits(logged_in: LoggedIn, given: str) -> bool:
        """Whether a form carries the token of its session."""
        return hmac.compare_digest(logged_in.csrf.encode(), given.encode("utf-8", "replace"))

    def sweep(self) -> None:
        """Delete sessions and attempts that no longer matter."""
        now = self._clock()
        with self._database.writing() as session:
            session.execute(
                sa.delete(StaffSession).where(
                    sa.or_(
                        StaffSession.seen < now - self._idle,
                        StaffSession.created < now - self._longest,
                    )
                )
            )
            session.execute(sa.delete(LoginAttempt).where(LoginAttempt.at < now - _WINDOW))

    def _hash(self, password: str) -> str:
        if not LEAST_PASSWORD <= len(password) <= _MOST_PASSWORD:
            raise Malformed(
                f"A password has from {LEAST_PASSWORD} to {_MOST_PASSWORD} characters.",
                ["password"],
            )
        return self._hasher.hash(password)

    def _fits(self, hashed: str, password: str) -> bool:
        try:
            return len(password) <= _MOST_PASSWORD and self._hasher.verify(hashed, password)
        except (VerifyMismatchError, InvalidHashError, UnicodeEncodeError):
            return False

    def _limit(self, session: Session, name: str, address: str, now: datetime) -> None:
        for column, value, most in (
            (LoginAttempt.name, name, self._failures),
            (LoginAttempt.address, address, self._failures * _FAILURES_PER_ADDRESS),
        ):
            times = session.scalars(
                sa.select(LoginAttempt.at)
                .where(column == value, ~LoginAttempt.success, LoginAttempt.at > now - _WINDOW)
                .order_by(LoginAttempt.at.desc())
                .limit(most)
            ).all()
            if len(times) >= most:
                wait = times[-1] + _WINDOW - now
                raise TooManyAttempts(max(1, round(wait.total_seconds())))

    def _enter(self, session: Session, staff: Staff, code: str, now: datetime) -> Member | None:
        current = session.get(Staff, staff.id)
        if current is None or not current.active or not (code.isascii() and code.isdigit()):
            return None
        totp = pyotp.TOTP(self._vault.open(current.totp, place(current, "totp")))
        try:
            # clocks of telephones are off by some seconds
            step = totp.verify_and_get_timecode(code, for_time=now, valid_window=1)
        except OTPVerificationError:
            return None
        if step <= current.totp_step:
            # a code works once, also for who looked over a shoulder
            return None
        current.totp_step = step
        return Member(current.id, current.name, current.role)

    def _log(
        self, session: Session, actor: str, action: str, subject: str = "", **more: object
    ) -> None:
        session.flush()
        audit.append(
            session, self._index, [audit.Entry(actor, action, subject, more)], self._clock()
        )

    @staticmethod
    def _staff(session: Session, name: str) -> Staff | None:
        found: Staff | None = session.scalar(sa.select(Staff).where(Staff.name == name))
        return found


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
