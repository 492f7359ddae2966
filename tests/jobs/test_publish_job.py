"""Files that exist are taken in whole, frame by frame; what is short or damaged is named."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import OpenImageIO as oiio  # noqa: N813 - short, as in the field
import pytest

from shotmill.jobs.publish.params import PublishParams
from shotmill.jobs.publish.steps import steps
from shotmill.pipeline.images import exr_compression, read_image, write_image
from shotmill.pipeline.publish.draft import check_complete, drafts_of
from shotmill.schema.errors import FramesMissingError
from shotmill.schema.frames import FrameSet
from shotmill.schema.media import Clip
from shotmill.submitters.demo import DemoMedia

RunJob = Callable[..., Any]  # see conftest.py


@pytest.fixture
def plate(demo: DemoMedia, plate_clip: Clip, tmp_path: Path) -> Clip:
    """Three frames of the demo's plate in a folder of the test's own."""
    folder = tmp_path / "plate"
    folder.mkdir()
    for frame in (1003, 1004, 1005):
        shutil.copy(demo.plate.parent / f"hills.{frame}.exr", folder)
    return plate_clip.model_copy(
        update={"media": str(folder / "hills.####.exr"), "frames": FrameSet.span(1003, 1005)},
    )


def with_compression(plate: Clip, name: str) -> Clip:
    for path in Path(plate.media).parent.glob("*.exr"):
        picture = oiio.ImageBuf(str(path))
        picture.read(0, 0, True)
        picture.specmod().attribute("compression", name)
        assert picture.write(str(path))
    return plate


def test_every_frame_is_taken_in_unchanged(run_job: RunJob, plate: Clip) -> None:
    [(output, paths)] = run_job("publish", [plate], product="plate").outputs("collect")
    assert [file.frame for file in output.files] == [1003, 1004, 1005]
    folder = Path(plate.media).parent
    assert [path.read_bytes() for path in paths] == [(folder / path.name).read_bytes() for path in paths]


def test_the_receipt_knows_size_and_colour(run_job: RunJob, plate: Clip) -> None:
    [(output, _paths)] = run_job("publish", [plate]).outputs("collect")
    assert (output.width, output.height, output.colourspace) == (960, 540, "ACEScg")


@pytest.mark.parametrize("compression", ["piz", "pxr24", "none", "rle", "dwaa"])
def test_exr_without_a_checksum_is_rewritten_zip_without_loss(run_job: RunJob, plate: Clip, compression: str) -> None:
    with_compression(plate, compression)
    before = read_image(Path(plate.media.replace("####", "1004"))).pixels
    [(_output, paths)] = run_job("publish", [plate]).outputs("collect")
    assert {exr_compression(path) for path in paths} == {"zip"}
    assert np.array_equal(read_image(paths[1]).pixels, before)


def write_two_parts(path: Path) -> None:
    """A ZIP part in a data window of its own, and a PIZ part that mixes floats with whole numbers."""
    beauty, depth = oiio.ImageSpec(16, 8, 3, "half"), oiio.ImageSpec(16, 8, 2, "float")
    depth.channelnames, depth.channelformats = ("Z", "id"), (oiio.FLOAT, oiio.UINT32)
    for spec, compression in ((beauty, "zip"), (depth, "piz")):
        spec.x, spec.y, spec.full_width, spec.full_height = 4, 5, 40, 30
        spec.attribute("compression", compression)
        spec.attribute("oiio:subimagename", f"part-{compression}")
    output: Any = oiio.ImageOutput.create(str(path))
    assert output.open(str(path), (beauty, depth))
    assert output.write_image(np.linspace(0, 9, 16 * 8 * 3, dtype=np.float16).reshape(8, 16, 3))
    assert output.open(str(path), depth, "AppendSubimage")
    assert output.write_image(np.arange(16 * 8 * 2, dtype=np.float32).reshape(8, 16, 2))
    assert output.close()


def parts_of(path: Path) -> list[tuple[object, ...]]:
    source: Any = oiio.ImageInput.open(str(path))
    found: list[tuple[object, ...]] = []
    while source.seek_subimage(len(found), 0):
        spec = source.spec()
        pixels = source.read_image(len(found), 0, 0, spec.nchannels, "float").tobytes()
        window = (spec.x, spec.y, spec.full_width, spec.full_height)
        found.append(
            (spec.channelnames, str(spec.channelformats), spec.getattribute("oiio:subimagename"), window, pixels)
        )
    return found


def test_every_part_is_rewritten_without_loss(run_job: RunJob, plate_clip: Clip, tmp_path: Path) -> None:
    path = tmp_path / "parts.exr"
    write_two_parts(path)
    assert exr_compression(path) == "piz"
    made = run_job("publish", [plate_clip.model_copy(update={"media": str(path), "frames": None})]).file("collect")
    assert exr_compression(made) == "zip"
    assert parts_of(made) == parts_of(path)


def test_a_texture_is_refused_rather_than_flattened(run_job: RunJob, plate_clip: Clip, tmp_path: Path) -> None:
    path = tmp_path / "texture.exr"
    spec = oiio.ImageSpec()
    spec.attribute("compression", "piz")
    pixels = oiio.ImageBuf(np.full((64, 64, 3), 0.5, dtype=np.float32))
    assert oiio.ImageBufAlgo.make_texture(oiio.MakeTxTexture, pixels, str(path), spec)
    clip = plate_clip.model_copy(update={"media": str(path), "frames": None})
    assert "is a texture with smaller copies inside" in run_job("publish", [clip]).failure


def test_a_large_plate_is_taken_in_by_several_tasks(plate_clip: Clip) -> None:
    params = PublishParams(clips=(plate_clip.model_copy(update={"frames": FrameSet.span(1, 120)}),))
    assert [str(chunk) for chunk in steps(params)[0].chunks()] == ["1-50", "51-100", "101-120"]


def test_several_clips_are_a_step_each(plate_clip: Clip, movie_clip: Clip) -> None:
    made = steps(PublishParams(clips=(plate_clip, movie_clip)))
    assert [step.name for step in made] == ["collect-001", "collect-002", "publish"]
    assert made[-1].after == ("collect-001", "collect-002")


def test_a_sequence_that_does_not_say_its_frames_is_refused(plate_clip: Clip) -> None:
    with pytest.raises(ValueError, match="'plate' does not say which frames it has"):
        steps(PublishParams(clips=(plate_clip.model_copy(update={"frames": None}),)))


def test_frames_known_to_be_missing_become_holes(run_job: RunJob, plate: Clip) -> None:
    Path(plate.media.replace("####", "1004")).unlink()
    clip = plate.model_copy(update={"holes": FrameSet.of([1004])})
    [receipt] = run_job("publish", [clip], allow_holes=True).receipts("collect")
    assert (str(receipt.done), str(receipt.holes)) == ("1003,1005", "1004")
    assert receipt.notes == ("plate: the source has no frames 1004",)


def test_frames_known_to_be_missing_are_refused_before_anything_runs(run_job: RunJob, plate: Clip) -> None:
    with pytest.raises(FramesMissingError, match="frames 1004 are not there") as caught:
        run_job("publish", [plate.model_copy(update={"holes": FrameSet.of([1004])})])
    assert ("--allow-holes" in caught.value.hint, caught.value.exit_code) == (True, 65)


def test_holes_of_several_tasks_are_all_allowed_or_all_named(run_job: RunJob, plate_clip: Clip, tmp_path: Path) -> None:
    there = FrameSet.parse("1-9,11-69,71-99,151-160")
    for frame in there:
        write_image(tmp_path / f"tiny.{frame:04d}.png", np.full((2, 2, 3), frame, dtype=np.uint8))
    frames, holes = FrameSet.span(1, 160), FrameSet.parse("10,70,100-150")
    update = {"media": str(tmp_path / "tiny.####.png"), "frames": frames, "holes": holes}
    ran = run_job("publish", [plate_clip.model_copy(update=update)], allow_holes=True)
    [draft] = drafts_of(ran.folder, ran.spec)
    assert check_complete(draft, allow_holes=True)
    with pytest.raises(FramesMissingError, match=r"the source has no frames 10,70,100-150"):
        check_complete(draft, allow_holes=False)


def test_a_frame_that_went_away_is_named(run_job: RunJob, plate: Clip) -> None:
    Path(plate.media.replace("####", "1004")).unlink()
    with pytest.raises(FramesMissingError, match="frames 1004 are not there"):
        run_job("publish", [plate])


@pytest.mark.parametrize("compression", ["zip", "piz"])
def test_a_frame_that_is_cut_off_is_named(run_job: RunJob, plate: Clip, compression: str) -> None:
    with_compression(plate, compression)
    path = Path(plate.media.replace("####", "1004"))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    failure = run_job("publish", [plate]).failure
    assert "E205 input-corrupt" in failure
    assert "frame=1004" in failure


def test_a_movie_is_taken_in_as_it_is(run_job: RunJob, movie_clip: Clip, demo: DemoMedia) -> None:
    [(output, [path])] = run_job("publish", [movie_clip], kind="movie").outputs("collect")
    assert path.read_bytes() == demo.movie.read_bytes()
    assert (output.representation, output.facts["timecode"]) == ("mov", "01:00:00:00")


def test_a_still_is_taken_in_as_it_is(run_job: RunJob, plate_clip: Clip, tmp_path: Path) -> None:
    still = tmp_path / "matte.png"
    write_image(still, np.full((8, 8, 3), 128, dtype=np.uint8))
    clip = plate_clip.model_copy(update={"media": str(still), "frames": None})
    assert run_job("publish", [clip], product="matte").file("collect").read_bytes() == still.read_bytes()
