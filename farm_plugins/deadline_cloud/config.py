"""What ``deadline config`` says, read without loading the library that wrote it, which takes boto3 along.

Sections of the file are named by what a setting depends on: a farm by the profile, a queue by profile and farm.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from configparser import ConfigParser
from dataclasses import dataclass
from pathlib import Path

from ...schema.errors import EngineRefusedError, MissingExtraError
from .failures import NO_FARM, as_ours

FILE = "~/.deadline/config"
FILE_VARIABLE = "DEADLINE_CONFIG_FILE_PATH"
PROFILE = "defaults.aws_profile_name"
FARM = "defaults.farm_id"
QUEUE = "defaults.queue_id"
REGION = "defaults.farm_region"
STORAGE_PROFILE = "settings.storage_profile_id"
PROXY = "settings.https_proxy"
CA_BUNDLE = "settings.ca_bundle"
BUNDLE_HOOKS = "settings.allow_bundle_hooks"
ENVIRONMENT_HOOKS = "settings.allow_environment_hooks"
_DEPENDS: Mapping[str, str] = {FARM: PROFILE, QUEUE: FARM, REGION: FARM, STORAGE_PROFILE: FARM}
_DEFAULTS: Mapping[str, str] = {PROFILE: "(default)", BUNDLE_HOOKS: "false", ENVIRONMENT_HOOKS: "false"}
_TRUE = frozenset({"yes", "on", "true", "1"})


@dataclass(frozen=True)
class Place:
    """A farm and one of its queues."""

    farm: str
    queue: str

    @property
    def ids(self) -> dict[str, str]:
        """As requests name them."""
        return {"farmId": self.farm, "queueId": self.queue}


def deadline_config(farm: str = "", queue: str = "") -> ConfigParser:
    """What ``deadline config`` says, with the farm and queue replaced where others are given.

    Raises:
        MissingExtraError: the ``deadline`` package is not installed.
        EngineRefusedError: the file cannot be read.
    """
    try:
        import deadline.client  # noqa: F401, PLC0415 - light; where it is missing, so is what sends requests
    except ImportError as error:
        raise MissingExtraError(
            f"Deadline Cloud needs the package deadline: {error}", hint="pip install 'shotmill[deadline]'"
        ) from error
    path = Path(os.environ.get(FILE_VARIABLE) or FILE).expanduser()
    found = ConfigParser()
    try:
        found.read_string(path.read_text(encoding="utf-8"), str(path))
    except FileNotFoundError:
        pass  # nobody has set anything yet
    except Exception as error:
        raise as_ours(error) from error
    for name, value in ((FARM, farm), (QUEUE, queue)):
        if value:
            _set(found, name, value)
    return found


def setting(config: ConfigParser, name: str) -> str:
    """A setting's value; its default where nobody has set it.

    Args:
        config: see ``deadline_config``.
        name: one of those above.
    """
    section, _, option = name.rpartition(".")
    return config.get(_section(config, name, section), option, fallback=_DEFAULTS.get(name, ""))


def is_on(config: ConfigParser, name: str) -> bool:
    """Whether a setting that is a switch is on."""
    return setting(config, name).lower() in _TRUE


def place_of(config: ConfigParser) -> Place:
    """The farm and queue that jobs go to.

    Raises:
        EngineRefusedError: none is configured.
    """
    farm, queue = setting(config, FARM), setting(config, QUEUE)
    missing = " and no ".join(name for name, value in (("farm", farm), ("queue", queue)) if not value)
    if missing:
        raise EngineRefusedError(f"no {missing} of Deadline Cloud is configured", hint=NO_FARM)
    return Place(farm, queue)


def _set(config: ConfigParser, name: str, value: str) -> None:
    section, _, option = name.rpartition(".")
    place = _section(config, name, section)
    if not config.has_section(place):
        config.add_section(place)
    config.set(place, option, value)


def _section(config: ConfigParser, name: str, last: str) -> str:
    """The section of a setting, such as ``profile-(default) farm-0123 defaults``."""
    parts = [last]
    before = _DEPENDS.get(name)
    while before is not None:
        value = setting(config, before)
        parts.insert(0, f"profile-{value}" if before == PROFILE else value)
        before = _DEPENDS.get(before)
    return " ".join(parts)
