"""A probe writes what is in each clip as a document that validates."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from shotmill.schema.media import Clip, MediaInfo

RunJob = Callable[..., Any]  # see conftest.py


def test_a_movie_is_described(run_job: RunJob, movie_clip: Clip) -> None:
    found = MediaInfo.model_validate_json(run_job("probe", [movie_clip]).file("read").read_bytes())
    assert (found.codec, found.width, found.height, str(found.rate)) == ("h264", 960, 540, "24")
    assert (found.timecode, len(found.frames)) == ("01:00:00:00", 112)


def test_a_sequence_is_described(run_job: RunJob, plate_clip: Clip) -> None:
    found = MediaInfo.model_validate_json(run_job("probe", [plate_clip]).file("read").read_bytes())
    assert (found.container, found.codec, found.sample, found.bits) == ("exr", "zip", "float", 16)
    assert (str(found.frames), found.colourspace) == ("1003-1012", "ACEScg")


def test_a_movie_that_is_cut_off_is_named(run_job: RunJob, movie_clip: Clip, tmp_path: Path) -> None:
    short = tmp_path / "short.mov"
    short.write_bytes(Path(movie_clip.media).read_bytes()[:20_000])
    failure = run_job("probe", [movie_clip.model_copy(update={"media": str(short)})]).failure
    assert "E205 input-corrupt" in failure
    assert "clip=movie" in failure


def test_without_publishing_the_documents_are_all(run_job: RunJob, movie_clip: Clip) -> None:
    ran = run_job("probe", [movie_clip], publish=False)
    assert [step.name for step in ran.spec.steps] == ["read"]
    assert ran.file("read").suffix == ".json"
