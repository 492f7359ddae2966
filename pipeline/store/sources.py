"""What the newest version of each product was made from."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from ...schema.address import LATEST
from ...schema.tables import Pointer, Product, Project, Representation, Version
from .database import Database

MAX_ASKED = 1000  # names in one question; who submits more plates at once looks at none of them


def newest_sources(
    database: Database, project: str, products: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], tuple[int, str]]:
    """Number and source path of the newest version of each asset's product, where it has one and says its source.

    Args:
        database: where.
        project: code of the project.
        products: path of the entity, and name of the product.
    """
    asked = set(products[:MAX_ASKED])
    wanted = (
        select(Product.entity_path, Product.name, Version.number, Representation.facts)
        .join(Project, Project.id == Product.project_id)
        .join(Pointer, Pointer.product_id == Product.id)
        .join(Version, Version.id == Pointer.version_id)
        .join(Representation, Representation.version_id == Version.id)
        .where(
            Project.code == project,
            Pointer.name == LATEST,
            Product.asset_id.is_not(None),
            Product.entity_path.in_({entity for entity, _name in asked}),
            Product.name.in_({name for _entity, name in asked}),
        )
        .order_by(Product.entity_path, Product.name)
    )
    with database.read() as connection:
        rows = connection.execute(wanted).all()
    return {
        (row.entity_path, row.name): (row.number, row.facts["source"])
        for row in rows
        if (row.entity_path, row.name) in asked and "source" in row.facts
    }
