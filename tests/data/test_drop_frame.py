"""Drop-frame timecode of cuts: how a timeline says it, and that it is kept. Codes by hand, after SMPTE ST 12-1."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update
from timelines import clip, event, movie, time, timeline, track, write

from shotmill.pipeline.cut_text import otio_of_cut
from shotmill.pipeline.ingest import ingest
from shotmill.pipeline.store import Database
from shotmill.pipeline.store.cuts import whole_cut
from shotmill.pipeline.store.edits import edit_of_cut
from shotmill.pipeline.timeline import read_cut
from shotmill.pipeline.timeline_edl import counted_text
from shotmill.schema.media import Rate
from shotmill.schema.tables import CutVersion
from shotmill.schema.timeline import CutDocument

pytestmark = pytest.mark.measured

HOUR = 107_892  # 01:00:00;00 at 29.97; at 59.94 twice that
MARKED = (("00:00:59;28", "00:01:00;04"), ("01:00:59;28", "01:01:00;04"))
PLAIN = (("00:00:59:28", "00:01:00:04"), ("01:00:59:28", "01:01:00:04"))
DROP, NON_DROP = "FCM: DROP FRAME\n", "FCM: NON-DROP FRAME\n"


def edl(folder: Path, text: str, rate: str = "29.97") -> CutDocument:
    path = folder / "edit.edl"
    path.write_text(f"TITLE: cut\n{text}")
    return read_cut(path, rate=Rate.parse(rate))


def otio(folder: Path, *, rate: float = 29.97, start: float | None = 0, **metadata: Any) -> CutDocument:
    pictures = track(clip(rate=rate, media=movie(rate=rate)))
    document = timeline(pictures, start=None if start is None else time(start, rate)) | {"metadata": metadata}
    return read_cut(write(folder / "edit.otio", document))


@pytest.mark.parametrize(
    ("text", "drops", "start", "frames"),
    [
        pytest.param(event(1, *MARKED), True, HOUR + 1798, 4, id="marks"),
        pytest.param(NON_DROP + event(1, *MARKED), True, HOUR + 1798, 4, id="marks over the line"),
        pytest.param(DROP + event(1, *PLAIN), True, HOUR + 1798, 4, id="the line alone"),
        pytest.param("FCM:  Drop Frame \n" + event(1, *PLAIN), True, HOUR + 1798, 4, id="the line, otherwise typed"),
        pytest.param(event(1, *PLAIN), False, 108_000 + 1798, 6, id="nothing is said"),
        pytest.param(NON_DROP + event(1, *PLAIN), False, 108_000 + 1798, 6, id="it says no"),
        pytest.param(
            DROP + event(1, ("00:00:00:00", "00:00:02:00"), ("01:01:00:00", "01:01:02:00")),
            False,
            109_800,
            60,
            id="the line lies: drop-frame has no such code",
        ),
        pytest.param(
            DROP + NON_DROP + event(1, ("00:00:59:28", "00:01:00:02"), PLAIN[1]),
            True,
            HOUR + 1798,
            4,
            id="a later line speaks of sources",
        ),
    ],
)
def test_an_edl_is_drop_frame_by_its_marks_or_its_fcm(
    tmp_path: Path, text: str, *, drops: bool, start: int, frames: int
) -> None:
    found = edl(tmp_path, text)
    assert (found.drop_frame, found.start_frame, found.duration) == (drops, start, frames)


def test_an_edl_at_59_94_leaves_out_four() -> None:
    rate = Rate.parse("59.94")
    whole = event(1, ("00:00:00:00", "00:00:02:00"), ("00:01:00:04", "00:01:02:04"))
    wrong = whole.replace("00:01:00:04", "00:01:00:03")
    assert counted_text(DROP + whole, rate)[1]
    assert counted_text(DROP + wrong, rate) == (DROP + wrong, False)


@pytest.mark.parametrize("rate", ["24", "25", "30"])
def test_fcm_means_nothing_at_other_rates(tmp_path: Path, rate: str) -> None:
    found = edl(tmp_path, DROP + event(1, ("00:00:00:00", "00:00:02:00"), ("01:00:00:00", "01:00:02:00")), rate)
    assert (found.drop_frame, found.start_frame) == (False, 3600 * int(rate))


@pytest.mark.parametrize(
    ("rate", "start", "metadata", "drops"),
    [
        pytest.param(29.97, 0, {"shotmill": {"drop_frame": True}}, True, id="our own word"),
        pytest.param(29.97, HOUR, {"shotmill": {"drop_frame": False}}, False, id="our own word, no"),
        pytest.param(29.97, 0, {"fcp_xml": {"timecode": {"displayformat": "DF"}}}, True, id="Final Cut's"),
        pytest.param(29.97, HOUR, {"fcp_xml": {"timecode": {"displayformat": "NDF"}}}, False, id="Final Cut's, no"),
        pytest.param(29.97, HOUR, {}, True, id="29.97 begins at an hour of drop-frame"),
        pytest.param(59.94, 2 * HOUR, {}, True, id="59.94 begins at an hour of drop-frame"),
        pytest.param(29.97, 108_000, {}, False, id="begins at an hour of the other"),
        pytest.param(29.97, 0, {}, False, id="begins at midnight"),
        pytest.param(29.97, None, {}, False, id="no start"),
        pytest.param(24, 86_400, {"shotmill": {"drop_frame": True}}, False, id="a rate without it"),
        pytest.param(29.97, 0, {"shotmill": 3, "fcp_xml": {"timecode": {"displayformat": []}}}, False, id="nonsense"),
    ],
)
def test_an_otio_file_is_drop_frame_as_it_says_or_by_its_first_hour(
    tmp_path: Path, rate: float, start: float | None, metadata: dict[str, Any], *, drops: bool
) -> None:
    assert otio(tmp_path, rate=rate, start=start, **metadata).drop_frame is drops


def test_a_cut_keeps_it_and_gives_it_back(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "edit.edl"
    path.write_text(event(1, *MARKED) + "* FROM CLIP NAME: sq010_sh010\n")
    ingest(database, path, project="demo", cut="main", rate=Rate.parse("29.97"))
    edit = edit_of_cut(database, "demo", "main")
    assert (edit.drop_frame, edit.start_frame) == (True, HOUR + 1798)
    again = tmp_path / "again.otio"
    again.write_text(otio_of_cut(whole_cut(database, "demo", "main")))
    assert read_cut(again).drop_frame


def test_a_cut_that_was_ingested_before_is_read_as_before(database: Database, tmp_path: Path) -> None:

    path = tmp_path / "edit.edl"
    path.write_text(event(1, *MARKED) + "* FROM CLIP NAME: sq010_sh010\n")
    ingest(database, path, project="demo", cut="main", rate=Rate.parse("29.97"))
    with database.write() as connection:
        facts = connection.execute(select(CutVersion.facts)).scalar_one()
        old = {name: value for name, value in facts.items() if name != "drop_frame"}
        connection.execute(update(CutVersion).values(facts=old))
    assert not edit_of_cut(database, "demo", "main").drop_frame
