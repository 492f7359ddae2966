"""Paths of a job on a host that keeps its files elsewhere: OpenJD's path mapping rules, applied to the JobSpec."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from ...pipeline.files import read_file
from ...schema.errors import InputCorruptError
from ...schema.job import ColourFile, JobSpec, WeightsRef

MAX_RULES = 1024 * 1024
N = TypeVar("N", ColourFile, WeightsRef)


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
    """The job with the places of all that it reads on this host; as it is where no rule is about any of it.

    A plate that was sent to the host is what it was when it was sent: the marks of such plates are left out, as copies
    have other times than what they are copies of.
    """
    clips = spec.params.get("clips")
    plates = [str(clip["media"]) for clip in clips] if isinstance(clips, list) else []
    checked = [*(one.path for one in spec.colour_files), *(one.path for one in spec.weights.values())]
    read = [*plates, *spec.files, *checked, spec.colour_config or ""]
    moved = {path: there for path in read if (there := mapped_path(path, rules)) != path}
    if not moved:
        return spec
    return spec.model_copy(
        update={
            "params": _renamed(spec.params, moved),
            "inputs": () if any(path in moved for path in plates) else spec.inputs,
            "colour_config": spec.colour_config and moved.get(spec.colour_config, spec.colour_config),
            "colour_files": tuple(_placed(one, moved) for one in spec.colour_files),
            "weights": {name: _placed(one, moved) for name, one in spec.weights.items()},
            "files": _renamed(spec.files, moved),
        }
    )


def _placed(one: N, moved: Mapping[str, str]) -> N:
    return one.model_copy(update={"path": moved.get(one.path, one.path)})


def _renamed(value: Any, moved: Mapping[str, str]) -> Any:
    """Params with the new places of files, wherever in them they are named."""
    if isinstance(value, str):
        return moved.get(value, value)
    if isinstance(value, dict):
        return {moved.get(key, key): _renamed(each, moved) for key, each in value.items()}
    return [_renamed(each, moved) for each in value] if isinstance(value, list) else value


def mapped_path(path: str, rules: tuple[Rule, ...]) -> str:
    """Where a path is here."""
    return next((found for rule in rules if (found := rule.apply(path)) is not None), path)
