"""Before anything starts: settings that can be used, ports that are free."""

from __future__ import annotations

import os
import socket
import sys

from bot import workers
from bot.errors import ProjectFileError
from web import sites, watchdog
from web.settings import Settings, SettingsError

_PORTS = {
    "KOMPAS_WEB_PORT": "8080",
    "KOMPAS_ACTIONS_PORT": "5055",
    "KOMPAS_DESK_PORT": "8081",
}


def faults() -> list[str]:
    """What would keep the processes from starting, each with its remedy."""
    found = []
    try:
        settings = Settings.from_environment()
    except SettingsError as error:
        return str(error).splitlines()
    try:
        sites.load(settings.sites)
    except ProjectFileError as error:
        found.extend(error.faults)
    try:
        watchdog.Settings.from_environment()
    except ValueError as error:
        found.extend(str(error).splitlines())
    ports: dict[int, str] = {}
    wanted = [(name, int(float(os.environ.get(name, port)))) for name, port in _PORTS.items()]
    for name, port in [*wanted, *((workers.PORT, port) for port in workers.ports())]:
        if port in ports:
            found.append(f"{name} and {ports[port]} are both {port}. Give them different ports.")
        ports[port] = name
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                found.append(
                    f"Port {port} ({name}) is in use. Stop the program that uses it, or choose "
                    f"another: {name}={port + 10000} make run"
                )
    return found


def main() -> None:
    """Exit with 1 and every fault when there is one."""
    found = faults()
    if found:
        sys.exit("\n".join(found))


if __name__ == "__main__":
    main()
