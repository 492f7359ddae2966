"""OpenCue's own pyoutline, in an environment of its own: what it would send for the same jobs.

Run as a program there, it reads jobs as JSON and prints a list of documents; imported here, it starts itself so.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

PINS = (
    "opencue-pyoutline==1.37.0",
    "opencue-pycue==1.37.0",
    "opencue-proto==1.37.0",
    "grpcio==1.85.1",
    "protobuf==7.36.2",
    "future==1.0.0",
    "packaging==26.3",
    "PyYAML==6.0.3",
    "typing_extensions==4.16.0",
)
PATIENCE_S = 120


def outlined(specs: Sequence[dict[str, Any]], home: Path) -> list[str]:
    """The document that pyoutline writes for each spec.

    Args:
        specs: ``CueSpec`` as JSON values.
        home: where it may leave its sessions.
    """
    from environments import environment  # noqa: PLC0415 - the program has no pytest

    ran = subprocess.run(
        [environment("pyoutline", PINS).python, "-W", "ignore", __file__],
        input=json.dumps(specs),
        env={"HOME": str(home), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    documents: list[str] = json.loads(ran.stdout)
    return documents


def _document(spec: dict[str, Any]) -> str:
    outline, backend, cuerun = (import_module(f"outline{name}") for name in ("", ".backend.cue", ".cuerun"))
    outline.util.get_uid = lambda: spec["uid"]
    (job,) = spec["jobs"]
    made = outline.Outline(job["name"])
    for name, value in job["env"].items():
        made.set_env(name, value, True)
    layers = {layer["name"]: outline.Layer(layer["name"], **_arguments(layer)) for layer in job["layers"]}
    for layer in layers.values():
        made.add_layer(layer)
    for depend in spec["depends"]:
        layers[depend["deplayer"]].depend_all(layers[depend["onlayer"]])
    launcher = cuerun.OutlineLauncher(
        made,
        nomail=True,
        pause=job["paused"],
        maxretries=min(job["retries"], 1),
        **{name: job[name] for name in ("priority", "autoeat")},
        **{name: spec[name] for name in ("facility", "show", "shot", "user")},
    )
    launcher.setup()
    text: str = backend.serialize_simple(launcher)
    return text


def _arguments(layer: dict[str, Any]) -> dict[str, Any]:
    """A layer in pyoutline's words; it hands times and memory on as they are."""
    same = ("chunk", "cores", "threadable", "type")
    found = {name: layer[name] for name in same}
    found |= {"command": layer["cmd"], "range": layer["frames"], "memory": f"{layer['memory_mib']}m"}
    found |= {"timeout": -(-layer["timeout_s"] // 60), "service": layer["services"][0]}
    if layer["gpus"]:
        found |= {"gpus": layer["gpus"], "gpu_memory": f"{layer['gpu_memory_mib']}m"}
    if layer["tags"]:
        found["tags"] = list(layer["tags"])
    if layer["limits"]:
        found["limits"] = list(layer["limits"])
    return found


if __name__ == "__main__":
    print(json.dumps([_document(spec) for spec in json.load(sys.stdin)]))  # noqa: T201 - its answer
