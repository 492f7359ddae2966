"""What is asked for every job, whatever its type: what it reads, where results go, how urgent it is."""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import Any

from .facts import Facts

SENT = "Submit"  # heading of how a job is sent
MARK = "@"  # before the names of what every job is asked, which a job type's own parameters may have too


def all_fields(job_type: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What a job reads and whose it is, its own parameters, and how it is sent."""
    around = [*_source_fields(str(job_type["takes"])), *_job_fields()]
    marked = [{**field, "name": MARK + field["name"]} for field in around]
    own = [dict(field) for field in job_type["fields"]]
    reads = len(marked) - len(_job_fields())
    return [*marked[:reads], *own, *marked[reads:]]


def split_values(values: Mapping[str, Any]) -> dict[str, Any]:
    """What Shotmill is asked for: parameters by themselves, and what is around them."""
    around = {name[len(MARK) :]: value for name, value in values.items() if name.startswith(MARK)}
    plates = [path for path in around.pop("plates", []) if path]
    params = {name: value for name, value in values.items() if not name.startswith(MARK)}
    return {"params": params, "plates": plates, **around}


def named_in(rows: Container[str], field: str) -> str:
    """The field that a problem is about, as the form names it."""
    name = field.partition(".")[0]
    return field if name in rows or MARK + name not in rows else MARK + field


def _source_fields(takes: str) -> list[dict[str, Any]]:
    fields = [
        _field("shot", "Shot", "text", help="sequence/shot that results belong to; empty: found from the plate's path"),
        _field("project", "Project", "text", help="code of the project; empty: found from the path, or the studio's"),
    ]
    if takes == "none":
        return [*fields, ASSET]
    entry = _field("", "Plate", "path")
    plates = _field("plates", "Plates", "list", item=entry, default=[], help="image sequences or movies that are read")
    cut = _field("cut", "Cut", "text", advanced=True, help="name of a cut in the database, instead of plates")
    return [plates, *fields, {**ASSET, "advanced": True}, cut]


def _job_fields() -> list[dict[str, Any]]:
    return [
        _field("comment", "Comment", "text", group=SENT, help="for the version and the farm"),
        _field("priority", "Priority", "choice", choices=["high", "normal", "low"], default="normal", advanced=True),
        _field(
            "force", "New version", "boolean", default=False, group=SENT,
            help="a new version even where the same inputs were published already",
        ),
        _field(
            "allow_holes", "Allow gaps", "boolean", default=False, advanced=True,
            help="go on although the plate lacks frames; they stay missing in what is published",
        ),
    ]  # fmt: skip


def source_values(facts: Facts) -> dict[str, Any]:
    """What the host knows of it."""
    known = {"plates": list(facts.plates), "cut": facts.cut}
    whose = {"shot": facts.shot, "project": facts.project, "asset": facts.asset}
    return {MARK + name: value for name, value in {**known, **whose}.items() if value}


def _field(name: str, label: str, kind: str, **more: Any) -> dict[str, Any]:
    blank = {
        "default": "", "required": False, "choices": None, "minimum": None, "maximum": None, "unit": "", "help": "",
        "advanced": False, "group": "", "when": None, "item": None, "fields": None,
    }  # fmt: skip
    return {"name": name, "label": label, "type": kind, **blank, **more}


ASSET = _field("asset", "Asset", "text", help="kind/name that results belong to, where there is no shot")
