"""Puts the folder of the plug-in where CueGUI looks for plug-ins of its job menu."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from ...pipeline.files import storage_error, write_whole
from ...schema.errors import BadRequestError

NAME = "shotmill"
SOURCE = Path(__file__).resolve().parent / NAME
CONFIG = "config.yaml"
SWITCH = ".cueguipluginrc.yaml"
OURS = "class ShotmillPlugin"  # stands in a plugin.py of ours
BELOW = ("", "cueguiplugin", "cuegui/cueguiplugin")  # where CueGUI's folder may lie below what was named
ASK = 'python -c "import cuegui.cueguiplugin as it; print(it.__path__[0])"'


@dataclass(frozen=True)
class Placed:
    """What was done.

    Attributes:
        folder: of the plug-in.
        config: its settings.
        config_kept: whether they were there, and were left as they are.
        switch: the file in which CueGUI's plug-ins are enabled.
        is_enabled: whether it lets this one in.
    """

    folder: Path
    config: Path
    config_kept: bool
    switch: Path
    is_enabled: bool


def place_plugin(
    folder: Path, program: Sequence[str], environment: Mapping[str, str], *, force: bool = False
) -> Placed:
    """Copy the plug-in into CueGUI, or bring it up to date; settings that are there stay.

    Args:
        folder: CueGUI's ``cueguiplugin``, its package, or the environment it is installed in.
        program: how CueGUI shall call Shotmill.
        environment: what Shotmill gets there besides; everybody can read it.
        force: write settings anew, too, and over a plug-in of that name that is not ours.

    Raises:
        BadRequestError: there is no CueGUI, or another plug-in of that name.
        StorageError: a file could not be written.
    """
    plugins = _plugins_folder(folder.expanduser().absolute())
    target = plugins / NAME
    if target.exists() and not force and not _is_ours(target):
        raise BadRequestError(f"{target} is another plug-in; write over it with --force, or move it away", path=target)
    config = target / CONFIG
    config_kept = config.is_file() and not force
    files = {path.name: path.read_bytes() for path in sorted(SOURCE.glob("*.py"))}
    if not config_kept:
        files[CONFIG] = config_text(program, environment).encode()
    try:
        target.mkdir(exist_ok=True)
        for stale in target.glob("*.py"):  # of an older version
            if stale.name not in files:
                stale.unlink()
        for name, content in files.items():
            write_whole(target / name, content)
    except OSError as error:
        raise storage_error(Path(error.filename or target), error) from error
    switch = plugins / SWITCH
    return Placed(target, config, config_kept, switch, _is_enabled(switch))


def config_text(program: Sequence[str], environment: Mapping[str, str]) -> str:
    """The settings' file, with its comments. JSON is YAML, whatever the words hold."""
    words = json.dumps(program[0] if len(program) == 1 else list(program))
    text = (SOURCE / CONFIG).read_text(encoding="utf-8")
    text = re.sub(r"^program:.*$", lambda _: f"program: {words}", text, flags=re.MULTILINE)
    variables = json.dumps(dict(environment))
    return re.sub(r"^environment:.*$", lambda _: f"environment: {variables}", text, flags=re.MULTILINE)


def _plugins_folder(folder: Path) -> Path:
    for place in _candidates(folder):
        if (place / "loader.py").is_file():
            return place
    raise BadRequestError(
        f"{folder} holds no plug-in folder of CueGUI's; give what CueGUI's own Python prints for: {ASK}", path=folder
    )


def _candidates(folder: Path) -> Iterator[Path]:
    yield from (folder / below for below in BELOW)
    for site in sorted(folder.glob("lib/python3*/site-packages")):
        yield site / BELOW[-1]


def _is_ours(target: Path) -> bool:
    face = target / "plugin.py"
    if not face.is_file():
        return target.is_dir() and not any(target.iterdir())
    return OURS in face.read_text(encoding="utf-8", errors="replace")


def _is_enabled(switch: Path) -> bool:
    """Whether CueGUI would load it: without the file, or without a list in it, every plug-in is loaded."""
    try:
        said = yaml.safe_load(switch.read_text(encoding="utf-8")) or {}
    except (FileNotFoundError, yaml.YAMLError, UnicodeDecodeError):
        return True  # CueGUI loads all of them then, too
    except OSError as error:
        raise storage_error(switch, error) from error
    if not isinstance(said, dict):
        return True
    return NAME in (said.get("enabled_plugins", [NAME]) or []) and NAME not in (said.get("disabled_plugins") or [])
