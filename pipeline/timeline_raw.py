"""A timeline as OpenTimelineIO writes it, cut down to what an ingest asks for: plain lists, numbers and text.

Runs in the reading process, on the JSON of the newest schemas, and imports nothing. Times stay as the file gives
them, ``[value, rate]``, and ranges ``[start, rate, duration, rate]``; ``timeline_place`` turns them into frames.

Items are ``{"kind": "clip" | "gap" | "transition" | "stack" | "track", "name", "range", "on", "effects", ...}``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

MAX_CLIPS = 50_000
MAX_TEXT = 4096

_Json = dict[str, Any]


class RawError(ValueError):
    """The document is no timeline that can be ingested; says why."""


def raw_cut(document: _Json, *, name: str | None = None) -> _Json:
    """Reduce a document to one timeline.

    Args:
        document: the JSON of a Timeline, a collection, or a bare composition.
        name: which timeline of a collection; None: the only one, or the first that has video clips.

    Raises:
        RawError: there is no such timeline, or too many clips.
    """
    timelines = list(_timelines(document))
    notes = []
    if not timelines:
        timelines = [{"name": document.get("name"), "tracks": _bare_stack(document)}]
    if name is not None:
        chosen = [one for one in timelines if one.get("name") == name]
        if not chosen:
            there = ", ".join(repr(one.get("name")) for one in timelines[:10])
            raise RawError(f"it holds no timeline named {name!r}; it holds {there}")
    else:
        chosen = [one for one in timelines if _has_video_clip(one["tracks"])] or timelines
    if name is None and len(chosen) > 1:
        left = ", ".join(repr(one.get("name")) for one in chosen[1:10])
        notes.append(f"the file holds {len(chosen)} timelines; took {chosen[0].get('name')!r}, not {left}")
    cut = _Reducer().timeline(chosen[0])
    cut["notes"] = notes
    return cut


def _schema(item: _Json) -> str:
    return str(item.get("OTIO_SCHEMA", "")).partition(".")[0]


def _timelines(document: _Json) -> Iterator[_Json]:
    if _schema(document) == "Timeline":
        yield document
    elif _schema(document) == "SerializableCollection":
        for child in document.get("children", []):
            yield from _timelines(child)


def _bare_stack(document: _Json) -> _Json:
    """A stack around clips that came without a timeline."""
    kind = _schema(document)
    if kind == "Stack":
        return document
    if kind == "Track":
        return {"OTIO_SCHEMA": "Stack.1", "children": [document]}
    if kind == "Clip":
        return {"OTIO_SCHEMA": "Stack.1", "children": [_track([document])]}
    if kind == "SerializableCollection":
        tracks = [child for child in document.get("children", []) if _schema(child) in {"Track", "Stack"}]
        clips = [child for child in document.get("children", []) if _schema(child) == "Clip"]
        if tracks or clips:
            return {"OTIO_SCHEMA": "Stack.1", "children": tracks + ([_track(clips)] if clips else [])}
    raise RawError(f"it holds a {kind or 'document without a schema'}, not a timeline")


def _track(children: list[_Json]) -> _Json:
    return {"OTIO_SCHEMA": "Track.1", "kind": "Video", "name": "V1", "children": children}


def _has_video_clip(item: _Json) -> bool:
    if _schema(item) == "Clip":
        return True
    if _schema(item) == "Track" and item.get("kind") == "Audio":
        return False
    return any(_has_video_clip(child) for child in item.get("children", []))


def _text(value: object) -> str:
    return value[:MAX_TEXT] if isinstance(value, str) else ""


def _time(value: _Json | None) -> list[float] | None:
    return [value["value"], value["rate"]] if value else None


def _range(value: _Json | None) -> list[float] | None:
    if not value:
        return None
    start, duration = value["start_time"], value["duration"]
    return [start["value"], start["rate"], duration["value"], duration["rate"]]


def _mapping(value: object) -> _Json:
    return value if isinstance(value, dict) else {}


class _Reducer:
    """Walks one timeline and counts its clips."""

    def __init__(self) -> None:
        self.clips = 0

    def timeline(self, timeline: _Json) -> _Json:
        stack = timeline["tracks"]
        return {
            "name": _text(timeline.get("name")),
            "start": _time(timeline.get("global_start_time")),
            "range": _range(stack.get("source_range")),
            "drop_frame": _drop_frame(_mapping(timeline.get("metadata"))),
            "effects": self.effects(stack),
            "items": [self.item(child) for child in stack.get("children", [])],
        }

    def item(self, item: _Json) -> _Json:
        kind = _schema(item)
        if kind == "Clip":
            return self.clip(item)
        if kind == "Transition":
            return {
                "kind": "transition",
                "name": _text(item.get("name")),
                "type": _text(item.get("transition_type")),
                "in": _time(item.get("in_offset")),
                "out": _time(item.get("out_offset")),
            }
        found: _Json = {
            "kind": kind.lower(),
            "name": _text(item.get("name")),
            "range": _range(item.get("source_range")),
            "on": item.get("enabled", True) is not False,
            "effects": self.effects(item),
        }
        if kind in {"Stack", "Track"}:
            found["media"] = _text(item.get("kind")) if kind == "Track" else ""
            found["items"] = [self.item(child) for child in item.get("children", [])]
        elif kind != "Gap":
            raise RawError(f"it holds a {kind or 'thing without a schema'} where a clip or a gap belongs")
        return found

    def clip(self, clip: _Json) -> _Json:
        self.clips += 1
        if self.clips > MAX_CLIPS:
            raise RawError(f"it holds more than {MAX_CLIPS} clips; export it in parts")
        references = _mapping(clip.get("media_references"))
        key = str(clip.get("active_media_reference_key"))
        metadata = _mapping(clip.get("metadata"))
        edl = _mapping(metadata.get("cmx_3600"))
        media = self.media(_mapping(references.get(key)))
        found: _Json = {
            "kind": "clip",
            "name": _text(clip.get("name")),
            "range": _range(clip.get("source_range")),
            "on": clip.get("enabled", True) is not False,
            "effects": self.effects(clip),
            "media": media,
        }
        extra: _Json = {
            "reel": _text(edl.get("reel")),
            "marks": [_text(mark.get("name")) for mark in clip.get("markers", [])[:20]],
            "cdl": _cdl(metadata),
            "ours": _ours(metadata) or _ours(_mapping(_mapping(references.get(key)).get("metadata"))),
        }
        found.update({name: value for name, value in extra.items() if value})
        return found

    def media(self, media: _Json) -> _Json:
        kind = _schema(media)
        found: _Json = {"available": _range(media.get("available_range"))}
        if kind == "ExternalReference":
            return {"kind": "file", "url": _text(media.get("target_url")), **found}
        if kind == "ImageSequenceReference":
            return {
                "kind": "sequence",
                "url": _text(media.get("target_url_base")),
                "head": _text(media.get("name_prefix")),
                "tail": _text(media.get("name_suffix")),
                "first": media.get("start_frame"),
                "step": media.get("frame_step"),
                "padding": media.get("frame_zero_padding"),
                **found,
            }
        if kind == "GeneratorReference":
            return {"kind": "generator", "url": _text(media.get("generator_kind")), **found}
        return {"kind": "missing", "url": "", **found}

    def effects(self, item: _Json) -> list[list[Any]]:
        found = []
        for effect in item.get("effects", []):
            kind = _schema(effect)
            if kind in {"LinearTimeWarp", "FreezeFrame"}:
                found.append(["linear", 0.0 if kind == "FreezeFrame" else effect.get("time_scalar")])
            elif kind == "TimeEffect" or "speed" in _text(effect.get("effect_name")).lower():
                found.append(["curve", _text(effect.get("effect_name"))])
        return found


def _drop_frame(metadata: _Json) -> bool | None:
    """Whether the timecode is drop-frame, as ``shotmill: {drop_frame}`` or Final Cut says; None: nobody says."""
    told = _mapping(metadata.get("shotmill")).get("drop_frame")
    if isinstance(told, bool):
        return told
    shown = _mapping(_mapping(metadata.get("fcp_xml")).get("timecode")).get("displayformat")
    return {"DF": True, "NDF": False}.get(shown) if isinstance(shown, str) else None


def _ours(metadata: _Json) -> dict[str, str]:
    """What a studio's export says outright: ``shotmill: {sequence, shot, colourspace}``."""
    given = _mapping(metadata.get("shotmill"))
    return {key: _text(given.get(key)) for key in ("sequence", "shot", "colourspace") if given.get(key)}


def _cdl(metadata: _Json) -> _Json:
    """The colour correction of a clip, as an EDL's ``ASC_SOP`` and ``ASC_SAT`` become metadata; not checked yet."""
    given = _mapping(metadata.get("cdl"))
    sop = _mapping(given.get("asc_sop"))
    found = {name: sop[name] for name in ("slope", "offset", "power") if name in sop}
    return found | ({"saturation": given["asc_sat"]} if "asc_sat" in given else {})
