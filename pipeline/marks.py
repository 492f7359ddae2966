"""Marks of a job's inputs: what they were when it was made, and whether they still are."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

from ..schema.errors import BadRequestError, InputChangedError, InputMissingError
from ..schema.frames import FrameSet, frames_text
from ..schema.job import InputMark
from ..schema.media import Clip
from .hashes import hash_file, new_hash
from .sequences import numbers

# Larger plates, and those of more files, are marked by name, size and time: submitting must stay quick, also where each
# file that is opened takes a millisecond.
CONTENT_LIMIT = 256 * 1024 * 1024
CONTENT_FILES = 2000
SUBMIT_AGAIN = "shotmill retry submits it again, as a new job of what is there now"
_PADDING = re.compile(r"#+")
_GONE = (FileNotFoundError, NotADirectoryError)
# Name, size, time in ns, path, frame: a plain tuple with plain text, as there may be ten thousand.
_File = tuple[str, int, int, str, int | None]


def mark_clip(clip: Clip) -> InputMark:
    """What a clip's files are right now.

    Raises:
        InputMissingError: a file went away since it was found.
        BadRequestError: it is a folder, a pipe or a device.
    """
    files = _files_of(clip)
    size = sum(entry[1] for entry in files)
    hasher = new_hash()
    by_content = size <= CONTENT_LIMIT and len(files) <= CONTENT_FILES
    marked = (
        f"{name}\0{_content(path) if by_content else f'{bytes_} {time_ns}'}\n"
        for name, bytes_, time_ns, path, _ in files
    )
    hasher.update("".join(marked).encode())
    method = "content" if by_content else "stat"
    return InputMark(
        path=clip.media,
        files=len(files),
        size=size,
        fingerprint=hasher.hexdigest(),
        method=method,
        newest_ns=max((entry[2] for entry in files), default=0),
    )


def check_unchanged(clip: Clip, mark: InputMark) -> None:
    """Refuse a clip that is not what it was when the job was made.

    Raises:
        InputChangedError: names the clip, and the frames that were written since, where that can be told.
        InputMissingError: a file cannot be read here and now, although it is there.
    """
    try:
        now = mark_clip(clip)
    except BadRequestError as error:
        if isinstance(error.__cause__, OSError) and not isinstance(error.__cause__, _GONE):
            raise
        raise _changed(clip, error.message) from error
    if now.fingerprint != mark.fingerprint:
        raise _changed(clip, *_difference(clip, mark, now))


def looks_unchanged(clip: Clip, mark: InputMark) -> bool:
    """Whether a clip's files are as many, as large and as old as they were; no file is opened.

    Raises:
        BadRequestError: there is nothing to compare with.
    """
    files = _files_of(clip)
    size, newest_ns = sum(entry[1] for entry in files), max((entry[2] for entry in files), default=0)
    return (len(files), size, newest_ns) == (mark.files, mark.size, mark.newest_ns)


def _changed(clip: Clip, what: str, frames: FrameSet | None = None) -> InputChangedError:
    return InputChangedError(
        f"plate {clip.media} changed after it was submitted{what and ': '}{what}; submit again",
        hint=SUBMIT_AGAIN,
        path=clip.media,
        clip=clip.name,
        frame=frames,
    )


def _difference(clip: Clip, mark: InputMark, now: InputMark) -> tuple[str, FrameSet | None]:
    """What can be told of a change, and the frames it is about; nothing where modification times were kept."""
    if now.files != mark.files:
        return f"{now.files} files instead of {mark.files}", None
    if not 0 < mark.newest_ns < now.newest_ns:
        return "", None
    newer = [entry for entry in _files_of(clip) if entry[2] > mark.newest_ns]
    numbers = [entry[4] for entry in newer if entry[4] is not None]
    if not numbers:
        return "it was written since", None
    return f"frames {frames_text(numbers)} were written since", FrameSet.of(numbers)


def _content(path: str) -> str:
    try:
        return hash_file(path)[0]
    except OSError as error:
        raise InputMissingError(f"{path} cannot be read: {error.strerror}; check its permissions", path=path) from error


def _files_of(clip: Clip) -> list[_File]:
    """Name, size, time and path of each file, sorted by name."""
    path = Path(clip.media)
    found = _PADDING.search(path.name)
    try:
        if found is None:
            return [_entry(path.name, str(path), path.stat())]
        head, tail = path.name[: found.start()], path.name[found.end() :]
        wanted = set(clip.frames.minus(clip.holes or ())) if clip.frames else None
        return sorted(_sequence_files(path.parent, head, tail, padding=len(found.group()), wanted=wanted))
    except OSError as error:
        raise InputMissingError(
            f"{clip.media} cannot be read: {error.strerror}; check the path", path=clip.media
        ) from error


def _sequence_files(folder: Path, head: str, tail: str, *, padding: int, wanted: set[int] | None) -> Iterator[_File]:
    if wanted is None:
        found = numbers(folder, head, tail, padding=padding)
    else:  # each frame has one name only, so that a folder need not be read
        found = [f"{frame:0{padding + (frame < 0)}d}" for frame in wanted]
    place = f"{folder}{os.sep}"
    root = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)  # no path is walked ten thousand times
    try:
        for digits in found:
            name = f"{head}{digits}{tail}"
            try:
                facts = os.stat(name, dir_fd=root)
            except FileNotFoundError:
                if os.path.islink(f"{place}{name}"):  # noqa: PTH114 - a link to nothing is there, and cannot be read
                    raise
                continue  # it went away, which the count of files tells
            yield _entry(name, f"{place}{name}", facts, int(digits))
    finally:
        os.close(root)


def _entry(name: str, path: str, facts: os.stat_result, frame: int | None = None) -> _File:
    if not stat.S_ISREG(facts.st_mode):  # reading a pipe or a device may never end
        raise BadRequestError(f"{path} is no file but a folder, a pipe or a device; give a file", path=path)
    return (name, facts.st_size, facts.st_mtime_ns, path, frame)
