"""The second channel: an e-mail when nobody opens an urgent case in time."""

from __future__ import annotations

import logging
import smtplib
from email.message import EmailMessage

from bot.catalogue import text
from desk.registry import Registry
from desk.settings import Settings

logger = logging.getLogger("kompas.desk.alarm")

_TIMEOUT = 10


def send_alarms(registry: Registry, settings: Settings) -> int:
    """Tell of urgent cases that wait too long, once they were told of; how many.

    The message has references and the address of the console, nothing of a client. What could
    not be sent is tried at the next call.
    """
    late = registry.raise_alarms(settings.alarm_minutes)
    if not late or not settings.smtp_host:
        return 0
    message = EmailMessage()
    message["From"] = settings.smtp_from
    message["To"] = ", ".join(settings.smtp_to)
    message["Subject"] = text("nl", "desk_alarm_subject", number=str(len(late)))
    message.set_content(
        text("nl", "desk_alarm_text", references="\n".join(late), address=settings.url)
    )
    try:
        with smtplib.SMTP(settings.smtp_host, settings.smtp_port, timeout=_TIMEOUT) as server:
            server.send_message(message)
    except (OSError, smtplib.SMTPException) as error:
        logger.error("The alarm was not sent: %s.", type(error).__name__)
        registry.alarm_sent(late, delivered=False)
        return 0
    registry.alarm_sent(late, delivered=True)
    return len(late)
