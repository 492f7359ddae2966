"""Makes letters of rows of the outbox: what the database and the disks of this machine say now."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...schema.errors import NotFoundError
from ...schema.frames import FrameSet
from ...schema.ids import JobId
from ...schema.media import EntityRef
from ...schema.states import ReviewState, State, VersionState
from ..publish.page import page_of
from ..store import Database
from ..store.catalog import VersionRow, files, representations, version_by_id, versions_of_job
from ..store.following import job_fact, job_news
from ..store.jobs import job_by_id
from ..store.outbox import Claimed, remote_id_of
from ..store.remotes import note_row, remotes_of, review_row
from .letter import (
    FactKind,
    JobSeen,
    Judged,
    Letter,
    Publication,
    PublishedForm,
    Said,
    Source,
    first_movie,
    first_picture,
)

PICTURES = 4  # of a job that are shown with it
GONE = frozenset({ReviewState.REJECTED, ReviewState.OMITTED})
WRONG = frozenset({State.FAILED, State.BLOCKED})


@dataclass(frozen=True)
class Post:
    """Where letters are made.

    Attributes:
        projects: folder of all projects, on this machine.
        tasks: code of the production task by job type or kind of product.
    """

    database: Database
    projects: Path
    tasks: Mapping[str, str]

    def letter(self, row: Claimed, keep: Callable[[str], None]) -> tuple[Letter, Mapping[str, Any]]:
        """The letter of a row, and what it says that may change: the next ``told``.

        Raises:
            NotFoundError: what it is about is not there any more.
        """
        kind = FactKind(row.kind)
        facts: dict[str, Any] = {
            "id": row.id,
            "target": row.target,
            "kind": kind,
            "fact": row.fact,
            "attempts": row.attempts,
            "remote_id": row.remote_id,
            "keep": keep,
        }
        if kind is FactKind.JOB:
            return self._of_job(row, facts)
        if row.version_id is None:
            raise NotFoundError(f"the version that {row.fact} was about is not there any more")
        publication = self._publication(row.version_id, row.target)
        thread = self._known(row.target, job_fact(publication.job_id)) if publication.job_id else None
        if kind is FactKind.PUBLISHED:
            return Letter(publication=publication, thread=thread, **facts), {}
        about = self._note(row) if kind is FactKind.NOTED else self._review(row, row.version_id)
        remote = self._known(row.target, f"version:{row.version_id}")
        return Letter(publication=publication, thread=thread, remote_version=remote, **about, **facts), {}

    def _known(self, target: str, fact: str) -> str | None:
        with self.database.read() as connection:
            return remote_id_of(connection, target, fact)

    def _of_job(self, row: Claimed, facts: dict[str, Any]) -> tuple[Letter, Mapping[str, Any]]:
        if row.job_id is None:
            raise NotFoundError(f"the job that {row.fact} was about is not there any more")
        job = job_by_id(self.database, JobId(row.job_id))
        with self.database.read() as connection:
            told = job_news(connection, row.job_id)
        versions = versions_of_job(self.database, row.job_id)
        seen = JobSeen(
            id=job.id,
            name=job.name,
            type=job.type,
            project=job.project,
            user=job.user,
            engine=job.engine,
            state=State(told["state"]),
            tasks_done=told["done"],
            tasks=told["tasks"],
            submitted=job.created,
            line=f"{job.failure or 'it waits for a person'}; shotmill explain {job.handle}" if _is_wrong(told) else "",
            versions=tuple(version.address for version in versions),
            pictures=tuple(self._pictures(versions)),
        )
        return Letter(job=seen, **facts), told

    def _pictures(self, versions: list[VersionRow]) -> Iterator[Path]:
        shown = (first_picture(self._forms(version)) for version in versions[:PICTURES])
        return (picture for picture in shown if picture is not None)

    def _publication(self, version_id: uuid.UUID, target: str) -> Publication:
        version = self._version(version_id)
        if version.published is None:
            raise NotFoundError(f"{version.address} is not published")
        around = remotes_of(self.database, version_id, target, tasks=self.tasks)
        forms = self._forms(version)
        sources = ((self._version(source), remote) for source, remote in around.sources)
        return Publication(
            id=version.id,
            entity=_entity(version),
            product=version.product,
            kind=version.kind,
            number=version.number,
            author=version.author,
            comment=version.comment,
            published=version.published,
            folder=self._folder(version),
            job_id=version.job_id,
            job_type=around.job_type,
            holes=FrameSet.parse(version.holes) if version.holes else None,
            forms=forms,
            task=around.task,
            thumbnail=first_picture(forms),
            movie=first_movie(forms),
            report=page_of(around.job_folder) if around.job_folder else None,
            sources=tuple(Source(source.id, source.address, remote) for source, remote in sources),
            remote=around.remote,
            since=self._since(version),
        )

    def _since(self, version: VersionRow) -> str:
        if version.state is VersionState.RETIRED:
            return "retired"
        found = review_row(self.database, version.id)
        if found is None or found.status not in GONE:
            return ""
        return f"{found.status.value} by {found.by}" if found.by else str(found.status.value)

    def _version(self, version_id: uuid.UUID) -> VersionRow:
        with self.database.read() as connection:
            return version_by_id(connection, version_id)

    def _folder(self, version: VersionRow) -> Path:
        return self.projects / version.project / version.folder

    def _forms(self, version: VersionRow) -> tuple[PublishedForm, ...]:
        return tuple(self._form(self._folder(version), form) for form in representations(self.database, version.id))

    def _form(self, folder: Path, form: Any) -> PublishedForm:
        content = files(self.database, form.id)
        return PublishedForm(
            name=form.name,
            pattern=form.pattern,
            folder=folder,
            files=tuple(folder / file.path for file in content),
            frames=form.frames,
            missing=form.missing,
            size_bytes=sum(file.size for file in content),
            colourspace=form.colourspace,
            width=form.width,
            height=form.height,
            rate=form.rate,
            facts=form.facts,
        )

    def _note(self, row: Claimed) -> dict[str, Any]:
        found = note_row(self.database, uuid.UUID(row.fact.partition(":")[2]))
        if found is None:
            raise NotFoundError(f"{row.fact} is not there any more")
        return {"note": Said(found.id, found.author, found.text, found.frame, found.created)}

    def _review(self, row: Claimed, version_id: uuid.UUID) -> dict[str, Any]:
        """What was decided: what the fact itself says, else where the version stands now."""
        found = review_row(self.database, version_id)
        if found is None:
            raise NotFoundError(f"nobody has judged {row.payload.get('subject', row.fact)}")
        decided = row.payload.get("to", found.status)
        return {"review": Judged(str(decided), row.payload.get("by") or found.by or "", row.created)}


def _is_wrong(told: Mapping[str, Any]) -> bool:
    return State(told["state"]) in WRONG


def _entity(version: VersionRow) -> EntityRef:
    parent, _, name = version.entity.rpartition("/")
    return EntityRef(project=version.project, kind=version.entity_kind, parent=parent, name=name)
