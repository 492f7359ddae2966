"""A technical check as a job: a report and a sheet of each clip, the same however the work was cut."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from image_makers import KINDS
from qc_clips import Picture, clip_at, frame_file, scene, write_clip, write_movie

from shotmill.pipeline import images
from shotmill.pipeline.images import read_header, read_image
from shotmill.schema.errors import ParamsError
from shotmill.schema.frames import FrameSet
from shotmill.schema.media import Clip
from shotmill.schema.qc import QcReport
from shotmill.submitters.demo import DemoMedia

RunJob = Callable[..., Any]  # see conftest.py


def report_of(ran: Any) -> QcReport:
    return QcReport.model_validate_json(files_of(ran)["json"].read_text())


def files_of(ran: Any) -> dict[str, Path]:
    return {output.representation: paths[0] for output, paths in ran.outputs("report")}


def found(ran: Any) -> list[tuple[int | None, str]]:
    return [(one.frame, one.kind.value) for one in report_of(ran).findings]


def counted(monkeypatch: pytest.MonkeyPatch, name: str) -> list[Path]:
    """The files that a function of ``images`` reads from now on."""
    real, seen = getattr(images, name), []

    def read(path: Path, *args: Any, **more: Any) -> Any:
        seen.append(path)
        return real(path, *args, **more)

    monkeypatch.setattr(images, name, read)
    return seen


def black(picture: Picture) -> Picture:
    return picture * 0


def with_nan(picture: Picture) -> Picture:
    picture[5, 7, 1] = np.nan
    return picture


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Clip:
    """Frame 1003 is black, 1005 is 1004, 1008 is 1002, 1010 holds a NaN, 1011 is cut off, 1007 is gone."""
    faults = {1003: black, 1005: lambda _: scene(1004), 1008: lambda _: scene(1002), 1010: with_nan}
    folder = tmp_path_factory.mktemp("faulty")
    clip = write_clip(folder, faults=faults)
    cut = frame_file(clip, 1011)
    cut.write_bytes(cut.read_bytes()[:-4000])
    frame_file(clip, 1007).unlink()
    return clip_at(folder / "plate.####.exr")


@pytest.mark.slow
def test_the_demo_s_media_have_no_findings(run_job: RunJob, demo: DemoMedia) -> None:
    for path in (demo.movie, demo.plate):
        report = report_of(run_job("qc", [clip_at(path)], chunk_frames=1000))
        assert (report.findings, len(report.figures)) == ((), len(report.frames or ()))


def test_each_fault_is_found_on_its_frame(run_job: RunJob, faulty: Clip) -> None:
    assert found(run_job("qc", [faulty])) == [
        (1003, "black"),
        (1005, "frozen"),
        (1007, "missing"),
        (1008, "duplicate"),
        (1010, "nan"),
        (1011, "unreadable"),
    ]


def test_the_report_and_the_sheet_are_the_same_however_the_frames_are_cut(run_job: RunJob, faulty: Clip) -> None:
    made = [
        {name: path.read_bytes() for name, path in files_of(run_job("qc", [faulty], chunk_frames=size)).items()}
        for size in (12, 5, 1)
    ]
    assert made[0] == made[1] == made[2]


def test_every_frame_is_read_once_and_those_on_the_sheet_once_more(
    run_job: RunJob, faulty: Clip, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured = counted(monkeypatch, "read_stored")
    shown = counted(monkeypatch, "read_small")
    run_job("qc", [faulty], chunk_frames=5)
    assert measured == [frame_file(faulty, frame) for frame in range(1001, 1013)]
    assert shown == [frame_file(faulty, frame) for frame in (1003, 1010, 1005, 1008)]


def test_the_verdict_says_how_many_of_each_and_the_worst(run_job: RunJob, faulty: Clip) -> None:
    [told] = [
        output.facts["told"] for output, _paths in run_job("qc", [faulty]).outputs("report") if output.facts.get("told")
    ]
    assert told[0].startswith("qc of plate: 4 errors, 2 warnings in 12 frames; the worst: frame 1003: black, the mean")


def test_a_movie_of_unknown_length_is_one_task(run_job: RunJob, tmp_path: Path) -> None:
    clip = write_movie(tmp_path / "a.mov", faults={3: black})
    ran = run_job("qc", [clip])
    assert (found(ran), str(report_of(ran).frames)) == ([(3, "black")], "0-11")


def test_a_movie_s_part_of_a_cut_is_measured_in_chunks(run_job: RunJob, tmp_path: Path) -> None:
    clip = write_movie(tmp_path / "a.mov", faults={3: black}).model_copy(update={"frames": FrameSet.span(2, 13)})
    one, many = (files_of(run_job("qc", [clip], chunk_frames=size))["json"].read_bytes() for size in (100, 5))
    assert one == many
    assert [(two["frame"], two["kind"]) for two in json.loads(one)["findings"]] == [
        (3, "black"),
        (12, "missing"),
        (13, "missing"),
    ]


def test_each_clip_of_a_cut_gets_its_own_report(run_job: RunJob, faulty: Clip, tmp_path: Path) -> None:
    second = write_movie(tmp_path / "b.mov").model_copy(update={"name": "second"})
    ran = run_job("qc", [faulty, second], chunk_frames=7)
    assert [(output.product, output.representation) for output, _paths in ran.outputs("report")] == [
        ("plate", "json"),
        ("plate", "jpg"),
        ("second", "json"),
        ("second", "jpg"),
    ]


def test_the_sheet_is_a_picture_even_where_nothing_was_found(run_job: RunJob, tmp_path: Path) -> None:
    path = files_of(run_job("qc", [write_clip(tmp_path)]))["jpg"]
    assert read_header(path).width > 800
    assert np.asarray(read_image(path).pixels).std() > 20


def test_a_plate_whose_colour_space_nothing_says_is_checked_all_the_same(run_job: RunJob, tmp_path: Path) -> None:
    report = report_of(run_job("qc", [write_clip(tmp_path, KINDS["DPX 10 bit"], faults={1003: black})]))
    assert [(one.frame, one.kind.value) for one in report.findings] == [(None, "colour"), (1003, "black")]
    assert "--colourspace" in report.findings[0].text or "name it" in report.findings[0].text


def test_a_strict_check_fails_after_its_report_is_published(run_job: RunJob, faulty: Clip) -> None:
    ran = run_job("qc", [faulty], strict=True)
    assert [step.name for step in ran.spec.steps] == ["measure", "report", "publish", "verdict"]
    assert (ran.attempts[-1].failure_code, ran.attempts[-1].exit_code, ran.attempts[-1].retryable) == (
        "E315",
        65,
        False,
    )
    assert "plate did not pass: frame 1003: black, the mean level is 0" in ran.failure
    assert 'hint="shotmill report' in ran.failure


@pytest.mark.parametrize(
    ("params", "fails"),
    [
        pytest.param({"as_warning": "black,missing,nan,unreadable"}, False, id="no errors"),
        pytest.param({"as_warning": "black,missing,nan,unreadable", "fail_on": "warning"}, True, id="warnings count"),
        pytest.param({"ignore": "black,missing,nan,unreadable,frozen", "fail_on": "warning"}, True, id="one left"),
        pytest.param(
            {"ignore": "black,missing,nan,unreadable,frozen,duplicate", "fail_on": "note"}, False, id="none left"
        ),
    ],
)
def test_what_fails_a_strict_check_is_chosen(run_job: RunJob, faulty: Clip, params: Any, fails: bool) -> None:
    assert bool(run_job("qc", [faulty], strict=True, **params).failure) is fails


def test_a_kind_in_two_lists_is_refused(run_job: RunJob, faulty: Clip) -> None:
    with pytest.raises(ParamsError, match="kind 'black' is named twice"):
        run_job("qc", [faulty], as_error="black", ignore="black")


def test_a_disk_that_is_not_there_is_no_finding(
    run_job: RunJob, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clip = write_clip(tmp_path / "plates")
    real = Path.is_dir
    monkeypatch.setattr(Path, "is_dir", lambda self, **more: False if self.name == "plates" else real(self, **more))
    assert "mount its disk on this host" in run_job("qc", [clip]).failure
