"""Waits until everything is ready and prints the address to open; part of `make run`."""

from __future__ import annotations

import json
import os
import time
import urllib.error
import urllib.request

_PATIENCE = 180


def main() -> None:
    """Poll /readyz; say which part is still missing when it takes long."""
    host = os.environ.get("KOMPAS_WEB_HOST", "127.0.0.1")
    shown = "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104
    address = f"http://{shown}:{os.environ.get('KOMPAS_WEB_PORT', '8080')}"
    began = time.monotonic()
    said = began
    while time.monotonic() - began < _PATIENCE:
        missing = _missing(address)
        if not missing:
            seconds = time.monotonic() - began
            desk = os.environ.get("KOMPAS_DESK_URL") or "http://127.0.0.1:{}".format(
                os.environ.get("KOMPAS_DESK_PORT", "8081")
            )
            print(f"\nKompas is ready after {seconds:.0f} s. Open {address}", flush=True)
            print(f"Staff log in at {desk}\n", flush=True)
            return
        if time.monotonic() - said > 10:
            said = time.monotonic()
            print(f"Starting; not ready yet: {', '.join(missing)}.", flush=True)
        time.sleep(0.5)
    print(f"Still not ready: {', '.join(_missing(address))}. The log above says why.", flush=True)


def _missing(address: str) -> list[str]:
    try:
        with urllib.request.urlopen(f"{address}/readyz", timeout=5) as response:  # noqa: S310
            parts = json.load(response)["parts"]
    except urllib.error.HTTPError as error:
        parts = json.load(error)["parts"]
    except (OSError, ValueError):
        return ["web"]
    return [name for name, ready in parts.items() if not ready]


if __name__ == "__main__":
    main()
