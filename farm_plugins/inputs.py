"""What a job is made from: clips from plates and cuts, marks of what they were, and the key of it all."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..pipeline.hashes import hash_file, new_hash
from ..pipeline.settings import Settings
from ..schema.base import canonical_json
from ..schema.errors import BadRequestError, FramesMissingError, InputMissingError
from ..schema.frames import FrameSet
from ..schema.job import InputMark, JobType, Step
from ..schema.media import Clip, EntityKind, EntityRef
from ..schema.names import MAX_NAME, RESERVED
from ..schema.pictures import PictureParams

CONTENT_LIMIT = 256 * 1024 * 1024  # larger plates are marked by name, size and time: submitting must stay quick
_PADDING = re.compile(r"#+")
_File = tuple[str, int, int, str]  # name, size, time in ns, path: plain text, as there may be ten thousand


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


def mark_clip(clip: Clip) -> InputMark:
    """What a clip's files are right now.

    Raises:
        InputMissingError: a file went away since it was found.
        BadRequestError: it is a folder, a pipe or a device.
    """
    files = _files_of(clip)
    size = sum(entry[1] for entry in files)
    hasher = new_hash()
    by_content = size <= CONTENT_LIMIT
    for name, bytes_, time_ns, path in files:
        mark = _content(path) if by_content else f"{bytes_} {time_ns}"
        hasher.update(f"{name}\0{mark}\n".encode())
    method = "content" if by_content else "stat"
    return InputMark(path=clip.media, files=len(files), size=size, fingerprint=hasher.hexdigest(), method=method)


def _content(path: str) -> str:
    try:
        return hash_file(path)[0]
    except OSError as error:
        raise InputMissingError(f"{path} cannot be read: {error.strerror}; check its permissions", path=path) from error


def _files_of(clip: Clip) -> list[_File]:
    """Name, size, time and path of each file, by name; a sequence's folder is read once."""
    path = Path(clip.media)
    found = _PADDING.search(path.name)
    try:
        if found is None:
            return [_entry(path.name, str(path), path.stat())]
        head, tail = path.name[: found.start()], path.name[found.end() :]
        wanted = set(clip.frames.minus(clip.holes or ())) if clip.frames else None
        return sorted(_sequence_files(path.parent, head, tail, wanted))
    except OSError as error:
        raise InputMissingError(
            f"{clip.media} cannot be read: {error.strerror}; check the path", path=clip.media
        ) from error


def _sequence_files(folder: Path, head: str, tail: str, wanted: set[int] | None) -> list[_File]:
    files = []
    with os.scandir(folder) as entries:
        for entry in entries:
            digits = entry.name[len(head) : len(entry.name) - len(tail)]
            if entry.name.startswith(head) and entry.name.endswith(tail) and digits.lstrip("-").isdecimal():
                if wanted is not None and int(digits) not in wanted:
                    continue
                files.append(_entry(entry.name, entry.path, entry.stat()))
    return files


def _entry(name: str, path: str, facts: os.stat_result) -> _File:
    if not stat.S_ISREG(facts.st_mode):  # reading a pipe or a device may never end
        raise BadRequestError(f"{path} is no file but a folder, a pipe or a device; give a file", path=path)
    return (name, facts.st_size, facts.st_mtime_ns, path)


def job_key(job_type: JobType[Any], params: dict[str, Any], inputs: Sequence[InputMark], colour: str | None) -> str:
    """SHA-256 in hex of everything that decides a job's results: the same inputs are the same job."""
    marks = [(mark.path, mark.fingerprint) for mark in inputs]
    return hashlib.sha256(canonical_json([job_type.name, job_type.version, params, marks, colour])).hexdigest()
