"""What commands, hosts and the board work with: settings, database and engine, made when first asked for."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from ..pipeline.settings import Loaded, Settings, read_settings
from ..schema.errors import ConfigError, DatabaseError, EngineUnreachableError, NotFoundError
from ..schema.roles import Role
from ..schema.states import State

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from ..farm_plugins.engine import Engine
    from ..pipeline.store import Database
    from ..pipeline.store.catalog import VersionRow
    from ..pipeline.store.jobs import JobRow


class Studio:
    """This machine's settings and what hangs on them."""

    def __init__(self, home: str | None, *, environ: Mapping[str, str] | None = None) -> None:
        self._home = home
        self._environ = environ
        self.fetches = False  # whether a look at a farm's job brings home what hosts without our disks wrote
        self._engines: dict[str, Engine] = {}
        self._silent: set[str] = set()

    @cached_property
    def readable(self) -> Loaded:
        """Settings with their layers, and what is wrong with them: for commands that look at settings."""
        return read_settings(environ=self._environ, flags={"home": self._home})

    @property
    def loaded(self) -> Loaded:
        """Settings with their layers.

        Raises:
            ConfigError: something is wrong with them.
        """
        if self.readable.problems:
            raise self.readable.problems[0]
        return self.readable

    @property
    def settings(self) -> Settings:
        """The settings."""
        return self.loaded.settings

    @cached_property
    def database(self) -> Database:
        """The database, its schema current."""
        from ..pipeline.store.migrate import ensure_schema

        found = open_database(self.settings)
        ensure_schema(found)
        return found

    @property
    def has_no_database(self) -> bool:
        """Whether nothing was ever kept here: the file of the database is still to be made."""
        url = self.settings.database_url
        return url.startswith("sqlite:///") and not Path(url.removeprefix("sqlite:///").partition("?")[0]).is_file()

    @cached_property
    def known_database(self) -> Database | None:
        """The database if it is there and its tables fit: for commands that write nothing, and make and upgrade none.

        Raises:
            DatabaseError: it cannot be reached.
        """
        from ..pipeline.store import Database
        from ..pipeline.store.migrate import revision
        from ..schema.migrations import HEAD

        if self.has_no_database:
            return None
        found = Database(self.settings.database_url, role=self.settings.role or None)
        if revision(found) == HEAD:
            return found
        found.dispose()
        return None

    @property
    def said_database(self) -> Database | None:
        """The database, its schema current, if anything was ever kept in it: for plans that must miss nothing.

        Raises:
            DatabaseError: it cannot be reached.
            SchemaVersionError: a server's tables are older, or any database's are newer or of unknown make.
        """
        from ..pipeline.store import Database
        from ..pipeline.store.migrate import revision

        if self.known_database is not None or self.has_no_database:
            return self.known_database
        found = Database(self.settings.database_url, role=self.settings.role or None)
        try:
            return None if revision(found) is None else self.database
        finally:
            found.dispose()

    def close(self) -> None:
        """Close the databases that were opened."""
        for name in ("database", "known_database"):
            if vars(self).get(name) is not None:
                vars(self)[name].dispose()

    def version(self, text: str) -> VersionRow:
        """The version that an address means, in the settings' project unless it names one.

        Raises:
            NameRuleError: it is no address.
            NotFoundError: it is not there.
        """
        from ..pipeline.store.catalog import find_version
        from ..schema.address import Address

        return find_version(self.database, Address.parse(text, project=self.settings.project))

    def folder_of(self, version: VersionRow) -> Path:
        """Where a version lies on this machine."""
        return self.settings.projects_folder / version.project / version.folder

    def is_gone(self, version: VersionRow) -> bool:
        """Whether a version's files are not where it was published: deleted, or their disk not mounted."""
        from ..schema.publishing import MANIFEST_NAME

        return not (self.folder_of(version) / MANIFEST_NAME).is_file()

    def record(self, verb: str, subject: str, **facts: object) -> None:
        """Write into the audit what this user did."""
        from ..pipeline.store.audit import record_alone

        record_alone(self.database, verb, subject, actor=self.settings.login, facts=facts)

    def engine(self, name: str = "") -> Engine:
        """The engine of this name, or the settings' own.

        Raises:
            ConfigError: there is none.
        """
        from ..farm_plugins.engines import engine_named

        return engine_named(name or self.settings.engine, self.settings, self.database)

    def ready_engine(self, name: str = "") -> AbstractContextManager[Engine]:
        """The engine of this name, or the settings' own, for somebody who is about to submit.

        Raises:
            ConfigError: there is none.
        """
        from ..farm_plugins.engines import ready_engine

        return ready_engine(name or self.settings.engine, self.settings, lambda: self.database)

    def engine_of(self, name: str) -> Engine:
        """The engine of this name, made once."""
        if name not in self._engines:
            self._engines[name] = self.engine(name)
        found = self._engines[name]
        if name != "local":
            from ..farm_plugins.farm_engine import FarmEngine

            if isinstance(found, FarmEngine):
                found.fetches = self.fetches
                found.told = lambda line: print(line, file=sys.stderr)
        return found

    def keep_running(self, job: JobRow) -> bool:
        """Start an engine where a job of this machine has none to run it: it never began, or somebody killed it.

        Returns:
            Whether one had to be started.
        """
        if job.engine != "local" or self.settings.role == Role.VIEWER:
            return False
        from ..farm_plugins.local.engine import ensure_engine_running

        return ensure_engine_running(self.settings, self.database)

    def send(self, job: JobRow) -> None:
        """Hand a kept job to its farm; what stands in the way stays with the job."""
        if self.settings.role == Role.VIEWER:
            return
        from ..farm_plugins.reconciling import reconcile

        reconcile(self.database, [job], self.engine_of)

    def job(self, text: str) -> JobRow:
        """The job that people mean; an empty text means this user's newest."""
        from ..pipeline.store.jobs import find_job, list_jobs

        if text:
            return self.current(find_job(self.database, text))
        newest = list_jobs(self.database, user=self.settings.login, limit=1)
        if not newest:
            raise NotFoundError("you have submitted no job yet", hint="shotmill jobs")
        return self.current(newest[0])

    def current(self, job: JobRow) -> JobRow:
        """A job as it stands right now; a farm that does not answer is told of once, and what is known stands."""
        if job.engine == "local" or job.state is State.SUCCEEDED:
            return job
        from ..pipeline.store.jobs import job_by_id
        from ..schema.ids import JobId

        try:
            self.engine_of(job.engine).status(job.id)
        except EngineUnreachableError as error:
            if job.engine not in self._silent:
                print(f"{error.message}; what follows is what was known before", file=sys.stderr)
            self._silent.add(job.engine)
        except DatabaseError as error:
            if "role" not in error.fields:  # who may only look sees what is known
                raise
        return job_by_id(self.database, JobId(job.id))


def open_database(settings: Settings) -> Database:
    """The database of the settings, whatever its schema.

    Raises:
        ConfigError: the folder of the embedded one cannot be made.
    """
    from ..pipeline.store import Database

    try:
        return Database(settings.database_url, role=settings.role or None)
    except OSError as error:
        raise ConfigError(
            f"folder {settings.home} cannot be made: {error.strerror}",
            hint="give a folder that you may write, with --home or SHOTMILL_HOME",
        ) from error
