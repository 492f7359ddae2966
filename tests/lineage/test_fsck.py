"""``fsck``: finds what is lost, left over or wrong, and mends by moving alone."""

from __future__ import annotations

import json
import os
import shutil
import time
from pathlib import Path
from typing import Any

import pytest
from published_rows import publish_row
from shows import Show
from sqlalchemy import text

from shotmill.pipeline.fsck import NOTE, Checkup, Places, check, mend, mend_pointers
from shotmill.pipeline.publish.verify import verify_folder, version_folders
from shotmill.pipeline.store.audit import audit_of_subject
from shotmill.pipeline.store.reviews import review
from shotmill.schema.states import ReviewState


@pytest.fixture
def version(show: Show) -> Any:
    """A published comp of one frame."""
    [made] = show.run("publish", show.plate("forest"), product="comp")
    return made


def look(show: Show, **more: Any) -> Checkup:
    return check(show.database, Places(show.settings.projects_folder, show.settings.jobs_folder), **more)


def found(show: Show, **more: Any) -> list[str]:
    return sorted(one.finding.kind for one in look(show, **more).found)


def folder_of(show: Show, version: Any) -> Path:
    return show.settings.projects_folder / str(version.project) / str(version.folder)


def unlocked(path: Path) -> Path:
    path.chmod(0o644)
    return path


def make_old(*paths: Path) -> None:
    """Let it be three days since anybody wrote there."""
    for path in paths:
        for one in [*path.rglob("*"), path]:
            then = time.time() - 3 * 86400
            os.utime(one, (then, then), follow_symlinks=False)


def contents(show: Show) -> list[bytes]:
    """All that lies below the home, but the database and the lists of quarantines."""
    files = [path for path in show.settings.home.rglob("*") if path.is_file()]
    return sorted(path.read_bytes() for path in files if path.name != NOTE and not path.name.startswith("shotmill.db"))


def test_what_is_whole_is_left_alone(show: Show, version: Any) -> None:
    assert version
    seen = look(show, deep=True, age_s=0)
    assert (seen.versions, seen.folders, seen.jobs, seen.found) == (1, 1, 1, [])


def test_another_size_is_found_without_reading_and_other_bytes_by_reading(show: Show, version: Any) -> None:
    [path] = folder_of(show, version).glob("*.png")
    unlocked(path).write_bytes(path.read_bytes()[:-1] + b"?")
    assert (found(show), found(show, deep=True)) == ([], ["file-wrong"])
    path.write_bytes(b"short")
    [wrong] = [one.finding for one in look(show).found]
    assert (wrong.kind, wrong.what, wrong.can_mend) == ("file-wrong", str(path), False)
    assert "has 5 bytes instead of" in wrong.problem
    path.unlink()
    assert found(show) == found(show, deep=True) == ["file-wrong"]
    path.mkdir()
    assert found(show) == found(show, deep=True) == ["file-wrong"]
    path.rmdir()
    path.symlink_to(show.folder / "forest.png")
    assert found(show) == found(show, deep=True) == ["file-wrong"]
    path.unlink()
    os.mkfifo(path)  # which nobody ever writes to
    assert found(show) == found(show, deep=True) == ["file-wrong"]


def test_manifests_that_are_gone_changed_or_garbled_are_found(show: Show, version: Any) -> None:
    manifest = folder_of(show, version) / "manifest.json"
    for content in (unlocked(manifest).read_bytes() + b"\n", b"{"):
        manifest.write_bytes(content)
        assert found(show) == found(show, deep=True) == ["file-wrong"]
    manifest.unlink()
    assert found(show) == found(show, deep=True) == ["file-wrong"]
    shutil.rmtree(folder_of(show, version))
    assert found(show) == found(show, deep=True) == ["version-gone"]


def test_pointers_that_show_the_wrong_thing_are_found(show: Show) -> None:
    for _ in range(2):
        publish_row(show.database)
    with show.database.write() as connection:
        connection.execute(text("UPDATE pointer SET version_id = (SELECT id FROM version WHERE number = 1)"))
        connection.execute(text("INSERT INTO pointer SELECT product_id, 'approved', version_id, moved FROM pointer"))
    problems = [one.finding.problem for one in look(show).found if one.finding.kind == "pointer-astray"]
    assert problems == ["shows v001, which is pending", "shows v001, and v002 is published"]
    with show.database.write() as connection:
        connection.execute(text("UPDATE version SET state = 'retired' WHERE number = 1"))
    assert "shows v001, which is retired" in [one.finding.problem for one in look(show).found]


def pointers(show: Show) -> list[tuple[str, int]]:
    with show.database.read() as connection:
        asked = "SELECT pointer.name, number FROM pointer JOIN version ON version.id = version_id ORDER BY 1"
        return [(name, number) for name, number in connection.execute(text(asked))]


