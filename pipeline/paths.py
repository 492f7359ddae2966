"""Path templates: from names to paths, and from paths back to names."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from ..schema.errors import ConfigError, NameRuleError, PathJailError
from ..schema.media import EntityKind, EntityRef
from ..schema.names import check_name, check_relative_path

BUILT_IN = Path(__file__).with_name("paths.toml")
_FIELD = re.compile(r"\{(?P<name>[a-z]+)(?::0(?P<width>\d))?\}")
_NUMBERS = frozenset({"version", "frame"})
_REQUIRED = {
    ("version", "shot"): {"sequence", "shot", "product", "version"},
    ("version", "asset"): {"kind", "asset", "product", "version"},
    ("version", "sequence"): {"sequence", "product", "version"},
    ("file", "single"): {"ext"},
    ("file", "frame"): {"frame", "ext"},
}
_KNOWN = {
    "version": {"sequence", "shot", "kind", "asset", "product", "version"},
    "file": {"entity", "product", "version", "frame", "ext"},
}


@dataclass(frozen=True)
class Template:
    """One path template."""

    text: str

    def format(self, fields: Mapping[str, str | int]) -> str:
        """The path that these fields mean; every name is checked.

        Raises:
            NameRuleError: a field is no legal name.
        """

        def fill(found: re.Match[str]) -> str:
            name, width = found.group("name"), found.group("width")
            value = fields[name]
            if name in _NUMBERS:
                number = int(value)
                return f"{number:0{int(width or 1) + (number < 0)}d}"
            return check_name(str(value), field=name)

        return _FIELD.sub(fill, self.text)

    @property
    def padding(self) -> int:
        """How many digits a frame has at least in the paths of this template; 0: it has no frame."""
        found = next((one for one in _FIELD.finditer(self.text) if one.group("name") == "frame"), None)
        return 0 if found is None else max(int(found.group("width") or 1), 1)

    def with_hashes(self) -> Template:
        """This template with its frame as ``#``, one for each digit: what the frames of a sequence share."""
        return Template(_FIELD.sub(lambda one: "#" * self.padding if one["name"] == "frame" else one[0], self.text))

    def pattern(self, seen: set[str]) -> str:
        """The template as a regular expression; a field that was seen before must repeat its value."""
        parts, end = [], 0
        for found in _FIELD.finditer(self.text):
            parts.append(re.escape(self.text[end : found.start()]))
            name = found.group("name")
            if name in seen:
                parts.append(f"(?P={name})")
            else:
                form = (
                    rf"-?[0-9]{{{found.group('width') or 1},}}" if name in _NUMBERS else r"[A-Za-z0-9][A-Za-z0-9_.-]*"
                )
                parts.append(f"(?P<{name}>{form})")
                seen.add(name)
            end = found.end()
        return "".join(parts) + re.escape(self.text[end:])


class PublishedPath(NamedTuple):
    """What a published path says: whose it is, which product, version and frame."""

    entity: EntityRef
    product: str
    version: int
    frame: int | None = None
    extension: str | None = None


