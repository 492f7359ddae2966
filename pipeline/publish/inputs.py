"""The inputs of a job at the moment it is published: what its results show must be what was submitted."""

from __future__ import annotations

from collections.abc import Iterator

from ...schema.errors import BadRequestError, InputChangedError
from ...schema.job import InputMark, JobSpec
from ...schema.media import Clip
from ..files import storage_error, write_whole
from ..folders import JobFolder
from ..marks import SUBMIT_AGAIN, check_unchanged, looks_unchanged


def check_inputs(folder: JobFolder, spec: JobSpec) -> None:
    """Refuse a job whose inputs changed after it was submitted; whoever puts them back must submit again, too.

    Raises:
        InputChangedError: names plate and frames; what was rendered may show either content.
        StorageError: that it was refused could not be written down.
    """
    for clip, mark in _marked(spec):
        try:
            check_unchanged(clip, mark)
        except InputChangedError as error:
            _remember(folder, error)
            raise
    if before := _remembered(folder):
        raise before


def find_change(folder: JobFolder, spec: JobSpec) -> InputChangedError | None:
    """Why a publish of this job would be refused, as far as it can be seen from here.

    Quick: files of the same number, size and date are not read.
    """
    for clip, mark in _marked(spec):
        try:
            if not looks_unchanged(clip, mark):
                check_unchanged(clip, mark)
        except BadRequestError:
            continue  # its disk may be seen where the job runs
        except InputChangedError as error:
            return error
    return _remembered(folder)


def _marked(spec: JobSpec) -> Iterator[tuple[Clip, InputMark]]:
    clips = [clip for clip in spec.params["clips"] if not clip.get("offline")] if spec.inputs else []
    for clip, mark in zip(clips, spec.inputs, strict=True):
        yield Clip.model_validate(clip), mark


def _remembered(folder: JobFolder) -> InputChangedError | None:
    """A change that an earlier publish saw, and that was undone since."""
    if not folder.changed.exists():
        return None
    return InputChangedError(
        "a plate changed after it was submitted and was put back; what was rendered may show either: submit again",
        hint=SUBMIT_AGAIN,
        path=folder.changed,
    )


def _remember(folder: JobFolder, error: InputChangedError) -> None:
    try:
        folder.changed.parent.mkdir(parents=True, exist_ok=True)
        write_whole(folder.changed, f"{error.line()}\n".encode())
    except OSError as failure:
        raise storage_error(folder.changed, failure) from failure
