"""From what somebody typed to a job type's params: clips of plates or of a cut, and the frames that are there."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from ..schema.errors import BadRequestError, InputMissingError, ParamsError
from ..schema.job import ClipParams, JobType, Params
from ..schema.media import Clip, EntityKind, EntityRef
from ..schema.picks import check_pick
from ..schema.pictures import StillParams
from .plates import clips_of_plates, plate_asset

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

    from ..pipeline.store import Database
    from ..schema.movies import Edit
    from .submission import SubmitRequest


def validated(job_type: JobType[Any], params: Mapping[str, Any]) -> Params:
    """Params as the job type's model.

    Raises:
        ParamsError: the first thing that is wrong: field, rule and fix.
    """
    try:
        found: Params = job_type.params.model_validate(dict(params))
    except ValidationError as error:
        raise _first_problem(job_type, error) from error
    return found


def problems_of(job_type: JobType[Any], params: Mapping[str, Any]) -> list[ParamsError]:
    """Everything that is wrong with params, each with its field, rule and fix; empty: nothing."""
    try:
        job_type.params.model_validate(dict(params))
    except ValidationError as error:
        return [_params_error(job_type, each) for each in error.errors()]
    return []


def _first_problem(job_type: JobType[Any], error: ValidationError) -> ParamsError:
    others = error.error_count() - 1
    return _params_error(job_type, error.errors()[0], more=f" (and {others} more)" if others else "")


def _params_error(job_type: JobType[Any], error: ErrorDetails, *, more: str = "") -> ParamsError:
    place = _dotted(error) or "params"
    known = list(job_type.params.model_fields)
    if error["type"] == "extra_forbidden":
        near = difflib.get_close_matches(place, known, n=3) or known
        return ParamsError(f"{job_type.name} has no parameter {place!r}; did you mean: {', '.join(near)}", field=place)
    if place == "clips" and error["type"] in {"missing", "too_short"}:
        return ParamsError(
            f"{job_type.name} needs something to read; give the path of a plate, or a cut",
            field="clips",
            hint=f"shotmill submit {job_type.name} PLATE",
        )
    is_typed = error["type"] != "missing" and place != "clips"  # clips are made of what was typed
    given = f" (given: {str(error['input'])[:80]!r})" if is_typed else ""
    return ParamsError(f"parameter {place!r} of {job_type.name}: {_reason(error)}{given}{more}", field=place)


def filled_params(
    request: SubmitRequest,
    job_type: JobType[Any],
    project: str,
    database: Database | None,
) -> tuple[dict[str, Any], list[str]]:
    """What was typed as params, with the clips of plates or of a cut, and warnings.

    Raises:
        BadRequestError: the job type reads no clips, or several things to read were given.
    """
    filled = dict(request.params)
    if filled.get("refine") and (request.plates or request.cut):
        filled.pop("clips", None)  # of the version that is refined
    if not issubclass(job_type.params, ClipParams):
        if request.plates or request.cut:
            raise BadRequestError(f"{job_type.name} reads no plates; leave them out", field="clips")
        if "owner" in job_type.params.model_fields and "owner" not in filled:
            filled["owner"] = request.owner or _usual_owner(job_type, filled, project)
        return filled, []
    if bool(request.plates) + bool(request.cut) + ("clips" in filled) > 1:
        raise BadRequestError("give plates, a cut, or the parameter 'clips': one of them", field="clips")
    warnings: list[str] = []
    owner: EntityRef | None = None
    if request.cut:
        clips, warnings = _clips_of_cut(request, job_type, project, database)
        filled |= {"clips": clips, **_edit(job_type, database, project, request.cut)}
        owner = EntityRef(project=project, kind=EntityKind.ASSET, parent="cut", name=request.cut)
    elif request.plates:
        filled["clips"] = clips_of_plates(request.plates, project=project, owner=request.owner)
    elif "clips" in filled:
        filled["clips"] = _owned(filled["clips"], project)
    if "owner" in job_type.params.model_fields and "owner" not in filled:
        filled["owner"] = request.owner or owner
    return filled, warnings


def _usual_owner(job_type: JobType[Any], params: Mapping[str, Any], project: str) -> EntityRef:
    """Whom results of a job without clips belong to, when nobody was named."""
    named = str(params.get(job_type.named_after) or "")
    if not named:
        return EntityRef(project=project, kind=EntityKind.ASSET, parent="lut", name="show")
    name = plate_asset(PurePath(named).stem, project=project).name
    return EntityRef(project=project, kind=EntityKind.ASSET, parent="scene", name=name)


def _edit(job_type: JobType[Any], database: Database | None, project: str, cut: str) -> dict[str, Edit]:
    """Where a cut's clips lie, for job types that ask for it."""
    if database is None or "edit" not in job_type.params.model_fields:
        return {}
    from ..pipeline.store.edits import edit_of_cut  # noqa: PLC0415 - heavy: SQLAlchemy

    return {"edit": edit_of_cut(database, project, cut)}


