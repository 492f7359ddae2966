"""Tracks as bytes, and back: a compressed ``.npz`` of plain arrays, never a pickle."""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np

from ....schema.errors import InputCorruptError
from .colours import BINS, Axes, Colours
from .track import Seen, Track

FORMAT = "shotmill roto classical 1"


def pack(width: int, height: int, tracks: Mapping[str, Track]) -> bytes:
    """All that is known of some things; the same things give the same bytes."""
    pictures = {track.seen.frame: track.seen.picture for track in tracks.values()}
    head = {
        "format": FORMAT,
        "size": [width, height],
        "pictures": list(pictures),
        "tracks": [
            {"name": name, "frame": track.seen.frame, "usual": track.usual, "speed": track.speed, "ago": track.ago}
            for name, track in tracks.items()
        ],
    }
    arrays: dict[str, Any] = {"head": np.frombuffer(json.dumps(head).encode(), np.uint8)}
    arrays |= {f"picture{number}": picture for number, picture in enumerate(pictures.values())}
    for number, track in enumerate(tracks.values()):
        arrays[f"logits{number}"], arrays[f"whole{number}"] = track.seen.logits, track.whole
        arrays[f"turn{number}"] = track.colours.axes.turn
        arrays[f"thing{number}"], arrays[f"around{number}"] = track.colours.thing, track.colours.around
    written = io.BytesIO()
    np.savez_compressed(written, **arrays)
    return written.getvalue()


def unpack(width: int, height: int, snapshot: bytes) -> dict[str, Track]:
    """The tracks that were packed.

    Raises:
        InputCorruptError: these are other bytes, cut short, or of pictures of another size.
    """
    try:
        with np.load(io.BytesIO(snapshot), allow_pickle=False) as arrays:
            return _tracks(width, height, arrays)
    except (ValueError, KeyError, TypeError, IndexError, EOFError, OSError, zipfile.BadZipFile, zlib.error) as error:
        raise InputCorruptError(
            f"the snapshot of the propagation cannot be read: {error}", hint="run the chunk before it again"
        ) from error


def _tracks(width: int, height: int, arrays: Any) -> dict[str, Track]:
    head = json.loads(_array(arrays, "head", None, np.uint8).tobytes())
    if head["format"] != FORMAT or head["size"] != [width, height]:
        raise ValueError(f"it is of {head['format']!r} and {head['size']}, not {FORMAT!r} and {[width, height]}")
    plane, bins = (height, width), (BINS**3,)
    pictures = {
        int(frame): _array(arrays, f"picture{number}", (*plane, 3), np.uint8)
        for number, frame in enumerate(head["pictures"])
    }
    tracks = {}
    for number, facts in enumerate(head["tracks"]):
        seen = Seen(facts["frame"], pictures[facts["frame"]], _array(arrays, f"logits{number}", plane, np.float32))
        colours = Colours(
            Axes(_array(arrays, f"turn{number}", (3, 4), np.float64)),
            _array(arrays, f"thing{number}", bins, np.float32),
            _array(arrays, f"around{number}", bins, np.float32),
        )
        right, down = map(float, facts["speed"])
        whole = _array(arrays, f"whole{number}", plane, np.float32)
        tracks[str(facts["name"])] = Track(
            seen, whole, colours, float(facts["usual"]), (right, down), int(facts["ago"])
        )
    return tracks


def _array(arrays: Any, name: str, shape: tuple[int, ...] | None, kind: type[np.generic]) -> Any:
    array = arrays[name]
    if array.dtype != kind or (shape is not None and array.shape != shape):
        raise ValueError(f"{name} is {array.dtype} of {array.shape}")
    return array
