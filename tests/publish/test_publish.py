"""What a publish does, and what it refuses."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from done_jobs import done_job, frame_file, job_spec, opened, output_spec, staged, task_done, visible
from sqlalchemy import func, select, text

from shotmill.pipeline.folders import JobFolder
from shotmill.pipeline.holes import mark_hole
from shotmill.pipeline.publish import run_publish
from shotmill.pipeline.publish.verify import verify_folder, version_folders
from shotmill.pipeline.settings import Settings
from shotmill.pipeline.store import Database
from shotmill.pipeline.store.versions import version_by_key
from shotmill.schema.errors import (
    FramesMissingError,
    NothingPublishedError,
    PathJailError,
    PublishError,
    ReceiptMismatchError,
    VersionConflictError,
)
from shotmill.schema.frames import FrameSet
from shotmill.schema.holes import HoleMark
from shotmill.schema.job import JobSpec
from shotmill.schema.publishing import PublishReport
from shotmill.schema.tables import Delivery, Event, Pointer, PublishedFile, PublishRun, Representation, Version


def publish(folder: JobFolder, spec: JobSpec, settings: Settings, database: Database) -> PublishReport:
    return run_publish(folder, spec, settings.model_copy(update={"targets": ("ftrack", "slack")}), database)


def count(database: Database, table: type) -> int:
    with database.read() as connection:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def test_fact_1_a_done_job_becomes_one_whole_version(settings: Settings, database: Database, tmp_path: Path) -> None:
    spec = job_spec()
    report = publish(done_job(tmp_path / "job", spec), spec, settings, database)
    folder = Path(report.versions[0].folder)
    assert report.outcome == "published"
    assert folder == settings.projects_folder / "demo/shots/sq010/sh010/publish/comp/v001"
    assert sorted(path.name for path in folder.iterdir()) == [
        "manifest.json",
        *(f"sh010_comp_v001.{frame}.bin" for frame in (1001, 1002, 1003)),
    ]
    assert verify_folder(folder).problems == ()
    assert staged(settings.projects_folder) == []
    [written] = (tmp_path / "job/publish").glob("report-*.json")
    assert PublishReport.model_validate_json(written.read_bytes()) == report


def test_all_that_belongs_to_a_version_is_in_the_database(
    settings: Settings, database: Database, tmp_path: Path
) -> None:
    spec = job_spec()
    publish(done_job(tmp_path / "job", spec), spec, settings, database)
    counts = [count(database, table) for table in (Version, Representation, PublishedFile, Pointer, Delivery, Event)]
    assert counts == [1, 1, 3, 1, 2, 1]
    with database.read() as connection:
        row = connection.execute(select(Representation.frames, Representation.pattern, Representation.padding)).one()
    assert tuple(row) == ("1001-1003", "sh010_comp_v001.####.bin", 4)


def test_fact_2_a_second_run_finds_what_the_first_published(
    settings: Settings, database: Database, tmp_path: Path
) -> None:
    spec = job_spec()
    folder = done_job(tmp_path / "job", spec)
    publish(folder, spec, settings, database)
    again = publish(folder, spec, settings, database)
    assert again.outcome == "already published"
    assert (count(database, Version), count(database, Delivery), count(database, PublishRun)) == (1, 2, 2)


def test_fact_3_changed_frames_become_the_next_version(settings: Settings, database: Database, tmp_path: Path) -> None:
    spec = job_spec()
    first = publish(done_job(tmp_path / "one", spec), spec, settings, database)
    second = publish(done_job(tmp_path / "two", spec, {1001: b"a", 1002: b"b", 1003: b"c"}), spec, settings, database)
    assert [report.versions[0].number for report in (first, second)] == [1, 2]
    assert verify_folder(Path(first.versions[0].folder)).problems == ()
    assert visible(settings.projects_folder) == ["v001", "v002"]


def test_a_single_file_has_no_frame_in_its_name(settings: Settings, database: Database, tmp_path: Path) -> None:
    spec = job_spec(output_spec(frames=None))
    report = publish(done_job(tmp_path / "job", spec), spec, settings, database)
    assert (Path(report.versions[0].folder) / "sh010_comp_v001.bin").is_file()


def damage_gone(path: Path) -> None:
    path.unlink()


def damage_truncated(path: Path) -> None:
    os.truncate(path, 100)


def damage_empty(path: Path) -> None:
    os.truncate(path, 0)


def damage_one_bit(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[500] ^= 1
    opened(path).write_bytes(content)


def damage_link(path: Path) -> None:
    path.rename(path.with_suffix(".away"))
    path.symlink_to(path.with_suffix(".away"))


@pytest.mark.parametrize("damage", [damage_gone, damage_truncated, damage_empty, damage_one_bit, damage_link])
def test_fact_7_a_frame_damaged_after_its_receipt_stops_the_publish(
    damage: object, settings: Settings, database: Database, tmp_path: Path
) -> None:
    spec = job_spec()
    folder = done_job(tmp_path / "job", spec)
    damage(frame_file(folder, 1002))  # type: ignore[operator]
    with pytest.raises(ReceiptMismatchError) as caught:
        publish(folder, spec, settings, database)
    assert (caught.value.exit_code, caught.value.fields["frame"]) == (65, "1002")
    assert (visible(settings.projects_folder), staged(settings.projects_folder), count(database, Version)) == (
        [],
        [],
        0,
    )


def test_a_refused_publish_burns_no_number(settings: Settings, database: Database, tmp_path: Path) -> None:
    spec = job_spec()
    folder = done_job(tmp_path / "bad", spec)
    damage_one_bit(frame_file(folder, 1001))
    with pytest.raises(ReceiptMismatchError):
        publish(folder, spec, settings, database)
    good = job_spec()
    assert publish(done_job(tmp_path / "good", good), good, settings, database).versions[0].number == 1


def test_fact_6_a_frame_without_a_file_is_named(settings: Settings, database: Database, tmp_path: Path) -> None:
    spec = job_spec()
    folder = done_job(tmp_path / "job", spec, {1001: b"a", 1003: b"c"})
    with pytest.raises(FramesMissingError, match="1002") as caught:
        publish(folder, spec, settings, database)
    assert caught.value.exit_code == 65
    assert (count(database, Version), count(database, Delivery)) == (0, 0)


def test_a_hole_of_the_source_needs_a_word(settings: Settings, database: Database, tmp_path: Path) -> None:
    spec = job_spec(holes="1002")
    with pytest.raises(FramesMissingError, match="--allow-holes"):
        try:
            publish(done_job(tmp_path / "job", spec, {1001: b"a", 1003: b"c"}), spec, settings, database)
        except FramesMissingError as error:
            raise FramesMissingError(f"{error.message} {error.hint}") from error


def test_allowed_holes_are_published_and_listed(settings: Settings, database: Database, tmp_path: Path) -> None:
    spec = job_spec(holes="1002", allow=True)
    report = publish(done_job(tmp_path / "job", spec, {1001: b"a", 1003: b"c"}), spec, settings, database)
    manifest = json.loads((Path(report.versions[0].folder) / "manifest.json").read_text())
    assert str(report.versions[0].holes) == manifest["representations"][0]["missing"] == "1002"
    assert "1002" in report.notes[0]
    with database.read() as connection:
        assert connection.execute(select(Version.holes)).scalar_one() == "1002"


def test_what_tasks_noted_is_in_the_report_each_line_once(
    settings: Settings, database: Database, tmp_path: Path
) -> None:
    spec = job_of_frames(allow=False)
    folder = frames_done(tmp_path / "job", spec, 1, 2, 3)
    for number, path in enumerate(folder.receipts("render")):
        noted = {**json.loads(path.read_text()), "notes": ["comp: shown by a table", f"comp: lamp {number} is out"]}
        path.write_text(json.dumps(noted))
    report = publish(folder, spec, settings, database)
    lamps = [f"comp: lamp {number} is out" for number in range(3)]
    assert report.notes == ("comp: shown by a table", *lamps)


def test_a_note_is_a_line_that_drives_no_terminal(settings: Settings, database: Database, tmp_path: Path) -> None:
    """A file may have said some of it: the names of a picture's views, say."""
    spec = job_of_frames(allow=False)
    folder = frames_done(tmp_path / "job", spec, 1, 2, 3)
    [first, *_others] = folder.receipts("render")
    hostile = ["view \x1b]0;owned\x07\nSHOTMILL E100", "x" * 10_000_000]
    first.write_text(json.dumps({**json.loads(first.read_text()), "notes": hostile}))
    assert publish(folder, spec, settings, database).notes == ("view  ]0;owned  SHOTMILL E100", "x" * 4000)


