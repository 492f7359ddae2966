"""What a job is made from: what clips may not be, and the key of it all."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..pipeline.hashes import hash_file
from ..pipeline.media import with_holes
from ..pipeline.paths import refuse_twins, templates_of
from ..pipeline.settings import Settings
from ..schema.base import canonical_json
from ..schema.errors import FramesMissingError, InputMissingError, WeightsError
from ..schema.frames import FrameSet
from ..schema.job import ClipParams, ColourFile, InputMark, JobSpec, JobType, Params, Step, WeightsRef
from ..schema.media import Clip
from ..schema.pictures import LookParams

MOVIE = "movie"  # kind of products that show every frame of their clip in one file


def mark_file(path: str) -> str:
    """The checksum of a file that a job reads beside its clips.

    Raises:
        InputMissingError: it cannot be read.
    """
    try:
        return hash_file(path)[0]
    except OSError as error:
        raise InputMissingError(f"{path} cannot be read: {error.strerror}; mend the path", path=path) from error


def check_holes(params: ClipParams, steps: Sequence[Step]) -> None:
    """Refuse a job whose results are known to lack frames, before anything is submitted.

    Raises:
        FramesMissingError: names the clip and its frames that are not there.
        InputMissingError: none of a clip's is there.
    """
    outputs = [output for step in steps for output in step.outputs]
    wanted = {output.product: output.frames for output in outputs if output.frames}
    movies = {output.product for output in outputs if output.kind == MOVIE}
    for clip in (_shown(params, clip) for clip in params.clips):
        shown = clip.frames if clip.name in movies else wanted.get(clip.name)
        gone = [frame for frame in clip.holes or () if frame in (shown or ())]
        if gone:
            raise FramesMissingError(
                f"{clip.media}: frames {FrameSet.of(gone)} are not there",
                hint="bring the frames, or say --allow-holes and they are listed in the version",
                clip=clip.name,
                frame=gone[0],
            )


def _shown(params: ClipParams, clip: Clip) -> Clip:
    """A clip with the frames that a job shows of it, and which of them are not there."""
    shown = params.shown(clip)
    return shown if shown is clip else with_holes([shown])[0]


def check_colours(params: LookParams, settings: Settings) -> None:
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


def weights_of(job_type: JobType[Any], params: Params, settings: Settings) -> dict[str, WeightsRef]:
    """The checkpoints that a job needs, as the settings name them; whether they are there, its first task looks.

    Raises:
        WeightsError: the settings say nothing of one.
    """
    names = job_type.weights(params) if job_type.weights is not None else ()
    for name in names:
        if name not in settings.weights:
            known = ", ".join(sorted(settings.weights)) or "none"
            raise WeightsError(
                f"the settings name no weights {name!r}; they name: {known}",
                hint=f'add [weights."{name}"] with path and sha256 to the settings file',
                weights=name,
            )
    return {name: settings.weights[name] for name in names}


def hashes_of(weights: Mapping[str, WeightsRef]) -> dict[str, Any]:
    """What of checkpoints decides a job's results: their content, wherever they lie."""
    return {"weights": {name: one.sha256 for name, one in weights.items()}} if weights else {}


def contents_of(files: Sequence[ColourFile]) -> dict[str, Any]:
    """What of LUTs decides a job's results: the content of each."""
    return {"colour_files": [[file.path, file.sha256] for file in files]} if files else {}


def job_key(job_type: JobType[Any], params: dict[str, Any], inputs: Sequence[InputMark], colour: str | None) -> str:
    """SHA-256 in hex of what decides a job's results: the same inputs are the same job, however its frames are cut."""
    fields = job_type.params.model_fields
    params = {**params, **{name: fields[name].default for name in job_type.frame_by_frame or () if name in params}}
    marks = [(mark.path, mark.fingerprint) for mark in inputs]
    return hashlib.sha256(canonical_json([job_type.name, job_type.version, params, marks, colour])).hexdigest()
