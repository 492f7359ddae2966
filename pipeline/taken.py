"""Frames that an earlier version has: a second name for its file, or a copy, instead of the same work again."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..schema.errors import InputCorruptError
from .hashes import hash_file
from .publish.register import read_manifest

if TYPE_CHECKING:
    from ..schema.job import JobSpec, Taken
    from ..schema.publishing import ManifestFile


def frame_files(folder: Path, representation: str) -> dict[int, ManifestFile]:
    """The frames of a published version, as its manifest names them; none where that cannot be read."""
    try:
        forms = read_manifest(folder).representations
    except (OSError, InputCorruptError):  # another host, or it was put aside: whoever asks makes the frames
        return {}
    return {file.frame: file for form in forms if form.name == representation for file in form.files
            if file.frame is not None}  # fmt: skip


def link_or_copy(source: Path, target: Path) -> None:
    """A second name for a file where the file system allows that, else a copy; a publish copies what has two names.

    Raises:
        OSError: neither can be had.
    """
    try:
        os.link(source.resolve(), target)
    except OSError:  # another file system, or one without links, or a file of somebody else's
        shutil.copyfile(source, target)


@dataclass(frozen=True)
class Earlier:
    """What an earlier version has of a step.

    Attributes:
        address: of the version.
        files: by frame.
    """

    address: str
    folder: Path
    files: dict[int, ManifestFile]

    @classmethod
    def of(cls, job: JobSpec, step: str) -> Earlier:
        """What a job says of its step; nothing where it says none, or where this host does not see the version."""
        found: Taken | None = next((one for one in job.taken if one.step == step), None)
        if found is None:
            return cls("", Path(), {})
        folder = Path(found.folder)
        files = frame_files(folder, found.representation)
        return cls(found.address, folder, {frame: files[frame] for frame in found.frames if frame in files})

    def take(self, frame: int, target: Path) -> bool:
        """Put a frame in its place; whether it was there, whole, as it was published."""
        file = self.files.get(frame)
        if file is None or target.suffix != Path(file.path).suffix:
            return False
        source = self.folder / file.path
        try:
            if hash_file(source)[0] != file.checksum:
                return False
            link_or_copy(source, target)
        except OSError:  # it went away; the caller makes it
            target.unlink(missing_ok=True)
            return False
        return True
