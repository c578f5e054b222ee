"""What nobody sees in time: an urgent case nobody opens, an erasure that does not get done."""

from __future__ import annotations

import logging
import smtplib
from email.message import EmailMessage

from bot.catalogue import text
from desk.registry import Registry
from desk.settings import Settings

logger = logging.getLogger("kompas.desk.alarm")

_TIMEOUT = 10
LATE_ERASURE_MINUTES = 5
"""Minutes after which an erasure in the Rasa server is late; a minute is promised."""


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


def tell_of_late_erasures(registry: Registry) -> int:
    """Say in the logs that conversations are not gone in time, whoever does not do it; how many.

    The courier tells of what fails. This also sees a courier that is not there to tell.
    """
    late = registry.late_erasures(LATE_ERASURE_MINUTES)
    if late:
        logger.error(
            "%d conversations that were erased here are still in the Rasa server after %d minutes. "
            "See that the courier (bot.delivery) and the Rasa server run.",
            late,
            LATE_ERASURE_MINUTES,
        )
    return late
