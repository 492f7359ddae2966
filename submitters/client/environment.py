"""The environment that Shotmill's Python gets: the host's, without what only its own Python, Qt and linker need."""

from __future__ import annotations

from collections.abc import Mapping

# A host that ships its own Python and Qt points these at them; a child of another Python dies of it, or loads theirs.
FOREIGN = ("PYTHON", "QT_", "QML", "DYLD_", "LD_LIBRARY_PATH", "LD_PRELOAD", "__PYVENV_LAUNCHER__", "VIRTUAL_ENV")


def scrubbed(environ: Mapping[str, str]) -> dict[str, str]:
    """The same without what belongs to the host's own interpreter and libraries."""
    return {name: value for name, value in environ.items() if not name.upper().startswith(FOREIGN)}
