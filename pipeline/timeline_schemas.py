"""Whether a timeline's JSON is of the newest schemas, and whole: then ``timeline_raw`` can read it as it stands.

OpenTimelineIO makes older schemas into the newest, fills in what is left out, and says what is wrong; it takes four
times as long as reading the JSON. What is the least bit unlike what it writes itself is left to it.

Runs in the reading process and imports nothing.
"""

from __future__ import annotations

from typing import Any

_Fields = tuple[tuple[str, type], ...]

_LIMIT = 1 << 31  # OpenTimelineIO's integers have 32 bits; no time, rate or speed that makes sense is larger
_OBJECT: _Fields = (("name", str), ("metadata", dict))
_ITEM: _Fields = (*_OBJECT, ("enabled", bool), ("effects", list), ("markers", list))
_EFFECT: _Fields = (*_OBJECT, ("effect_name", str), ("enabled", bool))
_SEQUENCE: _Fields = (*_OBJECT, *((name, str) for name in ("target_url_base", "name_prefix", "name_suffix")))
# By the type_version_map() of OpenTimelineIO 0.18; a field that is not here is not read.
_FIELDS: dict[str, _Fields] = {
    "Timeline.1": _OBJECT,
    "Stack.1": (*_ITEM, ("children", list)),
    "Track.1": (*_ITEM, ("children", list), ("kind", str)),
    "Clip.2": (*_ITEM, ("active_media_reference_key", str), ("media_references", dict)),
    "Gap.1": _ITEM,
    "Transition.1": (*_OBJECT, ("transition_type", str)),
    "ExternalReference.1": (*_OBJECT, ("target_url", str)),
    "ImageSequenceReference.1": _SEQUENCE,
    "GeneratorReference.1": (*_OBJECT, ("generator_kind", str)),
    "MissingReference.1": _OBJECT,
    "Marker.2": _OBJECT,
    "Effect.1": _EFFECT,
    "TimeEffect.1": _EFFECT,
    "LinearTimeWarp.1": _EFFECT,
    "FreezeFrame.1": _EFFECT,
}
_WHOLE_NUMBERS = ("start_frame", "frame_step", "frame_zero_padding")  # of an image sequence
_STACKS = frozenset({"Stack.1"})
_COMPOSABLE = frozenset({"Clip.2", "Gap.1", "Transition.1", "Stack.1", "Track.1"})
_MEDIA = frozenset({"ExternalReference.1", "ImageSequenceReference.1", "GeneratorReference.1", "MissingReference.1"})
_SPEEDS = frozenset({"LinearTimeWarp.1", "FreezeFrame.1"})
_EFFECTS = frozenset({"Effect.1", "TimeEffect.1", *_SPEEDS})


def is_whole(document: Any) -> bool:
    """Whether this is the JSON of a Timeline in which OpenTimelineIO would find nothing to mend and nothing wrong.

    What an ingest does not read is not looked at: metadata, colours, bounds of pictures. The document is at most some
    hundred levels deep.
    """
    try:
        return (
            _has_fields(document) == "Timeline.1"
            and (document["global_start_time"] is None or _is_time(document["global_start_time"]))
            and _is_composable(document["tracks"], _STACKS)
        )
    except (KeyError, TypeError, AttributeError):  # a field is not there, or an object is something else
        return False


def _has_fields(item: Any) -> str:
    """The schema of an object whose plain fields are of their types; empty when one is not."""
    schema: str = item["OTIO_SCHEMA"]
    for name, kind in _FIELDS[schema]:
        if type(item[name]) is not kind:
            return ""
    return schema


def _is_composable(item: Any, allowed: frozenset[str]) -> bool:
    schema = _has_fields(item)
    if schema not in allowed:
        return False
    if schema == "Transition.1":
        return _is_time(item["in_offset"]) and _is_time(item["out_offset"])
    if not (_is_range(item["source_range"]) and all(map(_is_effect, item["effects"]))):
        return False
    if not all(_has_fields(mark) == "Marker.2" for mark in item["markers"]):
        return False
    if schema == "Clip.2":
        return all(map(_is_media, item["media_references"].values()))
    return schema == "Gap.1" or all(_is_composable(child, _COMPOSABLE) for child in item["children"])


def _is_media(media: Any) -> bool:
    schema = _has_fields(media)
    if schema not in _MEDIA or not _is_range(media["available_range"]):
        return False
    return schema != "ImageSequenceReference.1" or all(
        type(media[name]) is int and _is_number(media[name]) for name in _WHOLE_NUMBERS
    )


def _is_effect(effect: Any) -> bool:
    schema = _has_fields(effect)
    return schema in _EFFECTS and (schema not in _SPEEDS or _is_number(effect["time_scalar"]))


def _is_range(value: Any) -> bool:
    if value is None:
        return True
    return value["OTIO_SCHEMA"] == "TimeRange.1" and _is_time(value["start_time"]) and _is_time(value["duration"])


def _is_time(value: Any) -> bool:
    return value["OTIO_SCHEMA"] == "RationalTime.1" and _is_number(value["value"]) and _is_number(value["rate"])


def _is_number(value: Any) -> bool:
    return (type(value) is float or type(value) is int) and -_LIMIT < value < _LIMIT
