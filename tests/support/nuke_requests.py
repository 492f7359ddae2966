"""The requests that Nuke's plug-in makes of a script, as a document that is compared with a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nuke_scenes import open_script

from shotmill.jobs import find_job_type
from shotmill.submitters.client import Form
from shotmill.submitters.fields import form_of
from shotmill.submitters.nuke.asks import Choice, Common, JobKind, asks, job_kinds
from shotmill.submitters.nuke.gather import as_document, gather
from shotmill.submitters.nuke.paths import PathMap

MAPPED = PathMap((("Z:/shows", "/shows"),))
JOB_TYPES = ("thumbnail", "roto", "dailies", "qc", "ocio_bake", "publish")
SET = {"ocio_bake": {"space": "ACEScg"}}


def kind_of(name: str) -> JobKind:
    """A job type as ``describe`` tells it."""
    [kind] = job_kinds({"job_types": [form_of(find_job_type(name)).model_dump(mode="json")]})
    return kind


def requests_of(script: Path, environment: dict[str, str] | None = None) -> dict[str, Any]:
    """What is gathered of a script, and what is sent when all of it is submitted as each job type."""
    open_script(script)
    scene = gather(environment or {}, paths=MAPPED)
    common = Common(project="demo", comment=scene.script.rpartition("/")[2])
    sent = {}
    for name in JOB_TYPES:
        kind = kind_of(name)
        form = Form(kind.fields, SET.get(name, {}))
        sent[name] = [one.args for one in asks(Choice(kind, form, scene, scene.plates, common))]
    return {"scene": as_document(scene), "requests": sent}
