r"""Weights of models: files and folders of a studio's own, each named with its SHA-256; nothing is ever downloaded.

A folder's SHA-256 is that of its list of files, in the form of ``sha256sum``, sorted by path::

    cd FOLDER && find . -type f -printf '%P\n' | LC_ALL=C sort | xargs -d '\n' sha256sum | sha256sum
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from ...schema.errors import WeightsError
from .pickles import calls_in

BLOCK = 4 * 1024 * 1024
MAX_FILES = 1000  # a model's folder holds a dozen
TOLD = 3  # calls of a hostile file
_SHA256 = re.compile(r"[0-9a-f]{64}")


def checked_weights(name: str, path: Path, sha256: str) -> Path:
    """The path of weights that are what the settings say, and that would run nothing; reads them once, in blocks.

    Args:
        name: of the weights, as backends ask for them and settings give them.
        path: a file or a folder.
        sha256: of the file, or of the folder's list of files; its letters' case does not matter.

    Raises:
        WeightsError: nothing is there, it cannot be read, or it is something else; names the path and both checksums.
            Or loading it would run code; names what.
    """
    expected = sha256.lower()
    if not _SHA256.fullmatch(expected):
        raise WeightsError(
            f"the SHA-256 of the weights {name!r} must be 64 hexadecimal digits, not {sha256[:80]!r}",
            hint=f"sha256sum {path}",
            weights=name,
        )
    try:
        found = sha256_of(path)
    except FileNotFoundError as error:
        raise WeightsError(
            f"the weights {name!r} are not at {path}; a file or folder with SHA-256 {expected} is expected there",
            hint=f"put it there, or name its place in the setting weights.{name}",
            path=path,
            weights=name,
        ) from error
    except OSError as error:
        raise WeightsError(
            f"the weights {name!r} at {path} cannot be read: {error.strerror or error}; SHA-256 {expected} is expected",
            path=path,
            weights=name,
        ) from error
    if found != expected:
        raise WeightsError(
            f"the weights {name!r} at {path} have SHA-256 {found}, but {expected} is expected",
            hint="put the right file there; if the new one is meant, write its SHA-256 into the settings",
            path=path,
            weights=name,
        )
    for file in _files_of(path):
        if calls := calls_in(file):
            raise WeightsError(
                f"the weights {name!r} at {file} hold code: loading them would call {', '.join(calls[:TOLD])}; nothing "
                "of it was run",
                hint="get a file of tensors alone, such as .safetensors, from whoever made the model",
                path=file,
                weights=name,
            )
    return path


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, or of a folder's list of files, in lower-case hex.

    Raises:
        OSError: it cannot be read, or a folder holds what is no model's: too much, or nothing.
    """
    if not path.is_dir():
        return _sha256_of_file(path)
    files = sorted(each.relative_to(path).as_posix() for each in _files_of(path))
    if not 0 < len(files) <= MAX_FILES:
        raise OSError(f"the folder holds {len(files)} files; between 1 and {MAX_FILES} are expected")
    lines = "".join(f"{_sha256_of_file(path / name)}  {name}\n" for name in sorted(files, key=str.encode))
    return hashlib.sha256(lines.encode()).hexdigest()


def _files_of(path: Path) -> list[Path]:
    return [each for each in path.rglob("*") if each.is_file()] if path.is_dir() else [path]


def _sha256_of_file(path: Path) -> str:
    hasher = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            hasher.update(block)
    return hasher.hexdigest()
