"""Which versions a job would publish: a look ahead, which reserves nothing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..pipeline.paths import templates_of
from ..schema.address import Address
from ..schema.errors import StorageError
from ..schema.output import NextVersionOut

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..schema.job import JobSpec
    from ..schema.media import EntityRef
    from .studio import Studio

PRODUCT = tuple["EntityRef", str]


def next_versions(where: Studio, spec: JobSpec) -> tuple[NextVersionOut, ...]:
    """The versions that come next of what a job publishes, each product once."""
    named = {(output.entity, output.name): None for step in spec.steps for output in step.outputs}
    products: list[PRODUCT] = list(named)
    numbers = _numbers(where, products)
    return tuple(_next(spec, product, number) for product, number in zip(products, numbers, strict=True))


def _numbers(where: Studio, products: Sequence[PRODUCT]) -> Sequence[int | None]:
    """Their numbers; None for each where the database cannot be asked, or is older than this Shotmill."""
    if where.has_no_database:
        return [1] * len(products)
    try:
        database = where.known_database
        if database is None:
            return [None] * len(products)
        from ..pipeline.store.versions import next_numbers  # noqa: PLC0415 - heavy: SQLAlchemy

        return next_numbers(database, products)
    except StorageError:  # the plan's estimate says so
        return [None] * len(products)


def _next(spec: JobSpec, product: PRODUCT, number: int | None) -> NextVersionOut:
    entity, name = product
    address = Address(entity.project, entity.path, name, 1 if number is None else number)
    folder = ""
    if number is not None and spec.destination is not None:
        place = spec.destination
        within = templates_of(place.templates, Path(place.projects)).version_folder(entity, name, number)
        folder = str(Path(place.projects, entity.project, within))
    return NextVersionOut(
        address=str(address) if number is not None else str(address).partition("@")[0],
        project=entity.project,
        entity=entity.path,
        product=name,
        version=number,
        folder=folder,
    )
