"""The jobs that a changed cut asks for: of each shot what is new, and nothing of shots that stayed as they were."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ..jobs import find_job_type
from ..pipeline.cutdiff.needs import beyond, work_span
from ..schema.cutdiff import Change, CutUse, TimelineDiffOut, UseChange
from ..schema.errors import BadRequestError
from ..schema.frames import FrameSet
from ..schema.job import ClipParams, JobType
from ..schema.media import Clip
from ..schema.pictures import StillParams
from .submission import SubmitRequest

if TYPE_CHECKING:
    from ..pipeline.settings import Settings
    from ..pipeline.store import Database

REEL = "reel"
TAKEN = "; the others are taken from its newest version, where nothing of them is another"
NOT_SEEN = frozenset({Change.MOVED, Change.SHIFTED, Change.TRACK})  # no picture of the shot is another one


@dataclass(frozen=True)
class Asked:
    """A job that a changed cut asks for.

    Attributes:
        request: None: it cannot be asked for, and ``problem`` says why.
        shots: that it works on; empty: the whole cut.
        frames: that are new to it; None: it does not go on from an earlier version.
        extends: address of the version that it goes on from.
        whole: why it does more than the new frames; empty: it does those alone.
    """

    job_type: str
    request: SubmitRequest | None
    shots: tuple[str, ...] = ()
    frames: FrameSet | None = None
    extends: str = ""
    problem: str = ""
    whole: str = ""


def asked_jobs(diff: TimelineDiffOut, wanted: SubmitRequest, *, settings: Settings, database: Database) -> list[Asked]:
    """The jobs of one type that a cut asks for, whose newest version is the newer side of a comparison.

    A type that goes on from a published version (it has ``refine``, as roto has) gets one job a shot with new frames,
    which does those alone. A type that makes one result of the whole cut gets the cut when anything is different. Any
    other gets one job with the shots whose pictures are different: a version holds all frames of its shot.

    Args:
        diff: what is different.
        wanted: job type, params, cut and project, as if for the whole cut.
        settings: of this machine.
        database: that holds the newer cut.

    Raises:
        UnknownJobTypeError: there is no such job type.
        BadRequestError: the job type reads no clips.
    """
    job_type = find_job_type(wanted.job_type, allowed=settings.job_types)
    if not issubclass(job_type.params, ClipParams):
        raise BadRequestError(f"{job_type.name} reads no clips of a cut; name a job type that does", field="submit")
    if job_type.refine is not None:
        return _extended(diff, job_type, wanted, database)
    params = wanted.params
    if REEL in job_type.params.model_fields:  # a reel of changed shots alone would be no reel of the cut
        params = {REEL: "false", **params}
    request = replace(wanted, params=params)
    if _is_of_whole_cut(job_type, params):
        return [] if diff.same else [Asked(job_type.name, request, whole="it shows the whole cut")]
    changes = [
        change for change in diff.changes if change.new and change.new.use and _is_seen(change, job_type, params)
    ]
    if not changes:
        return []
    uses = tuple(change.new.use for change in changes if change.new)
    shots = tuple(dict.fromkeys(change.shot for change in changes))
    whole = _why_whole(job_type, changes, diff.handles)
    return [Asked(job_type.name, replace(request, uses=uses), shots=shots, whole=whole)]


def _why_whole(job_type: JobType[Any], changes: Sequence[UseChange], handles: int) -> str:
    """Why shots are done whole, and how many of their frames are new; empty: all are, or it makes one still of each."""
    if issubclass(job_type.params, StillParams):
        return ""
    parts = [part for change in changes for part in (change.needs.head, change.needs.tail, change.needs.whole) if part]
    new = sum(map(len, parts))
    spans = [work_span(change.new, handles) for change in changes if change.new]
    count = sum(last - first + 1 for first, last in spans)
    if new >= count:
        return ""
    told = f"a version of it holds all frames of its shot: {count} are done, of which {new} are new"
    return told + ("" if job_type.frame_by_frame is None else TAKEN)


def _is_of_whole_cut(job_type: JobType[Any], params: Mapping[str, Any]) -> bool:
    """Whether one of its results shows all clips: a contact sheet, or a reel where one is asked for."""
    fields = job_type.params.model_fields
    if REEL in fields:
        return str(params[REEL]).lower() in {"true", "1", "yes"}
    return "owner" in fields


def _is_seen(change: UseChange, job_type: JobType[Any], params: Mapping[str, Any]) -> bool:
    """Whether what this job type makes of the shot would be another."""
    if not set(change.changes) - NOT_SEEN:
        return False
    if job_type.frame_by_frame is not None:  # what was cut away, or has another speed, is as it was
        return bool(change.needs.head or change.needs.tail or change.needs.whole)
    if issubclass(job_type.params, StillParams) and params.get("frame", "middle") == "middle":
        return change.needs.thumbnail
    return True


def _extended(diff: TimelineDiffOut, job_type: JobType[Any], wanted: SubmitRequest, database: Database) -> list[Asked]:
    """A job for each shot with frames that its newest version of this type lacks; all uses of a shot count together."""
    uses: dict[str, list[CutUse]] = defaultdict(list)
    for change in diff.changes:
        if change.new and change.new.use and (change.needs.head or change.needs.tail or change.needs.whole):
            uses[change.shot].append(change.new)
    if not uses:
        return []
    from ..pipeline.store.catalog import latest_versions, made_from  # noqa: PLC0415 - heavy: SQLAlchemy

    product = str(wanted.params.get("product") or job_type.params.model_fields["product"].default)
    there = {row.entity: row for row in latest_versions(database, wanted.project, product=product)}
    asked = []
    for shot, some in uses.items():
        version = there.get(shot)
        facts = made_from(database, version.id) if version else {}
        if version is None or facts.get("type") != job_type.name:
            problem = f"{shot} has no {product!r} to go on from; submit {job_type.name} for it once, with its prompts"
            asked.append(Asked(job_type.name, None, (shot,), problem=problem))
            continue
        spans = [work_span(use, diff.handles) for use in some]
        span = min(one[0] for one in spans), max(one[1] for one in spans)
        made = _extension(shot, some[0].media, span, version.address, facts["params"])
        if isinstance(made, str):
            asked.append(Asked(job_type.name, None, (shot,), extends=version.address, problem=made))
        elif made.new:
            given = {**wanted.params, "refine": version.address, "clips": [made.clip], "frames": str(made.clip.frames)}
            request = replace(wanted, params=given, cut="")
            asked.append(Asked(job_type.name, request, (shot,), frames=made.new, extends=version.address))
    return asked


@dataclass(frozen=True)
class _Extension:
    """A version's clip with more frames; ``new`` are those that the version lacks, None: none."""

    clip: Clip
    new: FrameSet | None


def _extension(
    shot: str, media: str, wanted: tuple[int, int], address: str, before: Mapping[str, Any]
) -> _Extension | str:
    """What goes on from a version, or a sentence that says why nothing does."""
    old = Clip.model_validate(before["clips"][0])
    covered = FrameSet.parse(str(before["frames"])) if before.get("frames") else old.frames
    first, last = wanted
    if old.media != media:
        return f"{shot} has other media than {address}; look at its prompts, and submit it anew"
    if covered is None:
        return f"{address} does not say which frames it has; submit {shot} anew"
    head, tail = beyond((covered.first, covered.last), wanted)
    if not head and not tail and (first < covered.first or last > covered.last):
        return f"{shot} shows {first}-{last} now, {address} has {covered}: nothing leads from one to the other"
    frames = FrameSet.span(min(first, covered.first), max(last, covered.last))
    clip = old.model_copy(update={"frames": frames, "frame": None, "holes": None, "offline": False})
    new = [frame for part in (head, tail) if part for frame in part]
    return _Extension(clip, FrameSet.of(new) if new else None)
