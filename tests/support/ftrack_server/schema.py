"""Entity types and their attributes, as far as publishing and pulling go; names are those of the product.

An attribute is a plain type, ``>Kind by key`` (a reference kept as an id), ``*Kind by key`` (those that refer to this
one), ``&Kind`` (a list that is kept here) or ``{}`` (metadata). ``= value`` is its default, ``!`` means it must be
given where something is made, ``.`` that clients cannot change it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import Any

_CONTEXT = """
    id string =uid
    name string !
    context_type string .
    parent_id string
    parent >Context by parent_id
    project_id string
    children *Context by parent_id
    assets *Asset by context_id
    created_at datetime .
    thumbnail_id string
    metadata {}
"""
_TYPED = (
    _CONTEXT
    + """
    project >Project by project_id
    status_id string
    status >Status by status_id
    type_id string
    type >Type by type_id
    object_type_id string .
    object_type >ObjectType by object_type_id
    description string
    assignments *Appointment by context_id
"""
)
_COMPONENT = """
    id string =uid
    name string ="main"
    system_type string .
    version_id string
    version >AssetVersion by version_id
    container_id string
    container >ContainerComponent by container_id
    file_type string
    size integer =0
    component_locations *ComponentLocation by component_id
    metadata {}
"""
_CONTAINER = f"{_COMPONENT}\n members *Component by container_id"
_TABLES = {
    "Context": _CONTEXT,
    "TypedContext": _TYPED,
    "Project": _CONTEXT + 'full_name string\n status string ="active"\n created_by_id string .',
    "Sequence": _TYPED,
    "Shot": _TYPED,
    "AssetBuild": _TYPED,
    "Task": _TYPED,
    "Episode": _TYPED,
    "Status": "id string =uid\n name string !\n sort integer =0\n is_active boolean =true\n tasks *Task by status_id",
    "Type": "id string =uid\n name string !\n sort integer =0\n is_billable boolean =true",
    "ObjectType": "id string =uid\n name string !\n sort integer =0\n is_leaf boolean =false",
    "AssetType": 'id string =uid\n name string !\n short string !\n component string ="main"',
    "Asset": """
        id string =uid
        name string
        context_id string !
        parent >Context by context_id
        type_id string
        type >AssetType by type_id
        versions *AssetVersion by asset_id
        metadata {}
    """,
    "AssetVersion": """
        id string =uid
        asset_id string !
        asset >Asset by asset_id
        version integer
        comment string =""
        date datetime
        is_published boolean =true
        status_id string
        status >Status by status_id
        task_id string
        task >Task by task_id
        user_id string
        user >User by user_id
        thumbnail_id string
        thumbnail >Component by thumbnail_id
        components *Component by version_id
        uses_versions &AssetVersion
        notes *Note by parent_id
        review_session_objects *ReviewSessionObject by version_id
        metadata {}
    """,
    "AssetVersionStatusChange": """
        id string =uid
        parent_id string !
        parent >AssetVersion by parent_id
        status_id string
        status >Status by status_id
        user_id string
        user >User by user_id
        date datetime
    """,
    "Component": _COMPONENT,
    "FileComponent": _COMPONENT,
    "ContainerComponent": _CONTAINER,
    "SequenceComponent": f"{_CONTAINER}\n padding integer =0",
    "Metadata": "parent_id string !\n parent_type string !\n key string !\n value string !",
    "Location": "id string =uid\n name string !\n label string\n description string",
    "ComponentLocation": """
        id string =uid
        component_id string !
        component >Component by component_id
        location_id string !
        location >Location by location_id
        resource_identifier string
    """,
    "User": """
        id string =uid
        username string !
        first_name string
        last_name string
        email string
        is_active boolean =true
        resource_type string ="user" .
    """,
    "Note": """
        id string =uid
        content string
        user_id string !
        author >User by user_id
        parent_id string
        parent_type string
        date datetime
        is_todo boolean =false
        in_reply_to_id string
        replies *Note by in_reply_to_id
        metadata {}
    """,
    "Job": """
        id string =uid
        status string ="queued"
        type string ="api_job" .
        data string
        user_id string
        created_at datetime
    """,
    "ReviewSession": "id string =uid\n name string !\n project_id string !\n project >Project by project_id",
    "ReviewSessionObject": """
        id string =uid
        name string =""
        description string =""
        version string =""
        version_id string !
        asset_version >AssetVersion by version_id
        review_session_id string !
        review_session >ReviewSession by review_session_id
        sort_order number !
        created_at datetime .
    """,
    "Appointment": """
        id string =uid
        type string !
        context_id string !
        context >Context by context_id
        resource_id string !
        resource >User by resource_id
    """,
    "CustomAttributeConfiguration": "id string =uid\n key string !\n entity_type string\n default variable",
    "ContextCustomAttributeValue": """
        configuration_id string !
        configuration >CustomAttributeConfiguration by configuration_id
        entity_id string !
        key string .
        value variable
    """,
    "Event": "id string =uid\n action string\n data string\n created_at datetime",
}
KEYS = {"Metadata": ("parent_id", "key"), "ContextCustomAttributeValue": ("configuration_id", "entity_id")}
TYPED = ("Sequence", "Shot", "AssetBuild", "Task", "Episode")
# Kinds that a query for one finds, besides itself.
CHILDREN = {
    "Context": ("Project", *TYPED),
    "TypedContext": TYPED,
    "Component": ("FileComponent", "SequenceComponent", "ContainerComponent"),
    "ContainerComponent": ("SequenceComponent",),
}


@dataclass(frozen=True)
class Attribute:
    """One attribute of an entity type; ``kind`` and ``key`` are those of what it refers to."""

    name: str
    sort: str
    kind: str = ""
    key: str = ""
    default: str | None = None
    required: bool = False
    fixed: bool = False

    @property
    def is_scalar(self) -> bool:
        return self.sort not in {">", "*", "&", "{}"}

    def fragment(self) -> dict[str, Any]:
        """Its part of the schema that clients read."""
        if self.sort == ">":
            return {"$ref": self.kind}
        if self.sort in {"*", "&"}:
            return {"type": "array", "items": {"$ref": self.kind}}
        if self.sort == "{}":
            return {"type": "mapped_array", "items": {"$ref": "Metadata"}}
        if self.sort == "datetime":
            return {"type": "string", "format": "date-time"}
        made = {"type": self.sort}
        if self.default is not None:
            made["default"] = "{uid}" if self.default == "uid" else json.loads(self.default)
        return made


def _read(line: str) -> Attribute:
    name, sort, *rest = line.split()
    required, fixed = "!" in rest, "." in rest
    if sort[0] in ">*&":
        return Attribute(name, sort[0], kind=sort[1:], key=rest[1] if rest else "", required=required, fixed=fixed)
    default = next((word[1:] for word in rest if word.startswith("=")), None)
    return Attribute(name, sort, default=default, required=required, fixed=fixed)


@cache
def attributes(kind: str) -> dict[str, Attribute]:
    """Attributes of an entity type by name."""
    found = [_read(line) for line in _TABLES[kind].splitlines() if line.strip()]
    return {one.name: one for one in found}


def key_of(kind: str) -> tuple[str, ...]:
    """Names of the attributes that tell one entity from another."""
    return KEYS.get(kind, ("id",))


def kinds() -> list[str]:
    """All entity types."""
    return list(_TABLES)


@cache
def schemas() -> list[dict[str, Any]]:
    """All entity types as clients read them."""
    return [
        {
            "id": kind,
            "type": "object",
            "properties": {one.name: one.fragment() for one in attributes(kind).values()},
            "primary_key": list(key_of(kind)),
            "default_projections": list(key_of(kind)),
            "required": [one.name for one in attributes(kind).values() if one.required],
            "immutable": [*key_of(kind), *(one.name for one in attributes(kind).values() if one.fixed)],
            "computed": [],
        }
        for kind in kinds()
    ]
