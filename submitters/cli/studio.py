"""What commands work with: settings, database and engine, made when first asked for."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import click

from ...pipeline.settings import Loaded, Settings, load_settings
from ...schema.errors import ConfigError

if TYPE_CHECKING:
    from ...farm_plugins.engine import Engine
    from ...pipeline.store import Database
    from ...pipeline.store.jobs import JobRow


class Studio:
    """This machine's settings and what hangs on them."""

    def __init__(self, home: str | None) -> None:
        self._home = home

    @cached_property
    def loaded(self) -> Loaded:
        """Settings with their layers."""
        return load_settings(flags={"home": self._home})

    @property
    def settings(self) -> Settings:
        """The settings."""
        return self.loaded.settings

    @cached_property
    def database(self) -> Database:
        """The database, its schema current."""
        from ...pipeline.store import Database
        from ...pipeline.store.migrate import ensure_schema

        found = Database(self.settings.database_url)
        ensure_schema(found)
        return found

    def engine(self, name: str = "") -> Engine:
        """The engine of this name, or the settings' own.

        Raises:
            ConfigError: there is none.
        """
        wanted = name or self.settings.engine
        if wanted != "local":
            raise ConfigError(f"there is no engine {wanted!r}; known: local", hint="shotmill config explain engine")
        from ...farm_plugins.local import LocalEngine

        return LocalEngine(self.settings, self.database)

    def job(self, text: str) -> JobRow:
        """The job that people mean."""
        from ...pipeline.store.jobs import find_job

        return find_job(self.database, text)


def studio(ctx: click.Context) -> Studio:
    """The studio of this command line."""
    options: dict[str, Any] = ctx.find_root().ensure_object(dict)
    if "studio" not in options:
        options["studio"] = Studio(options.get("home"))
    found: Studio = options["studio"]
    return found