def test_allowing_holes_does_not_excuse_lost_frames(settings: Settings, database: Database, tmp_path: Path) -> None:
    spec = job_spec(holes="1002", allow=True)
    with pytest.raises(FramesMissingError, match="1003"):
        publish(done_job(tmp_path / "job", spec, {1001: b"a"}), spec, settings, database)


def eaten(folder: JobFolder, spec: JobSpec, chunk: str, **changes: str) -> HoleMark:
    """A mark of frames that a farm was told to leave out."""
    facts = {"job": spec.id, "step": "render", "frames": chunk, "farm": "opencue", "task": "f1", "said": "eaten"}
    mark = HoleMark.model_validate({**facts, "user": "anna", "host": "ws1", "seen": datetime.now(UTC), **changes})
    assert mark_hole(folder, mark)
    return mark


def job_of_frames(*, allow: bool) -> JobSpec:
    """One task for each frame that is promised."""
    spec = job_spec(output_spec(frames="1-3"), allow=allow)
    step = spec.steps[0].model_copy(update={"frames": FrameSet((1, 2, 3))})
    return spec.model_copy(update={"steps": (step, spec.steps[1])})


def frames_done(root: Path, spec: JobSpec, *frames: int) -> JobFolder:
    folder = JobFolder(root)
    for frame in frames:
        task_done(folder, spec, str(frame), [(f"{frame}.bin", frame, b"frame")])
    return folder


