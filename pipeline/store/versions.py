"""Versions in the database: a number is reserved by key, and made visible in one transaction with all its rows."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, insert, select, update

from ...schema.address import Address
from ...schema.frames import frames_text
from ...schema.ids import uuid7
from ...schema.media import EntityRef, Rate
from ...schema.publishing import Manifest, ManifestRepresentation
from ...schema.states import VersionState
from ...schema.tables import Delivery, Job, Pointer, Product, PublishedFile, Representation, Version, now
from .audit import record
from .database import Database
from .entities import ensure_product, find_product, insert_or_ignore
from .origins import link_sources

LATEST = "latest"
IDS_IN_QUERY = 500
Fault = Callable[[str], None]


@dataclass(frozen=True)
class Reserved:
    """A version as it stands: its number is its own, whether or not it is visible yet."""

    id: uuid.UUID
    number: int
    state: VersionState
    folder: str

    @property
    def is_published(self) -> bool:
        """Whether it is visible."""
        return self.state is not VersionState.RESERVED


def version_by_key(database: Database, key: str) -> Reserved | None:
    """The version that was reserved under this key, if any."""
    with database.read() as connection:
        return _by_key(connection, key)


def is_published(database: Database, version_id: str) -> bool:
    """Whether this is the id of a version that is visible; any text may be asked for."""
    try:
        wanted = uuid.UUID(version_id)
    except ValueError:
        return False
    return wanted in manifest_checksums(database, [wanted])


def next_number(database: Database, entity: EntityRef, product: str) -> int:
    """The number that a product's next version gets, unless somebody else is faster."""
    return next_numbers(database, [(entity, product)])[0]


def next_numbers(database: Database, products: Sequence[tuple[EntityRef, str]]) -> list[int]:
    """The numbers that the next versions of products get, in their order, as things stand at one moment."""
    with database.read() as connection:
        return [_next_number(connection, entity, product) for entity, product in products]


def _next_number(connection: Connection, entity: EntityRef, product: str) -> int:
    wanted = select(Product.next_version).where(Product.id == find_product(connection, entity, product))
    return connection.execute(wanted).scalar() or 1


def _by_key(connection: Connection, key: str) -> Reserved | None:
    columns = (Version.id, Version.number, Version.state, Version.folder)
    row = connection.execute(select(*columns).where(Version.key == key)).first()
    return None if row is None else Reserved(*row)


def reserve(
    database: Database,
    draft: Manifest,
    *,
    folder_of: Callable[[int], str],
    job_id: uuid.UUID | None,
    fault: Fault,
) -> Reserved:
    """Take the next number for a key, or find the one it has.

    The product's row is locked first, so that writers queue and none has to try again; numbers have no gaps.

    Args:
        database: where.
        draft: what will be published; its number and id are not yet known.
        folder_of: number -> the version's folder, relative to the project's.
        job_id: the job that publishes; kept when this database knows it.
        fault: called at named points; tests die there.
    """
    with database.write() as connection:
        product_id = ensure_product(connection, draft.entity, draft.product, draft.kind)
        counter = select(Product.next_version).where(Product.id == product_id).with_for_update()
        number = connection.execute(counter).scalar_one()
        found = _by_key(connection, draft.key)
        if found is not None:
            return found
        fault("reserve:locked")
        made = Reserved(uuid7(), number, VersionState.RESERVED, folder_of(number))
        connection.execute(update(Product).where(Product.id == product_id).values(next_version=number + 1))
        # A bundle may be run where its job is not in the database: by a plain OpenJD tool, say.
        known_job = connection.execute(select(Job.id).where(Job.id == job_id)).scalar()
        connection.execute(
            insert(Version).values(
                id=made.id,
                product_id=product_id,
                number=number,
                state=VersionState.RESERVED,
                key=draft.key,
                job_id=known_job,
                author=draft.author,
                comment=draft.comment,
                folder=made.folder,
                lineage=draft.lineage,
            )
        )
        fault("reserve:inserted")
    return made


