"""A letter as the document that webhooks are sent."""

from __future__ import annotations

from pathlib import Path

from ...schema.webhooks import ToldFile, ToldJob, ToldNote, ToldReview, ToldSource, ToldVersion, WebhookOut
from ..outbox.letter import JobSeen, Judged, Letter, Publication, PublishedForm, Said


def document_of(letter: Letter) -> WebhookOut:
    """All that a letter tells. Nothing in it depends on when it is sent: each try sends the same bytes."""
    return WebhookOut(
        target=letter.target,
        kind=letter.kind.value,
        fact=letter.fact,
        version=_version(letter.publication) if letter.publication else None,
        note=_note(letter.note) if letter.note else None,
        review=_review(letter.review) if letter.review else None,
        job=_job(letter.job) if letter.job else None,
    )


def _version(told: Publication) -> ToldVersion:
    return ToldVersion(
        id=str(told.id),
        address=told.address,
        project=told.entity.project,
        entity_kind=told.entity.kind.value,
        entity=told.entity.path,
        product=told.product,
        kind=told.kind,
        number=told.number,
        author=told.author,
        comment=told.comment,
        published=told.published,
        folder=str(told.folder),
        task=told.task,
        job=str(told.job_id) if told.job_id else None,
        job_type=told.job_type,
        missing=str(told.holes) if told.holes else None,
        thumbnail=_path(told.thumbnail),
        movie=_path(told.movie),
        report=_path(told.report),
        forms=tuple(_file(form) for form in told.forms),
        sources=tuple(ToldSource(version=str(one.version_id), address=one.address) for one in told.sources),
    )


def _file(form: PublishedForm) -> ToldFile:
    return ToldFile(
        name=form.name,
        path=str(form.path),
        frames=str(form.frames) if form.frames else None,
        missing=str(form.missing) if form.missing else None,
        files=len(form.files),
        size_bytes=form.size_bytes,
        colourspace=form.colourspace,
        width=form.width,
        height=form.height,
        rate=str(form.rate) if form.rate else None,
    )


def _path(path: Path | None) -> str | None:
    return str(path) if path else None


def _note(said: Said) -> ToldNote:
    return ToldNote(id=str(said.id), author=said.author, text=said.text, frame=said.frame, created=said.created)


def _review(judged: Judged) -> ToldReview:
    return ToldReview(status=judged.status, by=judged.by, moved=judged.moved)


def _job(job: JobSeen) -> ToldJob:
    return ToldJob(
        id=str(job.id),
        name=job.name,
        type=job.type,
        project=job.project,
        user=job.user,
        engine=job.engine,
        state=job.state,
        tasks_done=job.tasks_done,
        tasks=job.tasks,
        submitted=job.submitted,
        line=job.line,
        versions=job.versions,
    )
