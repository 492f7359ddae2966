"""A range that came out shorter than it was asked for: all that tells of it tells the same."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from done_jobs import done_job, job_spec, output_spec
from sqlalchemy import select

from shotmill.pipeline.folders import JobFolder
from shotmill.pipeline.hashes import hash_file
from shotmill.pipeline.holes import mark_hole
from shotmill.pipeline.movies import Movie, encode
from shotmill.pipeline.publish import run_publish
from shotmill.pipeline.publish.register import read_manifest
from shotmill.pipeline.receipts import Upstream, keep_receipt
from shotmill.pipeline.settings import Settings
from shotmill.pipeline.store import Database
from shotmill.schema.frames import FrameSet
from shotmill.schema.holes import HoleMark
from shotmill.schema.job import JobSpec, Step, publish_step
from shotmill.schema.media import Rate
from shotmill.schema.receipts import Output, Receipt, ReceiptFile
from shotmill.schema.tables import PublishedFile, Representation

ASKED, DONE = "1001-1008", "1001-1003,1006-1008"
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def job_with_movie() -> JobSpec:
    """Frames, and a movie of them for review, which is a later step."""
    spec = job_spec(output_spec(frames=ASKED), allow=True)
    render = spec.steps[0].model_copy(update={"frames": FrameSet.parse(ASKED), "chunk": 1})
    movie = output_spec(frames=None, product="review", kind="movie").model_copy(
        update={"product": "review", "representation": "mp4", "extension": "mp4"}
    )
    encoded = Step(name="review", task="encode", after=("render",), outputs=(movie,))
    return spec.model_copy(update={"steps": (render, encoded, publish_step("render", "review"))})


def make_movie(folder: JobFolder, spec: JobSpec) -> None:
    """What a review step does: a picture for each frame that the receipts of the step before hold."""
    frames = [
        file.frame for one in Upstream(folder, ["render"])["render"] for form in one.outputs for file in form.files
    ]
    staging = folder.attempt("review", FrameSet((1,)), "001-a")
    staging.mkdir(parents=True)
    pictures = (np.full((36, 64, 3), place * 20, np.uint8) for place in range(len(frames)))
    encode(staging / "review.mp4", pictures, size=(64, 36), rate=Rate(numerator=24, denominator=1))
    checksum, size = hash_file(staging / "review.mp4")
    file = ReceiptFile(path="review.mp4", size=size, checksum=checksum)
    receipt = Receipt(
        job=spec.id, step="review", frames=FrameSet((1,)), done=FrameSet((1,)), attempt="001-a", host="rs1",
        outputs=(Output(product="review", representation="mp4", files=(file,)),), started=NOON, finished=NOON,
        root=str(staging.relative_to(folder.root)), log="x.log", wall_s=1, cpu_s=1,
    )  # fmt: skip
    keep_receipt(folder, receipt)


def test_fact_11_range_files_and_movie_of_a_range_that_changed_on_the_farm_agree(
    settings: Settings, sqlite_database: Database, tmp_path: Path
) -> None:
    spec = job_with_movie()
    folder = done_job(tmp_path / "job", spec, {})
    (folder.root / "receipts/render/1.json").unlink()
    for frame in FrameSet.parse(DONE):
        render_done(folder, spec, frame)
    gone = HoleMark(
        job=spec.id, step="render", frames=FrameSet((1004, 1005)), farm="opencue", task="0004-render", said="eaten",
        user="noor", host="w1", seen=NOON,
    )  # fmt: skip
    mark_hole(folder, gone)
    make_movie(folder, spec)
    comp, review = run_publish(folder, spec, settings, sqlite_database).versions
    [form] = read_manifest(Path(comp.folder)).representations
    with sqlite_database.read() as connection:
        row = connection.execute(select(Representation).where(Representation.name == "bin")).one()
        wanted = select(PublishedFile.frame).where(PublishedFile.representation_id == row.id)
        stored = list(connection.execute(wanted.order_by(PublishedFile.frame)).scalars())
    on_disk = sorted(int(path.name.split(".")[1]) for path in Path(comp.folder).glob("*.bin"))
    frames = list(FrameSet.parse(DONE))
    assert (str(form.frames), row.frames, row.missing) == (DONE, DONE, "1004-1005")
    assert [file.frame for file in form.files] == stored == on_disk == frames
    with Movie(next(Path(review.folder).glob("*.mp4"))) as movie:
        assert movie.header.frames == len(frames)


def render_done(folder: JobFolder, spec: JobSpec, frame: int) -> None:
    """One task of the render step."""
    wanted = FrameSet((frame,))
    staging = folder.attempt("render", wanted, "001-a")
    staging.mkdir(parents=True)
    (staging / f"{frame}.bin").write_text(f"frame {frame}")
    checksum, size = hash_file(staging / f"{frame}.bin")
    file = ReceiptFile(path=f"{frame}.bin", size=size, checksum=checksum, frame=frame)
    receipt = Receipt(
        job=spec.id, step="render", frames=wanted, done=wanted, attempt="001-a", host="rs1",
        outputs=(Output(product="main", representation="bin", files=(file,)),), started=NOON, finished=NOON,
        root=str(staging.relative_to(folder.root)), log="x.log", wall_s=1, cpu_s=1,
    )  # fmt: skip
    keep_receipt(folder, receipt)
