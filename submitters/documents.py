"""What is in the database as the documents that programs read: commands, hosts and the board tell the same."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..schema.output import (
    IngestOut,
    JobOut,
    PlanOut,
    PlanStepOut,
    ShotOut,
    ShotsOut,
    StatusOut,
    StepOut,
    SubmitOut,
    VersionOut,
)
from ..schema.states import ReviewState
from .asking import versions_of
from .upcoming import next_versions

if TYPE_CHECKING:
    from ..farm_plugins.submission import Submitted
    from ..pipeline.ingest import IngestReport
    from ..pipeline.store.catalog import VersionRow
    from ..pipeline.store.jobs import JobRow
    from ..schema.estimates import EstimateOut
    from ..schema.job import Plan
    from .studio import Studio

PENDING = ReviewState.PENDING.value


def job_out(job: JobRow) -> JobOut:
    """A job as JSON shows it."""
    return JobOut(
        id=str(job.id),
        handle=job.handle,
        type=job.type,
        name=job.name,
        project=job.project,
        user=job.user,
        engine=job.engine,
        priority=job.priority,
        state=job.state,
        folder=job.folder,
        failure=job.failure,
        created=job.created,
        started=job.started,
        finished=job.finished,
    )


def status_out(where: Studio, job: JobRow) -> StatusOut:
    """Where a job stands, and what to do next."""
    from ..pipeline.store.jobs import steps_of
    from .cli.verdicts import verdict_of

    steps = steps_of(where.database, job.id)
    verdict, following = verdict_of(job, steps)
    told = tuple(StepOut(**step._asdict()) for step in steps)
    return StatusOut(job=job_out(job), steps=told, verdict=verdict, next=following)


def submit_out(where: Studio, made: Submitted) -> SubmitOut:
    """What became of a submit, as it stands now."""
    from ..pipeline.store.jobs import job_by_id
    from ..schema.ids import JobId

    return SubmitOut(
        job=job_out(job_by_id(where.database, JobId(made.job.id))),
        is_new=made.is_new,
        tasks=made.tasks if made.is_new else 0,
        warnings=made.warnings,
        versions=tuple(versions_of(where, made.job.id)),
    )


def plan_out(where: Studio, made: Plan, guess: EstimateOut | None) -> PlanOut:
    """What a submit would do."""
    spec = made.spec
    return PlanOut(
        type=spec.type,
        name=spec.name,
        project=spec.project,
        key=spec.key,
        tasks=made.tasks,
        steps=tuple(
            PlanStepOut(
                name=step.name,
                tasks=len(step.chunks()),
                frames=str(step.frames),
                needs=step.needs.model_dump(),
                after=step.after,
            )
            for step in spec.steps
        ),
        publishes=tuple(published_by(made)),
        versions=next_versions(where, made.spec),
        warnings=made.warnings,
        estimate=guess,
    )


def published_by(made: Plan) -> list[str]:
    """Products that a job would publish, such as ``sq010/sh010/thumbnail``."""
    names = [f"{output.entity}/{output.name}" for step in made.spec.steps for output in step.outputs]
    return list(dict.fromkeys(names))


def version_out(where: Studio, row: VersionRow, review: str = PENDING) -> VersionOut:
    """A version as JSON shows it, with where it stands."""
    return VersionOut(
        id=str(row.id),
        address=row.address,
        project=row.project,
        entity=row.entity,
        product=row.product,
        kind=row.kind,
        number=row.number,
        state=row.state.value,
        author=row.author,
        comment=row.comment,
        folder=str(where.folder_of(row)),
        missing=row.holes,
        published=row.published,
        review=review,
    )


def stands_of(where: Studio, rows: Sequence[VersionRow]) -> dict[uuid.UUID, str]:
    """Where versions stand in their review."""
    from ..pipeline.store.reviews import standings

    found = standings(where.database, [row.id for row in rows])
    return {row.id: found[row.id].status if row.id in found else PENDING for row in rows}


def shots_out(where: Studio, project: str, cut: str | None) -> ShotsOut:
    """Shots of a project, or of a cut in its order.

    Raises:
        NotFoundError: no such project or cut.
    """
    from ..pipeline.store.productions import shots

    return ShotsOut(
        shots=tuple(
            ShotOut(
                project=row.project,
                sequence=row.sequence,
                shot=row.code,
                cut_in=row.cut_in,
                cut_out=row.cut_out,
                media=row.uses[0].media if row.uses else None,
                media_state=row.uses[0].state.value if row.uses else None,
            )
            for row in shots(where.database, project, cut=cut)
        )
    )


def ingest_out(report: IngestReport) -> IngestOut:
    """What an ingest did."""
    names = [field for field in IngestOut.model_fields if field not in {"skipped", "notes"}]
    skipped = tuple(f"{one.clip}: {one.reason}" for one in report.skipped)
    return IngestOut(**{name: getattr(report, name) for name in names}, skipped=skipped, notes=report.notes)
