"""Published versions in a database, without files: committed as a publish commits them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import select, update

from shotmill.pipeline.store import Database
from shotmill.pipeline.store.catalog import VersionRow, find_version
from shotmill.pipeline.store.versions import commit, reserve
from shotmill.schema.address import Address
from shotmill.schema.frames import FrameSet
from shotmill.schema.media import EntityKind, EntityRef
from shotmill.schema.publishing import Manifest, ManifestFile, ManifestRepresentation
from shotmill.schema.tables import Delivery

SHOT = EntityRef(project="demo", kind=EntityKind.SHOT, parent="sq010", name="sh010")
FRAMES = FrameSet((1001, 1002, 1003))


def no_fault(_point: str) -> None:
    """Nothing happens there."""


def publish_row(
    database: Database,
    *,
    product: str = "comp",
    entity: EntityRef = SHOT,
    targets: Sequence[str] = (),
    sources: Sequence[VersionRow] = (),
    frames: FrameSet = FRAMES,
) -> VersionRow:
    """The next version of a product, with a sequence that nobody has written."""
    path = f"{entity.path}/{product}"
    count = len(_deliveries(database))
    key = hashlib.sha256(f"{path}/{count}/{datetime.now(UTC)}".encode()).hexdigest()
    files = tuple(ManifestFile(path=f"x.{frame}.exr", size=1, checksum="0" * 32, frame=frame) for frame in frames)
    form = ManifestRepresentation(name="exr", pattern="x.####.exr", padding=4, frames=frames, files=files)
    lineage = {"sources": [str(source.id) for source in sources]}
    draft = Manifest(
        version_id="", key=key, entity=entity, product=product, kind="image", number=0, author="ann",
        created=datetime.now(UTC), representations=(form,), lineage=lineage,
    )  # fmt: skip
    found = reserve(database, draft, folder_of=lambda n: f"{path}/v{n:03d}", job_id=None, fault=no_fault)
    made = draft.model_copy(update={"version_id": str(found.id), "number": found.number})
    assert commit(database, made, checksum="0" * 32, targets=targets, fault=no_fault)
    return find_version(database, Address(entity.project, entity.path, product, found.number))


def _deliveries(database: Database) -> list[tuple[str, str, str]]:
    columns = (Delivery.kind, Delivery.target, Delivery.fact)
    with database.read() as connection:
        rows = connection.execute(select(*columns).order_by(Delivery.created, Delivery.target))
        return [(kind, target, fact) for kind, target, fact in rows]


def told(database: Database, kind: str = "") -> list[tuple[str, str]]:
    """Kind and target of what is to be told but publishes, or only of a kind, in the order of its making."""
    wanted = [(one, target) for one, target, _fact in _deliveries(database) if one != "version-published"]
    return [pair for pair in wanted if not kind or pair[0] == kind]


def facts_told(database: Database) -> list[str]:
    """The keys of all facts in the outbox but publishes."""
    return [fact for kind, _target, fact in _deliveries(database) if kind != "version-published"]


def deliver(
    database: Database, version: VersionRow, target: str, remote_id: str, kind: str = "version-published"
) -> None:
    """Let a target have heard of a version, and call it something."""
    mine = (Delivery.version_id == version.id) & (Delivery.target == target) & (Delivery.kind == kind)
    with database.write() as connection:
        connection.execute(update(Delivery).where(mine).values(state="delivered", remote_id=remote_id))
