"""Frames that a job need not make: its product's newest version has them, of the same pixels and by the same params."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..schema.errors import BadRequestError
from ..schema.frames import FrameSet
from ..schema.job import InputMark, JobSpec, JobType, OutputSpec, Taken
from ..schema.media import Clip

if TYPE_CHECKING:
    from ..pipeline.store import Database

# What of a clip says which frames there are, and not what is in them.
SPANS = frozenset({"name", "frames", "frame", "holes", "offline", "rate"})
MOST_TOLD = 3  # shots by name
SAME = ("type", "type_version", "colour_config", "colour_config_hash", "display", "view")


def with_taken(spec: JobSpec, job_type: JobType[Any], database: Database | None) -> JobSpec:
    """The job, with the frames that it takes from the newest versions of what it publishes.

    A version's frame is taken where nothing that decides on it is another: the source's files, read again, the params,
    the clip's colour, the OCIO config and the LUTs.
    """
    if database is None or spec.destination is None or job_type.frame_by_frame is None:
        return spec
    from ..pipeline.store.catalog import latest_versions, made_from  # noqa: PLC0415 - heavy: SQLAlchemy
    from ..pipeline.taken import frame_files  # noqa: PLC0415 - only where there is something to take

    clips = {clip["name"]: clip for clip in spec.params["clips"]}
    wanted = [(step.name, one) for step in spec.steps for one in step.outputs if one.frames and one.product in clips]
    names = {output.name for _step, output in wanted}
    rows = [row for name in sorted(names) for row in latest_versions(database, spec.project, product=name)]
    newest = {(row.project, row.entity, row.product): row for row in rows}
    found = []
    for step, output in wanted:
        row = newest.get((output.entity.project, output.entity.path, output.name))
        if row is None or not _is_same(made_from(database, row.id), spec, job_type, clips[output.product]):
            continue
        folder = Path(spec.destination.projects, row.project, row.folder)
        there = _common(output, frame_files(folder, output.representation))
        if there:
            taken = Taken(step=step, address=row.address, folder=str(folder), representation=output.representation,
                          frames=there)  # fmt: skip
            found.append(taken)
    return spec.model_copy(update={"taken": tuple(found)})


def told_taken(spec: JobSpec) -> Iterator[str]:
    """What a submitter should know of frames that are not made again; of many shots, how many they are."""
    if len(spec.taken) > MOST_TOLD:
        taken = sum(len(one.frames) for one in spec.taken)
        left = sum(len(spec.step(one.step).frames) for one in spec.taken) - taken
        yield f"{taken} frames of {len(spec.taken)} shots are taken from their newest versions; {left} are made"
        return
    for one in spec.taken:
        count = len(spec.step(one.step).frames) - len(one.frames)
        yield f"frames {one.frames} are taken from {one.address}, as nothing of them is another; {count} are made"


def _common(output: OutputSpec, there: Mapping[int, object]) -> FrameSet | None:
    frames = [frame for frame in output.frames or () if frame in there]
    return FrameSet.of(frames) if frames else None


def _is_same(before: Mapping[str, Any], spec: JobSpec, job_type: JobType[Any], clip: Mapping[str, Any]) -> bool:
    """Whether a version's frames are what this job would make of the same frames."""
    now = spec.model_dump(mode="json")
    if any(before.get(name) != now[name] for name in (*SAME, "colour_files")):
        return False
    old_clips, inputs = before["params"].get("clips", ()), before.get("inputs", ())
    if len(old_clips) != 1 or len(inputs) != 1:
        return False
    old = old_clips[0]
    apart = {"clips", "colours", *(job_type.frame_by_frame or ())}
    pairs = (
        (_without(before["params"], apart), _without(now["params"], apart)),
        (_without(old, SPANS), _without(clip, SPANS)),
        (_colour(before["params"], old), _colour(now["params"], clip)),
    )
    return all(one == other for one, other in pairs) and _is_unchanged(Clip.model_validate(old), inputs[0])


def _without(values: Mapping[str, Any], names: frozenset[str] | set[str]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name not in names}


def _colour(params: Mapping[str, Any], clip: Mapping[str, Any]) -> Any:
    return params.get("colours", {}).get(clip["name"])


def _is_unchanged(clip: Clip, before: Mapping[str, Any]) -> bool:
    from ..pipeline.marks import mark_clip  # noqa: PLC0415 - only where there is something to compare

    try:
        return mark_clip(clip).fingerprint == InputMark.model_validate(before).fingerprint
    except BadRequestError:  # one of its files went away
        return False
