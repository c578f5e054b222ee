"""Checks of the options that components have in config.yml."""

from __future__ import annotations

from typing import Any

from rasa.shared.exceptions import InvalidConfigException

MOST_SEED = 2**32 - 1
"""The largest seed that numpy takes."""


def number(
    component: str, config: dict[str, Any], option: str, lowest: float, highest: float
) -> float:
    """The option as a number. Raises `InvalidConfigException` outside of lowest to highest."""
    value = config[option]
    if not isinstance(value, (int, float)) or not lowest <= value <= highest:
        raise InvalidConfigException(
            f"config.yml: {component}: {option} is {value!r}; "
            f"give a number from {lowest:g} to {highest:g}."
        )
    return value
