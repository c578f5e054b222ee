"""What the action server runs: one file per topic, thin; the rules lie in bot/."""

from bot.logs import leave_out_words

# rasa_sdk has no start of ours: this is the first that it loads
leave_out_words()
