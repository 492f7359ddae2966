"""Bundles on disk: template.json and job.json, there whole or not at all."""

from __future__ import annotations

import errno
import shutil
import uuid
from pathlib import Path

from ..pipeline.files import storage_error, write_whole
from ..pipeline.folders import JobFolder
from ..schema.checks import MAX_DOCUMENT
from ..schema.errors import BadRequestError
from ..schema.job import JobSpec
from .openjd import compile_template

HALF_WRITTEN = ".bundle-"


def write_bundle(spec: JobSpec, folder: JobFolder) -> Path:
    """Write the bundle of a job; writing it again changes nothing.

    Returns:
        The folder that holds template.json and job.json.

    Raises:
        BadRequestError: the job is too large to be written as a document.
        DiskFullError: no space is left.
        StorageError: the folder cannot be written.
    """
    if _is_whole(folder):
        return folder.bundle
    job = spec.pretty().encode()
    if len(job) > MAX_DOCUMENT:
        raise BadRequestError(f"the job is a document of {len(job)} bytes, {MAX_DOCUMENT} are allowed; split it")
    half_written = folder.root / f"{HALF_WRITTEN}{uuid.uuid4().hex}"
    try:
        half_written.mkdir(parents=True)
        write_whole(half_written / "template.json", compile_template(spec))
        write_whole(half_written / "job.json", job)
        _appear(half_written, folder.bundle)
    except OSError as error:
        shutil.rmtree(half_written, ignore_errors=True)
        if not _is_whole(folder):  # else somebody wrote it meanwhile, and took ours away as a leftover
            raise storage_error(folder.root, error) from error
    for leftover in folder.root.glob(f"{HALF_WRITTEN}*"):  # ours, or that of a submitter who died
        shutil.rmtree(leftover, ignore_errors=True)
    return folder.bundle


def _is_whole(folder: JobFolder) -> bool:
    return folder.job.is_file() and folder.template.is_file()


def _appear(made: Path, name: Path) -> None:
    try:
        made.rename(name)
    except OSError as error:
        if error.errno not in {errno.ENOTEMPTY, errno.EEXIST}:
            raise
        # Somebody wrote the same bundle at the same moment; theirs holds the same job.
