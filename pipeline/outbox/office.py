"""The delivery of this machine: made of its settings, with its clock, its dice and its environment."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import replace

from ...schema.errors import ShotmillError
from ..settings import Settings
from ..store import Database
from .crew import Crew
from .mark import TOLD, Marks
from .pace import SystemClock
from .post import Post
from .secrets import Secrets
from .targetsfile import TargetsFile, read_targets
from .worker import Carried, Studio


def studio_of(settings: Settings, database: Database, environ: Mapping[str, str]) -> Studio:
    """What a worker of this machine works with."""

    def post(file: TargetsFile) -> Post:
        return Post(database, settings.projects_folder, file.tasks)

    return Studio(
        database=database,
        post=post,
        read_targets=lambda: read_targets(settings),
        secrets=Secrets(environ),
        clock=SystemClock(),
        dice=random.Random(),  # noqa: S311 - spreads calls, keeps no secret
        marks=Marks(settings.home / TOLD, database.place),
        wanted=settings.targets,
    )


def crew_of(
    settings: Settings,
    database: Database,
    environ: Mapping[str, str],
    *,
    only: str = "",
    say: Callable[[Carried], None],
    worry: Callable[[ShotmillError], None],
) -> Crew:
    """The delivery of this machine.

    Args:
        settings: of this machine.
        database: whose schema is current.
        environ: where secrets are looked for.
        only: the one target that it serves; empty: all.
        say: hears of each letter.
        worry: hears what keeps it from work.
    """
    return Crew(replace(studio_of(settings, database, environ), say=say, worry=worry), only=only)
