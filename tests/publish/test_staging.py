"""Files are staged one after the other where they are small, and by several threads where they are not."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from done_jobs import done_job, job_spec, output_spec, staged

from shotmill.pipeline.publish import run_publish, stage
from shotmill.pipeline.publish.verify import verify_folder
from shotmill.pipeline.settings import Settings
from shotmill.pipeline.store import Database
from shotmill.schema.errors import StorageError

PAUSE_S = 0.2


@pytest.mark.parametrize("small", [0, stage.SMALL], ids=["several threads", "one"])
def test_a_version_is_whole_whoever_staged_it(
    settings: Settings, sqlite_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, small: int
) -> None:
    monkeypatch.setattr(stage, "SMALL", small)
    spec = job_spec()
    [version] = run_publish(done_job(tmp_path / "job", spec), spec, settings, sqlite_database).versions
    found = verify_folder(Path(version.folder))
    assert (found.files, found.problems) == (3, ())


def test_the_first_file_that_cannot_be_staged_ends_all_threads(
    settings: Settings, sqlite_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[str] = []
    both = threading.Barrier(2, timeout=30)

    def bring(one: stage.StagedFile, *_more: object) -> None:
        begun.append(one.name)
        if both.wait() == 0:
            raise OSError
        threading.Event().wait(PAUSE_S)  # meanwhile the other one has told of it

    monkeypatch.setattr(stage, "SMALL", 0)
    monkeypatch.setattr(stage, "COPY_THREADS", 2)
    monkeypatch.setattr(stage, "_bring_checked", bring)
    spec = job_spec(output_spec(frames="1001-1008"))
    with pytest.raises(StorageError):
        run_publish(done_job(tmp_path / "job", spec), spec, settings, sqlite_database)
    assert len(begun) < 3
    assert staged(settings.projects_folder) == []
