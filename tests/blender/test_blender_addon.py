"""The extension in the real Blender: from its zip to a published version, and back into the scene."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from blender_program import DRIVER, blender_environment
from driven import Driven, driven

from shotmill.submitters.blender import build_extension, extension_name, extension_zip
from shotmill.submitters.installing.blender import blender_host
from shotmill.submitters.installing.desk import Desk

pytestmark = pytest.mark.measured


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with spaces and umlauts, which holds the home and all shows."""
    return tmp_path_factory.mktemp("stüdio one")


@pytest.fixture(scope="module")
def started(studio: Path) -> Iterator[Callable[[], Driven]]:
    """Start a Blender of the same artist, with the extension installed from its zip."""
    python = str(blender_environment().python)
    variables = {
        "BLENDER_USER_RESOURCES": str(studio / "blender"),
        "SHOTMILL_PYTHON": sys.executable,
        "SHOTMILL_HOME": str(studio / "home"),
        "SHOTMILL_BLENDER": python,
        "SHOTMILL_IDLE_S": "3",  # one engine for all jobs
        "SHOTMILL_GRACE_S": "0.2",
        "PYTHONPATH": "/junk",
        "LD_LIBRARY_PATH": "/junk",
    }
    with ExitStack() as stack:

        def start() -> Driven:
            argv = [python, "-I", str(DRIVER), "--"]
            program: Driven = stack.enter_context(driven("Blender", argv, studio, variables))
            made = program("install", extension=str(build_extension(studio)))
            assert made == {"done": ["FINISHED"], "enabled": True}
            return program

        yield start


@pytest.fixture(scope="module")
def blender(started: Callable[[], Driven]) -> Driven:
    """One Blender for most tests of this file."""
    return started()


@pytest.fixture(scope="module")
def reopened(blender: Driven, started: Callable[[], Driven], shot: Path) -> tuple[str, Driven]:
    """A job that was on its way when Blender was closed without saving; and the next Blender."""
    blender("open", path=str(shot))
    blender("set", path="shotmill_form_blender_render.samples", value=1_000_000)
    blender("set", path="shotmill_form_blender_render.frames", value="1-2000")  # the next Blender may be slow to start
    [job] = blender("send")["jobs"][:1]
    blender.end()
    return job["handle"], started()


@pytest.fixture(scope="module")
def shot(scenes: Path, studio: Path) -> Path:
    """A scene of two frames in a show."""
    place = studio / "show" / "sh 010.blend"
    place.parent.mkdir()
    shutil.copy(scenes / "shöt one" / "tür; 1.blend", place)
    return place


def test_host_fact_15_from_the_zip_to_a_version_and_back(blender: Driven, shot: Path) -> None:
    before = shot.read_bytes()
    assert "button shotmill.describe" in blender("open", path=str(shot))["drawn"]
    described = blender("press", name="describe")
    assert (described["answered"], described["message"]) == (True, "")
    assert {"Frames", "Samples", "View layer", "button Submit"} <= set(described["drawn"])
    blender("set", path="shotmill.shot", value="sq010/sh010")
    blender("set", path="shotmill_form_blender_render.samples", value=1)
    blender("set", path="shotmill_form_blender_render.frames", value="ten")
    wrong = blender("rest")
    assert list(wrong["problems"]) == ["frames"]
    assert wrong["problems"]["frames"].split()[0] in " ".join(wrong["drawn"])
    blender("set", path="shotmill_form_blender_render.frames", value="")
    right = blender("rest")
    assert (right["problems"], right["plan"]) == ({}, "3 tasks, publishes render v001 in sq010/sh010.")
    done = blender("press", name="submit", times=2, unchanged=True)  # a double click
    assert done["said"][0] == "FINISHED"
    assert "poll() failed" in done["said"][1]
    [job] = done["jobs"]
    assert (job["state"], job["version"], job["frames"], job["done"]) == ("succeeded", 1, "1001-1002", 1.0)
    assert (job["product"], job["colour"]) == ("local:sq010/sh010/render", "Linear Rec.709 (sRGB)")
    assert shot.read_bytes() == before  # the artist's own file
    [again] = blender("press", name="submit", unchanged=True)["jobs"]
    assert (again["handle"], again["state"]) == (job["handle"], "succeeded")  # the same scene is the same job
    loaded = blender("press", name="load", job=job["handle"])
    assert loaded["said"] == ["FINISHED"]
    seen = blender("clips")
    [clip] = seen["clips"]
    assert (clip["frames"], clip["start"], clip["size"], clip["colour"]) == (2, 1001, [64, 48], "Linear Rec.709")
    [node] = seen["nodes"]
    assert (node["frames"], node["start"], node["label"]) == (2, 1001, job["address"])


