"""Fields of forms, made from a job type's parameters: nothing here knows any job type.

What a schema cannot say stands beside the parameter, in its ``json_schema_extra``:

- ``source``: the submitter fills it in, so no form shows it; ``filled_by: host``: the host does, such as strokes.
- ``kind``: ``path``, ``folder`` or ``colour_space``, for text that is one; ``text``, for what people type as text.
- ``unit``, ``group``, ``advanced``, ``when``: as in ``schema.forms.FieldOut``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, get_args

from ..schema.forms import FieldOut, FieldType, FormOut
from ..schema.frames import FrameSet
from ..schema.job import ClipParams, JobType

MAX_DEPTH = 6  # of objects in objects; a schema that refers to itself ends there
CLIPS = "clips"
UNITS = {"_px": "px", "_s": "s", "_mib": "MiB", "_fps": "fps", "_frames": "frames", "_deg": "degrees"}
SCALARS: dict[str, FieldType] = {"string": "text", "integer": "integer", "number": "number", "boolean": "boolean"}


def form_of(job_type: JobType[Any]) -> FormOut:
    """The form of a job type."""
    schema = job_type.params.model_json_schema()
    properties: dict[str, Any] = schema.get("properties", {})
    required = set(schema.get("required", ()))
    takes_plates = issubclass(job_type.params, ClipParams)
    reader = _Reader(schema.get("$defs", {}))
    fields = [
        reader.field(name, entry, required=name in required, annotation=job_type.params.model_fields[name].annotation)
        for name, entry in properties.items()
        if "source" not in entry
    ]
    return FormOut(
        name=job_type.name,
        summary=job_type.summary,
        takes="plates" if takes_plates else "none",
        plates_max=properties[CLIPS].get("maxItems") if takes_plates else None,
        fields=tuple(fields),
    )


@dataclass(frozen=True)
class _Reader:
    """Reads entries of one schema."""

    shared: Mapping[str, Any]

    def field(
        self, name: str, entry: Mapping[str, Any], *, required: bool, annotation: Any = None, depth: int = 0
    ) -> FieldOut:
        """The field of one entry."""
        meant = self._meant(entry)
        kind, more = self._kind(name, meant, depth)
        if kind == "text" and _holds(annotation, FrameSet):
            kind = "frames"
        if "kind" in entry:
            kind, more = entry["kind"], {}
        return FieldOut(
            name=name,
            label=str(entry.get("title") or meant.get("title") or name),
            type=kind,
            default=entry.get("default"),
            required=required,
            unit=str(entry.get("unit") or _unit(name)),
            help=str(entry.get("description") or ""),
            advanced=bool(entry.get("advanced")),
            group=str(entry.get("group") or ""),
            when=entry.get("when"),
            source="host" if entry.get("filled_by") == "host" else "",
            **_bounds(meant),
            **more,
        )

    def _meant(self, entry: Mapping[str, Any]) -> Mapping[str, Any]:
        """The entry without references and without ``null``; text, where several kinds would do."""
        if "$ref" in entry:
            return self._meant(self.shared.get(str(entry["$ref"]).rpartition("/")[2], {}))
        if len(entry.get("allOf", ())) == 1:
            return self._meant(entry["allOf"][0])
        others = [self._meant(each) for each in entry.get("anyOf", ()) if each.get("type") != "null"]
        if not others:
            return entry
        return next((each for each in others if each.get("type") == "string"), others[0])

    def _kind(self, name: str, meant: Mapping[str, Any], depth: int) -> tuple[FieldType, dict[str, Any]]:
        if "enum" in meant:
            return "choice", {"choices": tuple(map(str, meant["enum"]))}
        if meant.get("type") == "array":
            return self._list(name, meant, depth)
        if meant.get("type") == "object":
            return "object", {"fields": self._inner(meant, depth)}
        return SCALARS.get(str(meant.get("type")), "text"), {}

    def _list(self, name: str, meant: Mapping[str, Any], depth: int) -> tuple[FieldType, dict[str, Any]]:
        entry = meant.get("items") or next(iter(meant.get("prefixItems", ())), {"type": "string"})
        item = self.field(name, entry, required=True, depth=depth + 1)
        if item.type == "choice":
            return "choices", {"choices": item.choices}
        return "list", {"item": item}

    def _inner(self, meant: Mapping[str, Any], depth: int) -> tuple[FieldOut, ...] | None:
        if "properties" not in meant or depth > MAX_DEPTH:
            return None
        required = set(meant.get("required", ()))
        return tuple(
            self.field(name, entry, required=name in required, depth=depth + 1)
            for name, entry in meant["properties"].items()
        )


def _bounds(meant: Mapping[str, Any]) -> dict[str, Any]:
    low = meant.get("minimum", meant.get("exclusiveMinimum", meant.get("minItems")))
    high = meant.get("maximum", meant.get("exclusiveMaximum", meant.get("maxItems")))
    return {"minimum": low, "maximum": high}


def _unit(name: str) -> str:
    return next((unit for suffix, unit in UNITS.items() if name.endswith(suffix)), "")


@cache
def _holds(annotation: Any, wanted: type) -> bool:
    """Whether a type is, or may be, the wanted one."""
    return annotation is wanted or any(_holds(part, wanted) for part in get_args(annotation))
