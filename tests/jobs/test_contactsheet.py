"""A contact sheet shows every clip of a cut, the lost ones too."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from shotmill.jobs.contactsheet.params import ContactSheetParams
from shotmill.jobs.contactsheet.steps import owner_of
from shotmill.pipeline.drawing import MISSING
from shotmill.pipeline.images import read_image
from shotmill.schema.errors import InputMissingError
from shotmill.schema.frames import FrameSet
from shotmill.schema.media import Clip, EntityKind, EntityRef
from shotmill.submitters.demo import DemoMedia
from shotmill.submitters.demo.scene import read_number

RunJob = Callable[..., Any]  # see conftest.py
CUT = EntityRef(project="demo", kind=EntityKind.ASSET, parent="cut", name="demo")


def shot(path: str) -> EntityRef:
    sequence, name = path.split("/")
    return EntityRef(project="demo", kind=EntityKind.SHOT, parent=sequence, name=name)


def params(clips: list[Clip], **more: object) -> ContactSheetParams:
    return ContactSheetParams.model_validate({"clips": clips, **more})


def tile(sheet: np.ndarray, column: int, row: int) -> np.ndarray:
    """The picture of a tile in a sheet of the demo's cut: 4 across, stills 400 by 225, as measured on the sheet."""
    x, y = 38 + column * 425, 106 + row * 313
    return sheet[y : y + 225, x : x + 400]


def test_every_tile_shows_its_own_frame(run_job: RunJob, cut_clips: list[Clip], demo: DemoMedia) -> None:
    ran = run_job("contactsheet", cut_clips, owner=CUT.model_dump(mode="json"), format="png")
    sheet = read_image(ran.file("sheet")).pixels
    shown = [read_number(tile(sheet, index % 4, index // 4)) for index in range(8) if index != 5]
    assert shown == [one.middle for one in demo.shots if one.medium != "lost"]


def test_lost_media_is_a_grey_tile_and_is_noted(run_job: RunJob, cut_clips: list[Clip]) -> None:
    ran = run_job("contactsheet", cut_clips, format="png")
    sheet = read_image(ran.file("sheet")).pixels
    assert tile(sheet, 1, 1)[5, 5].tolist() == list(MISSING)
    noted = "sq020/sh020: media /offline/sq020/sh020 is offline, a grey tile stands for it"
    assert [note for step in ("stills", "sheet") for note in ran.receipts(step)[0].notes] == [noted]


def test_the_receipt_lists_clips_frames_and_what_is_offline(run_job: RunJob, cut_clips: list[Clip]) -> None:
    [(output, _paths)] = run_job("contactsheet", cut_clips).outputs("sheet")
    assert output.facts["frames"] == [13, 1007, 39, 67, 1019, None, 94, 1032]
    assert output.facts["offline"] == ["sq020/sh020"]


def test_a_sheet_of_lost_media_alone_is_refused(run_job: RunJob, cut_clips: list[Clip]) -> None:
    with pytest.raises(InputMissingError, match="media of all clips is offline: sq020/sh020; bring it"):
        run_job("contactsheet", [clip for clip in cut_clips if clip.offline])


def test_the_same_cut_gives_the_same_bytes(run_job: RunJob, cut_clips: list[Clip]) -> None:
    first, second = (run_job("contactsheet", cut_clips[:3]).receipts("sheet")[0].outputs for _ in range(2))
    assert first == second


def test_a_still_shows_its_timecode(run_job: RunJob, movie_clip: Clip, plate_clip: Clip) -> None:
    made = run_job("contactsheet", [movie_clip, plate_clip]).outputs("stills")
    assert [output.facts["timecode"] for output, _paths in made] == ["01:00:00:13", None]


def test_a_clip_that_cannot_be_read_stops_the_sheet(run_job: RunJob, cut_clips: list[Clip], plate_clip: Clip) -> None:
    gone = plate_clip.model_copy(update={"frames": FrameSet.span(1001, 1005), "frame": 1099})
    assert "frame=1099" in run_job("contactsheet", [*cut_clips[:1], gone]).failure


@pytest.mark.parametrize(
    ("owners", "given", "owner"),
    [
        pytest.param(["sq010/sh010", "sq010/sh020"], None, "sq010", id="shots of one sequence"),
        pytest.param(["sq010/sh010", "sq020/sh010"], None, "sq010/sh010", id="shots of two sequences: the first"),
        pytest.param(["sq010/sh010"], None, "sq010/sh010", id="one shot"),
        pytest.param(["sq010/sh010", "sq010/sh020"], CUT, "cut/demo", id="as given"),
    ],
)
def test_whom_a_sheet_belongs_to(owners: list[str], given: EntityRef | None, owner: str) -> None:
    clips = [Clip(name=path, media="/p/a.mov", entity=shot(path)) for path in owners]
    assert owner_of(params(clips, owner=given)).path == owner
