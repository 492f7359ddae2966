"""Job types of a studio's own while an engine runs: edited, and installed; the next job runs the code that is there."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from studio_jobs import METADATA, PACKAGE

from shotmill.farm_plugins.code import code_stamp, installed_stamp
from shotmill.farm_plugins.submission import SubmitRequest, submit
from shotmill.pipeline import entrypoints

if TYPE_CHECKING:
    from engine_studio import Studio

WRITTEN = "{task.frames} {os.getpid()}"
assert WRITTEN in PACKAGE


def lines(trace: Path) -> list[list[str]]:
    return [line.split() for line in trace.read_text().splitlines()]


@pytest.fixture
def patient(embedded: Studio) -> Studio:
    """An engine that keeps its worker between the jobs of a test."""
    return embedded.tuned(idle_s=60.0, cpu_slots=1)


def test_a_worker_is_kept_while_the_code_stays(patient: Studio, tmp_path: Path) -> None:
    for text in ("one", "two", "three"):
        patient.wait(patient.submit(trace=str(tmp_path / "trace"), text=text))
    assert len({pid for _frames, pid in lines(tmp_path / "trace")}) == 1


def test_a_job_runs_the_code_that_was_edited_since_the_last_one(patient: Studio, trial: Path, tmp_path: Path) -> None:
    patient.wait(patient.submit(trace=str(tmp_path / "trace"), text="old"))
    (trial / "studio_trial.py").write_text(PACKAGE.replace(WRITTEN, "edited {os.getpid()}"))
    patient.wait(patient.submit(trace=str(tmp_path / "trace"), text="new"))
    assert [words[0] for words in lines(tmp_path / "trace")] == ["1", "edited"]


def test_a_job_type_that_was_installed_since_the_last_job_is_found(
    patient: Studio, trial: Path, tmp_path: Path
) -> None:
    patient.wait(patient.submit(trace=str(tmp_path / "trace")))
    (trial / "studio_second.py").write_text(
        PACKAGE.replace('"trial",', '"second",').replace("studio_trial", "studio_second")
    )
    info = trial / "studio_second-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(METADATA.replace("studio-trial", "studio-second"))
    (info / "entry_points.txt").write_text("[shotmill.jobs]\nsecond = studio_second\n")
    entrypoints.look_anew()
    request = SubmitRequest("second", params={"trace": str(tmp_path / "trace")}, project="demo")
    made = submit(request, settings=patient.settings, database=patient.database, engine=patient.engine)
    assert patient.wait(made).failure is None


def test_an_edit_an_added_and_a_removed_file_change_a_packages_stamp(tmp_path: Path) -> None:
    (tmp_path / "p" / "inner").mkdir(parents=True)
    file = tmp_path / "p" / "inner" / "tasks.py"
    stamps = [code_stamp(str(tmp_path / "p"))]
    for content in ("a = 1\n", "a = 22\n"):
        file.write_text(content)
        stamps.append(code_stamp(str(tmp_path / "p")))
    assert len(set(stamps)) == 3
    file.unlink()
    assert code_stamp(str(tmp_path / "p")) == stamps[0]


@pytest.mark.parametrize(
    ("made", "same"), [("x-1.dist-info", False), ("__editable__.pth", False), ("__pycache__", True)]
)
def test_what_is_installed_beside_python_is_seen(
    made: str, same: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = tmp_path / "site-packages"
    site.mkdir()
    monkeypatch.syspath_prepend(str(site))
    before = installed_stamp({})
    (site / made).mkdir()
    assert (installed_stamp({}) == before) is same
