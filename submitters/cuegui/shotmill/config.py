"""What ``config.yaml`` says, and what Shotmill sees of CueGUI's environment. No Qt."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CONFIG_FILE = Path(__file__).absolute().with_name("config.yaml")
DEFAULT_TIMEOUT_S = 60.0
# CueGUI's own PYTHONPATH, LD_LIBRARY_PATH or QT_PLUGIN_PATH would break a Shotmill that lies elsewhere.
KEPT = frozenset({
    "PATH", "HOME", "USER", "LOGNAME", "LANG", "LANGUAGE", "TZ", "TMPDIR", "OCIO", "SYSTEMROOT",
    "PGPASSFILE", "PGSERVICEFILE", "PGSSLMODE", "PGSSLROOTCERT", "SSL_CERT_FILE", "KRB5CCNAME",
})  # fmt: skip
KEPT_PREFIXES = ("LC_", "SHOTMILL_", "XDG_")


class ConfigFaultError(Exception):
    """What is wrong with the file, and the mend, in one sentence."""


@dataclass(frozen=True)
class Config:
    """What a wrangler may set.

    Attributes:
        program: how Shotmill is called; the first word is a name in PATH, or a path.
        environment: variables that Shotmill gets besides.
        pass_environment: names of CueGUI's variables that it gets besides.
        viewer: what opens a published folder; empty: the desktop decides.
        timeout_s: how long Shotmill has for an answer.
    """

    program: tuple[str, ...] = ("shotmill",)
    environment: Mapping[str, str] | None = None
    pass_environment: tuple[str, ...] = ()
    viewer: tuple[str, ...] = ()
    timeout_s: float = DEFAULT_TIMEOUT_S

    def located(self) -> tuple[str, ...]:
        """The program with its whole path.

        Raises:
            ConfigFaultError: it is not there.
        """
        name = str(Path(self.program[0]).expanduser()) if self.program[0].startswith("~") else self.program[0]
        found = shutil.which(name)
        if found is None:
            raise ConfigFaultError(
                f"Shotmill is not on this machine as {name}: install it there, or name its program in {CONFIG_FILE}"
            )
        return (found, *self.program[1:])

    def child_environment(self, parent: Mapping[str, str]) -> dict[str, str]:
        """What Shotmill gets of CueGUI's environment: a list of names, and what the file adds."""
        kept = KEPT | set(self.pass_environment)
        found = {name: value for name, value in parent.items() if name in kept or name.startswith(KEPT_PREFIXES)}
        found.update(self.environment or {})
        return found

    def view_command(self, folder: str) -> tuple[str, ...]:
        """How a folder is opened; empty: as the desktop does it."""
        return tuple(word.replace("{folder}", folder) for word in self.viewer)


def read_config(raw: object) -> Config:
    """What the file says.

    Args:
        raw: what CueGUI has read of it; an empty mapping where it could not.

    Raises:
        ConfigFaultError: it says something else than it may.
    """
    given = {} if raw is None else raw
    if not isinstance(given, dict):
        raise _fault("", "must hold names and values")
    environment = given.get("environment") or {}
    if not isinstance(environment, dict):
        raise _fault("environment", "must hold names and values")
    timeout_s = given.get("timeout_s", DEFAULT_TIMEOUT_S)
    if isinstance(timeout_s, bool) or not isinstance(timeout_s, (int, float)) or not timeout_s > 0:
        raise _fault("timeout_s", "must be a number of seconds")
    return Config(
        program=_words(given, "program") or ("shotmill",),
        environment={str(name): str(value) for name, value in environment.items()},
        pass_environment=_words(given, "pass_environment"),
        viewer=_words(given, "viewer"),
        timeout_s=float(timeout_s),
    )


def _words(given: Mapping[str, Any], name: str) -> tuple[str, ...]:
    found = given.get(name) or ()
    words = (found,) if isinstance(found, str) else found
    if not isinstance(words, (list, tuple)) or not all(isinstance(word, str) and word for word in words):
        raise _fault(name, "must be a name, or a list of words")
    return tuple(words)


def _fault(name: str, rule: str) -> ConfigFaultError:
    return ConfigFaultError(f"{CONFIG_FILE}: {name or 'it'} {rule}; shotmill install cuegui --force writes it anew")