@dataclass(frozen=True)
class PathTemplates:
    """The templates of a studio."""

    version: Mapping[EntityKind, Template]
    single: Template
    frame: Template

    @property
    def texts(self) -> dict[str, dict[str, str]]:
        """The templates as ``paths.toml`` has them; ``templates_of`` reads them back."""
        return {
            "version": {kind.value: template.text for kind, template in self.version.items()},
            "file": {"single": self.single.text, "frame": self.frame.text},
        }

    def version_folder(self, entity: EntityRef, product: str, version: int) -> PurePosixPath:
        """The folder of a version, relative to the project's.

        Raises:
            NameRuleError: these templates give another product the same folder.
        """
        text = check_relative_path(self._folder(entity, product, version), field="path")
        meant = PublishedPath(entity, product, version)
        found = self.parse(text, project=entity.project)
        if found != meant:
            raise NameRuleError(
                f"{entity}/{product} v{version} and {found.entity}/{found.product} v{found.version} would share the "
                f"folder {text!r}; rename one, or keep the fields of the path templates apart with '/'",
                field="path",
            )
        return PurePosixPath(text)

    def _folder(self, entity: EntityRef, product: str, version: int) -> str:
        fields = {**_entity_fields(entity), "product": product, "version": version}
        return self.version[entity.kind].format(fields)

    def file_name(self, entity: EntityRef, product: str, version: int, *, frame: int | None, extension: str) -> str:
        """The name of a file in a version's folder."""
        template = self.single if frame is None else self.frame
        fields = _file_fields(entity, product, version, extension)
        if frame is not None:
            fields["frame"] = frame
        return check_relative_path(template.format(fields), field="path")

    def sequence_name(self, entity: EntityRef, product: str, version: int, *, extension: str) -> str:
        """The name of all frames of a sequence in a version's folder, with ``#`` for each digit of a frame."""
        return self.frame.with_hashes().format(_file_fields(entity, product, version, extension))

    def parse(self, path: str, *, project: str) -> PublishedPath:
        """Read a path, relative to the project's folder, backwards: a version's folder, or a file in one.

        Raises:
            PathJailError: it is no path that these templates make.
            NameRuleError: it is no text that a path may hold.
        """
        check_relative_path(path, field="path")
        for kind, form in self._forms:
            found = form.fullmatch(path)
            read = None if found is None else _read(project, kind, found.groupdict())
            if read is not None and self._text(read) == path:
                return read
        raise PathJailError(f"{path!r} is no published path of these templates", path=path)

    def _text(self, read: PublishedPath) -> str:
        """The path that these templates make of what was read; another one was not made by them."""
        folder = self._folder(read.entity, read.product, read.version)
        if read.extension is None:
            return folder
        name = self.file_name(read.entity, read.product, read.version, frame=read.frame, extension=read.extension)
        return f"{folder}/{name}"

    @cached_property
    def _forms(self) -> list[tuple[EntityKind, re.Pattern[str]]]:
        forms = []
        for kind, template in self.version.items():
            own = {EntityKind.SHOT: "shot", EntityKind.ASSET: "asset", EntityKind.SEQUENCE: "sequence"}[kind]
            for file in (None, self.frame, self.single):
                seen: set[str] = set()
                text = template.pattern(seen)
                if file is not None:
                    text += "/" + Template(file.text.replace("{entity}", f"{{{own}}}")).pattern(seen)
                forms.append((kind, re.compile(text)))
        return forms


def load_templates(path: str = "") -> PathTemplates:
    """The templates of a file, or the built-in ones.

    Raises:
        ConfigError: the file cannot be read, or a template lacks a field or names an unknown one.
    """
    source = Path(path) if path else BUILT_IN
    try:
        found = tomllib.loads(source.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"path templates {source} cannot be read: {error}", path=source) from error
    return templates_of(found, source)


def templates_of(texts: Mapping[str, Any], source: Path) -> PathTemplates:
    """The templates that were read from somewhere.

    Args:
        texts: as ``PathTemplates.texts`` gives them.
        source: for messages.

    Raises:
        ConfigError: a template lacks a field or names an unknown one.
    """
    made = {place: _template(texts, place, source) for place in _REQUIRED}
    return PathTemplates(
        version={kind: made["version", kind.value] for kind in EntityKind},
        single=made["file", "single"],
        frame=made["file", "frame"],
    )


def _template(found: Mapping[str, Any], place: tuple[str, str], source: Path) -> Template:
    section, name = place
    table = found.get(section)
    text = table.get(name) if isinstance(table, Mapping) else None
    if not isinstance(text, str):
        raise ConfigError(f"{source}: template [{section}] {name} is not there; add it", path=source)
    fields = {match.group("name") for match in _FIELD.finditer(text)}
    missing, unknown = _REQUIRED[place] - fields, fields - _KNOWN[section]
    if missing or unknown:
        wrong = f"lacks {sorted(missing)}" if missing else f"names unknown fields {sorted(unknown)}"
        raise ConfigError(f"{source}: template [{section}] {name} {wrong}", path=source)
    check_relative_path(_FIELD.sub("x", text), field=f"[{section}] {name}")
    return Template(text)