def test_frames_that_a_farm_was_told_to_leave_out_are_listed(
    settings: Settings, database: Database, tmp_path: Path
) -> None:
    spec = job_of_frames(allow=True)
    folder = frames_done(tmp_path / "job", spec, 1, 3)
    eaten(folder, spec, "2")
    report = publish(folder, spec, settings, database)
    assert (str(report.versions[0].holes), report.versions[0].files) == ("2", 2)
    assert report.notes == ("sq010/sh010/comp (bin): published without frames 2: eaten on opencue, as anna saw",)


@pytest.mark.parametrize(
    ("allow", "changes"),
    [
        pytest.param(False, {}, id="holes are not allowed"),
        pytest.param(True, {"job": "another"}, id="another job's mark"),
        pytest.param(True, {"step": "other"}, id="another step's mark"),
        pytest.param(True, {"frames": "3"}, id="another frame's mark"),
    ],
)
def test_a_frame_that_nobody_did_stops_a_publish_but_for_its_own_mark(
    settings: Settings, database: Database, tmp_path: Path, *, allow: bool, changes: dict[str, str]
) -> None:
    spec = job_of_frames(allow=allow)
    folder = frames_done(tmp_path / "job", spec, 1, 3)
    eaten(folder, spec, "2", **changes)
    with pytest.raises(FramesMissingError, match="no receipt for frames 2"):
        publish(folder, spec, settings, database)


def test_a_mark_that_is_damaged_is_none(settings: Settings, database: Database, tmp_path: Path) -> None:
    spec = job_of_frames(allow=True)
    folder = frames_done(tmp_path / "job", spec, 1, 3)
    eaten(folder, spec, "2")
    next(folder.holes("render").iterdir()).write_text('{"job":')
    with pytest.raises(FramesMissingError, match="no receipt for frames 2"):
        publish(folder, spec, settings, database)


def test_a_receipt_counts_more_than_a_mark(settings: Settings, database: Database, tmp_path: Path) -> None:
    spec = job_of_frames(allow=True)
    folder = frames_done(tmp_path / "job", spec, 1, 2, 3)
    eaten(folder, spec, "2")
    report = publish(folder, spec, settings, database)
    assert (report.versions[0].holes, report.notes) == (None, ())


def test_a_product_whose_only_task_was_left_out_is_left_out_and_named(
    settings: Settings, database: Database, tmp_path: Path
) -> None:
    outputs = [output_spec(frames=None, product=name) for name in ("one", "two")]
    kept, gone = (one.model_copy(update={"product": one.name}) for one in outputs)
    spec = job_spec(allow=True)
    step = spec.steps[0].model_copy(update={"frames": FrameSet((1, 2)), "outputs": (kept, gone)})
    spec = spec.model_copy(update={"steps": (step, spec.steps[1])})
    folder = JobFolder(tmp_path / "job")
    task_done(folder, spec, "1", [("one.bin", None, b"one")], product="one")
    eaten(folder, spec, "2")
    report = publish(folder, spec, settings, database)
    assert [version.product for version in report.versions] == ["one"]
    assert report.notes == ("sq010/sh010/two: not published for want of frames 2: eaten on opencue, as anna saw",)


def test_a_job_that_was_left_out_whole_publishes_nothing(
    settings: Settings, database: Database, tmp_path: Path
) -> None:
    spec = job_of_frames(allow=True)
    folder = JobFolder(tmp_path / "job")
    eaten(folder, spec, "1-3")
    with pytest.raises(NothingPublishedError):
        publish(folder, spec, settings, database)
    assert count(database, Version) == 0


def test_a_step_without_receipts_is_named(settings: Settings, database: Database, tmp_path: Path) -> None:
    spec = job_spec()
    (tmp_path / "job").mkdir()
    with pytest.raises(FramesMissingError, match="render"):
        publish(JobFolder(tmp_path / "job"), spec, settings, database)


def test_a_product_without_files_is_refused(settings: Settings, database: Database, tmp_path: Path) -> None:
    spec = job_spec(output_spec(frames=None))
    with pytest.raises(FramesMissingError, match="no task wrote a file"):
        publish(done_job(tmp_path / "job", spec, {}), spec, settings, database)