def test_a_changed_scene_is_another_version_that_replaces_the_one_before(blender: Driven) -> None:
    blender("turn", degrees=1.0)
    blender("set", path="shotmill_form_blender_render.frames", value="1002")
    [job, before] = blender("press", name="submit")["jobs"]
    assert (job["state"], job["version"], before["version"]) == ("succeeded", 2, 1)
    blender("press", name="load", job=job["handle"])
    seen = blender("clips")
    assert [(clip["frames"], clip["version"]) for clip in seen["clips"]] == [(1, job["address"])]
    assert [node["label"] for node in seen["nodes"]] == [job["address"]]


def test_what_was_rendered_is_submitted_to_other_job_types(blender: Driven) -> None:
    blender("set", path="shotmill.shot", value="sq010/sh010")
    [job, *_others] = blender("press", name="submit", job_type="thumbnail")["jobs"]
    assert (job["job_type"], job["state"]) == ("thumbnail", "succeeded")
    assert job["product"] == "local:sq010/sh010/thumbnail"


def test_a_missing_texture_is_said_before_anything_is_saved(blender: Driven, scenes: Path, studio: Path) -> None:
    shutil.copy(scenes / "missing.blend", studio / "missing.blend")
    blender("open", path=str(studio / "missing.blend"))
    told = blender("press", name="submit")
    assert "bricks.png (image 'bricks')" in told["message"]
    assert told["message"] in told["said"][0]
    assert told["jobs"] == []
    assert not (studio / "shotmill_scenes").exists()


def test_a_scene_that_was_never_saved_is_copied_for_the_job(blender: Driven, studio: Path) -> None:
    assert blender("fresh")["file"] == ""
    copy = Path(blender("copy")["copy"])
    assert copy.is_relative_to(studio / "blender")
    assert blender("look")["file"] == ""


def test_a_job_is_found_again_and_cancelled_after_blender_was_closed(reopened: tuple[str, Driven], shot: Path) -> None:
    handle, blender = reopened
    job = blender("open", path=str(shot))["jobs"][0]
    assert (job["handle"], job["job_type"]) == (handle, "blender_render")
    blender("press", name="cancel", job=handle, wait=False)
    seen = blender("rest")  # what follows the job ends with it
    [job] = [one for one in seen["jobs"] if one["handle"] == handle]
    assert (job["state"], seen["message"]) == ("cancelled", "")


def test_a_removed_shotmill_is_one_sentence(reopened: tuple[str, Driven]) -> None:
    _handle, blender = reopened
    blender("environ", name="SHOTMILL_PYTHON", value="/gone/python")
    told = blender("press", name="submit")
    assert told["message"].startswith("Shotmill's Python /gone/python")
    assert "\n" not in told["message"]
    assert (told["sending"], told["answered"]) == (False, True)


def test_disabling_it_leaves_nothing_behind(reopened: tuple[str, Driven]) -> None:
    _handle, blender = reopened
    assert blender("disable") == {"left": []}


def test_blender_s_own_command_line_checks_installs_and_removes_it(reopened: tuple[str, Driven], studio: Path) -> None:
    _handle, blender = reopened
    desk = Desk("linux", studio, {"XDG_CONFIG_HOME": str(studio / "config")})
    host = blender_host(extension_name(), extension_zip(), desk, program="blender")
    [(place, content)] = host.files.items()
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(content)
    assert blender("command", argv=["validate", str(place)])["code"] == 0
    [install], [remove] = host.programs, host.undo
    assert install[:3] == remove[:3] == ["blender", "--command", "extension"]
    assert blender("command", argv=install[3:]) == {"code": 0, "enabled": True}
    assert blender("command", argv=remove[3:]) == {"code": 0, "enabled": False}
