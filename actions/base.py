"""What every action of the action server has in common."""

from __future__ import annotations

import abc
import logging
from collections.abc import Mapping
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from bot import request_trace

logger = logging.getLogger(__name__)

Event = Mapping[str, Any]


class SafeAction(Action, abc.ABC):
    """An action that never lets an exception out.

    rasa_sdk puts the whole tracker, with all the visitor wrote, into the body of its error
    reply, and Rasa logs that body. So a failing action says so to the visitor instead.
    """

    @abc.abstractmethod
    def name(self) -> str:
        """Name of the action in the domain."""

    @abc.abstractmethod
    async def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[Event]:
        """Do the work: utter through `dispatcher`, return the events."""

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Mapping[str, Any]
    ) -> list[Event]:
        """Called by rasa_sdk."""
        try:
            with request_trace.stage("action"):
                events = await self.act(dispatcher, tracker)
            logger.info(request_trace.line("action", name=self.name()))
            return events
        except Exception as error:
            # only the kind of the error: its text could hold what the visitor wrote
            logger.error(
                "%s failed with %s. request=%s",
                self.name(),
                type(error).__name__,
                request_trace.current().id,
            )
            dispatcher.messages.clear()
            dispatcher.utter_message(response="utter_error")
            return []
