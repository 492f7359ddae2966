"""Paths of a job on a host that keeps its files elsewhere: OpenJD's path mapping rules, applied to the JobSpec."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...pipeline.files import read_file
from ...schema.errors import InputCorruptError
from ...schema.job import JobSpec

MAX_RULES = 1024 * 1024


@dataclass(frozen=True)
class Rule:
    """What lay below ``source`` when the job was made lies below ``destination`` here."""

    source: str
    destination: str

    def apply(self, path: str) -> str | None:
        """Where a path is here; None: the rule is not about it."""
        if path == self.source:
            return self.destination
        head = self.source.rstrip("/") + "/"
        return self.destination.rstrip("/") + "/" + path.removeprefix(head) if path.startswith(head) else None


def read_rules(path: str) -> tuple[Rule, ...]:
    """The rules of a file that an OpenJD session wrote, the most special first.

    Raises:
        InputCorruptError: it cannot be read.
    """
    try:
        document: Any = json.loads(read_file(Path(path), most=MAX_RULES))
        found = [Rule(one["source_path"], one["destination_path"]) for one in document.get("path_mapping_rules", ())]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputCorruptError(
            f"path mapping rules {path} cannot be read: {error}; the farm writes them, see the session's log", path=path
        ) from error
    return tuple(sorted(found, key=lambda rule: len(rule.source), reverse=True))


def mapped_spec(spec: JobSpec, rules: tuple[Rule, ...]) -> JobSpec:
    """The job with the places of its plates and its OCIO config on this host; as it is where no rule is about them.

    A plate that was sent to the host is what it was when it was sent: the marks of such plates are left out, as copies
    have other times than what they are copies of.
    """
    clips: Any = spec.params.get("clips")
    if not rules or not isinstance(clips, list):
        return spec
    moved = [{**clip, "media": mapped_path(str(clip["media"]), rules)} for clip in clips]
    if moved == clips:
        return spec
    config = spec.colour_config and mapped_path(spec.colour_config, rules)
    files = tuple(file.model_copy(update={"path": mapped_path(file.path, rules)}) for file in spec.colour_files)
    update = {"params": {**spec.params, "clips": moved}, "inputs": (), "colour_config": config or None}
    return spec.model_copy(update={**update, "colour_files": files})


def mapped_path(path: str, rules: tuple[Rule, ...]) -> str:
    """Where a path is here."""
    return next((found for rule in rules if (found := rule.apply(path)) is not None), path)
