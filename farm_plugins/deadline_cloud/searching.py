"""Finds the job on the farm that a bundle has become."""

from __future__ import annotations

from collections.abc import Iterator

from ..openjd import BUNDLE_PARAMETER
from .client import DeadlineClient, Record
from .config import Place

MAX_SEARCHED = 256  # of the service's model: length of a value in a filter
FAILED_TO_BEGIN = frozenset({"CREATE_FAILED", "UPLOAD_FAILED"})


def find_job(client: DeadlineClient, place: Place, *, bundle: str, name: str) -> str | None:
    """The id of the job that was made of a bundle, the oldest if there are several; None: there is none.

    The folder of a bundle names its job: no two jobs share one, and every submission of it carries it as a parameter,
    also one by ``deadline bundle submit``.

    Args:
        client: sends the requests.
        place: the queue to search.
        bundle: its folder, as the job's parameter has it.
        name: the job's name, by which it is searched where the folder's is too long to be searched for.
    """
    found = [job for job in _candidates(client, place, bundle, name) if _is_of(job, bundle)]
    found.sort(key=lambda job: str(job.get("createdAt", "")))
    return str(found[0]["jobId"]) if found else None


def _candidates(client: DeadlineClient, place: Place, bundle: str, name: str) -> Iterator[Record]:
    if len(bundle) <= MAX_SEARCHED:
        wanted = {"parameterFilter": {"name": BUNDLE_PARAMETER, "operator": "EQUAL", "value": bundle}}
    else:
        wanted = {"searchTermFilter": {"searchTerm": name, "matchType": "CONTAINS"}}
    return client.search(
        "search_jobs",
        "jobs",
        farmId=place.farm,
        queueIds=[place.queue],
        filterExpressions={"filters": [wanted], "operator": "AND"},
    )


def _is_of(job: Record, bundle: str) -> bool:
    value = job.get("jobParameters", {}).get(BUNDLE_PARAMETER, {})
    return value.get("path") == bundle and job.get("lifecycleStatus") not in FAILED_TO_BEGIN
