"""Forms of job types as Blender's own properties, made from what Shotmill describes: new ones appear by themselves."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Mapping

import bpy  # pyright: ignore[reportMissingImports] - Blender brings it
from bpy.props import (  # pyright: ignore[reportMissingImports] - as above
    BoolProperty,
    EnumProperty,
    FloatProperty,
    IntProperty,
    PointerProperty,
    StringProperty,
)

from . import gather
from .state import changed, group

PREFIX = "shotmill_form_"
FILE = "forms.json"
LINE = 60  # characters of a line in a panel
MOST = 2**31 - 1  # of Blender's whole numbers
SUBTYPES = {"path": "FILE_PATH", "folder": "DIR_PATH"}
PLAIN = ("integer", "number", "boolean", "choice")

_forms: dict[str, Mapping[str, Any]] = {}
_classes: dict[str, Any] = {}


def forms() -> dict[str, Mapping[str, Any]]:
    """Job types that can do something with a scene, by name."""
    return dict(_forms)


def shown(form: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The fields that people fill in."""
    return [field for field in form["fields"] if field.get("source") != gather.BY_HOST]


def show(described: list[Mapping[str, Any]]) -> None:
    """Make properties of all job types that were described, and forget those of before."""
    forget()
    for form in described:
        if gather.is_for_scenes(form):
            name = str(form["name"])
            made = group("SHOTMILL_PG_form_" + name, **{field["name"]: _property(field) for field in shown(form)})
            bpy.utils.register_class(made)
            setattr(bpy.types.Scene, PREFIX + name, PointerProperty(type=made))
            _forms[name], _classes[name] = form, made


def forget() -> None:
    """Take all forms away."""
    for name, made in _classes.items():
        delattr(bpy.types.Scene, PREFIX + name)
        bpy.utils.unregister_class(made)
    _forms.clear()
    _classes.clear()


def values_of(scene: Any, name: str) -> dict[str, Any]:
    """What was filled in, without what was left as it is.

    Raises:
        NotReadyError: a list or an object is no JSON.
    """
    filled = getattr(scene, PREFIX + name)
    found = {}
    for field in shown(_forms[name]):
        if _applies(field, filled):
            value = _read(field, getattr(filled, field["name"]))
            if value not in ("", None) and value != field.get("default"):
                found[field["name"]] = value
    return found


def _applies(field: Mapping[str, Any], filled: Any) -> bool:
    for other, wanted in (field.get("when") or {}).items():
        value = getattr(filled, other, None)
        if value not in (wanted if isinstance(wanted, list) else [wanted]):
            return False
    return True


def draw(layout: Any, scene: Any, name: str, *, advanced: bool, problems: Mapping[str, str]) -> None:
    """Draw the fields of a job type, each with what is wrong with it."""
    filled = getattr(scene, PREFIX + name)
    for field in shown(_forms[name]):
        if advanced or not field.get("advanced") or field["name"] in problems:
            row = layout.row()
            row.enabled = _applies(field, filled)
            row.alert = field["name"] in problems
            row.prop(filled, field["name"])
            if row.alert:
                tell(layout, problems[field["name"]])


def tell(layout: Any, text: str, icon: str = "ERROR") -> None:
    """A sentence in lines of some length; Blender breaks none."""
    line = ""
    for word in text.split():
        if line and len(line) + len(word) >= LINE:
            layout.label(text=line, icon=icon)
            line, icon = "", "BLANK1"
        line = (line + " " + word).strip()
    layout.label(text=line, icon=icon)


def _is_plain(field: Mapping[str, Any]) -> bool:
    """Whether it can be a number or a choice of Blender's, which are never empty."""
    return field["type"] in PLAIN and (field.get("default") is not None or field["type"] == "boolean")


def _property(field: Mapping[str, Any]) -> Any:
    unit = " [{}]".format(field["unit"]) if field.get("unit") else ""
    words = {"name": field["label"] + unit, "description": field.get("help") or "", "update": changed}
    if not _is_plain(field):
        return _text(field, words)
    default = field.get("default")
    if field["type"] == "boolean":
        return BoolProperty(default=bool(default), **words)
    if field["type"] == "choice":
        items = [(one, one.replace("_", " "), "") for one in field["choices"] or [str(default)]]
        return EnumProperty(items=items, default=str(default), **words)
    low, high = field.get("minimum"), field.get("maximum")
    if field["type"] == "integer":
        return IntProperty(default=int(default or 0), min=_whole(low, -MOST), max=_whole(high, MOST), **words)
    return FloatProperty(
        default=float(default or 0.0),
        min=float(low) if low is not None else -3e38,
        max=float(high) if high is not None else 3e38,
        precision=4,
        **words,
    )


def _whole(value: Any, usual: int) -> int:
    return usual if value is None else max(-MOST, min(MOST, int(value)))


def _text(field: Mapping[str, Any], words: dict[str, Any]) -> Any:
    default = field.get("default")
    if default is None or default in ([], {}):
        text = ""
    elif isinstance(default, (list, dict)):
        text = ",".join(default) if _is_words(default) else json.dumps(default)
    else:
        text = str(default)
    return StringProperty(default=text, subtype=SUBTYPES.get(field["type"], "NONE"), **words)


def _is_words(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) and "," not in one for one in value)


def _read(field: Mapping[str, Any], value: Any) -> Any:
    """What was filled in, as the parameter wants it."""
    if _is_plain(field):
        return round(value, 6) if field["type"] == "number" else value
    text = str(value).strip()
    if field["type"] in ("path", "folder") and text:
        return bpy.path.abspath(text)
    if field["type"] == "choices" or (field["type"] == "list" and text[:1] not in ("", "[")):
        return [one.strip() for one in text.split(",") if one.strip()] or None
    if field["type"] not in ("list", "object") or not text:
        return text
    try:
        return json.loads(text)
    except ValueError as error:
        msg = "{} is no JSON: {}".format(field["label"], error)
        raise gather.NotReadyError(msg) from error


def _file() -> Path:
    return Path(bpy.utils.extension_path_user(__package__, path="", create=True)) / FILE


def keep(described: list[Mapping[str, Any]]) -> None:
    """Keep what was described for the next start of Blender."""
    _file().write_text(json.dumps(described), encoding="utf-8")


def register() -> None:
    """Show the forms that were kept; they are asked for anew when somebody looks."""
    try:
        show(json.loads(_file().read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError):  # none were kept, or by another version: they are asked for
        forget()


def unregister() -> None:
    """Take all forms away."""
    forget()
