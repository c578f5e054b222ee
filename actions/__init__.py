"""What the action server runs: one file per topic, thin; the rules lie in bot/."""

from rasa_sdk.plugin import plugin_manager

from actions import server
from bot.logs import leave_out_words

# rasa_sdk has no start of ours: this is the first that it loads
leave_out_words()
if not plugin_manager().is_registered(server):
    plugin_manager().register(server)
