"""What the tasks of a job wrote, from the bucket of its queue.

They are job attachments, as ``deadline job download-output`` reads them, but only what is not here yet comes.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from ...pipeline.files import storage_error
from ...pipeline.folders import JobFolder
from ...schema.errors import EngineRefusedError
from ...schema.names import counted
from ..homecoming import Told
from .bundle import OUTPUT_FOLDERS
from .client import DeadlineClient
from .failures import as_ours
from .looking import EngineJobId

TELL_S = 10.0  # between two words on a long way


def fetch_outputs(client: DeadlineClient, job: EngineJobId, folder: JobFolder, into: Path, told: Told) -> None:
    """Download what tasks wrote and the job's folder lacks, under the same names; what is there already stays.

    Raises:
        EngineUnreachableError: service or bucket did not answer.
        EngineRefusedError: they said no, or the queue has no bucket (any more).
        StorageError: the disk failed.
    """
    queue = client.call("get_queue", **job.place.ids)
    if "jobAttachmentSettings" not in queue:
        raise EngineRefusedError(
            "the queue has no bucket for job attachments any more, so nothing comes back from it",
            hint="give the queue its bucket again, then: shotmill wait",
        )
    try:
        _download(client, job, queue, folder, into, told)
    except OSError as error:
        raise storage_error(into, error) from error
    except Exception as error:
        if isinstance(error.__cause__, OSError):
            raise storage_error(into, error.__cause__) from error
        raise as_ours(error) from error


def _download(client: DeadlineClient, job: EngineJobId, queue: Any, folder: JobFolder, into: Path, told: Told) -> None:
    from deadline.job_attachments.asset_manifests.hash_algorithms import HashAlgorithm  # noqa: PLC0415 - heavy: boto3
    from deadline.job_attachments.asset_manifests.v2023_03_03.asset_manifest import AssetManifest  # noqa: PLC0415 - same
    from deadline.job_attachments.download import (  # noqa: PLC0415 - heavy: boto3
        download_files_from_manifests,
        get_output_manifests_by_asset_root,
    )
    from deadline.job_attachments.models import FileConflictResolution, JobAttachmentS3Settings  # noqa: PLC0415 - same

    store = JobAttachmentS3Settings(**queue["jobAttachmentSettings"])
    session = client.queue_session(job.place)
    given = get_output_manifests_by_asset_root(store, job.place.farm, job.place.queue, job.job, session=session)
    lacking = _lacking(given, folder)
    if not lacking:
        return
    size = sum(one.size for one in lacking)
    told(f"fetching {counted(len(lacking), 'file')}, {size / 1e6:.1f} MB, of {folder.root.name}")
    into.mkdir(parents=True, exist_ok=True)
    download_files_from_manifests(
        store.s3BucketName,
        {str(into): AssetManifest(hash_alg=HashAlgorithm.XXH128, paths=lacking, total_size=size)},
        cas_prefix=store.full_cas_prefix(),
        session=session,
        on_downloading_files=_teller(told, folder),
        conflict_resolution=FileConflictResolution.SKIP,  # each appears whole, so a fetch that broke off goes on
    )


def _lacking(manifests: Mapping[str, Iterable[Any]], folder: JobFolder) -> list[Any]:
    """Files of manifests that the job's folder lacks, by their names there; the newest of each name."""
    from deadline.job_attachments.asset_manifests.v2023_03_03.asset_manifest import (  # noqa: PLC0415 - heavy: boto3
        ManifestPath,
    )

    found: dict[str, Any] = {}
    for root, some in manifests.items():
        for one in (path for manifest in some for path in manifest.paths):
            place = os.path.normpath(f"{root}/{one.path}")
            name = place.removeprefix(f"{folder.root}/")
            if name == place or name.partition("/")[0] not in OUTPUT_FOLDERS:
                continue  # not the job's: nobody puts it anywhere
            here = folder.root / name
            if not here.is_file() or here.stat().st_size != one.size:
                found[name] = ManifestPath(path=name, hash=one.hash, size=one.size, mtime=one.mtime)
    return list(found.values())


def _teller(told: Told, folder: JobFolder) -> Callable[[Any], bool]:
    last = time.monotonic()

    def tell(progress: Any) -> bool:
        nonlocal last
        if time.monotonic() - last > TELL_S:
            last = time.monotonic()
            told(f"{folder.root.name}: {progress.progress:.0f} % fetched")
        return True

    return tell
