"""Makes RV's package, and checks what RV itself would pass over in silence."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

from ... import __version__
from ...pipeline.files import storage_error, write_whole
from ...schema.errors import BadRequestError
from .package_rules import faults_of

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "rv_package"
MODE = "shotmill_rv_mode.py"
# folder in RV -> where it is copied from
BUNDLED = {
    "shotmill_client": ROOT / "submitters" / "client",
    "shotmill_marks": ROOT / "submitters" / "rv" / "marks",
    "shotmill_qt": ROOT / "submitters" / "qt",
    "shotmill_rv": SOURCE / "shotmill_rv",
}
EPOCH = (1980, 1, 1, 0, 0, 0)  # the oldest time that a zip can hold: each build has the same
READABLE = 0o100644 << 16


def package_version() -> str:
    """MAJOR.MINOR of this Shotmill: RV refuses names with more."""
    found = re.match(r"(\d+)\.(\d+)", __version__)
    return ".".join(found.groups()) if found else "0.0"


def package_name() -> str:
    """The file name, such as ``shotmill-0.1.rvpkg``."""
    return f"shotmill-{package_version()}.rvpkg"


def package_files(place: bytes = b"") -> dict[str, bytes]:
    """What is in the package, by its name there; ``PACKAGE`` is the first.

    Args:
        place: what ``client.json`` beside the client says of where Shotmill is; empty: each user's own file does.
    """
    files = {MODE: (SOURCE / MODE).read_bytes()}
    for folder, source in BUNDLED.items():
        files |= {f"{folder}/{name}": content for name, content in _modules(source)}
    if place:
        files["shotmill_client/client.json"] = place
    lines = [f"  - file: {name}\n    location: Python/{name.rpartition('/')[0]}" for name in files if "/" in name]
    text = (SOURCE / "PACKAGE.in").read_text(encoding="utf-8")
    text = text.replace("@VERSION@", package_version()).replace("@FILES@", "\n".join(lines))
    return {"PACKAGE": text.encode(), **files}


def _modules(source: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(source.rglob("*")):
        inside = path.relative_to(source)
        if path.is_file() and path.suffix == ".py" and "__pycache__" not in inside.parts:
            yield inside.as_posix(), path.read_bytes()


def build_package(out: Path, place: bytes = b"") -> Path:
    """Write the package into a folder; the same Shotmill gives the same bytes, on every machine.

    Args:
        out: the folder; it is made.
        place: as for ``package_files``.

    Raises:
        BadRequestError: RV would not take it, or would leave something out; names every fault.
        StorageError: it cannot be written.
    """
    path = out.expanduser().absolute() / package_name()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, zipped(package_files(place)))
    except OSError as error:
        raise storage_error(path, error) from error
    check_package(path)
    return path


def zipped(files: dict[str, bytes]) -> bytes:
    """A zip, stored as it is: what zlib makes of bytes differs from machine to machine."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.create_system = 3  # Unix, wherever it is built
            entry.external_attr = READABLE
            archive.writestr(entry, content)
    return stream.getvalue()


def check_package(path: Path) -> None:
    """Refuse a package that RV would refuse, or install only in part.

    Raises:
        BadRequestError: names every fault.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            files = {name: archive.read(name) for name in archive.namelist()}
            names = archive.namelist()
    except (OSError, zipfile.BadZipFile) as error:
        raise BadRequestError(f"{path} is no zip that can be read: {error}", path=path) from error
    faults = list(faults_of(path.name, names, files))
    if faults:
        raise BadRequestError(f"RV would not take {path.name} whole: {'; '.join(faults)}", path=path)
