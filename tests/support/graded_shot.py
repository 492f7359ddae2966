"""A shot of which something is said, jobs of it run task by task, and what OpenColorIO itself makes of its grade."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import PyOpenColorIO as ocio  # noqa: N813 - short, as in the field
from numpy.typing import NDArray
from ran_jobs import RanJob
from timelines import clip, movie, timeline, track, write

from shotmill.farm_plugins.submission import SubmitRequest, plan
from shotmill.pipeline.ingest import ingest
from shotmill.pipeline.settings import Settings
from shotmill.pipeline.store import Database
from shotmill.pipeline.store.colours import ColourPlace, change_colour
from shotmill.pipeline.tools import StudioTools
from shotmill.schema.colour import Cdl
from shotmill.schema.job import JobSpec
from shotmill.schema.media import EntityKind, EntityRef

Pixels = NDArray[np.float32]
SHOT = EntityRef(project="demo", kind=EntityKind.SHOT, parent="sq010", name="sh010")


@dataclass(frozen=True)
class GradedShot:
    """The shot ``demo:sq010/sh010``, and the studio that it is worked on in."""

    folder: Path
    settings: Settings
    database: Database

    def say(self, *names: str, **parts: Any) -> None:
        """Say something of the project, a sequence or a shot, as ``shotmill colour set`` does."""
        place = ColourPlace("demo", *names)
        change_colour(self.database, place, lambda old: old.model_copy(update=parts), by="sue")

    def cut(self, name: str, cdl: Cdl | None = None, media: str = "/plates/a.mov") -> None:
        """Ingest a cut that uses the shot, and whose timeline may bring a correction of it along."""
        metadata = {"cdl": _in_timeline(cdl)} if cdl else {}
        used = clip("sq010_sh010", (0, 1), movie(f"file://{media}", (0, 1)), metadata=metadata)
        path = write(self.folder / f"{name}.otio", timeline(track(used), start=None))
        ingest(self.database, path, project="demo", cut=name)

    def plan(
        self, job_type: str, *plates: Path, owner: EntityRef | None = SHOT, cut: str = "", **params: Any
    ) -> JobSpec:
        given = [str(path) for path in plates]
        request = SubmitRequest(job_type, params=params, plates=given, cut=cut, project="demo", owner=owner)
        return plan(request, self.settings, self.database).spec

    def run(self, job_type: str, *plates: Path, **given: Any) -> dict[str, Path]:
        """Run the tasks of a job up to the publish; the files that they made, by name."""
        spec = self.plan(job_type, *plates, **given)
        ran = RanJob.run(spec, self.folder / f"job-{spec.id}", self.settings, StudioTools(self.settings))
        assert not ran.failure
        return {
            file.path: ran.folder.root / receipt.root / file.path
            for step in spec.steps
            for receipt in ran.receipts(step.name)
            for output in receipt.outputs
            for file in output.files
        }


def _in_timeline(cdl: Cdl) -> dict[str, Any]:
    """A correction as OpenTimelineIO's reader of EDLs writes it."""
    sop = {"slope": list(cdl.slope), "offset": list(cdl.offset), "power": list(cdl.power)}
    return {"asc_sop": sop, "asc_sat": cdl.saturation}


def as_ocio(cdl: Cdl) -> Any:
    """A correction in OpenColorIO's own words; it clamps nothing."""
    made = ocio.CDLTransform()
    made.setSlope(list(cdl.slope))
    made.setOffset(list(cdl.offset))
    made.setPower(list(cdl.power))
    made.setSat(cdl.saturation)
    made.setStyle(ocio.CDL_NO_CLAMP)
    return made


def ocios_own(config: str, *ways: Any, pixels: Pixels, context: dict[str, str] | None = None) -> Pixels:
    """What OpenColorIO's own processor makes of (..., 3) pixels, given all transforms of a way as one group."""
    found = ocio.Config.CreateFromFile(config)
    given = copy.deepcopy(found.getCurrentContext())
    for name, value in (context or {}).items():
        given.setStringVar(name, value)
    group = ocio.GroupTransform(list(ways))
    processor = found.getProcessor(given, group, ocio.TRANSFORM_DIR_FORWARD).getDefaultCPUProcessor()
    made = np.ascontiguousarray(pixels).reshape(-1, 3).copy()
    processor.apply(ocio.PackedImageDesc(made, len(made), 1, 3))
    return made.reshape(pixels.shape)


def read_lut(path: Path, pixels: Pixels) -> Pixels:
    """What OpenColorIO makes of pixels by a LUT file."""
    transform = ocio.FileTransform(str(path), interpolation=ocio.INTERP_LINEAR)
    processor = ocio.Config.CreateRaw().getProcessor(transform).getDefaultCPUProcessor()
    made = np.ascontiguousarray(pixels).reshape(-1, 3).copy()
    processor.apply(ocio.PackedImageDesc(made, len(made), 1, 3))
    return made.reshape(pixels.shape)
