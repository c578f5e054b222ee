"""Where our own processes reach the desk, and the token by which it knows them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class DeskAccess:
    """Where the desk takes letters, and the token of the services."""

    url: str
    token: str

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> DeskAccess:
        """As the settings say."""
        port = environment.get("KOMPAS_DESK_PORT", "8081")
        return cls(
            environment.get("KOMPAS_DESK_API", "") or f"http://127.0.0.1:{port}",
            environment.get("KOMPAS_DESK_SERVICE_TOKEN", ""),
        )