def test_pointers_are_put_right_where_that_is_asked_for_and_the_audit_says_so(show: Show) -> None:
    first, second, third = (publish_row(show.database) for _ in range(3))
    for version in (first, second, third):
        review(show.database, version, ReviewState.APPROVED, by="sue")
    with show.database.write() as connection:
        connection.execute(text("UPDATE version SET state = 'retired' WHERE number = 3"))
    before = [one.finding.problem for one in look(show).found if one.pointer]
    assert before == ["shows v003, which is retired"] * 2
    mended = mend_pointers(show.database, look(show), by="rosa")
    assert [one.finding.mended for one in mended.found if one.pointer] == ["shows v002"] * 2
    assert pointers(show) == [("approved", 2), ("latest", 2)]
    assert [one for one in look(show).found if one.pointer] == []
    event = audit_of_subject(show.database, first.address.replace("v001", "latest"))[-1]
    assert (event.verb, event.actor, event.facts["now"]) == ("pointer-mend", "rosa", "shows v002")


def test_a_pointer_that_has_nothing_to_show_goes(show: Show) -> None:
    publish_row(show.database)
    with show.database.write() as connection:
        connection.execute(text("INSERT INTO pointer SELECT product_id, 'approved', version_id, moved FROM pointer"))
        connection.execute(text("UPDATE version SET state = 'retired'"))
    mended = mend_pointers(show.database, look(show), by="rosa")
    assert [one.finding.mended for one in mended.found if one.pointer] == ["is gone: no version is to be shown"] * 2
    assert pointers(show) == []


def test_a_number_that_was_taken_long_ago_and_never_used_is_found(show: Show, version: Any) -> None:
    names = "id, product_id, number, state, key, author, comment, folder, lineage, created"
    values = f"'{'ab' * 16}', product_id, 2, 'reserved', 'k', author, comment, 'gone', lineage, '2020-01-01 00:00:00'"
    with show.database.write() as connection:
        connection.execute(text(f"INSERT INTO version ({names}) SELECT {values} FROM version"))  # noqa: S608 - our own
    [one] = look(show).found
    assert one.finding.kind == "reserved-left"
    assert one.finding.what == f"{version.address.removesuffix('v001')}v002"


def leave_things_behind(show: Show, version: Any) -> list[Path]:
    """One of everything that belongs nowhere."""
    folder, project = folder_of(show, version), show.settings.projects_folder / "show"
    copied, foreign = project / "copied", project / "foreign"
    for made in (copied, foreign):
        shutil.copytree(folder, made)
    manifest = unlocked(foreign / "manifest.json")
    manifest.write_text(manifest.read_text().replace(str(version.id), "00000000-0000-7000-8000-000000000000"))
    staging, job, extra = project / ".staging" / "k-1", show.settings.jobs_folder / "J-22222222", folder / "notes.txt"
    for path in (staging, job):
        path.mkdir(parents=True)
        (path / "frame.bin").write_bytes(b"x")
    extra.write_text("a note")
    return [copied, foreign, staging, job, extra]


def test_mending_moves_and_deletes_nothing(show: Show, version: Any) -> None:
    left = leave_things_behind(show, version)
    wanted = ["file-unknown", "folder-copied", "folder-unknown", "job-unknown", "staging-left"]
    assert found(show) == wanted[:3]  # the rest is too young to be given up
    make_old(*left)
    assert found(show) == found(show, deep=True) == wanted
    before, seen = contents(show), look(show)
    assert all(path.exists() for path in left)  # looking moves nothing
    mended = mend(seen, by="ann")
    assert not any(path.exists() for path in left)
    assert {one.what for one in mended if one.mended} == {str(path) for path in left}
    assert contents(show) == before
    assert found(show, age_s=0) == []
    assert verify_folder(folder_of(show, version)).problems == ()
    assert list(version_folders(show.settings.projects_folder)) == [folder_of(show, version)]


def test_the_quarantine_says_from_where_everything_came(show: Show, version: Any) -> None:
    left = leave_things_behind(show, version)
    make_old(*left)
    mend(look(show), by="ann")
    notes = {note: json.loads(note.read_text()) for note in show.settings.home.rglob(NOTE)}
    assert {said["by"] for said in notes.values()} == {"ann"}
    origins = {one["origin"]: note.parent / one["name"] for note, said in notes.items() for one in said["moved"]}
    assert set(origins) == {str(path) for path in left}
    for origin, moved in origins.items():  # and is put back by it
        moved.rename(origin)
    assert all(path.exists() for path in left)


def test_one_project_is_looked_at_alone(show: Show, version: Any) -> None:
    make_old(*leave_things_behind(show, version))
    assert found(show, project="other") == []
    assert "job-unknown" not in found(show, project="show")
