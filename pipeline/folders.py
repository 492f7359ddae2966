"""Where a job's files lie. One folder a job; nothing of a job lies anywhere else before it is published.

::

    <jobs_root>/<handle>/
        bundle/template.json      OpenJD job template
        bundle/job.json           the JobSpec
        attempts/<step>/<chunk>/<attempt>/    what one attempt wrote (its staging folder)
        attempts/<step>/<chunk>/<attempt>.log
        receipts/<step>/<chunk>.json          linked into place once, by the attempt that won
        records/<step>/<chunk>.<attempt>.json how an attempt ended, on a farm
        requests/<id>.json        what hosts asked for, as it came; see ``docs/rpc.md``
        holes/<step>/<chunk>.json             frames that a farm was told to leave out, see ``pipeline.holes``
        publish/report-<n>.json
        publish/inputs-changed    there once a publish was refused since an input had changed; the line says which
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from pydantic import ValidationError

from ..schema.checks import MAX_DOCUMENT
from ..schema.errors import InputCorruptError, InputMissingError
from ..schema.frames import FrameSet
from ..schema.job import JobSpec
from .files import read_file

MAX_CHUNK_NAME = 60


@dataclass(frozen=True)
class JobFolder:
    """Paths inside one job's folder."""

    root: Path
    bundle_name: str = "bundle"

    @classmethod
    def of_bundle(cls, bundle: Path) -> JobFolder:
        """The folder that a bundle belongs to, which is the one around it."""
        return cls(bundle.absolute().parent, bundle.absolute().name)

    @cached_property
    def bundle(self) -> Path:
        """Folder of template.json and job.json."""
        return self.root / self.bundle_name

    @property
    def template(self) -> Path:
        """The OpenJD job template."""
        return self.bundle / "template.json"

    @cached_property
    def job(self) -> Path:
        """The JobSpec."""
        return self.bundle / "job.json"

    @property
    def changed(self) -> Path:
        """There once a publish was refused since an input had changed."""
        return self.root / "publish" / "inputs-changed"

    def attempt(self, step: str, frames: FrameSet, attempt: str) -> Path:
        """The staging folder of one attempt."""
        return self.root / f"attempts/{step}/{chunk_name(frames)}/{attempt}"

    def receipt(self, step: str, frames: FrameSet) -> Path:
        """The receipt of one task."""
        return self.root / f"receipts/{step}/{chunk_name(frames)}.json"

    def receipts(self, step: str) -> list[Path]:
        """The receipts of a step, sorted by name."""
        return sorted((self.root / "receipts" / step).glob("*.json"))

    def records(self, step: str) -> Path:
        """Where the records of a step's attempts lie."""
        return self.root / f"records/{step}"

    @property
    def requests(self) -> Path:
        """Where what hosts asked for lies."""
        return self.root / "requests"

    def holes(self, step: str) -> Path:
        """Where the marks of a step's holes lie."""
        return self.root / f"holes/{step}"

    def log(self, step: str, frames: FrameSet, attempt: str) -> Path:
        """The log of one attempt."""
        return self.root / f"attempts/{step}/{chunk_name(frames)}/{attempt}.log"

    def newest_log(self, step: str, frames: FrameSet, number: int) -> Path | None:
        """The log of an attempt of this number, running ones included; the last begun, as a farm may run it twice."""
        found = self.log(step, frames, "x").parent.glob(f"{number:03d}-*.log")
        return max(found, key=lambda path: path.stat().st_mtime_ns, default=None)

    def read_spec(self) -> JobSpec:
        """The JobSpec of the bundle.

        Raises:
            InputMissingError: the bundle holds no job.json.
            InputCorruptError: it is no JobSpec of this version, or no file at all.
        """
        try:
            text = read_file(self.job, most=MAX_DOCUMENT)
        except (FileNotFoundError, NotADirectoryError, ValueError) as error:
            raise InputMissingError(
                f"{self.bundle} is no job bundle: job.json is not there; give the folder that holds it",
                path=self.job,
            ) from error
        except OSError as error:
            raise InputCorruptError(
                f"{self.job} cannot be read: {error.strerror}; submit the job again", path=self.job
            ) from error
        try:
            return JobSpec.model_validate_json(text)
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(str(part) for part in first["loc"])
            raise InputCorruptError(
                f"{self.job} is no job of this version of Shotmill: {place}: {first['msg']}; submit the job again",
                path=self.job,
            ) from error


def chunk_name(frames: FrameSet) -> str:
    """A chunk as a file name: its frames, or a hash of them when that is too long."""
    text = str(frames).replace(",", "_")
    if len(text) <= MAX_CHUNK_NAME:
        return text
    return f"{frames.first}-{frames.last}-{hashlib.sha256(text.encode()).hexdigest()[:16]}"
