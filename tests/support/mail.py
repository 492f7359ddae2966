"""An outbox with a worker in a time of its own, and versions and jobs to tell of."""

from __future__ import annotations

import random
import threading
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import insert, select, update
from wire_tracker import TOKEN

from shotmill.pipeline.outbox.letter import FactKind
from shotmill.pipeline.outbox.office import studio_of
from shotmill.pipeline.outbox.worker import Carried, Worker
from shotmill.pipeline.settings import Settings
from shotmill.pipeline.store import Database
from shotmill.pipeline.store.facts import tell
from shotmill.pipeline.store.outbox import Holder
from shotmill.pipeline.store.versions import commit, reserve
from shotmill.schema.ids import job_handle, uuid7
from shotmill.schema.job import Priority
from shotmill.schema.media import EntityKind, EntityRef
from shotmill.schema.publishing import Manifest, ManifestFile, ManifestRepresentation
from shotmill.schema.states import State
from shotmill.schema.tables import Delivery, Job, JobStep, Note

SHOT = EntityRef(project="demo", kind=EntityKind.SHOT, parent="sq010", name="sh010")


class Hours:
    """A clock whose hours pass at once; other threads than the test's own wait for real."""

    def __init__(self) -> None:
        self.began = self._now = datetime.now(UTC) + timedelta(seconds=1)
        self._owner = threading.current_thread()
        self.meanwhile: Callable[[], object] = lambda: None

    def now(self) -> datetime:
        return self._now

    @property
    def passed_s(self) -> float:
        return (self._now - self.began).total_seconds()

    def wait(self, event: threading.Event, seconds: float) -> bool:
        if threading.current_thread() is not self._owner:
            return event.wait(seconds)
        self._now += timedelta(seconds=seconds)
        self.meanwhile()
        return event.is_set()


@dataclass
class Mail:
    """A studio that tells a tracker called ``wire``."""

    settings: Settings
    database: Database
    clock: Hours
    said: list[Carried] = field(default_factory=list)

    def section(self, server: str, more: str = "") -> None:
        """Write the targets file: one target, which is called ``wire``."""
        text = f'[tasks]\nimage = "comp"\n\n[wire]\nserver = "{server}"\ncalls_per_s = 100\n{more}'
        self.settings.targets_path.parent.mkdir(parents=True, exist_ok=True)
        self.settings.targets_path.write_text(text)

    def worker(self, *, lease_s: float = 120.0, only: str = "", seed: int = 1) -> Worker:
        """A worker that has just started."""
        made = studio_of(self.settings, self.database, {"WIRE_TOKEN": TOKEN})
        studio = replace(made, clock=self.clock, dice=random.Random(seed), say=self.said.append)
        return Worker(studio, Holder(uuid7(), lease_s), only=only)

    def publish(self, number: int = 1, **more: Any) -> uuid.UUID:
        """A version of a product of its own, unless said otherwise; its id."""
        return publish(self.database, number, **more)

    def note(self, version: uuid.UUID, text: str) -> None:
        """A note on a version, and the letter about it."""
        note = uuid7()
        with self.database.write() as connection:
            connection.execute(insert(Note).values(id=note, version_id=version, author="kim", text=text, remote={}))
            subject = {"subject": "demo:sq010/sh010"}
            tell(connection, version, FactKind.NOTED, f"note:{note}", facts=subject)

    def states(self) -> list[tuple[str, str]]:
        """Fact's kind and state of each row, in order."""
        wanted = select(Delivery.kind, Delivery.state).order_by(Delivery.created, Delivery.id)
        with self.database.read() as connection:
            return [(kind, state.value) for kind, state in connection.execute(wanted)]

    def row(self) -> Any:
        """The one row."""
        with self.database.read() as connection:
            return connection.execute(select(Delivery)).one()

    def job(self, *, targets: Sequence[str] = ("wire",), tasks: int = 4) -> uuid.UUID:
        """A job that runs."""
        made = uuid7()
        spec = {"destination": {"projects": "/p", "templates": {}, "targets": list(targets)}}
        with self.database.write() as connection:
            connection.execute(
                insert(Job).values(
                    id=made, handle=job_handle(made), token=str(made), key="0" * 64, type="thumbnail", name="thumbs",
                    project="demo", user="maya", engine="local", priority=Priority.NORMAL, state=State.RUNNING,
                    spec=spec, folder=str(self.settings.home / "jobs" / "J-1"), created=self.clock.now(),
                )
            )  # fmt: skip
            connection.execute(insert(JobStep).values(job_id=made, position=0, name="render", tasks=tasks))
        return made

    def move(self, job: uuid.UUID, state: State, *, done: int = 0, failure: str | None = None) -> None:
        """Let a job go on."""
        with self.database.write() as connection:
            connection.execute(update(Job).where(Job.id == job).values(state=state, failure=failure))
            connection.execute(update(JobStep).where(JobStep.job_id == job).values(done=done))


def publish(  # noqa: PLR0913 - all that tests vary
    database: Database,
    number: int = 1,
    *,
    targets: Sequence[str] = ("wire",),
    job: uuid.UUID | None = None,
    product: str = "",
    entity: EntityRef = SHOT,
    file: str = "sh010.png",
    sources: Sequence[uuid.UUID] = (),
) -> uuid.UUID:
    """A published version, of whose files only the database knows."""
    form = ManifestRepresentation(name="png", files=(ManifestFile(path=file, size=1, checksum="0"),))
    draft = Manifest(
        version_id="", key=uuid.uuid4().hex, entity=entity, product=product or f"p{number:03d}", kind="image",
        number=0, author="maya", created=datetime.now(UTC), representations=(form,),
        lineage={"sources": [str(source) for source in sources]},
    )  # fmt: skip
    taken = reserve(database, draft, folder_of=lambda n: f"publish/v{n:03d}", job_id=job, fault=lambda _point: None)
    whole = draft.model_copy(update={"version_id": str(taken.id), "number": taken.number})
    commit(database, whole, checksum="0", targets=targets, fault=lambda _point: None)
    return taken.id
