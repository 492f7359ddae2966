"""Timelines made to harm: each refused in words, in bounded time and memory, while this process lives on."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from timelines import clip, event, movie, timeline, track, write

from shotmill.pipeline.ingest import ingest
from shotmill.pipeline.store import Database
from shotmill.pipeline.store.editorial import clips_of_cut
from shotmill.pipeline.timeline import Limits, load_timeline, parse_timeline, read_cut
from shotmill.schema.errors import BadRequestError, InputTooLargeError, NotFoundError, TimelineError
from shotmill.schema.media import Rate
from shotmill.schema.tables import CutClip, MediaState

pytestmark = pytest.mark.hostile

CPU_S = 15.0  # of the parser and of this process; how long they wait for a busy machine is not counted
MEMORY_KIB = 600 * 1024
DEEP = 200_000
BILLION_LAUGHS = (
    '<!DOCTYPE xmeml [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
    + "]><xmeml><sequence><name>&j;</name></sequence></xmeml>"
)


def nested(opening: str, closing: str, depth: int = DEEP) -> str:
    return opening * depth + closing * depth


HOSTILE: dict[str, tuple[str, Callable[[], str | bytes]]] = {
    "otio nested 200,000 deep": (
        ".otio",
        lambda: nested('{"OTIO_SCHEMA":"Stack.1","children":[', "]}"),
    ),
    "otio with a list 200,000 deep in its metadata": (
        ".otio",
        lambda: '{"OTIO_SCHEMA":"Timeline.1","metadata":{"a":' + nested("[", "]") + "}}",
    ),
    "brackets that never close": (".otio", lambda: '{"a":' + "[" * 5_000_000),
    "a million clips": (
        ".otio",
        lambda: '{"OTIO_SCHEMA":"Track.1","children":[' + ",".join(['{"OTIO_SCHEMA":"Clip.1"}'] * 1_000_000) + "]}",
    ),
    "sixty thousand whole clips": (
        ".otio",
        lambda: (
            '{"OTIO_SCHEMA":"Track.1","kind":"Video","children":['
            + ",".join(['{"OTIO_SCHEMA":"Clip.1","name":"a"}'] * 60_000)
            + "]}"
        ),
    ),
    "quotes and backslashes that hide brackets": (".otio", lambda: '{"a":"\\\\\\"' + "{" * 300_000 + '"}'),
    "an open string": (".otio", lambda: '{"a":"' + "[" * 1_000_000),
    "NUL bytes in otio": (".otio", lambda: '{"OTIO_SCHEMA":"Timeline.1","name":"\0"}'),
    "infinite times": (".otio", lambda: _with_time("Infinity")),
    "no-number times": (".otio", lambda: _with_time("NaN")),
    "numbers out of range": (".otio", lambda: _with_time("1e400")),
    "times as text": (".otio", lambda: _with_time('"now"')),
    "a picture named otio": (".otio", lambda: b"\x89PNG\r\n\x1a\n" + os.urandom(4096)),
    "a program named edl": (".edl", lambda: b"\x7fELF" + os.urandom(65536)),
    "an edl of one line of 8 MB": (".edl", lambda: "001 " + "A" * 8_000_000),
    "an edl of a million events": (".edl", lambda: event(1, ("0", "1"), ("0", "1")) * 1_000_000),
    "an edl of a million comments": (
        ".edl",
        lambda: event(1, ("00:00:00:00", "00:00:01:00"), ("00:00:00:00", "00:00:01:00")) + "* X\n" * 1_000_000,
    ),
    "an edl with huge frame numbers": (".edl", lambda: event(1, ("0", "9" * 400), ("0", "9" * 400))),
    "billion laughs": (".xml", lambda: BILLION_LAUGHS),
    "billion laughs in utf-16": (".xml", lambda: BILLION_LAUGHS.encode("utf-16")),
    "an external entity": (
        ".xml",
        lambda: '<!DOCTYPE xmeml [<!ENTITY x SYSTEM "file:///etc/passwd">]><xmeml><name>&x;</name></xmeml>',
    ),
    "an external document type": (
        ".fcpxml",
        lambda: '<!DOCTYPE fcpxml SYSTEM "http://127.0.0.1:1/evil.dtd"><fcpxml version="1.8"/>',
    ),
    "a parameter entity": (
        ".fcpxml",
        lambda: '<!DOCTYPE fcpxml [<!ENTITY % x SYSTEM "file:///etc/passwd"> %x;]><fcpxml version="1.8"/>',
    ),
    "xml nested 200,000 deep": (".xml", lambda: "<xmeml>" + nested("<a>", "</a>") + "</xmeml>"),
    "three million elements": (".xml", lambda: "<xmeml>" + "<a/>" * 3_000_000 + "</xmeml>"),
    "half an xml": (".xml", lambda: "<xmeml><project><name>x"),
    "a web page": (".xml", lambda: "<html><body/></html>"),
    "an empty fcpxml": (".fcpxml", lambda: '<fcpxml version="1.8"/>'),
    "noise named aaf": (".aaf", lambda: os.urandom(1_000_000)),
    "noise with the head of an aaf": (".aaf", lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + os.urandom(1_000_000)),
    "zeros with the head of an aaf": (".aaf", lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1_000_000)),
}


def cpu_seconds() -> float:
    """What this process and its children that ended have worked so far."""
    return time.process_time() + sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2])


def _with_time(number: str) -> str:
    import json  # noqa: PLC0415 - one line of use

    return json.dumps(timeline(track(clip(trim=(12345, 20))))).replace("12345", number)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_timeline_is_refused(name: str, tmp_path: Path) -> None:
    suffix, make = HOSTILE[name]
    made = make()
    path = tmp_path / f"evil{suffix}"
    path.write_bytes(made if isinstance(made, bytes) else made.encode())
    began = cpu_seconds()
    with pytest.raises((TimelineError, InputTooLargeError)) as caught:
        read_cut(path, rate=Rate(24) if suffix == ".edl" else None)
    assert cpu_seconds() - began < CPU_S
    assert caught.value.message.startswith(f"evil{suffix}")
    assert "\n" not in caught.value.line()


# In a process of its own: the system tells of the largest child alone, and other tests have had children, too.
WEIGHED = """
import resource, sys
from pathlib import Path
from shotmill.pipeline.timeline import read_cut
from shotmill.schema.errors import InputTooLargeError, TimelineError
from shotmill.schema.media import Rate
for text in sys.argv[1:]:
    try:
        read_cut(Path(text), rate=Rate(24))
    except (TimelineError, InputTooLargeError):
        continue
    raise SystemExit(f"{text} was read")
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def test_the_heaviest_of_them_are_refused_in_little_memory(tmp_path: Path) -> None:
    paths = []
    for name in ("a million clips", "an edl of a million events", "three million elements"):
        suffix, make = HOSTILE[name]
        paths.append(tmp_path / f"{name.replace(' ', '-')}{suffix}")
        made = make()
        paths[-1].write_bytes(made if isinstance(made, bytes) else made.encode())
    ran = subprocess.run([sys.executable, "-c", WEIGHED, *map(str, paths)], capture_output=True, text=True, check=True)
    assert int(ran.stdout) < MEMORY_KIB