def commit(database: Database, manifest: Manifest, *, checksum: str, targets: Sequence[str], fault: Fault) -> bool:
    """Make a version visible: its rows, the pointer, the outbox and the audit, in one transaction.

    Args:
        database: where.
        manifest: as it lies in the version's folder.
        checksum: xxh128 of the manifest's bytes.
        targets: trackers and chats to be told.
        fault: called at named points; tests die there.

    Returns:
        Whether this call did it; False when it was done before.
    """
    version_id = uuid.UUID(manifest.version_id)
    holes = frames_text(sorted({frame for form in manifest.representations for frame in form.missing or ()}))
    with database.write() as connection:
        moved = connection.execute(
            update(Version)
            .where(Version.id == version_id, Version.state == VersionState.RESERVED)
            .values(state=VersionState.PUBLISHED, published=now(), manifest_checksum=checksum, holes=holes or None)
        )
        if moved.rowcount == 0:
            return False
        fault("commit:version")
        _insert_representations(connection, version_id, manifest)
        link_sources(connection, version_id, [uuid.UUID(source) for source in manifest.lineage.get("sources", ())])
        fault("commit:files")
        _move_latest(connection, version_id, manifest.number)
        fault("commit:pointer")
        _tell(connection, version_id, manifest, targets)
        fault("commit:told")
    return True


def _insert_representations(connection: Connection, version_id: uuid.UUID, manifest: Manifest) -> None:
    forms, files = [], []
    for form in manifest.representations:
        form_id = uuid7()
        forms.append({"id": form_id, "version_id": version_id, **_form_values(form, manifest)})
        files += [
            {
                "id": uuid7(),
                "representation_id": form_id,
                "path": file.path,
                "frame": file.frame,
                "size": file.size,
                "checksum": file.checksum,
                "algorithm": manifest.algorithm,
            }
            for file in form.files
        ]
    connection.execute(insert(Representation), forms)
    connection.execute(insert(PublishedFile), files)


def _form_values(form: ManifestRepresentation, manifest: Manifest) -> dict[str, Any]:
    rate = Rate.parse(form.facts["rate"]) if form.facts.get("rate") else None
    return {
        "name": form.name,
        "pattern": form.pattern or form.files[0].path,
        "padding": form.padding,
        "frames": None if form.frames is None else str(form.frames),
        "missing": None if form.missing is None else str(form.missing),
        "colourspace": form.colourspace,
        "colour_config": manifest.lineage.get("colour_config"),
        "colour_config_hash": manifest.lineage.get("colour_config_hash"),
        "width": form.width,
        "height": form.height,
        "pixel_aspect": form.pixel_aspect,
        "rate_num": rate.numerator if rate else None,
        "rate_den": rate.denominator if rate else None,
        "facts": form.facts,
    }


def _move_latest(connection: Connection, version_id: uuid.UUID, number: int) -> None:
    """Point ``latest`` here, unless a higher version has it already."""
    product_id = connection.execute(select(Version.product_id).where(Version.id == version_id)).scalar_one()
    values = {"product_id": product_id, "name": LATEST, "version_id": version_id, "moved": now()}
    connection.execute(insert_or_ignore(connection, Pointer).values(**values))
    lower = select(Version.id).where(Version.product_id == product_id, Version.number < number)
    connection.execute(
        update(Pointer)
        .where(Pointer.product_id == product_id, Pointer.name == LATEST, Pointer.version_id.in_(lower))
        .values(version_id=version_id, moved=now())
    )


def _tell(connection: Connection, version_id: uuid.UUID, manifest: Manifest, targets: Sequence[str]) -> None:
    subject = str(Address(manifest.entity.project, manifest.entity.path, manifest.product, manifest.number))
    facts = {"version_id": str(version_id), "number": manifest.number, "comment": manifest.comment}
    rows = [
        {
            "id": uuid7(),
            "version_id": version_id,
            "target": target,
            "kind": "version-published",
            "fact": f"version:{version_id}",
            "payload": {"subject": subject, **facts},
        }
        for target in dict.fromkeys(targets)
    ]
    if rows:
        connection.execute(insert(Delivery), rows)
    record(connection, "publish", subject, actor=manifest.author, facts=facts)


def manifest_checksums(database: Database, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, str]:
    """The xxh128 that versions' manifests had when they were published; ids that nobody knows are left out."""
    found: dict[uuid.UUID, str] = {}
    with database.read() as connection:
        for start in range(0, len(ids), IDS_IN_QUERY):
            wanted = Version.id.in_(ids[start : start + IDS_IN_QUERY])
            rows = connection.execute(select(Version.id, Version.manifest_checksum).where(wanted))
            found.update({row.id: row.manifest_checksum for row in rows if row.manifest_checksum})
    return found