def _owned(clips: Any, project: str) -> Any:
    """Clips given as JSON, each with somebody its results belong to."""
    if not isinstance(clips, list | tuple):
        return clips
    owned = []
    for clip in clips:
        if isinstance(clip, dict) and not clip.get("entity") and isinstance(clip.get("name"), str):
            owned.append({**clip, "entity": plate_asset(clip["name"], project=project)})
        else:
            owned.append(clip)
    return owned


def _clips_of_cut(
    request: SubmitRequest,
    job_type: JobType[Any],
    project: str,
    database: Database | None,
) -> tuple[list[Clip], list[str]]:
    from ..pipeline.store.editorial import clips_of_cut  # noqa: PLC0415 - heavy: SQLAlchemy

    if database is None:
        raise BadRequestError("a cut lies in the database; none is open", field="cut")
    clips = clips_of_cut(database, project=project, cut=request.cut)
    if request.uses:
        meant = set(request.uses)
        clips = [clip for clip in clips if clip.name in meant]
    offline = [clip.name for clip in clips if clip.offline]
    if job_type.shows_offline or not offline or len(offline) == len(clips):
        return clips, []
    online = [clip for clip in clips if not clip.offline]
    return online, [f"{len(offline)} of {len(clips)} clips are offline and left out: {', '.join(offline)}"]


def with_frames_there(params: Params) -> Params:
    """A clip of a cut, or one given as JSON, says which frames it uses, not which of them are there.

    Raises:
        InputMissingError: no clip has a frame that is there.
    """
    if not isinstance(params, ClipParams):
        return params
    if all(clip.offline for clip in params.clips):
        raise InputMissingError(
            f"the media of all clips is offline: {', '.join(clip.name for clip in params.clips[:5])}; bring it, or "
            "relink the cut and ingest it again",
            path=params.clips[0].media,
        )
    from ..pipeline.media import with_holes  # noqa: PLC0415 - only jobs that read media look for frames

    return params.model_copy(update={"clips": tuple(with_holes(params.clips))})


def with_counted_movies(params: Params) -> Params:
    """Clips of movies that name no frames get all that there are; the movies are opened for it.

    Raises:
        InputMissingError, InputCorruptError: a movie cannot be read.
    """
    if not isinstance(params, ClipParams):
        return params
    from ..pipeline.media import with_counted_frames  # noqa: PLC0415 - as above

    return params.model_copy(update={"clips": tuple(map(with_counted_frames, params.clips))})


def check_picks(params: StillParams) -> None:
    """A plate given by path has the frames that were just found; a clip of a cut has more than the cut shows."""
    try:
        check_pick(params.clips, params.frame)
    except ValueError as error:
        raise ParamsError(str(error), field="frame") from error


def place_of(error: ValidationError) -> str:
    """Where the first thing that is wrong stands, with dots."""
    return _dotted(error.errors()[0])


def reason_of(error: ValidationError) -> str:
    """What is wrong with the first thing that is."""
    return _reason(error.errors()[0])


def _dotted(error: ErrorDetails) -> str:
    return ".".join(str(part) for part in error["loc"])


def _reason(error: ErrorDetails) -> str:
    return error["msg"].removeprefix("Value error, ")
