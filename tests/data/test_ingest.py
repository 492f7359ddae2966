"""Ingest: what becomes of a cut in the database, on both kinds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import event as sql_event
from sqlalchemy import func, select
from timelines import BLACK, MISSING, clip, dissolve, event, gap, movie, numbered, timeline, track, write

from shotmill.pipeline.ingest import IngestOptions, IngestReport, ingest
from shotmill.pipeline.store import Database
from shotmill.pipeline.store.catalog import events, shots
from shotmill.pipeline.store.editorial import clips_of_cut, cut_versions
from shotmill.pipeline.store.edits import edit_of_cut
from shotmill.pipeline.store.migrate import upgrade
from shotmill.schema.errors import BadRequestError, NotFoundError, TimelineError
from shotmill.schema.media import Rate
from shotmill.schema.tables import Blob, CutClip, CutVersion, Shot
from shotmill.schema.tables import Sequence as SequenceRow

Item = dict[str, Any]


@pytest.fixture
def plates(tmp_path: Path) -> Path:
    """A movie, and a sequence of frames 1001 to 1048; their content does not matter here."""
    folder = tmp_path / "plates"
    folder.mkdir()
    (folder / "plate.mov").touch()
    for frame in range(1001, 1049):
        (folder / f"plate.{frame}.exr").touch()
    return folder


def put(database: Database, folder: Path, *items: Item, name: str = "edit.otio", **options: Any) -> IngestReport:
    path = write(folder / name, timeline(track(*items), start=None))
    return ingest(database, path, project="demo", cut="main", options=IngestOptions(user="ed", **options))


def count(database: Database, table: type) -> int:
    with database.read() as connection:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def counts(database: Database) -> list[int]:
    return [count(database, table) for table in (CutVersion, CutClip, Shot, SequenceRow, Blob)]


def online(name: str, trim: tuple[int, int] = (10, 20)) -> Item:
    return clip(name, trim, movie("plates/plate.mov"))


@pytest.mark.usefixtures("plates")
def test_a_cut_makes_its_sequences_shots_and_clips(database: Database, tmp_path: Path) -> None:
    report = put(database, tmp_path, online("sq010_sh010"), online("sq010_sh020"), online("sq020_sh010"))
    assert (report.version, report.shots, report.new_shots, report.online) == (1, 3, 3, 3)
    assert counts(database) == [1, 3, 3, 2, 1]
    assert [shot.path for shot in shots(database, "demo", cut="main")] == ["sq010/sh010", "sq010/sh020", "sq020/sh010"]


def test_the_same_file_again_adds_nothing(database: Database, tmp_path: Path) -> None:
    put(database, tmp_path, online("sq010_sh010"))
    before = counts(database)
    again = put(database, tmp_path, online("sq010_sh010"), name="renamed.otio")
    assert (again.added, again.version, counts(database)) == (False, 1, before)
    assert "nothing was added" in again.notes[0]


def test_going_back_to_an_older_file_says_which_version_jobs_use(database: Database, tmp_path: Path) -> None:
    for items in ([online("sq010_sh010")], [online("sq010_sh020")]):
        put(database, tmp_path, *items)
    again = put(database, tmp_path, online("sq010_sh010"))
    assert (again.version, again.newest) == (1, 2)
    assert "jobs use the newest version, 2" in again.notes[1]


def test_the_file_itself_is_kept(database: Database, tmp_path: Path) -> None:
    report = put(database, tmp_path, online("sq010_sh010"))
    with database.read() as connection:
        content = connection.execute(select(Blob.content).where(Blob.checksum == report.checksum)).scalar_one()
    assert bytes(content) == (tmp_path / "edit.otio").read_bytes()


def test_clips_are_ready_for_a_job(database: Database, tmp_path: Path, plates: Path) -> None:
    media = numbered("plates", first=1001, available=(0, 48))
    put(database, tmp_path, online("sq010_sh010", (10, 21)), clip("sq010_sh020", (5, 10), media))
    movie_clip, frames_clip = clips_of_cut(database, "demo", "main")
    assert (movie_clip.name, movie_clip.media, str(movie_clip.frames)) == (
        "sq010/sh010",
        str(plates / "plate.mov"),
        "10-30",
    )
    assert (movie_clip.frame, movie_clip.offline, movie_clip.rate) == (20, False, Rate(24))
    assert (frames_clip.media, str(frames_clip.frames)) == (str(plates / "plate.####.exr"), "1006-1015")
    assert str(frames_clip.entity) == "demo/sq010/sh020"


def test_missing_media_is_a_state_that_heals_when_the_files_come(
    database: Database, tmp_path: Path, plates: Path
) -> None:
    report = put(
        database,
        tmp_path,
        online("sq010_sh010"),
        clip("sq010_sh020", media=movie("plates/late.mov")),
        clip("sq010_sh030", media=MISSING),
        clip("black", media=BLACK),
    )
    assert (report.online, report.missing, report.generated, report.skipped) == (1, 2, 1, ())
    assert [one.offline for one in clips_of_cut(database, "demo", "main")] == [False, True, True]
    (plates / "late.mov").touch()
    assert [one.offline for one in clips_of_cut(database, "demo", "main")] == [False, False, True]


def test_disabled_clips_are_kept_and_given_to_no_job(database: Database, tmp_path: Path) -> None:
    put(database, tmp_path, online("sq010_sh010"), clip("sq010_sh020", enabled=False))
    assert count(database, CutClip) == 2
    assert [one.name for one in clips_of_cut(database, "demo", "main")] == ["sq010/sh010"]


def test_a_shot_used_twice_is_one_shot_with_two_uses(database: Database, tmp_path: Path) -> None:
    put(database, tmp_path, online("sq010_sh010", (10, 5)), online("sq010_sh020"), online("sq010_sh010", (40, 5)))
    names = [one.name for one in clips_of_cut(database, "demo", "main")]
    assert names == ["sq010/sh010", "sq010/sh020", "sq010/sh010#2"]
    assert [one.name for one in clips_of_cut(database, "demo", "main", once=True)] == names[:2]
    (first, _second) = shots(database, "demo", cut="main")
    assert (first.cut_in, first.cut_out) == (1009, 1043)  # source 10 to 44: 35 frames


def test_names_that_differ_in_case_only_are_one_shot(database: Database, tmp_path: Path) -> None:
    put(database, tmp_path, online("sq010_sh010"))
    report = put(database, tmp_path, online("SQ010_SH010", (11, 20)))
    assert (report.new_shots, count(database, Shot), count(database, SequenceRow)) == (0, 1, 1)


def test_a_clip_without_a_shot_is_reported_and_does_not_stop_the_rest(database: Database, tmp_path: Path) -> None:
    report = put(database, tmp_path, online("A001C003"), online("sq010_sh010"))
    assert [(one.clip, one.record_in) for one in report.skipped] == [("A001C003", 0)]
    assert [one.name for one in clips_of_cut(database, "demo", "main")] == ["sq010/sh010"]


def test_another_pattern_reads_the_same_file_anew(database: Database, tmp_path: Path) -> None:
    put(database, tmp_path, online("ABC0420"))
    report = put(database, tmp_path, online("ABC0420"), pattern=r"(?P<sequence>[A-Z]{3})(?P<shot>\d{4})")
    assert (report.version, report.new_shots, count(database, Blob)) == (2, 1, 1)


def test_a_new_shot_begins_at_1001_with_the_handles_its_media_has(database: Database, tmp_path: Path) -> None:
    put(database, tmp_path, online("sq010_sh010", (3, 20)), dissolve(2, 12), online("sq010_sh020", (80, 15)))
    first, second = shots(database, "demo", cut="main")
    assert (first.cut_in, first.cut_out, first.handle_in, first.handle_out) == (1009, 1028, 3, 12)
    assert (second.handle_in, second.handle_out) == (8, 5)  # 100 frames of media: 95 to 99 are left


def test_a_longer_head_moves_the_cut_and_not_the_work_frames(database: Database, tmp_path: Path) -> None:
    put(database, tmp_path, online("sq010_sh010", (20, 10)))
    put(database, tmp_path, online("sq010_sh010", (16, 16)))
    (shot,) = shots(database, "demo")
    assert (shot.cut_in, shot.cut_out) == (1005, 1020)  # 4 frames at the head, 2 at the tail


def test_other_media_keep_a_shots_range(database: Database, tmp_path: Path) -> None:
    put(database, tmp_path, online("sq010_sh010", (20, 10)))
    put(database, tmp_path, clip("sq010_sh010", (500, 40), movie("other.mov", (0, 900))))
    (shot,) = shots(database, "demo")
    assert (shot.cut_in, shot.cut_out) == (1009, 1018)


def test_an_ingest_is_in_the_audit(database: Database, tmp_path: Path) -> None:
    put(database, tmp_path, online("sq010_sh010"))
    (found,) = events(database, "demo:cut/main")
    assert (found.actor, found.verb, found.facts["clips"], found.facts["version"]) == ("ed", "ingest", 1, 1)


def test_an_edl_is_ingested_at_its_rate(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "edit.edl"
    path.write_text(
        event(1, ("00:00:01:00", "00:00:02:00"), ("10:00:00:00", "10:00:01:00")) + "* FROM CLIP NAME: sq010_sh010\n"
    )
    report = ingest(database, path, project="demo", cut="main", rate=Rate.parse(23.976))
    assert (report.rate, report.start_frame, report.missing) == ("24000/1001", 864000, 1)
    assert clips_of_cut(database, "demo", "main")[0].media == "/offline/sq010/sh010"
    again = ingest(database, path, project="demo", cut="main", rate=Rate(24))
    assert (again.added, again.version) == (True, 2)  # another rate means other frames


def test_the_sequence_of_bare_shot_names_is_an_option(database: Database, tmp_path: Path) -> None:
    assert put(database, tmp_path, online("sh010"), sequence="sq070").shots == 1
    assert [shot.path for shot in shots(database, "demo")] == ["sq070/sh010"]


def test_roots_are_mapped(database: Database, tmp_path: Path, plates: Path) -> None:
    media = movie("file://localhost/D%3a/show/plate.mov")
    assert put(database, tmp_path, clip(media=media), roots={"D:/show": str(plates)}).online == 1


def test_eight_ingests_of_one_file_at_once_add_it_once(database: Database, tmp_path: Path) -> None:
    path = write(tmp_path / "edit.otio", timeline(track(online("sq010_sh010"), online("sq010_sh020"))))

    def one(_: int) -> IngestReport:
        return ingest(database, path, project="demo", cut="main")

    with ThreadPoolExecutor(8) as pool:
        reports = list(pool.map(one, range(8)))
    assert sum(report.added for report in reports) == 1
    assert counts(database) == [1, 2, 2, 1, 1]


def test_two_cuts_that_share_shots_may_come_at_once(database: Database, tmp_path: Path) -> None:
    paths = [
        write(tmp_path / f"{n}.otio", timeline(track(*[online(f"sq010_sh{m:03d}") for m in range(n, n + 20)])))
        for n in range(4)
    ]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda path: ingest(database, path, project="demo", cut=f"c{path.stem}"), paths))
    assert counts(database) == [4, 80, 23, 1, 4]


def test_two_cuts_that_share_shots_in_another_order_may_come_at_once(
    postgres_url: str, opened: Callable[[str], Database], tmp_path: Path
) -> None:
    databases = [opened(postgres_url), opened(postgres_url)]
    upgrade(databases[0])
    put(databases[0], tmp_path, online("sq999_sh010"))  # the project is there: making it would keep one waiting
    shared = [online(f"sq{number:03d}_sh010") for number in range(600)]
    files = [tmp_path / "there.otio", tmp_path / "back.otio"]
    for path, items in zip(files, (shared, shared[::-1]), strict=True):
        write(path, timeline(track(*items), start=None))
    both = Barrier(2)

    def meet(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if statement.startswith("INSERT INTO sequence"):
            both.wait(20.0)

    def put_one(number: int) -> int:
        sql_event.listen(databases[number].engine, "before_cursor_execute", meet)
        return ingest(databases[number], files[number], project="demo", cut=f"cut{number}").shots

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(put_one, range(2))) == [600, 600]
    assert count(databases[0], Shot) == 601


def test_a_broken_file_changes_nothing(database: Database, tmp_path: Path) -> None:
    (tmp_path / "edit.otio").write_text('{"OTIO_SCHEMA": "Timeline.1"')
    with pytest.raises(TimelineError):
        ingest(database, tmp_path / "edit.otio", project="demo", cut="main")
    assert counts(database) == [0, 0, 0, 0, 0]


@pytest.mark.parametrize("options", [{"handles": -1}, {"handles": 5000}, {"first_frame": 10**9}, {"user": "a\nb"}])
def test_options_that_make_no_sense_are_refused(database: Database, tmp_path: Path, options: dict[str, Any]) -> None:
    path = write(tmp_path / "edit.otio", timeline(track(online("sq010_sh010"))))
    with pytest.raises(BadRequestError):
        ingest(database, path, project="demo", cut="main", options=IngestOptions(**options))


def test_a_cut_that_is_not_there_lists_those_that_are(database: Database, tmp_path: Path) -> None:
    put(database, tmp_path, online("sq010_sh010"))
    with pytest.raises(NotFoundError, match="it has main"):
        clips_of_cut(database, "demo", "mian")
    with pytest.raises(NotFoundError, match="no version 7"):
        clips_of_cut(database, "demo", "main", version=7)
    with pytest.raises(NotFoundError, match="it has none yet"):
        clips_of_cut(database, "demo2", "main")


def test_versions_of_a_cut_are_listed(database: Database, tmp_path: Path) -> None:
    put(database, tmp_path, online("sq010_sh010"))
    put(database, tmp_path, online("sq010_sh010"), online("sq010_sh020"))
    found = cut_versions(database, "demo", "main")
    assert [(one.number, one.clips, one.duration, int(one.rate)) for one in found] == [(1, 1, 20, 24), (2, 2, 40, 24)]


@pytest.fixture
def statements(database: Database) -> Iterator[list[str]]:
    """Every statement that reaches the database."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    sql_event.listen(database.engine, "before_cursor_execute", note)
    yield seen
    sql_event.remove(database.engine, "before_cursor_execute", note)


def test_a_large_cut_costs_no_more_statements_than_a_small_one(
    database: Database, tmp_path: Path, statements: list[str]
) -> None:
    put(database, tmp_path, *[online(f"sq{n // 50:03d}_sh{n:04d}") for n in range(500)])
    limit = 25 if database.is_sqlite else 30  # a COPY of what may be there already stands in a savepoint
    assert len(statements) < limit


@pytest.mark.usefixtures("plates")
def test_a_reel_is_told_where_the_clips_of_its_cut_lie(database: Database, tmp_path: Path) -> None:
    put(database, tmp_path, online("sq010_sh010"), gap(5), online("sq010_sh020"), online("sq010_sh010"))
    edit = edit_of_cut(database, "demo", "main")
    assert (edit.name, edit.rate, edit.duration) == ("main", Rate(24), 65)
    assert {name: (place.record_in, place.record_out) for name, place in edit.places.items()} == {
        "sq010/sh010": (0, 19),
        "sq010/sh020": (25, 44),
        "sq010/sh010#2": (45, 64),
    }
