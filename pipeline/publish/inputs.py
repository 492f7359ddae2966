"""The inputs of a job at the moment it is published: what its results show must be what was submitted."""

from __future__ import annotations

from ...schema.errors import InputChangedError
from ...schema.job import JobSpec
from ...schema.media import Clip
from ..files import storage_error, write_whole
from ..folders import JobFolder
from ..marks import check_unchanged


def check_inputs(folder: JobFolder, spec: JobSpec) -> None:
    """Refuse a job whose inputs changed after it was submitted; whoever puts them back must submit again, too.

    Raises:
        InputChangedError: names plate and frames; what was rendered may show either content.
        StorageError: that it was refused could not be written down.
    """
    if not spec.inputs:
        return
    clips = [Clip.model_validate(clip) for clip in spec.params["clips"] if not clip.get("offline")]
    seen = folder.changed
    for clip, mark in zip(clips, spec.inputs, strict=True):
        try:
            check_unchanged(clip, mark)
        except InputChangedError as error:
            _remember(folder, error)
            raise
    if seen.exists():
        raise InputChangedError(
            "a plate changed after it was submitted and was put back; what was rendered may show either: submit again",
            hint="the same submit again makes a new job",
            path=seen,
        )


def _remember(folder: JobFolder, error: InputChangedError) -> None:
    try:
        folder.changed.parent.mkdir(parents=True, exist_ok=True)
        write_whole(folder.changed, f"{error.line()}\n".encode())
    except OSError as failure:
        raise storage_error(folder.changed, failure) from failure
