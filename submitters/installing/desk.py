"""Where hosts look for what an artist added, on each system."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

LISTS = {"win32": ";"}  # between the entries of a path variable; elsewhere ":"


@dataclass(frozen=True)
class Desk:
    """An artist's machine.

    Attributes:
        system: as ``sys.platform`` has it.
        home: of the artist.
        environ: variables.
    """

    system: str = sys.platform
    home: Path = field(default_factory=lambda: Path(os.path.expanduser("~")))  # noqa: PTH111 - Path.home() may raise
    environ: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))

    @property
    def roaming(self) -> Path:
        """Windows' folder of settings."""
        return Path(self.environ.get("APPDATA") or self.home / "AppData" / "Roaming")

    @property
    def config(self) -> Path:
        """The folder of ``client.json``; the client in the hosts looks there."""
        if self.system == "win32":
            return self.roaming / "shotmill"
        if self.system == "darwin":
            return self.home / "Library" / "Application Support" / "shotmill"
        return Path(self.environ.get("XDG_CONFIG_HOME") or self.home / ".config") / "shotmill"

    @property
    def rv(self) -> Path:
        """RV's support folder of this user.

        Where RV_SUPPORT_PATH is set, RV looks in no other place: then the user's own one if it is listed, else the
        first that is.
        """
        own = self._own_rv()
        listed = [Path(entry) for entry in self.listed("RV_SUPPORT_PATH")]
        return own if not listed or own in listed else listed[0]

    def _own_rv(self) -> Path:
        if self.system == "win32":
            return self.roaming / "RV"
        return self.home / ("Library/Application Support/RV" if self.system == "darwin" else ".rv")

    @property
    def nuke(self) -> Path:
        """Nuke's folder of this user; Nuke reads it whatever NUKE_PATH says."""
        return self.home / ".nuke"

    def listed(self, variable: str) -> list[str]:
        """The entries of a path variable."""
        return [entry for entry in self.environ.get(variable, "").split(LISTS.get(self.system, ":")) if entry]
