"""Timelines of the newest schemas are read without OpenTimelineIO, and as OpenTimelineIO would have read them."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import opentimelineio as otio
import pytest
from timelines import (
    BLACK,
    CURVE,
    FREEZE,
    MISSING,
    clip,
    dissolve,
    gap,
    movie,
    numbered,
    stack,
    time,
    timeline,
    track,
    warp,
    write,
)
from timelines import span as span_of

from shotmill.pipeline.timeline import read_cut
from shotmill.pipeline.timeline_child import RefusedError, read
from shotmill.pipeline.timeline_raw import RawError, raw_cut
from shotmill.pipeline.timeline_schemas import is_whole

pytestmark = pytest.mark.measured

UNREAD = {
    "metadata",
    "color",
    "available_image_bounds",
    "marked_range",
    "parameters",
    "missing_frame_policy",
    "comment",
}
NO_VALUES: list[Any] = [None, "", "x", 0, 7, 1.5, True, [], {}, [3], {"OTIO_SCHEMA": "Clip.1"}, 1e300, 1 << 40]


def as_written(document: dict[str, Any]) -> Any:
    """What OpenTimelineIO makes of a document: this is its own writing, not ours."""
    return json.loads(otio.core.deserialize_json_from_string(json.dumps(document)).to_json_string(indent=-1))


def everything() -> Any:
    """A timeline with one of each thing that an ingest reads."""
    mark = {"OTIO_SCHEMA": "Marker.2", "name": "fix", "marked_range": span_of((0, 1)), "color": "RED", "metadata": {}}
    named = {"cmx_3600": {"reel": "A001"}, "shotmill": {"shot": "sh010"}}
    inner = track(clip("inner", media=numbered("file:///plates/", first=1001, available=(0, 50))), gap(5))
    return as_written(
        timeline(
            track(
                clip("sq010_sh010", markers=[mark], metadata=named, effects=[warp(2.0), FREEZE, CURVE]),
                dissolve(4, 4),
                clip("sq010_sh020", media=movie(available=None), trim=None),
                gap(12),
                stack(inner, name="nested", trim=(2, 30)),
                clip("black", media=BLACK),
                clip("gone", media=MISSING, enabled=False),
            ),
            track(clip("sound"), kind="Audio"),
            start=time(86400),
        )
    )


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a document, as the keys that lead there."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in inside:
        yield (*path, key)
        yield from places(child, (*path, key))


def changed(text: str, path: tuple[Any, ...], value: Any) -> Any:
    """A document with another value in one place; without the place when the value is Ellipsis."""
    made = json.loads(text)
    parent = made
    for key in path[:-1]:
        parent = parent[key]
    if value is ...:
        del parent[path[-1]]
    else:
        parent[path[-1]] = value
    return made


def test_what_opentimelineio_writes_is_whole() -> None:
    assert is_whole(everything())


def test_a_spoilt_timeline_is_whole_only_where_opentimelineio_reads_it_just_so() -> None:
    document = everything()
    text = json.dumps(document)
    tried = whole = 0
    for path in places(document):
        if UNREAD.intersection(path) or path[-2:] == ("DEFAULT_MEDIA", "rate"):
            continue
        for value in (..., *NO_VALUES):
            spoilt = changed(text, path, value)
            tried += 1
            if is_whole(spoilt):
                whole += 1
                try:
                    assert raw_cut(spoilt) == raw_cut(as_written(spoilt)), (path, value)
                except RawError:
                    pytest.fail(f"{path}: {value!r} is whole and cannot be read")
    assert tried > 3000
    assert tried / 50 < whole < tried / 2  # numbers and names may be others, and colours are not read


def loads_opentimelineio(path: Path) -> bool:
    script = (
        "import sys; from shotmill.pipeline.timeline_child import read; "
        "read('otio_json', sys.stdin.buffer.read(), rate=None, name=None); print('opentimelineio' in sys.modules)"
    )
    with path.open("rb") as stream:
        done = subprocess.run([sys.executable, "-c", script], stdin=stream, capture_output=True, check=True)
    return done.stdout.strip() == b"True"


def test_a_timeline_of_the_newest_schemas_is_read_without_opentimelineio(tmp_path: Path) -> None:
    assert not loads_opentimelineio(write(tmp_path / "new.otio", everything()))


def test_a_timeline_of_an_older_schema_is_read_through_opentimelineio(tmp_path: Path) -> None:
    newest = everything()
    older = copy.deepcopy(newest)
    for one in older["tracks"]["children"][0]["children"]:
        if one["OTIO_SCHEMA"] == "Clip.2":  # OpenTimelineIO 0.14 had one medium for a clip
            one["OTIO_SCHEMA"] = "Clip.1"
            one["media_reference"] = one.pop("media_references")["DEFAULT_MEDIA"]
    path = write(tmp_path / "old.otio", older)
    assert loads_opentimelineio(path)
    assert read_cut(path).clips == read_cut(write(tmp_path / "new.otio", newest)).clips


def test_half_a_character_is_refused_by_opentimelineio() -> None:
    document = json.dumps(everything()).replace("sq010_sh020", "\\ud800")
    with pytest.raises(RefusedError, match="surrogate pair"):
        read("otio_json", document.encode(), rate=None, name=None)
