"""The targets file: who is told, how, and where the secrets for it are. Only the delivery worker reads it.

::

    [tasks]                  # which production task a publish belongs to, by job type or kind of product
    thumbnail = "comp"

    [slack]                  # a target; the setting `targets` calls it by this name
    token = "env:SLACK_TOKEN"

    [tracker]
    type = "ftrack"          # where the name is not that of its kind
    calls_per_s = 2
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import Field

from ...schema.errors import ConfigError, NameRuleError
from ...schema.names import check_name
from ..settings import Settings
from .sections import SCHEMES, TargetSection, read_section

TASKS = "tasks"
NAME = "targets.toml"
# Keys whose values are secrets, whatever the kind of target: they stand elsewhere, and the file says where.
_SECRET_KEY = re.compile(
    r"(^|_)(api_?key|script_?key|key|token|secret|passw(or)?d|passphrase|credentials?)$", re.IGNORECASE
)
_URL_WITH_PASSWORD = re.compile(r"^[a-z][a-z0-9+.-]*://[^/@\s]*:[^/@\s]+@", re.IGNORECASE)


class Pace(TargetSection):
    """What every section may say of how its target is treated; taken out before its kind reads it.

    Attributes:
        calls_per_s: letters a second at most.
        tries: how often a letter is tried before it is dead. Back-off ends at half an hour, so that 200 are two days.
        timeout_s: how long one call may take.
        pull_s: seconds from one pull of what a tracker knows to the next, while letters are watched for; 0: none.
    """

    calls_per_s: float = Field(default=5.0, gt=0, le=1000)
    tries: int = Field(default=200, ge=1)
    timeout_s: float = Field(default=60.0, gt=0, le=3600)
    pull_s: float = Field(default=0.0, ge=0)


@dataclass(frozen=True)
class TargetEntry:
    """One section: ``section`` is what its kind reads."""

    name: str
    kind: str
    section: Mapping[str, Any]
    pace: Pace


@dataclass(frozen=True)
class TargetsFile:
    """The file as read.

    Attributes:
        path: where it is, or would be.
        tasks: code of the production task by job type or kind of product.
        targets: by name.
    """

    path: Path
    tasks: Mapping[str, str] = field(default_factory=dict)
    targets: Mapping[str, TargetEntry] = field(default_factory=dict)

    def entry(self, name: str) -> TargetEntry:
        """The section of a target.

        Raises:
            ConfigError: there is none; says what there is.
        """
        if name in self.targets:
            return self.targets[name]
        there = f"it has {', '.join(sorted(self.targets))}" if self.targets else "it has none"
        if not self.path.exists():
            there = "the file is not there"
        raise ConfigError(
            f"target {name!r} has no section in {self.path}; {there}",
            hint=f"write [{name}] into it; if it is gone for good, take it out of the setting 'targets', and drop what "
            f"waits for it: shotmill outbox --target {name}",
            target=name,
        )


def read_targets(settings: Settings) -> TargetsFile:
    """Read the targets file; one that is not there has no targets.

    Raises:
        ConfigError: it cannot be read, or holds what it must not: names section and key, never a value.
    """
    path = settings.targets_path
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return TargetsFile(path)
    except tomllib.TOMLDecodeError as error:
        # Its message says line and column, and repeats nothing of what stands there but one character.
        raise ConfigError(f"targets file {path} cannot be read: {error}", hint=f"mend {path}", path=path) from None
    except (OSError, UnicodeDecodeError) as error:
        what = error.strerror if isinstance(error, OSError) else "it is no UTF-8"
        raise ConfigError(f"targets file {path} cannot be read: {what}", hint=f"mend {path}", path=path) from None
    tasks = _tasks(found.pop(TASKS, {}), path)
    return TargetsFile(path, tasks, {name: _entry(name, section, path) for name, section in found.items()})


def _tasks(found: Any, path: Path) -> dict[str, str]:
    if isinstance(found, dict) and all(isinstance(code, str) and code for code in found.values()):
        return found
    example = 'write thumbnail = "comp" under it'
    raise ConfigError(f"[{TASKS}] in {path} is a table of task codes by job type; {example}", path=path)


def _entry(name: str, section: Any, path: Path) -> TargetEntry:
    if not isinstance(section, dict):
        raise ConfigError(f"{name!r} in {path} stands outside of any section; write [{name}] for a target", path=path)
    try:
        check_name(name, field="a target's name")
    except NameRuleError as error:
        raise ConfigError(f"targets file {path}: {error.message}", hint=f"mend {path}", path=path) from None
    for key, value in _values(section):
        _refuse_secret(name, key, value)
    own = {key: section[key] for key in Pace.model_fields if key in section}
    pace = read_section(Pace, name, own)
    rest = {key: value for key, value in section.items() if key not in Pace.model_fields or key == "type"}
    return TargetEntry(name, pace.type or name, rest, pace)


def _values(section: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Every key with its value, those of tables within too."""
    for key, value in section.items():
        yield key, value
        parts = value if isinstance(value, list) else [value]
        for part in parts:
            if isinstance(part, dict):
                yield from _values(part)


def _refuse_secret(name: str, key: str, value: Any) -> None:
    if not isinstance(value, str) or value.startswith(SCHEMES):
        return
    if _SECRET_KEY.search(key) or _URL_WITH_PASSWORD.match(value):
        raise ConfigError(
            f"target {name!r}: {key}: a secret never stands in this file; say where it is: env:VARIABLE or "
            "keyring:SERVICE/USER",
            hint=f"mend [{name}] in the targets file, and change the secret if others could read it",
            target=name,
        )
