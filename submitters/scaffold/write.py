"""Writes the folder of a new job type: the face, params, steps, tasks, their tests and what makes it a wheel."""

from __future__ import annotations

import keyword
import re
import shutil
from importlib.resources import files
from pathlib import Path
from string import Template

from ...jobs import job_type_names
from ...pipeline.files import storage_error, write_whole
from ...schema.errors import BadRequestError, NameRuleError, StorageError

NAME = re.compile(r"[a-z][a-z0-9_]{1,39}\Z")
# Template -> where it goes.
FILES = {
    "pyproject.toml.txt": "pyproject.toml",
    "README.md.txt": "README.md",
    "__init__.py.txt": "$package/__init__.py",
    "params.py.txt": "$package/params.py",
    "steps.py.txt": "$package/steps.py",
    "tasks.py.txt": "$package/tasks.py",
    "test.py.txt": "tests/test_$name.py",
}


def write_job_type(name: str, folder: Path, *, force: bool = False) -> list[Path]:
    """Write a working job type for a studio's own wheel.

    Args:
        name: as it will be typed after ``shotmill submit``.
        folder: made when it is not there.
        force: write although the folder holds something; files of the same names are replaced.

    Returns:
        The files written, in the order to read them.

    Raises:
        NameRuleError: the name is no Python name in lower case, or a job type has it already.
        BadRequestError: the folder holds something.
        StorageError: a file could not be written; a folder that held nothing holds nothing again.
    """
    _check_name(name)
    if folder.exists() and not folder.is_dir():
        raise BadRequestError(f"{folder} is a file; name a folder that is empty or not there yet", path=folder)
    if not force and folder.is_dir() and any(folder.iterdir()):
        raise BadRequestError(
            f"folder {folder} holds something already; name another, or overwrite with --force", path=folder
        )
    words = {
        "name": name,
        "package": f"shotmill_{name}",
        "wheel": f"shotmill-{name.replace('_', '-')}",
        "model": "".join(part.capitalize() for part in name.split("_")),
    }
    is_new = not folder.exists() or not any(folder.iterdir())
    try:
        return [_write(folder / Template(place).substitute(words), source, words) for source, place in FILES.items()]
    except StorageError:
        if is_new:
            shutil.rmtree(folder, ignore_errors=True)
        raise


def _check_name(name: str) -> None:
    if not NAME.match(name) or keyword.iskeyword(name) or name.endswith("_"):
        raise NameRuleError(
            f"job type {name[:80]!r} must be 2 to 40 lower-case letters, digits and '_', starting with a letter, and "
            "no word of Python's own; try one such as 'denoise'",
            field="name",
        )
    if name in job_type_names():
        raise NameRuleError(f"there is a job type {name!r} already; choose another name", field="name")


def _write(path: Path, source: str, words: dict[str, str]) -> Path:
    text = files(__name__.rpartition(".")[0]).joinpath("templates", source).read_text(encoding="utf-8")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, Template(text).substitute(words).encode())
    except OSError as error:
        raise storage_error(path, error) from error
    return path