def test_an_external_entity_reaches_no_message(tmp_path: Path) -> None:
    path = tmp_path / "evil.xml"
    path.write_text(str(HOSTILE["an external entity"][1]()))
    with pytest.raises(TimelineError) as caught:
        read_cut(path)
    assert "root:" not in caught.value.line()


def test_the_plain_doctype_that_editors_write_is_allowed(tmp_path: Path) -> None:
    path = tmp_path / "plain.xml"
    path.write_text('<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE xmeml>\n<xmeml version="5"></xmeml>')
    with pytest.raises(TimelineError) as caught:  # nothing in it, and that is all that is wrong
        read_cut(path)
    assert "document type" not in caught.value.message


def test_a_file_over_the_limit_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "large.otio"
    with path.open("wb") as stream:
        stream.truncate(65 << 20)
    with pytest.raises(InputTooLargeError, match="64 MiB"):
        read_cut(path)


def test_a_device_is_no_timeline(tmp_path: Path) -> None:
    (tmp_path / "endless.otio").symlink_to("/dev/zero")
    with pytest.raises(TimelineError, match="not a file"):
        read_cut(tmp_path / "endless.otio")


def test_a_pipe_does_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.otio")
    with pytest.raises(TimelineError, match="not a file"):
        read_cut(tmp_path / "pipe.otio")


