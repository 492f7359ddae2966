"""Questions about what is published, on both databases."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, insert

from shotmill.pipeline.store import Database
from shotmill.pipeline.store.catalog import (
    VersionRow,
    descendants,
    events,
    files,
    find_version,
    latest_versions,
    lineage,
    path_of,
    projects,
    representations,
    shots,
    versions,
    versions_of_job,
)
from shotmill.pipeline.store.entities import ensure_product
from shotmill.schema.address import Address
from shotmill.schema.errors import BadRequestError, NotFoundError
from shotmill.schema.ids import uuid7
from shotmill.schema.media import EntityKind, EntityRef
from shotmill.schema.states import VersionState
from shotmill.schema.tables import Event, Pointer, PublishedFile, Representation, Version, VersionLink

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
SHOT = EntityRef(project="demo", kind=EntityKind.SHOT, parent="sq010", name="sh010")
OTHER = EntityRef(project="demo", kind=EntityKind.SHOT, parent="sq010", name="sh0100")
SEQUENCE = EntityRef(project="demo", kind=EntityKind.SEQUENCE, name="sq010")
ASSET = EntityRef(project="demo", kind=EntityKind.ASSET, parent="plate", name="hero")


class Shelf:
    """Publishes by hand: rows only."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.minutes = 0

    def put(
        self,
        entity: EntityRef = SHOT,
        product: str = "comp",
        *,
        number: int = 1,
        state: VersionState = VersionState.PUBLISHED,
        latest: bool = True,
        sources: tuple[uuid.UUID, ...] = (),
    ) -> uuid.UUID:
        self.minutes += 1
        version_id = uuid7()
        with self.database.write() as connection:
            product_id = ensure_product(connection, entity, product, "image")
            connection.execute(
                insert(Version).values(
                    id=version_id,
                    product_id=product_id,
                    number=number,
                    state=state,
                    key=version_id.hex,
                    author="ann",
                    folder=f"shots/{entity.path}/{product}/v{number:03d}",
                    lineage={},
                    published=NOON + timedelta(minutes=self.minutes),
                )
            )
            if latest:
                connection.execute(delete(Pointer).where(Pointer.product_id == product_id))
                connection.execute(insert(Pointer).values(product_id=product_id, name="latest", version_id=version_id))
            for source in sources:
                connection.execute(insert(VersionLink).values(version_id=version_id, source_id=source))
        return version_id


@pytest.fixture
def shelf(database: Database) -> Shelf:
    return Shelf(database)


def addresses(rows: list[VersionRow]) -> list[str]:
    return [row.address for row in rows]


def at(text: str) -> Address:
    return Address.parse(text, project="demo")


def test_versions_are_listed_newest_first_and_reserved_ones_are_not(database: Database, shelf: Shelf) -> None:
    for number in (1, 2):
        shelf.put(number=number)
    shelf.put(number=3, state=VersionState.RESERVED, latest=False)
    assert addresses(versions(database, "demo")) == ["demo:sq010/sh010/comp@v002", "demo:sq010/sh010/comp@v001"]
    assert versions(database, "other") == []


def test_a_sequence_covers_its_shots_and_no_shot_covers_another(database: Database, shelf: Shelf) -> None:
    for entity in (SHOT, OTHER, SEQUENCE):
        shelf.put(entity)
    assert len(versions(database, "demo", entity="sq010")) == 3
    assert addresses(versions(database, "demo", entity="sq010/sh010")) == ["demo:sq010/sh010/comp@v001"]
    assert versions(database, "demo", entity="sq0%") == []


def test_products_and_limits_narrow_the_list(database: Database, shelf: Shelf) -> None:
    for product in ("comp", "roto", "plate"):
        shelf.put(product=product)
    assert addresses(versions(database, "demo", product="roto")) == ["demo:sq010/sh010/roto@v001"]
    assert len(versions(database, "demo", limit=2)) == 2


def test_latest_is_what_the_pointer_shows_not_the_highest_number(database: Database, shelf: Shelf) -> None:
    shelf.put(number=1)
    shelf.put(number=2, latest=False)
    shelf.put(OTHER, number=7)
    assert addresses(latest_versions(database, "demo")) == ["demo:sq010/sh010/comp@v001", "demo:sq010/sh0100/comp@v007"]


def test_a_version_knows_what_it_belongs_to(database: Database, shelf: Shelf) -> None:
    for entity in (SHOT, SEQUENCE, ASSET):
        shelf.put(entity)
    kinds = {row.entity: row.entity_kind for row in latest_versions(database, "demo")}
    assert kinds == {"sq010/sh010": EntityKind.SHOT, "sq010": EntityKind.SEQUENCE, "plate/hero": EntityKind.ASSET}


def test_an_address_finds_its_version(database: Database, shelf: Shelf) -> None:
    shelf.put(number=1)
    shelf.put(number=2)
    assert find_version(database, at("sq010/sh010/comp")).number == 2
    assert find_version(database, at("sq010/sh010/comp@v001")).number == 1
    assert find_version(database, at("demo:sq010/sh010/comp@latest")).published == NOON + timedelta(minutes=2)


