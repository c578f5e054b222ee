"""Faults in the project's own files, found at start-up and told to whoever can mend them."""

from __future__ import annotations

from collections.abc import Iterable


class ProjectFileError(ValueError):
    """One or more faults in files of the project, one a line: place, fault, remedy."""

    def __init__(self, faults: Iterable[str]) -> None:
        self.faults = list(faults)
        super().__init__("\n".join(self.faults))


def raise_faults(faults: list[str]) -> None:
    """Raise `ProjectFileError` with all `faults` together, or do nothing without any."""
    if faults:
        raise ProjectFileError(faults)
