"""Whether a database is reachable, current, whole and in a place that suits it. Changes nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text

from ...schema.errors import DatabaseError, ShotmillError
from ...schema.migrations import HEAD
from .database import Database
from .migrate import revision

# Triggers that revision 0006 makes; Alembic compares none.
GUARDS = frozenset(
    f"guard_{name}"
    for name in (
        *("representation_update", "representation_delete", "file_update", "file_delete"),
        *("version_link_update", "version_link_delete", "event_update", "event_delete", "blob_update"),
        *("version_update", "version_delete"),
    )
)
_TRIGGERS = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'",
}
NETWORKS = frozenset({"nfs", "nfs3", "nfs4", "cifs", "smb3", "smbfs", "fuse.sshfs", "fuse.glusterfs", "ceph", "9p"})


@dataclass(frozen=True)
class HealthReport:
    """What a look at the database found.

    Attributes:
        place: where it is, without a password.
        reachable: whether it answered at all.
        revision: of its tables; None: it has none.
        needed: the revision that this program works with.
        size_bytes: on the disk, write-ahead log left out.
        journal: SQLite's journal mode; empty on PostgreSQL.
        filesystem: what an SQLite file lies on; empty on PostgreSQL.
        server: version of SQLite or of the PostgreSQL server.
        problems: each a sentence that ends in what to do.
        warnings: what works today and may hurt one day.
    """

    place: str
    reachable: bool = False
    revision: str | None = None
    needed: str = HEAD
    size_bytes: int = 0
    journal: str = ""
    filesystem: str = ""
    server: str = ""
    problems: tuple[str, ...] = ()
    warnings: tuple[str, ...] = field(default=())

    @property
    def ok(self) -> bool:
        """Nothing has to be mended."""
        return not self.problems


def check_database(database: Database) -> HealthReport:
    """Look at everything that can be looked at; reading a large SQLite database whole takes its time.

    Never raises an error of ours: what went wrong is a problem in the report.
    """
    report: dict[str, Any] = {"problems": [], "warnings": []}
    if database.is_sqlite and (missing := _missing_file(database)):
        return HealthReport(place=database.place, problems=(missing,))
    try:
        _look(database, report)
    except ShotmillError as error:
        report["problems"].append(f"{error.message}; {error.hint}" if error.hint else error.message)
    return HealthReport(
        place=database.place,
        **{**report, "problems": tuple(report["problems"]), "warnings": tuple(report["warnings"])},
    )


def _look(database: Database, report: dict[str, Any]) -> None:
    with database.read() as connection:
        report["reachable"] = True
        if database.is_sqlite:
            _look_at_sqlite(database, connection, report)
        else:
            _look_at_server(connection, report)
    report["revision"] = revision(database)
    if report["revision"] == HEAD:
        report["problems"] += [f"the tables drifted: {one}; restore a backup" for one in drift(database)]
    else:
        report["problems"].append(
            f"the tables are at revision {report['revision'] or 'none'}, {HEAD} is needed; shotmill db upgrade"
        )
    try:
        _try_to_write(database)
    except DatabaseError as error:
        if "role" not in error.fields:  # this login may not, and need not
            raise


def drift(database: Database) -> list[str]:
    """Where the tables differ from this program's, in words; empty when they agree."""
    from alembic.autogenerate import compare_metadata  # noqa: PLC0415 - heavy, and only a check needs it
    from alembic.migration import MigrationContext  # noqa: PLC0415 - same

    from ...schema.tables import Table  # noqa: PLC0415 - same

    with database.read() as connection:
        options = {"compare_type": True}
        context = MigrationContext.configure(connection, opts=options)
        found = [_in_words(one) for one in compare_metadata(context, Table.metadata)]
        triggers = set(connection.execute(text(_TRIGGERS[database.dialect])).scalars())
    return found + [f"add trigger {name}" for name in sorted(GUARDS - triggers)]


def _in_words(difference: Any) -> str:
    """One difference of Alembic's: a tuple, or for a changed column a list of one."""
    verb, *what = difference[0] if isinstance(difference, list) else difference
    names = [str(getattr(thing, "name", thing)) for thing in what if thing is not None and not isinstance(thing, dict)]
    return " ".join([str(verb).replace("_", " "), *names])


def _missing_file(database: Database) -> str:
    path = database.url.database
    if not path or path == ":memory:" or Path(path).is_file():
        return ""
    return f"{path} is not there yet; any command that needs it makes it"


def _look_at_sqlite(database: Database, connection: Connection, report: dict[str, Any]) -> None:
    def ask(pragma: str) -> Any:
        return connection.exec_driver_sql(f"PRAGMA {pragma}").scalar()

    report["server"] = f"SQLite {connection.exec_driver_sql('SELECT sqlite_version()').scalar()}"
    report["journal"] = str(ask("journal_mode"))
    report["size_bytes"] = int(ask("page_count")) * int(ask("page_size"))
    found = [str(row[0]) for row in connection.exec_driver_sql("PRAGMA integrity_check(20)")]
    if found != ["ok"]:
        report["problems"] += [f"it is damaged: {one}; restore a backup" for one in found]
    dangling = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    if dangling:
        report["problems"].append(f"{len(dangling)} rows of {dangling[0][0]} point at nothing; restore a backup")
    if report["journal"] not in {"wal", "memory"}:
        report["problems"].append(f"its journal mode is {report['journal']}, not wal; its disk may not allow that")
    path = database.url.database
    if path and path != ":memory:":
        report["filesystem"] = filesystem_of(Path(path))
        if report["filesystem"] in NETWORKS:
            report["warnings"].append(
                f"{path} lies on {report['filesystem']}, where two hosts can damage it; "
                "keep it on a local disk, or use PostgreSQL"
            )


def _look_at_server(connection: Connection, report: dict[str, Any]) -> None:
    report["server"] = f"PostgreSQL {connection.execute(text('SHOW server_version')).scalar()}"
    size = connection.execute(text("SELECT pg_database_size(current_database())")).scalar()
    report["size_bytes"] = int(size or 0)
    encoding = connection.execute(text("SHOW server_encoding")).scalar()
    if encoding != "UTF8":
        report["problems"].append(f"its encoding is {encoding}, not UTF8; make it anew with ENCODING 'UTF8'")


def _try_to_write(database: Database) -> None:
    """Take a write lock and change a row that does not exist; nothing is left behind."""
    with database.write() as connection:
        connection.execute(text("DELETE FROM alembic_version WHERE version_num = ''"))


def filesystem_of(path: Path) -> str:
    """The kind of file system a path lies on, by the longest mount point; ``unknown`` where nothing tells."""
    try:
        mounts = [line.split() for line in Path("/proc/mounts").read_text(encoding="utf-8").splitlines()]
    except OSError:
        return "unknown"
    resolved = path.resolve()
    fitting = [(len(fields[1]), fields[2]) for fields in mounts if resolved.is_relative_to(fields[1])]
    return max(fitting, default=(0, "unknown"))[1]
