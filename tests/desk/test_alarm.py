"""An urgent case that nobody opens is told of by e-mail, once, and without content."""

from __future__ import annotations

from collections.abc import Iterator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as default_policy

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from cast import Desk, settings_for
from ports import free_ports

from desk.alarm import send_alarms
from desk.settings import Settings


class Mailbox:
    """A mail server that keeps what it is given; `refuses` is what it says instead."""

    def __init__(self) -> None:
        self.received: list[EmailMessage] = []
        self.recipients: list[list[str]] = []
        self.refuses: dict[str, str] = {}
        self._controller = Controller(self, hostname="127.0.0.1", port=free_port())
        self._controller.start()
        self.port = self._controller.port

    async def handle_RCPT(  # noqa: N802 - the name that aiosmtpd calls
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.rcpt_tos.append(address)
        return self.refuses.get("RCPT", "250 OK")

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if "DATA" in self.refuses:
            return self.refuses["DATA"]
        assert isinstance(envelope.content, bytes)
        self.received.append(message_from_bytes(envelope.content, policy=default_policy))
        self.recipients.append(envelope.rcpt_tos)
        return "250 OK"

    def close(self) -> None:
        self._controller.stop()


def free_port() -> int:
    (port,) = free_ports(1)
    return port


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    server = Mailbox()
    yield server
    server.close()


def settings(desk: Desk, port: int) -> Settings:
    return settings_for(
        desk.url,
        KOMPAS_SMTP_HOST="127.0.0.1",
        KOMPAS_SMTP_PORT=str(port),
        KOMPAS_SMTP_FROM="desk@example.org",
        KOMPAS_SMTP_TO="jurist@example.org",
    )


@pytest.mark.both_databases
def test_it_goes_out_once_after_the_set_time(desk: Desk, mailbox: Mailbox):
    to = settings(desk, mailbox.port)
    reference = desk.bring(urgent=True)
    calm = desk.bring()
    desk.clock.turn(minutes=29)
    assert send_alarms(desk.registry, to) == 0
    desk.clock.turn(minutes=1)
    assert send_alarms(desk.registry, to) == 1
    assert send_alarms(desk.registry, to) == 0
    (mail,) = mailbox.received
    body = mail.get_content()
    assert reference in body
    assert to.url in body
    assert calm not in body
    assert mailbox.recipients == [["jurist@example.org"]]


def test_it_says_nothing_of_the_client(desk: Desk, mailbox: Mailbox):
    said = {"language": "tr", "code": "kinderontvoering", "embed": "stichting-x"}
    reference = desk.bring(conversation="c", urgent=True, **said)
    desk.contact(conversation="c", name="SECRETNAME", phone="0687654321", code_word="SECRETWORD")
    desk.clock.turn(hours=1)
    to = settings(desk, mailbox.port)
    assert send_alarms(desk.registry, to) == 1
    whole = mailbox.received[0].as_string().replace(reference, "").replace(to.url, "")
    told = {*said.values(), "SECRETNAME", "0687654321", "SECRETWORD", "Kinderontvoering", "TR"}
    assert [word for word in told if word in whole.replace("Content-Transfer", "")] == []


@pytest.mark.parametrize(
    "refusal",
    [{"RCPT": "451 later"}, {"RCPT": "550 no"}, {"DATA": "452 full"}, {"DATA": "554 no"}],
    ids=str,
)
def test_a_server_that_refuses_is_asked_again(
    desk: Desk, mailbox: Mailbox, refusal: dict[str, str]
):
    desk.bring(urgent=True)
    desk.clock.turn(hours=1)
    to = settings(desk, mailbox.port)
    mailbox.refuses = refusal
    assert [send_alarms(desk.registry, to) for _ in range(2)] == [0, 0]
    mailbox.refuses = {}
    assert send_alarms(desk.registry, to) == 1
    assert len(mailbox.received) == 1


def test_an_alarm_is_not_sent_once_somebody_opened_the_case_meanwhile(desk: Desk, mailbox: Mailbox):
    reference = desk.bring(urgent=True)
    desk.clock.turn(hours=1)
    assert send_alarms(desk.registry, settings(desk, free_port())) == 0
    desk.registry.look(desk["jan"], reference)
    assert send_alarms(desk.registry, settings(desk, mailbox.port)) == 0


def test_an_opened_case_raises_none(desk: Desk, mailbox: Mailbox):
    desk.registry.look(desk["jan"], desk.bring(urgent=True))
    desk.clock.turn(hours=2)
    assert send_alarms(desk.registry, settings(desk, mailbox.port)) == 0


def test_what_was_not_sent_is_sent_later(desk: Desk, mailbox: Mailbox):
    desk.bring(urgent=True)
    desk.clock.turn(hours=1)
    assert send_alarms(desk.registry, settings(desk, free_port())) == 0
    assert send_alarms(desk.registry, settings(desk, mailbox.port)) == 1


def test_without_a_mail_server_nothing_is_sent_and_nothing_breaks(desk: Desk):
    desk.bring(urgent=True)
    desk.clock.turn(hours=1)
    assert send_alarms(desk.registry, settings_for(desk.url)) == 0
