"""An urgent case that nobody opens is told of by e-mail, once, and without content."""

from __future__ import annotations

import socket
import socketserver
import threading
from collections.abc import Iterator

import pytest
from cast import Desk, settings_for

from desk.alarm import send_alarms
from desk.settings import Settings


class Mailbox(socketserver.ThreadingTCPServer):
    """A mail server of a few lines; it keeps what it is given."""

    allow_reuse_address = True

    def __init__(self) -> None:
        self.received: list[str] = []
        super().__init__(("127.0.0.1", 0), Session)


class Session(socketserver.StreamRequestHandler):
    server: Mailbox

    def handle(self) -> None:
        self.wfile.write(b"220 ready\r\n")
        while line := self.rfile.readline():
            word = line.split()[0].upper() if line.split() else b""
            if word == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                content = b""
                while not content.endswith(b"\r\n.\r\n"):
                    content += self.rfile.readline()
                self.server.received.append(content.decode())
            if word == b"QUIT":
                self.wfile.write(b"221 bye\r\n")
                return
            self.wfile.write(b"250 ok\r\n")


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with Mailbox() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def settings(desk: Desk, port: int) -> Settings:
    return settings_for(
        desk.url,
        KOMPAS_SMTP_HOST="127.0.0.1",
        KOMPAS_SMTP_PORT=str(port),
        KOMPAS_SMTP_FROM="desk@example.org",
        KOMPAS_SMTP_TO="jurist@example.org",
    )


def test_it_goes_out_once_after_the_set_time(desk: Desk, mailbox: Mailbox):
    to = settings(desk, mailbox.server_address[1])
    reference = desk.bring(urgent=True)
    calm = desk.bring()
    desk.clock.turn(minutes=29)
    assert send_alarms(desk.registry, to) == 0
    desk.clock.turn(minutes=1)
    assert send_alarms(desk.registry, to) == 1
    assert send_alarms(desk.registry, to) == 0
    (mail,) = mailbox.received
    assert reference in mail
    assert calm not in mail
    assert "TR" not in mail.replace("X-", "")


def test_an_opened_case_raises_none(desk: Desk, mailbox: Mailbox):
    desk.registry.look(desk["jan"], desk.bring(urgent=True))
    desk.clock.turn(hours=2)
    assert send_alarms(desk.registry, settings(desk, mailbox.server_address[1])) == 0


def test_what_was_not_sent_is_sent_later(desk: Desk, mailbox: Mailbox):
    desk.bring(urgent=True)
    desk.clock.turn(hours=1)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        closed = probe.getsockname()[1]
    assert send_alarms(desk.registry, settings(desk, closed)) == 0
    assert send_alarms(desk.registry, settings(desk, mailbox.server_address[1])) == 1


def test_without_a_mail_server_nothing_is_sent_and_nothing_breaks(desk: Desk):
    desk.bring(urgent=True)
    desk.clock.turn(hours=1)
    assert send_alarms(desk.registry, settings_for(desk.url)) == 0
