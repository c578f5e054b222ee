"""A PostgreSQL server of the tests' own: Debian's package, a private port, a folder that goes."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

from ports import free_ports

MISSING = (
    "PostgreSQL is not installed: its tests cannot run. On Debian: "
    "scripts/debian.sh postgresql, or make debian."
)


def binaries() -> Path | None:
    """The folder of `initdb` and `pg_ctl`: of the newest version, which Debian keeps off PATH."""
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3])
    )
    on_path = shutil.which("initdb")
    if found:
        return found[-1].parent
    return Path(on_path).resolve().parent if on_path else None


# a busy machine is no database that is away
_PATIENT = "connect_timeout=60&options=-c%20statement_timeout%3D60000"


def patient(url: str) -> str:
    """The address with limits of time that no test reaches."""
    return f"{url}?{_PATIENT}"


class Cluster:
    """A server for one run of the tests. PostgreSQL refuses root, so root lends it a user."""

    def __init__(self) -> None:
        folder = binaries()
        if folder is None:
            raise RuntimeError(MISSING)
        self._binaries = folder
        self._folder = Path(tempfile.mkdtemp(prefix="kompas-pg-"))
        self._as_user = []
        if os.geteuid() == 0:
            user = "postgres" if _exists("postgres") else "nobody"
            self._as_user = ["runuser", "-u", user, "--"]
            shutil.chown(self._folder, user)
        (self.port,) = free_ports(1)
        self._data = self._folder / "data"
        self._run("initdb", "-D", str(self._data), "-U", "kompas", "-A", "trust", "-E", "UTF8")
        with (self._data / "postgresql.conf").open("a") as file:
            file.write(
                f"port = {self.port}\nlisten_addresses = '127.0.0.1'\n"
                f"unix_socket_directories = '{self._folder}'\nmax_connections = 60\n"
                # these crashes are of processes; the machine stays up
                "fsync = off\n"
            )
        self.start()

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [*self._as_user, str(self._binaries / program), *arguments],
            cwd=self._folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        if done.returncode:
            raise RuntimeError(f"{program} failed:\n{done.stdout}")

    def _control(self, *arguments: str) -> None:
        # the server keeps what it inherits open, so its output goes to a file
        log = str(self._folder / "log")
        self._run("pg_ctl", "-D", str(self._data), "-w", "-l", log, *arguments)

    def start(self) -> None:
        """Start the server and wait until it answers."""
        self._control("start")

    def crash(self) -> None:
        """Stop it as a power cut would."""
        self._control("-m", "immediate", "stop")

    def close(self) -> None:
        """Stop it and remove all of it."""
        self._control("-m", "immediate", "stop")
        shutil.rmtree(self._folder, ignore_errors=True)

    def url(self, name: str) -> str:
        """The address of a database."""
        return f"postgresql://kompas@127.0.0.1:{self.port}/{name}"

    def create(self, name: str, template: str = "template1") -> str:
        """Make a database; its address."""
        self._client("createdb", "-T", template, name)
        return self.url(name)

    def drop(self, name: str) -> None:
        """Remove a database, whoever is in it."""
        self._client("dropdb", "--if-exists", "--force", name)

    def _client(self, program: str, *arguments: str) -> None:
        # Debian keeps the clients beside the server
        server = ("-h", "127.0.0.1", "-p", str(self.port), "-U", "kompas")
        self._run(program, *server, *arguments)


def _exists(user: str) -> bool:
    try:
        pwd.getpwnam(user)
    except KeyError:
        return False
    return True
