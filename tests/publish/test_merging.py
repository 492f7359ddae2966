"""Files of many tasks become one version: none is left out, and none is taken for another."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from done_jobs import job_spec, output_spec, task_done

from shotmill.pipeline.folders import JobFolder
from shotmill.pipeline.publish import run_publish
from shotmill.pipeline.settings import Settings
from shotmill.pipeline.store import Database
from shotmill.schema.errors import ReceiptMismatchError
from shotmill.schema.frames import FrameSet
from shotmill.schema.job import JobSpec

Files = Mapping[str, int | None]  # name -> frame


class Shop:
    """A job of six chunks of work, whose tasks wrote what a test says."""

    def __init__(self, settings: Settings, database: Database, folder: Path) -> None:
        self.settings, self.database, self.folder = settings, database, JobFolder(folder)

    def published(self, frames: str | None, *tasks: tuple[str, Files]) -> list[bytes]:
        """The content of each published file, in the order of the manifest."""
        spec = of_frames(job_spec(output_spec(frames=frames)), tasks)
        for chunk, files in tasks:
            task_done(
                self.folder, spec, chunk, [(name, frame, f"{chunk} {name}".encode()) for name, frame in files.items()]
            )
        [version] = run_publish(self.folder, spec, self.settings, self.database).versions
        manifest = json.loads((Path(version.folder) / "manifest.json").read_text())
        return [(Path(version.folder) / file["path"]).read_bytes() for file in manifest["representations"][0]["files"]]


def of_frames(spec: JobSpec, tasks: Sequence[tuple[str, Files]]) -> JobSpec:
    """The job with the frames of all these tasks."""
    frames = FrameSet.of(frame for chunk, _files in tasks for frame in FrameSet.parse(chunk))
    return spec.model_copy(update={"steps": (spec.steps[0].model_copy(update={"frames": frames}), spec.steps[1])})


@pytest.fixture
def shop(settings: Settings, sqlite_database: Database, tmp_path: Path) -> Shop:
    return Shop(settings, sqlite_database, tmp_path / "job")


def test_chunks_that_call_their_file_the_same_are_all_published(shop: Shop) -> None:
    tasks = [(chunk, {"part.bin": None}) for chunk in ("1-2", "3-4", "5-6")]
    assert shop.published(None, *tasks) == [b"1-2 part.bin", b"3-4 part.bin", b"5-6 part.bin"]


def test_a_frame_that_two_chunkings_did_is_taken_once(shop: Shop) -> None:
    first, second = {"1.bin": 1, "2.bin": 2, "3.bin": 3}, {"2.bin": 2, "3.bin": 3, "4.bin": 4}
    assert shop.published("1-4", ("1-3", dict(first)), ("2-4", dict(second))) == [
        b"1-3 1.bin",
        b"1-3 2.bin",
        b"1-3 3.bin",
        b"2-4 4.bin",
    ]


def test_a_file_without_a_frame_that_two_chunkings_wrote_is_taken_once(shop: Shop) -> None:
    tasks = [(chunk, {"part.bin": None}) for chunk in ("1-2", "1", "2")]
    assert shop.published(None, *tasks) == [b"1-2 part.bin"]


def test_files_without_frames_of_chunks_that_overlap_in_part_are_refused(shop: Shop) -> None:
    with pytest.raises(ReceiptMismatchError, match="frames 1-2 and 2-3 overlap in part"):
        shop.published(None, ("1-2", {"part.bin": None}), ("2-3", {"part.bin": None}))


TWO_EYES: dict[str, tuple[str | None, list[tuple[str, Files]], str]] = {
    "two files of one frame": (
        "1", [("1", {"left.1.bin": 1, "right.1.bin": 1})], "'left.1.bin' and 'right.1.bin' as frame 1 of 'main'",
    ),
    "one frame from tasks that share none": (
        "1-2", [("1", {"1.bin": 1}), ("2", {"2.bin": 2, "more.bin": 1})],
        "'1.bin' of frames 1 and 'more.bin' of frames 2 both claim to be frame 1",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", TWO_EYES)
def test_two_files_that_claim_one_frame_are_refused_by_name(case: str, shop: Shop) -> None:
    frames, tasks, words = TWO_EYES[case]
    with pytest.raises(ReceiptMismatchError) as caught:
        shop.published(frames, *tasks)
    assert words in caught.value.message
    assert (caught.value.fields["frame"], caught.value.exit_code) == ("1", 65)


def test_one_file_handed_over_twice_is_refused(shop: Shop) -> None:
    spec = job_spec(output_spec(frames=None))
    task_done(shop.folder, spec, "1", [("a.bin", None, b"a"), ("a.bin", None, b"a")])
    with pytest.raises(ReceiptMismatchError, match=r"'a.bin' and 'a.bin' as one file of 'main'"):
        run_publish(shop.folder, spec, shop.settings, shop.database)


def test_an_output_that_no_step_promised_is_refused(shop: Shop) -> None:
    spec = job_spec(output_spec(frames=None))
    task_done(shop.folder, spec, "1", [("a.bin", None, b"a")])
    unpromised = output_spec(frames=None).model_copy(update={"representation": "exr"})
    other = spec.model_copy(
        update={"steps": (spec.steps[0].model_copy(update={"outputs": (unpromised,)}), spec.steps[1])}
    )
    with pytest.raises(ReceiptMismatchError, match="wrote bin of 'main', which it does not promise; promised: exr of"):
        run_publish(shop.folder, other, shop.settings, shop.database)