def test_a_retired_version_answers_to_its_number(database: Database, shelf: Shelf) -> None:
    shelf.put(number=1, state=VersionState.RETIRED, latest=False)
    assert find_version(database, at("sq010/sh010/comp@v001")).state is VersionState.RETIRED
    assert versions(database, "demo") == []


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param("sq010/sh010/comp@v009", "its newest is v002", id="no such number"),
        pytest.param("sq010/sh010/comp@v003", "its newest is v002", id="only reserved"),
        pytest.param("sq010/sh010/comp@approved", "its newest is v002", id="no such pointer"),
        pytest.param("sq010/sh010/roto", "sq010/sh010 has comp", id="no such product"),
        pytest.param("sq010/sh999/comp", "nothing is published for sq010/sh999", id="no such shot"),
        pytest.param("other:sq010/sh010/comp", "nothing is published", id="another project"),
    ],
)
def test_an_address_that_finds_nothing_says_what_is_there(
    database: Database, shelf: Shelf, text: str, says: str
) -> None:
    shelf.put(number=2)
    shelf.put(number=3, state=VersionState.RESERVED, latest=False)
    with pytest.raises(NotFoundError, match=says):
        find_version(database, at(text))


def test_a_path_that_a_shot_and_an_asset_share_is_refused(database: Database, shelf: Shelf) -> None:
    shelf.put(EntityRef(project="demo", kind=EntityKind.SHOT, parent="plate", name="hero"))
    shelf.put(ASSET)
    with pytest.raises(BadRequestError, match="a shot and an asset"):
        find_version(database, at("plate/hero/comp"))


def test_paths_lead_to_folders_and_files(database: Database, shelf: Shelf, tmp_path: Path) -> None:
    version_id = shelf.put()
    form_id = uuid7()
    with database.write() as connection:
        connection.execute(
            insert(Representation).values(
                id=form_id,
                version_id=version_id,
                name="exr",
                pattern="comp.####.exr",
                padding=4,
                frames="1001-1002",
                rate_num=24000,
                rate_den=1001,
                facts={},
            )
        )
        for frame in (1002, 1001):
            values = {"path": f"comp.{frame}.exr", "frame": frame, "size": 5, "checksum": "0" * 32}
            connection.execute(insert(PublishedFile).values(id=uuid7(), representation_id=form_id, **values))
    folder = tmp_path / "demo/shots/sq010/sh010/comp/v001"
    assert path_of(database, at("sq010/sh010/comp"), projects=tmp_path) == folder
    assert (
        path_of(database, at("sq010/sh010/comp"), projects=tmp_path, representation="exr") == folder / "comp.####.exr"
    )
    with pytest.raises(NotFoundError, match="it has exr"):
        path_of(database, at("sq010/sh010/comp"), projects=tmp_path, representation="jpg")
    (form,) = representations(database, version_id)
    assert (str(form.frames), str(form.rate), form.missing) == ("1001-1002", "24000/1001", None)
    assert [file.frame for file in files(database, form.id)] == [1001, 1002]


def test_lineage_goes_all_the_way_back(database: Database, shelf: Shelf) -> None:
    plate = shelf.put(product="plate")
    roto = shelf.put(product="roto", sources=(plate,))
    comp = shelf.put(product="comp", sources=(roto, plate))
    found = [(row.version.product, row.steps) for row in lineage(database, comp)]
    assert sorted(found) == [("plate", 1), ("plate", 2), ("roto", 1)]
    assert [row.version.product for row in lineage(database, comp, depth=1)] == ["plate", "roto"]
    assert sorted((row.version.product, row.steps) for row in descendants(database, plate)) == [
        ("comp", 1),
        ("comp", 2),
        ("roto", 1),
    ]


def test_a_circle_in_the_lineage_ends(database: Database, shelf: Shelf) -> None:
    one = shelf.put(product="one")
    two = shelf.put(product="two", sources=(one,))
    with database.write() as connection:
        connection.execute(insert(VersionLink).values(version_id=one, source_id=two))
    assert {row.version.product for row in lineage(database, two)} == {"one", "two"}


def test_a_job_without_versions_published_nothing(database: Database, shelf: Shelf) -> None:
    shelf.put()
    assert versions_of_job(database, uuid7()) == []


def test_projects_and_shots_are_listed(database: Database, shelf: Shelf) -> None:
    for entity in (OTHER, SHOT, ASSET):
        shelf.put(entity)
    assert [(row.code, row.shots) for row in projects(database)] == [("demo", 2)]
    assert [row.path for row in shots(database, "demo")] == ["sq010/sh010", "sq010/sh0100"]
    with pytest.raises(NotFoundError, match="no project 'other'"):
        shots(database, "other")


def test_events_cover_what_lies_below_their_subject(database: Database) -> None:
    with database.write() as connection:
        for subject in ("demo:sq010/sh010/comp@v001", "demo:sq010/sh0100/comp@v001", "demo:cut/main"):
            values = {"actor": "ann", "host": "ws1", "verb": "publish", "facts": {"n": 1}}
            connection.execute(insert(Event).values(subject=subject, **values))
    assert [row.subject for row in events(database, "demo:sq010/sh010")] == ["demo:sq010/sh010/comp@v001"]
    assert len(events(database, "demo")) == 3
    assert [row.subject for row in events(database, limit=1)] == ["demo:cut/main"]
