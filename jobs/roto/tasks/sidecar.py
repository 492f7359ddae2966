"""The sidecar: all of what was asked, who did it, and how sure they are, as one document beside the mattes."""

from __future__ import annotations

import json
from typing import Any

from ....schema.task import FileMade, OutputMade, TaskContext, Written
from ..params import RotoParams
from ..steps import MATTE, PROPAGATE, SIDECAR
from .plate import all_backends, facts_of

SIDECAR_VERSION = 1


def sidecar(task: TaskContext[RotoParams]) -> Written:
    """Write the sidecar: inputs, parameters, backends, weights, versions, confidence by frame and object, timings."""
    params = task.params
    facts, made_by = facts_of(task), all_backends(task)
    document = {
        "sidecar_version": SIDECAR_VERSION,
        "plate": facts.model_dump(mode="json"),
        "model_pixels": [facts.geometry.model_width, facts.geometry.model_height],
        "inputs": [mark.model_dump(mode="json") for mark in task.job.inputs],
        "params": params.model_dump(mode="json"),
        "backends": made_by["backends"],
        "weights": {name: one.sha256 for name, one in task.job.weights.items()},
        "parent": None if params.parent is None else params.parent.model_dump(mode="json"),
        "type_version": task.job.type_version,
        "confidence": _confidence(task),
        "timings": _timings(task),
    }
    name = f"{params.product}.sidecar.json"
    text = json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    (task.staging / name).write_text(text, encoding="utf-8")
    output = OutputMade(task.step.outputs[0].product, SIDECAR, files=[FileMade(name)], facts=made_by)
    return Written(outputs=[output], done=task.frames)


def _confidence(task: TaskContext[RotoParams]) -> dict[str, Any]:
    """Object -> frame -> how sure, 0..1, and why not more."""
    found: dict[str, dict[str, Any]] = {one.name: {} for one in task.params.objects}
    for output, _folder in task.upstream_files(MATTE):
        for frame, objects in output.facts["confidence"].items():
            for name, (sure, reason) in objects.items():
                found[name][frame] = {"confidence": sure, **({"reason": reason} if reason else {})}
    return found


def _timings(task: TaskContext[RotoParams]) -> list[dict[str, Any]]:
    """Each task before this one: seconds, and how many frames its walks worked on rather than found in the cache."""
    found = []
    for step in task.step.after:
        for receipt in task.upstream.get(step, ()):
            entry: dict[str, Any] = {
                "step": step,
                "frames": str(receipt.frames),
                "cpu_s": round(receipt.cpu_s, 3),
                "wall_s": round(receipt.wall_s, 3),
                "host": receipt.host,
            }
            if step.startswith(PROPAGATE):
                walks = {output.facts["walk"]: output.facts.get("stepped", 0) for output in receipt.outputs}
                entry["stepped"] = sum(walks.values())
            found.append(entry)
    return found
