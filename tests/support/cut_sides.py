"""Cuts for comparisons, written as one side each: clips one after the other on one track."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from shotmill.schema.cutdiff import CutSide, CutUse, TimelineDiffOut, UseChange
from shotmill.schema.media import Rate

HEAD = 100  # source frame that clips begin at


def use(shot: str, first: int = HEAD, last: int = HEAD + 23, **more: Any) -> CutUse:
    """A clip of a shot; its media is ``/plates/<shot>_v001.mov``."""
    path = f"sq010/{shot}" if shot else ""
    media = more.pop("media", f"/plates/{shot}_v001.mov")
    version = more.pop("version", "1")
    facts = {"record_in": 0, "record_out": last - first, "use": path, "track": "V1", **more}
    return CutUse(name=shot, shot=path, media=media, version=version, source_in=first, source_out=last, **facts)


def cut(*uses: CutUse, label: str = "cut", rate: int = 24) -> CutSide:
    """The clips one after the other."""
    placed, at = [], 0
    for one in uses:
        length = one.record_out - one.record_in + 1
        placed.append(one.model_copy(update={"record_in": at, "record_out": at + length - 1}))
        at += length
    return CutSide(label=label, rate=Rate(rate), duration=at, uses=tuple(placed))


def shots(names: Iterable[str]) -> list[CutUse]:
    return [use(name) for name in names]


def change_of(diff: TimelineDiffOut, shot: str) -> UseChange:
    """The one change of a shot."""
    [found] = [change for change in diff.changes if change.shot == f"sq010/{shot}"]
    return found
