"""What the action server runs: one file per topic, thin; the rules lie in bot/."""