def test_fact_10_a_job_that_promises_nothing_publishes_nothing(
    settings: Settings, database: Database, tmp_path: Path
) -> None:
    spec = job_spec()
    bare = spec.model_copy(update={"steps": (spec.steps[0].model_copy(update={"outputs": ()}), spec.steps[1])})
    with pytest.raises(NothingPublishedError) as caught:
        publish(done_job(tmp_path / "job", spec, {}), bare, settings, database)
    assert caught.value.exit_code != 0


def test_a_folder_somebody_else_made_is_left_alone(settings: Settings, database: Database, tmp_path: Path) -> None:
    spec = job_spec()
    taken = settings.projects_folder / "demo/shots/sq010/sh010/publish/comp/v001"
    taken.mkdir(parents=True)
    (taken / "mine.txt").write_text("mine")
    with pytest.raises(VersionConflictError, match="v001"):
        publish(done_job(tmp_path / "job", spec), spec, settings, database)
    assert [path.name for path in taken.iterdir()] == ["mine.txt"]


def test_a_link_out_of_the_project_is_not_followed(settings: Settings, database: Database, tmp_path: Path) -> None:
    spec = job_spec()
    outside = tmp_path / "outside"
    outside.mkdir()
    (settings.projects_folder / "demo").mkdir(parents=True)
    (settings.projects_folder / "demo/shots").symlink_to(outside)
    with pytest.raises(PathJailError, match="link"):
        publish(done_job(tmp_path / "job", spec), spec, settings, database)
    assert list(outside.iterdir()) == []


def test_staging_through_a_link_is_refused(settings: Settings, sqlite_database: Database, tmp_path: Path) -> None:
    spec = job_spec()
    (tmp_path / "outside").mkdir()
    (settings.projects_folder / "demo").mkdir(parents=True)
    (settings.projects_folder / "demo/.staging").symlink_to(tmp_path / "outside")
    with pytest.raises(PathJailError, match="link"):
        publish(done_job(tmp_path / "job", spec), spec, settings, sqlite_database)


def test_published_rows_cannot_be_edited(settings: Settings, database: Database, tmp_path: Path) -> None:
    spec = job_spec()
    report = publish(done_job(tmp_path / "job", spec), spec, settings, database)
    assert report.versions[0].number == 1
    with database.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM version WHERE state = 'published'")).scalar_one() == 1


def test_latest_points_to_the_highest_version_whoever_is_last(
    settings: Settings, database: Database, tmp_path: Path
) -> None:
    first, second = job_spec(), job_spec()
    publish(done_job(tmp_path / "one", first), first, settings, database)
    publish(done_job(tmp_path / "two", second), second, settings, database)
    publish(done_job(tmp_path / "one-again", first), first, settings, database)
    with database.read() as connection:
        number = connection.execute(select(Version.number).join(Pointer, Pointer.version_id == Version.id)).scalar_one()
    assert number == 2


def test_verify_names_what_changed(settings: Settings, sqlite_database: Database, tmp_path: Path) -> None:
    spec = job_spec()
    publish(done_job(tmp_path / "job", spec), spec, settings, sqlite_database)
    folder = next(version_folders(settings.projects_folder))
    damage_one_bit(folder / "sh010_comp_v001.1001.bin")
    (folder / "sh010_comp_v001.1002.bin").unlink()
    os.truncate(opened(folder / "sh010_comp_v001.1003.bin"), 3)
    (folder / "stray.txt").write_text("x")
    found = {problem.path.name: problem.problem for problem in verify_folder(folder, manifest_checksum="0").problems}
    assert found == {
        "manifest.json": "was changed after the publish",
        "sh010_comp_v001.1001.bin": "holds other bytes than were published",
        "sh010_comp_v001.1002.bin": "is not there",
        "sh010_comp_v001.1003.bin": "has 3 bytes instead of 10000",
        "stray.txt": "was added after the publish",
    }


def test_verify_reports_a_folder_without_or_with_a_broken_manifest(tmp_path: Path) -> None:
    assert verify_folder(tmp_path).problems[0].problem == "is not there"
    (tmp_path / "manifest.json").write_text("{}")
    assert "cannot be read" in verify_folder(tmp_path).problems[0].problem


def test_no_reservation_is_found_for_an_unknown_key(database: Database) -> None:
    assert version_by_key(database, "nothing") is None


def test_reports_are_kept_for_refusals_too(settings: Settings, database: Database, tmp_path: Path) -> None:
    spec = job_spec()
    folder = done_job(tmp_path / "job", spec, {1001: b"a"})
    with pytest.raises(PublishError):
        publish(folder, spec, settings, database)
    report = PublishReport.model_validate_json(next((folder.root / "publish").glob("*.json")).read_text())
    assert report.outcome == "refused"
    assert (report.failure or "").startswith("SHOTMILL E501")
