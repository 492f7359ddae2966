"""Paths in what a host sends, as this machine sees them: of plates, and of parameters that are paths."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...pipeline.pathmap import mapped, on_this_machine, roots_of
from ...schema.forms import FieldOut
from ...schema.job import JobType
from ..fields import form_of

PATHS = frozenset({"path", "folder"})
CLIPS, MEDIA = "clips", "media"
mapped_path = on_this_machine


def mapped_params(params: Mapping[str, Any], job_type: JobType[Any], pairs: Sequence[str]) -> dict[str, Any]:
    """Parameters whose paths are those of this machine, however deep they lie; others are as they were."""
    roots = roots_of(pairs)
    if not roots:
        return dict(params)
    found = _object(params, form_of(job_type).fields, roots)
    if isinstance(found.get(CLIPS), list):
        found[CLIPS] = [_clip(clip, roots) for clip in found[CLIPS]]
    return found


def _object(values: Mapping[str, Any], fields: Sequence[FieldOut], roots: Mapping[str, str]) -> dict[str, Any]:
    known = {field.name: field for field in fields}
    return {name: _mapped(value, known[name], roots) if name in known else value for name, value in values.items()}


def _mapped(value: Any, field: FieldOut, roots: Mapping[str, str]) -> Any:
    """A value as its field says what it is; what does not fit is left to the check of parameters."""
    if isinstance(value, str):
        return mapped(value, roots) if field.type in PATHS else value
    if isinstance(value, list):
        return [_mapped(one, field.item or field, roots) for one in value]
    if isinstance(value, dict) and field.fields is not None:
        return _object(value, field.fields, roots)
    return value


def _clip(clip: Any, roots: Mapping[str, str]) -> Any:
    return {**clip, MEDIA: mapped(clip[MEDIA], roots)} if isinstance(clip, dict) and MEDIA in clip else clip
