"""Refining a published version: its parameters come from its lineage, and the new job says which version it mends."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..schema.errors import BadRequestError, ParamsError
from ..schema.job import JobType

if TYPE_CHECKING:
    from ..pipeline.store import Database


def refined_params(
    job_type: JobType[Any], given: Mapping[str, Any], *, project: str, database: Database | None
) -> dict[str, Any]:
    """What was filled in, on top of what made the version that is to be refined; as it is where none is named.

    Args:
        job_type: one that can refine has ``refine`` and ``parent`` among its parameters.
        given: what was typed.
        project: of an address that names none.
        database: where versions are known.

    Raises:
        NotFoundError: there is no such version.
        BadRequestError: another job type made it, or no database is open.
        ParamsError: what was typed cannot be read.
    """
    if job_type.refine is None or not given.get("refine"):
        return dict(given)
    if database is None:
        raise BadRequestError("a version to refine lies in the database; none is open", field="refine")
    from ..pipeline.store.catalog import find_version, made_from  # noqa: PLC0415 - heavy: SQLAlchemy
    from ..schema.address import Address  # noqa: PLC0415 - used here only

    version = find_version(database, Address.parse(str(given["refine"]), project=project))
    facts = made_from(database, version.id)
    if facts.get("type") != job_type.name:
        raise BadRequestError(
            f"{version.address} was made by {facts.get('type') or 'nobody knows what'}, not by {job_type.name}; name "
            f"a version that {job_type.name} made",
            field="refine",
        )
    try:
        params, added = job_type.refine(facts["params"], given)
    except ValueError as error:
        raise ParamsError(str(error), field="objects") from error
    parent = {"version_id": str(version.id), "address": version.address, "added": added}
    return {**params, "refine": version.address, "parent": parent}
