"""What a job is made from: clips from plates, what they may not be, and the key of it all."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..pipeline.paths import refuse_twins, templates_of
from ..pipeline.settings import Settings
from ..schema.base import canonical_json
from ..schema.errors import FramesMissingError
from ..schema.frames import FrameSet
from ..schema.job import InputMark, JobSpec, JobType, Step
from ..schema.media import Clip, EntityKind, EntityRef
from ..schema.names import MAX_NAME, RESERVED
from ..schema.pictures import PictureParams


def clips_of_plates(plates: Sequence[str], *, project: str, owner: EntityRef | None = None) -> list[Clip]:
    """A clip for each plate given by path; names are made apart where two files share one.

    Args:
        plates: paths as people type them; see ``pipeline.media.find_medium``.
        project: of the assets that results belong to when nobody is named.
        owner: the shot or asset that results belong to; for one plate only.

    Raises:
        InputMissingError: a plate is not there.
        BadRequestError: a path means no medium, or several.
    """
    from ..pipeline.media import clip_of, find_medium  # noqa: PLC0415 - loads image libraries

    clips: list[Clip] = []
    for plate in plates:
        clip = clip_of(find_medium(plate))
        taken = {other.name for other in clips}
        name = next(name for name in _candidates(clip.name) if name not in taken)
        clips.append(clip.model_copy(update={"name": name, "entity": owner or plate_asset(name, project=project)}))
    return clips


def _candidates(name: str) -> Any:
    yield name
    yield from (f"{name}_{number}" for number in range(2, 100_000))


def check_holes(clips: Sequence[Clip], steps: Sequence[Step]) -> None:
    """Refuse a job whose results are known to lack frames, before anything is submitted.

    Raises:
        FramesMissingError: names the clip and its frames that are not there.
    """
    wanted = {output.product: output.frames for step in steps for output in step.outputs if output.frames}
    for clip in clips:
        gone = [frame for frame in clip.holes or () if frame in wanted.get(clip.name, ())]
        if gone:
            raise FramesMissingError(
                f"{clip.media}: frames {FrameSet.of(gone)} are not there",
                hint="bring the frames, or say --allow-holes and they are listed in the version",
                clip=clip.name,
                frame=gone[0],
            )


def check_colours(params: PictureParams, settings: Settings) -> None:
    """Refuse names that the OCIO config does not know; loads the config only when somebody gave a name.

    Raises:
        ColourError: names what is unknown, and what is near to it.
    """
    spaces = {params.colourspace, *(clip.colourspace for clip in params.clips)} - {"", None}
    if not (spaces or params.display or params.view):
        return
    from ..pipeline.colour import Colour  # noqa: PLC0415 - loads OpenColorIO

    colour = Colour(settings.ocio)
    for space in sorted(filter(None, spaces)):
        colour.space(space)
    display = colour.display(params.display or settings.display)
    colour.view(display, params.view or settings.view)


def plate_asset(name: str, *, project: str) -> EntityRef:
    """The asset that a plate's results belong to when no shot is named: its file name, made a legal name."""
    cleaned = re.sub(r"[^A-Za-z0-9_-]+", "_", name).strip("_-") or "plate"
    cleaned = cleaned[:MAX_NAME]
    if cleaned.lower() in RESERVED:
        cleaned = f"plate_{cleaned}"
    return EntityRef(project=project, kind=EntityKind.ASSET, parent="plate", name=cleaned)


def check_folders(spec: JobSpec) -> None:
    """Refuse a job of whose results some could not be published, for the names of their folders.

    Raises:
        NameRuleError: names two folders that are one to some machines, or to the path templates.
    """
    if spec.destination is None:
        return
    templates = templates_of(spec.destination.templates, Path("paths.toml"))
    outputs = [output for step in spec.steps if spec.is_published(step) for output in step.outputs]
    owners = dict.fromkeys((output.entity, output.name) for output in outputs)
    folders = [entity.project / templates.version_folder(entity, name, 1) for entity, name in owners]
    refuse_twins(Path(spec.destination.projects), *folders)


def job_key(job_type: JobType[Any], params: dict[str, Any], inputs: Sequence[InputMark], colour: str | None) -> str:
    """SHA-256 in hex of everything that decides a job's results: the same inputs are the same job."""
    marks = [(mark.path, mark.fingerprint) for mark in inputs]
    return hashlib.sha256(canonical_json([job_type.name, job_type.version, params, marks, colour])).hexdigest()
