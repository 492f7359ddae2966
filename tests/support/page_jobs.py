"""Jobs as a studio has them, done and published, for the pages about them."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import update

from shotmill.pipeline.colour_hash import config_hash
from shotmill.pipeline.folders import JobFolder
from shotmill.pipeline.hashes import hash_file
from shotmill.pipeline.images import write_image
from shotmill.pipeline.marks import mark_clip
from shotmill.pipeline.publish.page import page_of
from shotmill.pipeline.receipts import keep_receipt
from shotmill.pipeline.settings import Settings
from shotmill.pipeline.store import Database
from shotmill.pipeline.store.jobs import put_job
from shotmill.schema.frames import FrameSet
from shotmill.schema.ids import job_handle, uuid7
from shotmill.schema.job import JobSpec, OutputSpec, Step, publish_step
from shotmill.schema.media import Clip, EntityKind, EntityRef
from shotmill.schema.receipts import Output, Receipt, ReceiptFile
from shotmill.schema.tables import Job

SHOT = EntityRef(project="demo", kind=EntityKind.SHOT, parent="sq010", name="sh010")
FIRST, LAST = 1001, 1012


def hills(frame: int, width: int = 480, height: int = 270) -> NDArray[np.float32]:
    """A landscape at dusk; the sun sinks from frame to frame."""
    across, down = np.meshgrid(np.linspace(0, 1, width), np.linspace(0, 1, height))
    sky = np.stack([0.9 - 0.5 * (1 - down), 0.45 + 0.2 * down, 0.55 - 0.3 * down], axis=2)
    sun = np.exp(-(((across - 0.3) * 1.8) ** 2 + (down - 0.15 - (frame - FIRST) / 40) ** 2) * 60)
    ridge = 0.62 + 0.08 * np.sin(across * 9) + 0.04 * np.sin(across * 23 + 1)
    picture = np.where((down > ridge)[..., None], [0.12, 0.16, 0.2], sky + sun[..., None] * [0.9, 0.6, 0.2])
    return np.asarray(np.clip(picture, 0, 1), dtype=np.float32)


def plate_in(folder: Path) -> Clip:
    """A plate, as a camera department left it."""
    folder.mkdir(parents=True, exist_ok=True)
    for frame in range(FIRST, LAST + 1):
        write_image(folder / f"plate.{frame}.exr", hills(frame, 64, 36).astype(np.float16))
    return Clip(name="comp", media=str(folder / "plate.####.exr"), frames=FrameSet.span(FIRST, LAST))


def spec_of(plate: Clip, *, holes: str = "", allow: bool = False, comment: str = "") -> JobSpec:
    """A comp with an EXR sequence, proxies of it, and a thumbnail."""
    wanted = FrameSet.span(FIRST, LAST)
    clip = plate.model_copy(update={"holes": FrameSet.parse(holes)}) if holes else plate

    def output(name: str, form: str, extension: str, frames: FrameSet | None) -> OutputSpec:
        return OutputSpec(
            product=name, entity=SHOT, name=name, kind="image", representation=form, extension=extension, frames=frames
        )

    render = Step(
        name="render",
        task="render",
        frames=wanted,
        chunk=4,
        outputs=(output("comp", "exr", "exr", wanted), output("comp", "proxy", "jpg", wanted)),
    )
    still = Step(name="still", task="still", outputs=(output("thumbnail", "jpg", "jpg", None),))
    job_id = uuid7()
    return JobSpec(
        id=str(job_id),
        key=job_id.hex * 2,
        type="slapcomp",
        type_version=3,
        name="slapcomp-sq010_sh010",
        project="demo",
        user="maya",
        comment=comment or "first slap comp, roto still rough on the left",
        params={"clips": [clip.model_dump(mode="json")], "grade": 0.8, "note": "<b>warm</b>"},
        steps=(render, still, publish_step("render", "still")),
        inputs=(mark_clip(clip),),
        colour_config="ocio://default",
        colour_config_hash=config_hash("ocio://default"),
        display="sRGB - Display",
        view="ACES 2.0 - SDR 100 nits (Rec.709)",
        allow_holes=allow,
    )


class PageJob:
    """A job whose folder and row are there.

    Args:
        root: folder of jobs.
        spec: the job.
        database: where its row goes.
    """

    def __init__(self, root: Path, spec: JobSpec, database: Database) -> None:
        self.spec = spec
        self.id = uuid.UUID(spec.id)
        self.folder = JobFolder(root / job_handle(uuid.UUID(spec.id)))
        self.folder.bundle.mkdir(parents=True)
        self.folder.job.write_text(spec.pretty())
        self.folder.template.write_text("{}")
        put_job(database, spec, engine="opencue", folder=str(self.folder.root))
        self._clock = datetime.now(UTC) - timedelta(seconds=70)
        with database.write() as connection:
            connection.execute(update(Job).values(created=self._clock - timedelta(seconds=9)))

    def render(self, *chunks: str, without: Sequence[int] = (), holes: Sequence[int] = (), host: str = "rs1") -> None:
        """Do these chunks of the render step; ``without``: frames that are done and not written."""
        for place, chunk in enumerate(chunks):
            frames = FrameSet.parse(chunk)
            staging = self._staging("render", frames)
            exr, proxy = [], []
            for frame in frames:
                if frame in without or frame in holes:
                    continue
                pixels = hills(frame)
                exr.append(self._written(staging / f"{frame}.exr", pixels**2.2, frame))
                proxy.append(self._written(staging / f"{frame}.jpg", pixels, frame))
            outputs = (self._output("comp", "exr", exr, "ACEScg"), self._output("comp", "proxy", proxy, "sRGB"))
            self._keep("render", frames, [one for one in outputs if one.files], f"{host}{place}", holes)

    def still(self) -> None:
        """Do the still step."""
        staging = self._staging("still", FrameSet((1,)))
        file = self._written(staging / "still.jpg", hills(FIRST + 5), None)
        self._keep("still", FrameSet((1,)), [self._output("thumbnail", "jpg", [file], "sRGB")], "rs10", ())

    def _staging(self, step: str, frames: FrameSet) -> Path:
        staging = self.folder.attempt(step, frames, "001-a")
        staging.mkdir(parents=True)
        return staging

    def _written(self, path: Path, pixels: NDArray[np.float32], frame: int | None) -> ReceiptFile:
        as_bytes = path.suffix == ".jpg"
        write_image(path, np.asarray(pixels * 255, dtype=np.uint8) if as_bytes else pixels.astype(np.float16))
        checksum, size = hash_file(path)
        return ReceiptFile(path=path.name, size=size, checksum=checksum, frame=frame)

    def _output(self, product: str, form: str, files: Sequence[ReceiptFile], space: str) -> Output:
        return Output(
            product=product,
            representation=form,
            files=tuple(files),
            colourspace=space,
            width=480,
            height=270,
            pixel_aspect=1.0,
        )

    def _keep(self, step: str, frames: FrameSet, outputs: Sequence[Output], host: str, holes: Sequence[int]) -> None:
        started, self._clock = self._clock, self._clock + timedelta(seconds=14)
        gone = [frame for frame in frames if frame in holes]
        done = [frame for frame in frames if frame not in holes]
        receipt = Receipt(
            job=self.spec.id,
            step=step,
            frames=frames,
            done=FrameSet.of(done) if done else None,
            holes=FrameSet.of(gone) if gone else None,
            outputs=tuple(outputs),
            root=str(self.folder.attempt(step, frames, "001-a").relative_to(self.folder.root)),
            log="attempts/x.log",
            attempt="001-a",
            host=host,
            started=started,
            finished=self._clock,
            wall_s=11.0,
            cpu_s=9.5,
        )
        keep_receipt(self.folder, receipt)


@dataclass(frozen=True)
class Shelf:
    """The pages that all tests look at."""

    settings: Settings
    database: Database
    plate: Clip
    jobs: dict[str, PageJob]

    def page(self, name: str) -> Path:
        found = page_of(self.jobs[name].folder.root)
        assert found is not None, f"no page was made of the job that was {name}"
        return found
