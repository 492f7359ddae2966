"""What comments in Kitsu say, and what is made of what people type there."""

from __future__ import annotations

import subprocess
import sys
import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from kitsu_server import ADMIN, Kitsu, filled, person, serving
from kitsu_studio import KitsuStudio, in_stand_in
from letters import job_letter, publication, published_letter, sequence

from shotmill.pipeline.outbox.letter import Source
from shotmill.pipeline.outbox.pulled import PulledPerson, PulledShot, PulledTask
from shotmill.pipeline.trackers.kitsu.words import comment_text
from shotmill.schema.errors import TargetRefusedError
from shotmill.schema.frames import FrameSet
from shotmill.schema.states import State


@pytest.fixture
def kitsu() -> Kitsu:
    return filled()


@pytest.fixture
def studio(kitsu: Kitsu) -> Iterator[KitsuStudio]:
    with serving(kitsu) as url, in_stand_in(kitsu, url) as production:
        yield production


def test_a_comment_tells_holes_sources_and_the_report(tmp_path: Path) -> None:
    plate = Source(uuid.UUID(int=1), "demo:sq010/sh010/plate@v002", None)
    told = replace(
        publication(sequence(tmp_path), sources=(plate,)), holes=FrameSet((1002,)), report=Path("/jobs/7/report.html")
    )
    assert comment_text(published_letter(told, "kitsu")).split("\n\n") == [
        "**sh010_thumbnail_v001** by maya",
        "first look",
        f"- exr: `{tmp_path}/sh010_plate_v001.####.exr`, frames 1001-1003, 64x36, ACEScg",
        "There is no picture or movie of it to show.",
        "Missing frames: 1002",
        "Made from `demo:sq010/sh010/plate@v002`",
        "Report: `/jobs/7/report.html`",
        f"`demo:sq010/sh010/thumbnail@v001` `version:{told.id}`",
    ]


def test_a_letter_about_a_job_is_refused(studio: KitsuStudio) -> None:
    with pytest.raises(TargetRefusedError, match="is not told of job"):
        studio.target().ensure(job_letter("kitsu", State.FAILED))


def test_bots_are_no_people_and_names_that_two_have_are_told_apart(kitsu: Kitsu, studio: KitsuStudio) -> None:
    person(kitsu, "Renderer", "", "renderer@studio.example", is_bot=True)
    person(kitsu, "Maya", "Roth", "maya@elsewhere.example")
    person(kitsu, "Rosa", "Roe", "r.roe@studio.example", desktop_login="rosa")
    people = [row for row in studio.target(ADMIN).pull(None) if isinstance(row, PulledPerson)]
    logins = {row.name: row.login for row in people}
    assert (len(people), len(set(logins.values()))) == (5, 5)
    assert {logins["Maya May"], logins["Maya Roth"]} & {"maya@studio.example", "maya@elsewhere.example"}
    assert logins["Rosa Roe"] == "rosa"


def test_what_people_typed_for_frames_and_rate_is_taken_if_it_is_a_number(kitsu: Kitsu, studio: KitsuStudio) -> None:
    kitsu.one("shots")["data"] = {"frame_in": " 1001 ", "frame_out": "tbd", "fps": "as usual"}
    (shot,) = [row for row in studio.target().pull(None) if isinstance(row, PulledShot)]
    assert (shot.cut_in, shot.cut_out, shot.rate) == (1001, None, None)


def test_tasks_of_what_we_do_not_know_are_left_out(kitsu: Kitsu, studio: KitsuStudio) -> None:
    kitsu.one("tasks", entity_id=kitsu.one("assets")["id"])["entity_id"] = "an edit"
    tasks = [row for row in studio.target().pull(None) if isinstance(row, PulledTask)]
    assert [(row.entity, row.code) for row in tasks] == [("sq010/sh010", "Compositing"), ("sq010/sh010", "Lighting")]


def test_without_the_client_the_extra_is_named() -> None:
    code = (
        "import sys; sys.modules['gazu'] = None\n"
        "from shotmill.pipeline.trackers.kitsu import make\n"
        "make('kitsu', {'server': 'https://k.example', 'token': 'env:T'}, str, 1.0)\n"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "target 'kitsu' needs gazu, which is not installed" in ran.stderr
