"""Published versions as hosts are told them, and what of them lies in the tests' RV."""

from __future__ import annotations

from typing import Any

from rv_host import Rv

PLATE = "/show/sq010/plate.1001-1048#.exr"


def version(number: int, **more: Any) -> dict[str, Any]:
    path = f"/show/publish/roto/v{number:03d}/roto.####.exr"
    forms = [{"name": "shapes", "path": "/show/shapes.json"}, {"name": "exr", "path": path, "frames": "1001-1010"}]
    address = f"demo:sq010/sh010/roto@v{number:03d}"
    base = {
        "id": f"id{number}",
        "address": address,
        "project": "demo",
        "owner": "sq010/sh010",
        "product": "roto",
        "kind": "matte",
    }
    return {**base, "version": number, "representations": forms, "source": "/show/sq010/plate.####.exr", **more}


def media_of(rv: Rv, node_: str) -> str:
    return str(rv.commands.getStringProperty(f"{node_}.media.movie")[0])


def matte_of(rv: Rv) -> str:
    [found] = [
        one for one in rv.commands.nodesOfType("RVFileSource") if rv.commands.propertyExists(f"{one}.shotmill.version")
    ]
    return str(found)