def _entity_fields(entity: EntityRef) -> dict[str, str | int]:
    if entity.kind is EntityKind.SHOT:
        return {"sequence": entity.parent, "shot": entity.name}
    if entity.kind is EntityKind.ASSET:
        return {"kind": entity.parent, "asset": entity.name}
    return {"sequence": entity.name}


def _file_fields(entity: EntityRef, product: str, version: int, extension: str) -> dict[str, str | int]:
    return {"entity": entity.name, "product": product, "version": version, "ext": extension}


def _read(project: str, kind: EntityKind, fields: Mapping[str, str]) -> PublishedPath | None:
    """What a path's fields say; None when a name among them is none."""
    frame = fields.get("frame")
    try:
        entity = _entity(project, kind, fields)
        for name in ("product", "ext"):
            if name in fields:
                check_name(fields[name], field=name)
    except (ValueError, NameRuleError):
        return None
    return PublishedPath(
        entity,
        fields["product"],
        int(fields["version"]),
        frame=None if frame is None else int(frame),
        extension=fields.get("ext"),
    )


def _entity(project: str, kind: EntityKind, fields: Mapping[str, str]) -> EntityRef:
    if kind is EntityKind.SHOT:
        return EntityRef(project=project, kind=kind, parent=fields["sequence"], name=fields["shot"])
    if kind is EntityKind.ASSET:
        return EntityRef(project=project, kind=kind, parent=fields["kind"], name=fields["asset"])
    return EntityRef(project=project, kind=kind, name=fields["sequence"])


def inside(root: Path, relative: str | PurePosixPath) -> Path:
    """A path below a root, following links as they are now.

    Raises:
        PathJailError: a link on the way leads out of the root.
    """
    check_relative_path(str(relative), field="path")
    path = root / relative
    if not path.resolve().is_relative_to(root.resolve()):
        raise PathJailError(
            f"{path} leads out of {root} through a link; remove the link",
            path=path,
            hint=f"ls -l {path.parent}",
        )
    return path


def refuse_twins(root: Path, *paths: PurePosixPath) -> None:
    """Refuse paths that differ only in capitals, in a folder above too: Windows and macOS take both for one.

    Args:
        root: what lies there already counts; it need not be there.
        paths: relative to the root.

    Raises:
        NameRuleError: names both.
    """
    known: dict[str, str] = {}
    listed: dict[Path, dict[str, str]] = {}
    for path in paths:
        for end in range(1, len(path.parts) + 1):
            text = "/".join(path.parts[:end])
            if (other := known.setdefault(text.casefold(), text)) != text:
                raise _twins(text, other, "which this job publishes too")
        _refuse_twin_on_disk(root, path, listed)


def _refuse_twin_on_disk(root: Path, path: PurePosixPath, listed: dict[Path, dict[str, str]]) -> None:
    place = root
    for part in path.parts if root.is_dir() else ():
        if not os.path.lexists(place / part):
            if place not in listed:
                listed[place] = {there.name.casefold(): there.name for there in place.iterdir()}
            # Another publish may have made the very folder since it was looked for.
            if (twin := listed[place].get(part.casefold(), part)) != part:
                raise _twins(part, twin, f"which is in {place} already")
            return
        place = place / part
        if not place.is_dir():
            return


def _twins(name: str, other: str, whose: str) -> NameRuleError:
    return NameRuleError(
        f"{name!r} and {other!r}, {whose}, differ only in capitals, which Windows and macOS take for one name; "
        f"use {other!r}",
        field="path",
    )
