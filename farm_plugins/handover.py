"""Hands one kept job to its farm, in a process of its own, so that whoever submitted it has the prompt back at once.

Nothing is lost when this process ends early, or the farm does not answer: the job is kept, ``shotmill reconcile`` sends
it, and a job that was sent already is found. What stood in the way stays with the job until it is sent.
"""

from __future__ import annotations

import os
import sys
import uuid

from ..pipeline.folders import JobFolder
from ..pipeline.settings import Settings, load_settings
from ..schema.errors import EngineUnreachableError
from ..schema.ids import JobId
from .detached import start_detached

MODULE = "shotmill.farm_plugins.handover"
LOG = "handover.log"


def hand_over_later(job_id: uuid.UUID, folder: JobFolder, settings: Settings) -> None:
    """Start the process that hands a job over, detached from this one.

    Args:
        job_id: of a job that is kept, and whose bundle is there.
        folder: of the job; what the process has to say goes to a file there.
        settings: of this machine.

    Raises:
        EngineUnreachableError: it could not be started; the job is kept.
    """
    from .local.engine import settings_environment  # noqa: PLC0415 - only who hands over later

    # Settings travel in the environment, not in the argv: a database URL may hold a password, and argv is public.
    # The rest of it is the artist's own: who is signed in to the farm is told there.
    environment = {**os.environ, **settings_environment(settings)}
    try:
        start_detached(MODULE, str(job_id), environment=environment, log=folder.root / LOG)
    except OSError as error:
        raise EngineUnreachableError(
            f"the process that hands the job over could not be started: {error.strerror}", hint="shotmill reconcile"
        ) from error


def main() -> None:
    """Hand the job of the command line over; what stands in the way is stored with it."""
    from ..pipeline.store import Database  # noqa: PLC0415 - heavy: SQLAlchemy
    from ..pipeline.store.jobs import job_by_id  # noqa: PLC0415 - same
    from .engines import engine_named  # noqa: PLC0415 - same
    from .reconciling import reconcile  # noqa: PLC0415 - same

    settings = load_settings().settings
    database = Database(settings.database_url, role=settings.role or None)
    try:
        job = job_by_id(database, JobId(uuid.UUID(sys.argv[1])))
        for found in reconcile(database, [job], lambda name: engine_named(name, settings, database)):
            print(found.problem or f"{job.handle} is handed to {job.engine}")  # noqa: T201 - to its log
    finally:
        database.dispose()


if __name__ == "__main__":
    main()
