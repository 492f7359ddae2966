"""Cuts as OTIO text, read and written with the standard library: RV's own OpenTimelineIO may be of another version.

A clip that was opened keeps its document; written back, its source range is moved by what was trimmed in RV.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Sequence
from typing import Any

MAX_TEXT = 64 * 1024 * 1024
PLAYED = ("Clip", "Gap")
SHOWABLE = ("ExternalReference", "ImageSequenceReference")


class Shown:
    """A clip of a cut as RV is to show it.

    Attributes:
        path: of its media; empty: it is missing or a gap, and black is shown.
        index: where it stands in its track.
        first: first frame of it, counted from the first that the media has; ``length``: in frames.
        document: as it stands in the cut.
    """

    def __init__(self, document: dict[str, Any], index: int = 0) -> None:
        self.document = document
        self.index = index
        self.name = str(document.get("name") or "")
        media = _media_of(document)
        self.path = _path_of(media)
        whole, used = _range(media.get("available_range")), _range(document.get("source_range"))
        self.rate = (used or whole or (0.0, 0.0, 24.0))[2]
        start, length, _rate = used or whole or (0.0, 0.0, self.rate)
        self.first = round(start - (whole[0] if whole else start))
        self.length = round(length)


class Edit:
    """One cut of a sequence in RV.

    Attributes:
        document: of the clip that it came from; None: it was added in RV.
        first, last: frames of the media as in ``Shown``.
    """

    def __init__(self, document: dict[str, Any] | None, path: str, first: int, last: int, index: int = -1) -> None:
        self.document = document
        self.index = index
        self.path = path
        self.first = first
        self.last = last


def shown_clips(text: str) -> list[Shown]:
    """The clips and gaps of a cut's uppermost video track, in order.

    Raises:
        ValueError: the text is no timeline with a video track.
    """
    track = _track(_timeline(text))
    children = track.get("children") or ()
    return [Shown(one, index) for index, one in enumerate(children) if _kind(one) in PLAYED]


def with_edits(text: str, edits: Sequence[Edit], rate: float) -> str:
    """The cut with what the sequence in RV shows now.

    Sound, other tracks and all that a clip's document holds stay; a transition stays where the clips on both sides of
    it are still neighbours.

    Raises:
        ValueError: the text is no timeline with a video track.
    """
    timeline = _timeline(text)
    track = _track(timeline)
    before = list(track.get("children") or ())
    after: list[dict[str, Any]] = []
    for edit, following in zip(edits, [*edits[1:], None]):
        after.append(_clip(edit, rate))
        if following is not None and 0 <= edit.index == following.index - 2:
            after += [one for one in before[edit.index + 1 : following.index] if _kind(one) == "Transition"]
    track["children"] = after
    return json.dumps(timeline, indent=4, ensure_ascii=False)


def differences(before: Sequence[Shown], after: Sequence[Edit]) -> list[str]:
    """What changed, for people: clips that were trimmed or slipped, added, removed, or put elsewhere."""
    known = {one.index: one for one in before}
    used = [edit.index for edit in after if edit.index in known]
    found = [f"removed: {one.name or 'gap'}" for one in before if one.index not in used]
    for edit in after:
        old = known.get(edit.index)
        if old is None:
            found.append(f"added: {edit.path.rpartition('/')[2]}, {edit.last - edit.first + 1} frames")
        elif (edit.first, edit.last) != (old.first, old.first + old.length - 1):
            head, tail = edit.first - old.first, edit.last - (old.first + old.length - 1)
            found.append(
                f"{'slipped' if head == tail else 'trimmed'}: {old.name or 'gap'}, in {head:+d}, out {tail:+d}"
            )
    if used != sorted(used):
        found.append("the order was changed")
    return found


def _clip(edit: Edit, rate: float) -> dict[str, Any]:
    length = edit.last - edit.first + 1
    if edit.document is None:
        media = {"OTIO_SCHEMA": "ExternalReference.1", "target_url": edit.path, "available_range": None, "metadata": {}}
        return {
            "OTIO_SCHEMA": "Clip.2",
            "name": edit.path.rpartition("/")[2].partition(".")[0],
            "source_range": _time_range(edit.first, length, rate),
            "media_references": {"DEFAULT_MEDIA": {**media, "name": ""}},
            "active_media_reference_key": "DEFAULT_MEDIA",
            "effects": [],
            "markers": [],
            "enabled": True,
            "metadata": {},
        }
    shown, made = Shown(edit.document), copy.deepcopy(edit.document)
    if (edit.first, length) != (shown.first, shown.length):
        used = _range(made.get("source_range")) or _range(_media_of(made).get("available_range")) or (0.0, 0.0, rate)
        made["source_range"] = _time_range(used[0] + edit.first - shown.first, length, used[2])
    return made


def _timeline(text: str) -> dict[str, Any]:
    if len(text) > MAX_TEXT:
        raise ValueError("the cut is larger than 64 MiB")
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"the cut is no OTIO: {error}") from error
    if not isinstance(found, dict) or _kind(found) != "Timeline":
        raise ValueError("the cut is no timeline")
    return found


def _track(timeline: dict[str, Any]) -> dict[str, Any]:
    tracks = (timeline.get("tracks") or {}).get("children") or ()
    videos = [one for one in tracks if _kind(one) == "Track" and one.get("kind", "Video") == "Video"]
    if not videos:
        raise ValueError("the cut has no video track")
    found: dict[str, Any] = videos[-1]  # the uppermost
    return found


def _kind(one: dict[str, Any]) -> str:
    return str(one.get("OTIO_SCHEMA", "")).partition(".")[0]


def _media_of(clip: dict[str, Any]) -> dict[str, Any]:
    named = clip.get("media_references") or {}
    found = named.get(clip.get("active_media_reference_key")) if named else clip.get("media_reference")
    return found if isinstance(found, dict) else {}


def _path_of(media: dict[str, Any]) -> str:
    if _kind(media) not in SHOWABLE:
        return ""
    if _kind(media) == "ExternalReference":
        return _plain(str(media.get("target_url") or ""))
    padding = "#" * int(media.get("frame_zero_padding") or 1)
    folder = _plain(str(media.get("target_url_base") or "")).rstrip("/")
    return f"{folder}/{media.get('name_prefix') or ''}{padding}{media.get('name_suffix') or ''}"


def _plain(url: str) -> str:
    from urllib.parse import unquote  # noqa: PLC0415 - when a cut is opened, not when RV starts

    return (
        unquote(url[len("file://") :].partition("localhost")[2] or url[len("file://") :])
        if url[:7] == "file://"
        else url
    )


def _range(value: Any) -> tuple[float, float, float] | None:
    if not isinstance(value, dict):
        return None
    start, length = value.get("start_time") or {}, value.get("duration") or {}
    rate = float(start.get("rate") or length.get("rate") or 24)
    return float(start.get("value") or 0), float(length.get("value") or 0), rate


def _time_range(start: float, length: float, rate: float) -> dict[str, Any]:
    return {"OTIO_SCHEMA": "TimeRange.1", "start_time": _time(start, rate), "duration": _time(length, rate)}


def _time(value: float, rate: float) -> dict[str, Any]:
    return {"OTIO_SCHEMA": "RationalTime.1", "rate": rate, "value": float(value)}
