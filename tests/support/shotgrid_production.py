"""A small production on a ShotGrid site, kept by Mockgun with a schema written by hand."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

from shotgun_api3.lib.mockgun import Shotgun as Mockgun

SITE = "https://studio.example"
ID_FIELD = "sg_shotmill_id"
# Mockgun wants no field called "type": it would blank the type of links.
TEXT, NUMBER, URL, CHECK, STATUS, LIST = "text", "number", "url", "checkbox", "status_list", "list"
FIELDS: dict[str, dict[str, str | list[str]]] = {
    "Project": {"name": TEXT, "tank_name": TEXT, "archived": CHECK},
    "HumanUser": {"login": TEXT, "name": TEXT, "email": TEXT, "sg_status_list": STATUS},
    "ApiUser": {"firstname": TEXT},
    "Sequence": {"code": TEXT, "project": ["Project"]},
    "Shot": {
        "code": TEXT,
        "project": ["Project"],
        "sg_sequence": ["Sequence"],
        "sg_head_in": NUMBER,
        "sg_cut_in": NUMBER,
        "sg_cut_out": NUMBER,
        "sg_tail_out": NUMBER,
    },
    "Asset": {"code": TEXT, "project": ["Project"], "sg_asset_type": LIST},
    "Task": {
        "content": TEXT,
        "project": ["Project"],
        "entity": ["Shot", "Asset", "Sequence"],
        "sg_status_list": STATUS,
        "task_assignees": ["HumanUser", "*"],
    },
    "Version": {
        "code": TEXT,
        "description": TEXT,
        "project": ["Project"],
        "entity": ["Shot", "Asset", "Sequence"],
        "sg_task": ["Task"],
        "user": ["HumanUser"],
        "sg_path_to_frames": TEXT,
        "sg_path_to_movie": TEXT,
        "sg_first_frame": NUMBER,
        "sg_last_frame": NUMBER,
        "frame_range": TEXT,
        "frame_count": NUMBER,
        "sg_status_list": STATUS,
        "sg_uploaded_movie": URL,
        "image": TEXT,
        ID_FIELD: TEXT,
    },
    "PublishedFileType": {"code": TEXT},
    "PublishedFile": {
        "code": TEXT,
        "name": TEXT,
        "description": TEXT,
        "path": URL,
        "version_number": NUMBER,
        "project": ["Project"],
        "entity": ["Shot", "Asset", "Sequence"],
        "task": ["Task"],
        "version": ["Version"],
        "published_file_type": ["PublishedFileType"],
        "upstream_published_files": ["PublishedFile", "*"],
        ID_FIELD: TEXT,
    },
    "Note": {
        "subject": TEXT,
        "content": TEXT,
        "project": ["Project"],
        "user": ["HumanUser"],
        "note_links": ["Version", "Shot", "*"],
        "tasks": ["Task", "*"],
        "created_at": "date_time",
        ID_FIELD: TEXT,
    },
    "Attachment": {"this_file": URL, "display_name": TEXT},
    "EventLogEntry": {"event_type": TEXT, "description": TEXT},
}
STATUSES = {"Version": ["na", "rev", "vwd", "apr", "rej", "omt"], "Task": ["wtg", "ip", "rev", "fin"]}


def mockgun(folder: Path, *, without: tuple[str, ...] = ()) -> Mockgun:
    """An empty site.

    Args:
        folder: where the two files go that Mockgun reads its schema from.
        without: types that have no field for our ids.
    """
    schema = {
        kind: {name: _field(kind, of) for name, of in {"id": NUMBER, **fields}.items()}
        for kind, fields in FIELDS.items()
    }
    for kind in without:
        del schema[kind][ID_FIELD]
    files = folder / "schema.pickle", folder / "entities.pickle"
    for file, content in zip(files, (schema, {kind: {} for kind in schema}), strict=True):
        file.write_bytes(pickle.dumps(content))
    Mockgun.set_schema_paths(*map(str, files))
    return _Filled()


def _field(kind: str, of: str | list[str]) -> dict[str, Any]:
    """A field: a type by its name, links by the types that they go to; ``*`` among these stands for many."""
    many = "multi_entity" if "*" in of else "entity"
    properties: dict[str, Any] = {"default_value": {"value": None}}
    if isinstance(of, list):
        properties["valid_types"] = {"value": [name for name in of if name != "*"]}
    if of == STATUS:
        properties["valid_values"] = {"value": STATUSES.get(kind, ["act", "dis"])}
    return {"data_type": {"value": of if isinstance(of, str) else many}, "properties": properties}


class _Filled(Mockgun):
    """Mockgun knows no uploads: here they fill the fields that the site would fill."""

    def __init__(self) -> None:
        Mockgun.__init__(self, SITE)

    def upload(self, *asked: Any, **named: Any) -> Any:
        kind, entity_id, path, *field = asked
        name, field_name = Path(path).name, field[0] if field else named["field_name"]
        attachment: Any = Mockgun.create(self, "Attachment", {"display_name": name})
        link = {"type": "Attachment", "id": attachment["id"], "name": name, "link_type": "upload"}
        picture = {"image": f"{SITE}/thumbnail/{attachment['id']}"}
        Mockgun.update(self, kind, entity_id, picture if "thumb" in field_name else {field_name: link})
        return attachment["id"]

    def upload_thumbnail(self, *asked: Any, **_named: Any) -> Any:
        return self.upload(*asked, field_name="thumb_image")


def fill(site: Mockgun) -> None:
    """One show with a sequence, a shot with two tasks, an asset, and two people of whom one has left."""
    project = _made(site, "Project", name="demo", tank_name="dmo", archived=False)
    _made(site, "Project", name="attic", archived=True)
    maya = _made(site, "HumanUser", login="maya", name="Maya B.", email="maya@studio.example", sg_status_list="act")
    _made(site, "HumanUser", login="gone", name="Gone", sg_status_list="dis")
    sequence = _made(site, "Sequence", code="sq010", project=project)
    cut = {"sg_head_in": 993, "sg_cut_in": 1001, "sg_cut_out": 1100, "sg_tail_out": 1108}
    shot = _made(site, "Shot", code="sh010", project=project, sg_sequence=sequence, **cut)
    _made(site, "Shot", code="loose", project=project)
    _made(site, "Asset", code="hero", project=project, sg_asset_type="Character")
    _made(site, "Task", content="comp", project=project, entity=shot, sg_status_list="ip", task_assignees=[maya])
    _made(site, "Task", content="roto", project=project, entity=shot, sg_status_list="wtg")


def _made(site: Mockgun, kind: str, **values: Any) -> dict[str, Any]:
    return {"type": kind, "id": site.create(kind, values)["id"]}


def production(folder: Path, *, without: tuple[str, ...] = ()) -> Mockgun:
    """A site with the small production."""
    site = mockgun(folder, without=without)
    fill(site)
    return site


def rows(site: Mockgun, kind: str) -> list[dict[str, Any]]:
    """All rows of a type with all their fields."""
    found: list[dict[str, Any]] = site.find(kind, [], list(FIELDS[kind]))
    return found


def counts(site: Mockgun) -> dict[str, int]:
    """How many rows there are of each type."""
    return {kind: len(site.find(kind, [])) for kind in FIELDS}
