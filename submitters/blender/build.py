"""The zip of Blender's extension: the add-on, the client, and what looks into scenes; the same bytes each time."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

from ... import __version__
from ...pipeline.files import storage_error, write_whole

ID = "shotmill"
SOURCE = Path(__file__).resolve().parent / ID
CLIENT = SOURCE.parents[1] / "client"
CLIENT_FOLDER = "shotmill_client"
WORDS = SOURCE.parents[1] / "qt" / "words.py"
DRIVER = SOURCE.parents[2] / "pipeline" / "blender" / "driver.py"
DATE = (1980, 1, 1, 0, 0, 0)  # the first that a zip can say
FILE_MODE = 0o100644 << 16
UNIX = 3  # where such modes mean something, as zips count systems
_RELEASE = re.compile(r"(\d+)\.(\d+)\.(\d+)")

MANIFEST = """\
schema_version = "1.0.0"

id = "{id}"
version = "{version}"
name = "Shotmill"
tagline = "Render scenes on the farm, publish and review what comes back"
maintainer = "Shotmill"
type = "add-on"
tags = ["Render", "Pipeline"]
blender_version_min = "4.2.0"
license = ["SPDX:Apache-2.0"]

[permissions]
files = "Save copies of scenes for the farm, and load published frames"
"""


def extension_version() -> str:
    """The version as Blender wants it: three numbers."""
    found = _RELEASE.match(__version__)
    return ".".join(found.groups()) if found else "0.0.0"


def extension_name() -> str:
    """The zip's name."""
    return f"{ID}-{extension_version()}.zip"


def extension_files() -> dict[str, bytes]:
    """What is in the zip: path in it -> content."""
    manifest = MANIFEST.format(id=ID, version=extension_version())
    found = {
        "blender_manifest.toml": manifest.encode(),
        "driver.py": DRIVER.read_bytes(),
        "words.py": WORDS.read_bytes(),
    }
    found |= {path.name: path.read_bytes() for path in SOURCE.glob("*.py")}
    found |= {f"{CLIENT_FOLDER}/{path.name}": path.read_bytes() for path in CLIENT.glob("*.py")}
    return dict(sorted(found.items()))


def extension_zip() -> bytes:
    """The zip that Blender installs; the same bytes each time."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, text in extension_files().items():
            entry = zipfile.ZipInfo(name, DATE)
            entry.create_system, entry.external_attr = UNIX, FILE_MODE
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, text)
    return content.getvalue()


def build_extension(out: Path) -> Path:
    """Write the zip into a folder, which is made; its path.

    Raises:
        StorageError: it could not be written.
    """
    path = out / extension_name()
    try:
        out.mkdir(parents=True, exist_ok=True)
        write_whole(path, extension_zip())
    except OSError as error:
        raise storage_error(path, error) from error
    return path
