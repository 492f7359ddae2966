"""Bundles that are not ours: a template without a fault, and ways to spoil it."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from shotmill.farm_plugins.lint import Finding, lint, read_bundle

Document = dict[str, Any]
ACTION = {
    "command": "nuke",
    "args": ["-x", "{{Param.Scene}}", "{{Task.Param.Frame}}"],
    "timeout": 3600,
    "cancelation": {"mode": "NOTIFY_THEN_TERMINATE"},
}
CLEAN: Document = {
    "specificationVersion": "jobtemplate-2023-09",
    "extensions": ["TASK_CHUNKING"],
    "name": "Comp",
    "parameterDefinitions": [
        {"name": "Scene", "type": "PATH", "dataFlow": "IN", "objectType": "FILE"},
        {"name": "Out", "type": "PATH", "dataFlow": "OUT", "objectType": "DIRECTORY"},
        {"name": "Note", "type": "STRING", "default": "", "maxLength": 200},
        {"name": "Quality", "type": "STRING", "default": "fast", "allowedValues": ["fast", "best"]},
        {"name": "Count", "type": "INT", "default": 4},
    ],
    "steps": [
        {
            "name": "Render",
            "parameterSpace": {
                "taskParameterDefinitions": [
                    {
                        "name": "Frame",
                        "type": "CHUNK[INT]",
                        "range": "1-10",
                        "chunks": {"defaultTaskCount": 4, "rangeConstraint": "NONCONTIGUOUS"},
                    }
                ]
            },
            "script": {"actions": {"onRun": ACTION}},
        }
    ],
}


def clean() -> Document:
    """A template without a fault, to be spoiled."""
    return copy.deepcopy(CLEAN)


def step(document: Document) -> Document:
    """Its one step."""
    found: Document = document["steps"][0]
    return found


def runs(command: str, *args: str) -> Callable[[Document], object]:
    """Let the step run a command."""
    return lambda document: step(document)["script"]["actions"]["onRun"].update(command=command, args=list(args))


def runs_file(text: str, *, by: tuple[str, ...] = ("bash",), filename: str = "") -> Callable[[Document], object]:
    """Let the step run an embedded file."""

    def spoil(document: Document) -> None:
        file = {"name": "Run", "type": "TEXT", "data": text, **({"filename": filename} if filename else {})}
        words = [*by, "{{Task.File.Run}}"]
        step(document)["script"]["embeddedFiles"] = [file]
        runs(words[0], *words[1:])(document)

    return spoil


def write(folder: Path, document: object, *, name: str = "template.json") -> Path:
    """Write one document of a bundle; the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(json.dumps(document), encoding="utf-8")
    return folder


def found_in(folder: Path) -> list[Finding]:
    """All findings of a bundle."""
    return lint(read_bundle(folder))


def slugs(folder: Path) -> set[str]:
    """The kinds of findings of a bundle."""
    return {finding.slug for finding in found_in(folder)}
