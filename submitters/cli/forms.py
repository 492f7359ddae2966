"""Command-line flags made from a job type's parameters."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from ...pipeline.files import read_file
from ...schema.checks import MAX_DOCUMENT
from ...schema.errors import ParamsError
from ...schema.job import JobType
from ...schema.media import EntityKind, EntityRef

# The parameters' own model reads the text, and says more than click would about what is wrong with it.
EACH = "_each"  # after the name of a list: a flag for one of its entries
_METAVARS = {"integer": "INTEGER", "number": "NUMBER", "object": "JSON", "array": "JSON"}


def params_options(job_type: JobType[Any]) -> list[click.Option]:
    """One flag for each parameter that people fill in; those that the submitter fills in have none."""
    schema = job_type.params.model_json_schema()
    asked = {name: entry for name, entry in schema.get("properties", {}).items() if "source" not in entry}
    each = [_each_option(name, entry) for name, entry in asked.items() if "each" in entry]
    return [*(_option(name, entry, schema) for name, entry in asked.items()), *each]


def _option(name: str, entry: Mapping[str, Any], schema: Mapping[str, Any]) -> click.Option:
    flag = "--" + name.replace("_", "-")
    default = entry.get("default")
    words = [entry.get("description") or entry.get("title") or name, _bounds(entry)]
    if not isinstance(default, bool | dict | list) and default not in {None, ""}:
        words.append(f"default: {default}")
    if entry.get("type") == "boolean":
        words.append(f"default: {'yes' if default else 'no'}")
        text = "; ".join(word for word in words if word)
        return click.Option([f"{flag}/--no-{name.replace('_', '-')}", name], default=None, help=text)
    text = "; ".join(word for word in words if word)
    choices = _choices(entry, schema)
    kind: Any = click.Choice(choices) if choices else click.STRING
    if "each" in entry:
        return click.Option([flag, name], default=None, metavar="FILE", help=text, callback=_read_document)
    metavar = None if choices else str(entry.get("metavar") or "") or _METAVARS.get(str(entry.get("type")), "TEXT")
    return click.Option([flag, name], type=kind, default=None, metavar=metavar, help=text)


def _read_document(ctx: click.Context, param: click.Parameter, value: Any) -> Any:
    """What is in a JSON file; JSON itself is given on as it is."""
    if not isinstance(value, str) or value.lstrip()[:1] in {"[", "{"}:
        return value
    try:
        return json.loads(read_file(Path(value), most=MAX_DOCUMENT))
    except (OSError, ValueError, RecursionError) as error:
        raise click.BadParameter(f"{value} cannot be read as JSON: {error}", ctx, param) from error


def _each_option(name: str, entry: Mapping[str, Any]) -> click.Option:
    """A flag that may be given many times, each time with one of a list's entries in short text."""
    flag = "--" + str(entry["each"]).replace("_", "-")
    return click.Option([flag, f"{name}{EACH}"], multiple=True, metavar="TEXT", help=entry.get("each_description", ""))


def _choices(entry: Mapping[str, Any], schema: Mapping[str, Any]) -> list[str]:
    reference = entry.get("$ref") or next((part["$ref"] for part in entry.get("allOf", []) if "$ref" in part), None)
    if reference:
        entry = schema.get("$defs", {}).get(str(reference).rpartition("/")[2], {})
    return [str(choice) for choice in entry.get("enum", [])]


def _bounds(entry: Mapping[str, Any]) -> str:
    low, high = entry.get("minimum"), entry.get("maximum")
    if low is None and high is None:
        return ""
    if high is None:
        return f"at least {low}"
    return f"{low} to {high}" if low is not None else f"at most {high}"


def read_params(given: Mapping[str, Any], pairs: tuple[str, ...], file: str | None) -> dict[str, Any]:
    """Parameters from a JSON file, then ``--param name=value``, then flags: later ones win.

    Raises:
        ParamsError: the file is no JSON object, or a pair has no ``=``.
    """
    found: dict[str, Any] = {}
    if file is not None:
        try:
            loaded = json.loads(read_file(Path(file), most=MAX_DOCUMENT))
        except (OSError, ValueError, RecursionError) as error:
            raise ParamsError(f"parameter file {file} cannot be read: {error}", path=file) from error
        if not isinstance(loaded, dict):
            raise ParamsError(f"parameter file {file} must hold one JSON object", path=file)
        found.update(loaded)
    for pair in pairs:
        name, sign, value = pair.partition("=")
        if not sign:
            raise ParamsError(f"--param {pair!r} has no '='; write --param name=value", field=name)
        found[name.replace("-", "_")] = value
    found.update({name: value for name, value in given.items() if value is not None and not name.endswith(EACH)})
    for name, values in given.items():
        if name.endswith(EACH) and values:
            before = found.get(name.removesuffix(EACH), [])
            found[name.removesuffix(EACH)] = [*(before if isinstance(before, list) else [before]), *values]
    return found


def owner_of(project: str, shot: str | None, asset: str | None) -> EntityRef | None:
    """The shot or asset named on the command line, if any.

    Raises:
        ParamsError: it is not written ``SEQUENCE/SHOT`` or ``KIND/NAME``, or both were given.
    """
    if shot is not None and asset is not None:
        raise ParamsError("give --shot or --asset, not both", field="shot")
    text, kind = (shot, EntityKind.SHOT) if shot is not None else (asset, EntityKind.ASSET)
    if text is None:
        return None
    parent, _, name = text.partition("/")
    try:
        return EntityRef(project=project, kind=kind, parent=parent, name=name)
    except ValueError as error:
        form = "SEQUENCE/SHOT, such as sq010/sh010" if shot is not None else "KIND/NAME, such as plate/hero"
        raise ParamsError(f"{text[:80]!r} is no {kind.value}; write {form}", field=kind.value) from error
