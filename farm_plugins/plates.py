"""Plates given by path: clips of them, and the assets that their results belong to."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from ..schema.media import Clip, EntityKind, EntityRef
from ..schema.names import MAX_NAME, RESERVED

if TYPE_CHECKING:
    from ..pipeline.store import Database
    from ..schema.job import JobSpec

HASH_LENGTH = 6
MAX_TOLD = 3


def clips_of_plates(plates: Sequence[str], *, project: str, owner: EntityRef | None = None) -> list[Clip]:
    """A clip for each plate given by path; names are made apart where two plates share one, by folder or suffix.

    Args:
        plates: paths as people type them; see ``pipeline.media.find_medium``.
        project: of the assets that results belong to when nobody is named.
        owner: the shot or asset that results belong to; for one plate only.

    Raises:
        InputMissingError: a plate is not there.
        BadRequestError: a path means no medium, or several.
    """
    from ..pipeline.media import clip_of, find_medium  # noqa: PLC0415 - used here only

    found = [clip_of(find_medium(plate)) for plate in plates]
    names = _names_apart({clip.media: clip.name for clip in found})
    used: Counter[str] = Counter()
    clips = []
    for clip in found:
        name = names[clip.media]
        used[name] += 1
        name = name if used[name] == 1 else f"{name}_{used[name]}"  # one plate, shown twice
        clips.append(clip.model_copy(update={"name": name, "entity": owner or plate_asset(name, project=project)}))
    return clips


def plate_asset(name: str, *, project: str) -> EntityRef:
    """The asset that a plate's results belong to when no shot is named: its file name, made a legal name.

    Letters lose their accents; a name that loses a letter, or is too long, ends in a hash of it: no two names meet.
    """
    plain = unicodedata.normalize("NFKD", name)
    lost = any(char.isalnum() and not char.isascii() for char in plain)
    plain = "".join(char for char in plain if not unicodedata.combining(char))
    cleaned = re.sub(r"[^A-Za-z0-9_-]+", "_", plain).strip("_-")
    if lost or not cleaned or len(cleaned) > MAX_NAME:
        mark = hashlib.sha256(unicodedata.normalize("NFC", name).encode()).hexdigest()[:HASH_LENGTH]
        cleaned = f"{cleaned[: MAX_NAME - HASH_LENGTH - 1].rstrip('_-') or 'plate'}_{mark}"
    if cleaned.lower() in RESERVED:
        cleaned = f"plate_{cleaned}"
    return EntityRef(project=project, kind=EntityKind.ASSET, parent="plate", name=cleaned)


def _names_apart(names: dict[str, str]) -> dict[str, str]:
    """A name for each path, the same in any order: where assets would be one, folders and suffixes that differ."""
    sharing = defaultdict(list)
    for path, name in names.items():
        sharing[_asset_name(name)].append(path)
    apart: dict[str, str] = {}
    for paths in sharing.values():
        apart |= {path: names[path] for path in paths} if len(paths) == 1 else _by_folder(sorted(paths), names)
    taken: Counter[str] = Counter()
    for path in sorted(apart):  # still one name: two paddings in a folder, or a name that another plate has already
        taken[_asset_name(apart[path])] += 1
        times = taken[_asset_name(apart[path])]
        apart[path] += f"_{times}" if times > 1 else ""
    return apart


def _asset_name(name: str) -> str:
    return plate_asset(name, project="x").name.lower()


def _by_folder(paths: Sequence[str], names: dict[str, str]) -> dict[str, str]:
    """Names with as many folders above the file as set them apart; folders and suffixes that all share are left out."""
    parts = {path: (PurePosixPath(path).suffix.lstrip("."), *PurePosixPath(path).parts[-2:0:-1]) for path in paths}
    depth = 1
    while len({parts[path][:depth] for path in paths}) < len(paths) and depth < max(map(len, parts.values())):
        depth += 1
    differ = [at for at in range(depth) if len({parts[path][at : at + 1] for path in paths}) > 1]
    folders = {path: [parts[path][at] for at in reversed(differ) if 0 < at < len(parts[path])] for path in paths}
    suffixes = {path: [parts[path][0]] if 0 in differ else [] for path in paths}
    return {path: "_".join([*folders[path], names[path], *suffixes[path]]) for path in paths}


def other_sources(clips: Iterable[Clip], spec: JobSpec, *, database: Database) -> list[str]:
    """What to tell where the newest version of a product that would get another was made from another path."""
    from ..pipeline.store.sources import newest_sources  # noqa: PLC0415 - heavy: SQLAlchemy

    media = {clip.name: clip.media for clip in clips}
    outputs = [output for step in spec.steps for output in step.outputs if output.product in media]
    promised = {(output.entity.path, output.name): media[output.product] for output in outputs}
    told = [
        f"{entity} v{number:03d} was made from {source}; name this one with --asset KIND/NAME if it is another plate"
        for (entity, name), (number, source) in newest_sources(database, spec.project, list(promised)).items()
        if source != promised[entity, name]
    ]
    more = [f"{len(told) - MAX_TOLD} more were made from other paths"] if len(told) > MAX_TOLD else []
    return [*told[:MAX_TOLD], *more]
