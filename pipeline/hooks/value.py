"""What a hook is told. It is a copy: whatever a hook does to it changes no job."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any


@dataclass(frozen=True, slots=True)
class FormSeen:
    """One representation that will be published.

    Attributes:
        files: where they lie before the publish, in the order of frames.
        frames, missing: as frame text, such as ``1001-1010``; empty: none.
    """

    name: str
    files: tuple[Path, ...]
    frames: str
    missing: str
    colourspace: str | None


@dataclass(frozen=True, slots=True)
class ProductSeen:
    """One product that will be published; ``address`` is such as ``demo:sq010/sh010/comp``."""

    address: str
    kind: str
    forms: tuple[FormSeen, ...]


@dataclass(frozen=True, slots=True)
class VersionSeen:
    """One version that is visible; ``missing`` is frame text, ``is_new`` whether this very run published it."""

    address: str
    folder: Path
    number: int
    is_new: bool
    missing: str


@dataclass(frozen=True, slots=True)
class HookCall:
    """What a hook is told.

    Attributes:
        event: ``pre_submit``, ``post_submit``, ``pre_publish`` or ``post_publish``.
        hook: its own name.
        job_id: of the job, a UUID; before the submit of a job that is there already, the one it would have had.
        handle: what people call the job, such as ``J-7F3K9QAB``.
        engine: where it runs; empty at the publish, which is the same everywhere.
        params: the job's parameters, read-only all the way down.
        folder: of the job; None before it is submitted.
        products: at ``pre_publish``: what is not published yet, each frame checked.
        versions: at ``post_publish``: what is visible.
        outcome: at ``post_publish``: ``published``, ``already published`` or ``refused``.
        failure: at ``post_publish``: the failure in one line; empty: there is none.
    """

    event: str
    hook: str
    job_id: str
    handle: str
    job_name: str
    job_type: str
    project: str
    user: str
    comment: str
    engine: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)
    folder: Path | None = None
    products: tuple[ProductSeen, ...] = ()
    versions: tuple[VersionSeen, ...] = ()
    outcome: str = ""
    failure: str = ""


def read_only(value: Any) -> Any:
    """JSON that nobody can write to."""
    if isinstance(value, Mapping):
        return MappingProxyType({key: read_only(one) for key, one in value.items()})
    if isinstance(value, list | tuple):
        return tuple(read_only(one) for one in value)
    return value
