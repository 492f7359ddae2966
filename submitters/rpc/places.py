"""Paths in what a host sends, as this machine sees them: of plates, and of parameters that are paths."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...pipeline.pathmap import mapped, on_this_machine, roots_of
from ...schema.job import JobType

PATHS = frozenset({"path", "folder"})
CLIPS, MEDIA = "clips", "media"
mapped_path = on_this_machine


def mapped_params(params: Mapping[str, Any], job_type: JobType[Any], pairs: Sequence[str]) -> dict[str, Any]:
    """Parameters whose paths are those of this machine; others are as they were."""
    roots = roots_of(pairs)
    if not roots:
        return dict(params)
    properties = job_type.params.model_json_schema().get("properties", {})
    kinds = {name for name, entry in properties.items() if entry.get("kind") in PATHS}
    found = {name: _mapped(value, roots) if name in kinds else value for name, value in params.items()}
    if isinstance(found.get(CLIPS), list):
        found[CLIPS] = [_clip(clip, roots) for clip in found[CLIPS]]
    return found


def _clip(clip: Any, roots: Mapping[str, str]) -> Any:
    return {**clip, MEDIA: _mapped(clip[MEDIA], roots)} if isinstance(clip, dict) and MEDIA in clip else clip


def _mapped(value: Any, roots: Mapping[str, str]) -> Any:
    return mapped(value, roots) if isinstance(value, str) else value
