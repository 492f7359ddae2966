"""Where Shotmill's Python is: as a variable says, else as ``shotmill install`` wrote down. PATH is never searched."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from .errors import INSTALLATION, ClientError

VARIABLE = "SHOTMILL_PYTHON"
FILE = "client.json"
HERE = Path(__file__).resolve().parent
MEND = "run 'shotmill install' where Shotmill is, or set SHOTMILL_PYTHON to the Python of its environment"


class Place:
    """Where Shotmill's Python is.

    Attributes:
        python: path of the interpreter.
        environment: variables that it gets beside the host's, such as SHOTMILL_CONFIG.
        source: who says so, for people.
    """

    def __init__(self, python: str, environment: Mapping[str, str], source: str) -> None:
        self.python = python
        self.environment = dict(environment)
        self.source = source


def user_config(environ: Mapping[str, str]) -> Path:
    """Where this user's ``client.json`` lies."""
    home = Path(os.path.expanduser("~"))  # noqa: PTH111 - Path.home() raises where there is none
    if sys.platform == "win32":
        return Path(environ.get("APPDATA") or home / "AppData" / "Roaming") / "shotmill" / FILE
    if sys.platform == "darwin":
        return home / "Library" / "Application Support" / "shotmill" / FILE
    return Path(environ.get("XDG_CONFIG_HOME") or home / ".config") / "shotmill" / FILE


def find_place(environ: Mapping[str, str], *, here: Path = HERE) -> Place:
    """Where Shotmill's Python is: the variable wins, then the file beside this code, then this user's file.

    Raises:
        ClientError: nobody says, the file cannot be read, or there is no such Python any more.
    """
    given = environ.get(VARIABLE, "")
    if given:
        return _checked(Place(given, {}, f"the variable {VARIABLE}"))
    files = [here / FILE, user_config(environ)]
    for file in files:
        if file.is_file():
            return _checked(_read(file))
    looked = " nor ".join(str(file) for file in files)
    raise _installation(f"nothing says where Shotmill is: {VARIABLE} is not set, and there is neither {looked}", MEND)


def write_place(file: Path, python: str, environment: Mapping[str, str] | None = None) -> None:
    """Write down where Shotmill's Python is; what stands there is replaced whole.

    Raises:
        OSError: it cannot be written.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    document = {"python": python, "environment": dict(environment or {})}
    beside = file.with_name(f".{file.name}.{os.getpid()}")
    beside.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    beside.replace(file)


def _read(file: Path) -> Place:
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
        python, environment = document["python"], document.get("environment", {})
        if not isinstance(python, str) or not python:
            raise TypeError("'python' is no path")  # noqa: TRY301 - told with the others
        pairs = {str(name): str(value) for name, value in environment.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise _installation(f"{file} does not say where Shotmill is ({error!r})", MEND) from error
    return Place(python, pairs, str(file))


def _checked(place: Place) -> Place:
    if not os.access(place.python, os.X_OK) or not Path(place.python).is_file():
        raise gone(place.python, place.source)
    return place


def gone(python: str, source: str) -> ClientError:
    """The interpreter that was written down is not there any more."""
    return _installation(f"Shotmill's Python {python}, which {source} names, is not there (any more)", MEND)


def _installation(message: str, hint: str) -> ClientError:
    code, slug = INSTALLATION
    return ClientError(code, message, hint, slug=slug)
