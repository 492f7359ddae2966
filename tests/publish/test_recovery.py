"""The core of the publish, stopped and overtaken at chosen points: staging, register, commit; without plug-ins."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

import pytest
from done_jobs import done_job, job_spec, opened, output_spec, staged, visible
from sqlalchemy import func, select

from shotmill.pipeline.paths import load_templates
from shotmill.pipeline.publish.draft import Draft, DraftFile, drafts_of
from shotmill.pipeline.publish.faults import set_fault
from shotmill.pipeline.publish.register import Origin, Place, find_published, register
from shotmill.pipeline.publish.stage import STAGING, stage
from shotmill.pipeline.publish.verify import verify_folder
from shotmill.pipeline.settings import Settings
from shotmill.pipeline.store import Database
from shotmill.schema.errors import InputCorruptError, StorageError, VersionConflictError
from shotmill.schema.publishing import PublishedVersion
from shotmill.schema.tables import Delivery, Event, Product, Version

ORIGIN = Origin(None, "artist")


class Stopped(Exception):  # noqa: N818 - no error: the process is gone
    """The process is gone at this point."""


class Core:
    """One draft and the place it is published to."""

    def __init__(self, draft: Draft, place: Place) -> None:
        self.draft, self.place = draft, place

    @property
    def folder(self) -> Path:
        return self.place.project(self.draft) / "shots/sq010/sh010/publish/comp/v001"

    def publish(self) -> PublishedVersion:
        return register(stage(self.draft, self.place.project(self.draft)), self.place, ORIGIN)

    def at(self, point: str, action: Callable[[], object]) -> None:
        """Do something once, when the publish passes a point."""

        def hook(passed: str) -> None:
            if passed == point:
                set_fault(None)
                action()

        set_fault(hook)

    def stop_at(self, point: str) -> None:
        def stop() -> None:
            raise Stopped(point)

        self.at(point, stop)
        with pytest.raises(Stopped):
            self.publish()

    def check_one(self) -> None:
        """One version, whole, told and audited once; nothing in staging, no number burnt."""
        with self.place.database.read() as connection:
            rows = [
                connection.execute(select(func.count()).select_from(table)).scalar_one()
                for table in (Version, Delivery, Event)
            ]
            assert connection.scalars(select(Product.next_version)).all() == [2]
        assert rows == [1, 1, 1]
        assert (visible(self.place.projects), staged(self.place.projects)) == (["v001"], [])
        assert verify_folder(self.folder).problems == ()


@pytest.fixture
def core(settings: Settings, sqlite_database: Database, tmp_path: Path) -> Iterator[Core]:
    spec = job_spec()
    [draft] = drafts_of(done_job(tmp_path / "job", spec), spec)
    yield Core(draft, Place(sqlite_database, settings.projects_folder, load_templates(), ("slack",)))
    set_fault(None)


def test_what_was_named_but_not_committed_is_completed(core: Core) -> None:
    core.stop_at("rename:synced")
    found = find_published(core.draft, core.place)
    assert found is not None
    assert (found.number, found.is_new) == (1, False)
    core.check_one()


def test_what_was_reserved_only_is_done_again_under_its_number(core: Core) -> None:
    core.stop_at("reserve:done")
    assert find_published(core.draft, core.place) is None
    assert core.publish().number == 1
    core.check_one()


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda path: path.unlink(), id="gone"),
        pytest.param(lambda path: opened(path).write_bytes(b"other"), id="edited"),
    ],
)
def test_what_was_harmed_before_it_was_committed_is_refused(damage: Callable[[Path], object], core: Core) -> None:
    core.stop_at("rename:synced")
    damage(core.folder / "sh010_comp_v001.1002.bin")
    with pytest.raises(VersionConflictError, match=r"1002\.bin is not what the manifest"):
        find_published(core.draft, core.place)


@pytest.mark.parametrize("manifest", [None, "{", '{"number": 1}'])
def test_a_folder_whose_manifest_is_lost_is_no_version(manifest: str | None, core: Core) -> None:
    core.stop_at("rename:synced")
    (core.folder / "manifest.json").unlink()
    if manifest is not None:
        (core.folder / "manifest.json").write_text(manifest)
    assert find_published(core.draft, core.place) is None
    with pytest.raises(VersionConflictError, match="move it away"):
        core.publish()


@pytest.mark.parametrize("point", ["register:before", "reserve:done", "name:all", "rename:before"])
def test_a_run_that_is_overtaken_by_one_of_its_key_finds_that_ones_version(point: str, core: Core) -> None:
    core.at(point, core.publish)
    assert core.publish().is_new is False
    core.check_one()


def test_a_run_that_finds_its_version_named_commits_it(core: Core) -> None:
    core.at("rename:before", lambda: core.stop_at("rename:synced"))
    assert core.publish().is_new is True
    core.check_one()


def test_a_run_that_finds_its_version_committed_says_so(core: Core) -> None:
    core.at("rename:synced", lambda: find_published(core.draft, core.place))
    assert core.publish().is_new is False
    core.check_one()


def test_staging_that_somebody_cleans_away_is_an_error_and_then_made_good(core: Core) -> None:
    def clean() -> None:
        for path in staged(core.place.projects):
            path.rename(path.with_name("taken"))

    core.at("name:first", clean)
    with pytest.raises(StorageError, match=STAGING):
        core.publish()
    assert core.publish().number == 1


def test_what_killed_runs_left_in_staging_goes_with_the_next(core: Core) -> None:
    left = core.place.project(core.draft) / STAGING / f"{core.draft.key[:16]}-killed"
    left.mkdir(parents=True)
    (left / "f0000000").write_bytes(b"half")
    core.publish()
    core.check_one()


def test_staging_of_another_publish_is_left_alone(core: Core) -> None:
    other = core.place.project(core.draft) / STAGING / "0123456789abcdef-other"
    other.mkdir(parents=True)
    core.publish()
    assert staged(core.place.projects) == [other]


def test_several_files_that_are_no_frames_are_told_apart(
    settings: Settings, sqlite_database: Database, tmp_path: Path
) -> None:
    spec = job_spec(output_spec(frames=None))
    content: dict[int | None, bytes] = {number: b"%d" % number for number in (1, 2, 3)}
    [draft] = drafts_of(done_job(tmp_path / "job", spec, content), spec)
    core = Core(draft, Place(sqlite_database, settings.projects_folder, load_templates()))
    core.publish()
    assert {path.name: path.read_bytes() for path in core.folder.glob("*.bin")} == {
        "sh010_comp_v001.1.bin": b"1",
        "sh010_comp_v001.2.bin": b"2",
        "sh010_comp_v001.3.bin": b"3",
    }


@dataclass(frozen=True, eq=False)
class Compared(DraftFile):
    """A file that counts how often it is compared with another."""

    seen: ClassVar[list[object]] = []

    def __eq__(self, other: object) -> bool:
        self.seen.append(other)
        return self is other

    __hash__ = None  # type: ignore[assignment]


def test_naming_many_files_that_are_no_frames_does_not_compare_each_with_all(
    settings: Settings, sqlite_database: Database, tmp_path: Path
) -> None:
    spec = job_spec(output_spec(frames=None))
    content: dict[int | None, bytes] = {number: b"%d" % number for number in range(300)}
    [draft] = drafts_of(done_job(tmp_path / "job", spec, content), spec)
    [form] = draft.forms
    files = tuple(Compared(**vars(file)) for file in form.files)
    core = Core(
        replace(draft, forms=(replace(form, files=files),)),
        Place(sqlite_database, settings.projects_folder, load_templates()),
    )
    assert core.publish().files == 300
    assert len(Compared.seen) == 0


def test_a_manifest_that_cannot_be_read_is_named(core: Core) -> None:
    from shotmill.pipeline.publish.register import read_manifest  # noqa: PLC0415 - one use

    core.publish()
    (core.folder / "manifest.json").write_text("[]")
    with pytest.raises(InputCorruptError, match=r"manifest\.json"):
        read_manifest(core.folder)