@pytest.mark.parametrize(
    ("limits", "says", "clips"),
    [
        pytest.param(Limits(memory_mib=110), "MiB to read", 25_000, id="memory"),
        pytest.param(Limits(cpu_s=1), "processor time", 70_000, id="processor"),  # 25,000 take 1.06 s of a fast one
        pytest.param(Limits(wall_s=0.2), "longer than", 25_000, id="clock"),
        pytest.param(Limits(answer_mib=1), "MiB of clips", 25_000, id="answer"),
    ],
)
def test_a_timeline_that_costs_too_much_is_stopped(tmp_path: Path, limits: Limits, says: str, clips: int) -> None:
    path = write(tmp_path / "long.otio", timeline(track(*[clip(f"sq010_sh{n:05d}") for n in range(clips)])))
    with pytest.raises((TimelineError, InputTooLargeError), match=says):
        parse_timeline(load_timeline(path), limits=limits)


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGABRT])
def test_a_reader_that_crashes_is_one_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    crash = tmp_path / "python"
    crash.write_text(f"#!/bin/sh\nkill -{number.value} $$\n")
    crash.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(crash))
    with pytest.raises(TimelineError, match=number.name):
        read_cut(write(tmp_path / "edit.otio", timeline(track(clip()))))


@pytest.mark.parametrize(
    "url",
    [
        "file:///plates/../../etc/passwd",
        "file:///plates/%2e%2e/%2e%2e/etc/passwd",
        "file://server/share/plate.mov",
        "\\\\server\\share\\plate.mov",
        "file:///D%3a/media/plate.mov",
        "file:///plates/a%00b.mov",
        "file:///plates/a%0ab.mov",
        "file:///plates/%E2%80%AEvom.mov",
        "http://127.0.0.1/plate.mov",
        "/" + "p" * 2000 + ".mov",
    ],
)
def test_a_media_path_that_breaks_a_rule_is_not_stored(sqlite_database: Database, tmp_path: Path, url: str) -> None:
    path = write(tmp_path / "edit.otio", timeline(track(clip(media=movie(url)))))
    report = ingest(sqlite_database, path, project="demo", cut="edit")
    assert report.missing == 1
    assert "left out" in report.notes[0]
    with sqlite_database.read() as connection:
        found = connection.execute(CutClip.__table__.select()).one()
    assert (found.media, found.media_state) == (None, MediaState.MISSING)


@pytest.mark.parametrize("name", ["../sh010", "sh010/..", "sh\x07010", "con", "a" * 100, ".hidden", "sh010;rm -rf"])
def test_a_shot_name_that_breaks_a_rule_makes_no_shot(sqlite_database: Database, tmp_path: Path, name: str) -> None:
    evil = clip("x", metadata={"shotmill": {"sequence": "sq010", "shot": name}})
    report = ingest(sqlite_database, write(tmp_path / "edit.otio", timeline(track(evil))), project="demo", cut="edit")
    assert (report.shots, len(report.skipped)) == (0, 1)
    with pytest.raises(NotFoundError, match="belongs to a shot"):
        clips_of_cut(sqlite_database, "demo", "edit")


@pytest.mark.parametrize("name", ["../demo", "a/b", "", "con", "x\0"])
def test_project_and_cut_follow_the_rules_of_names(sqlite_database: Database, tmp_path: Path, name: str) -> None:
    path = write(tmp_path / "edit.otio", timeline(track(clip())))
    with pytest.raises(BadRequestError):
        ingest(sqlite_database, path, project=name, cut="edit")
    with pytest.raises(BadRequestError):
        ingest(sqlite_database, path, project="demo", cut=name)
