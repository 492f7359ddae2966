"""Renders of Blender scenes, in the real Blender."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ran_jobs import RanJob

from shotmill.farm_plugins.submission import SubmitRequest, plan
from shotmill.pipeline.images import read_header, read_image
from shotmill.pipeline.publish import run_publish
from shotmill.pipeline.settings import Settings
from shotmill.pipeline.store import Database
from shotmill.schema.errors import BadRequestError, InputMissingError, MachineError, ParamsError
from shotmill.schema.frames import FrameSet
from shotmill.schema.job import JobSpec

Planned = Callable[..., JobSpec]
Ran = Callable[[JobSpec], RanJob]
HOSTILE = '$(touch x); "ß" {frame} %s'  # as in blender_scenes.py
TWO = {"frames": "1001-1002", "reads": []}  # what a host says, so that nobody need ask Blender
NO_PYTHON = "/nowhere/python3"


@pytest.fixture
def plain(scenes: Path) -> Path:
    return scenes / "shöt one" / "tür; 1.blend"


def files_of(ran: RanJob) -> list[Path]:
    [receipt, *more] = ran.receipts("render")
    return [ran.folder.root / one.root / file.path for one in (receipt, *more) for file in one.outputs[0].files]


@pytest.mark.measured
def test_a_scene_is_rendered_in_any_chunks_to_the_same_bytes_and_published(
    plain: Path, scenes: Path, planned: Planned, ran: Ran, settings: Settings, sqlite_database: Database
) -> None:
    done = ran(planned(plain))  # frames, scene and files are asked of Blender
    assert not done.failure
    assert done.spec.params["frames"] == "1001-1002"
    assert done.spec.params["scene"] == HOSTILE
    [receipt] = done.receipts("render")
    assert (receipt.done, receipt.outputs[0].colourspace) == (FrameSet((1001, 1002)), "Linear Rec.709 (sRGB)")
    assert (receipt.outputs[0].facts["view_layer"], receipt.outputs[0].facts["rate"]) == ("beauty", "25")
    [prepared] = done.receipts("prepare")
    assert prepared.notes == ("file output 'File Output' of the compositor was left out",)
    assert not (scenes / "elsewhere").exists()
    single = ran(planned(plain, **TWO, chunk_frames=1))
    assert [path.read_bytes() for path in files_of(single)] == [path.read_bytes() for path in files_of(done)]
    assert len(files_of(single)) == 2
    [version] = run_publish(done.folder, done.spec, settings, sqlite_database).versions
    first, second = sorted(Path(version.folder).glob("*.exr"))
    header = read_header(first)
    assert (header.compression, header.sample, header.bits) == ("zip", "float", 16)
    assert (header.width, header.height, header.pixel_aspect, header.rate) == (64, 48, 2.0, 25.0)
    assert header.colourspace == "lin_rec709_scene"
    assert float(read_image(first).pixels.mean()) > 0.01
    assert first.read_bytes() != second.read_bytes()  # the cube turns


def test_png_is_the_picture_that_the_scene_s_view_makes(plain: Path, planned: Planned, ran: Ran) -> None:
    done = ran(planned(plain, frames="1002", reads=[], format="png", percent=50, view_layer="beauty"))
    assert not done.failure
    header = read_header(files_of(done)[0])
    assert (header.width, header.height, header.bits) == (32, 24, 16)
    assert done.receipts("render")[0].outputs[0].colourspace == "sRGB - Display"


@pytest.mark.measured
def test_libraries_and_tiles_are_part_of_the_job_s_key(scenes: Path, planned: Planned, tmp_path: Path) -> None:
    shutil.copytree(scenes, tmp_path / "show", ignore=shutil.ignore_patterns("BOOM"))
    linked = tmp_path / "show" / "linked.blend"
    spec = planned(linked)
    names = {Path(path).name for path in spec.params["reads"]}
    assert names == {"props.blend", "wall.1001.png", "wall.1002.png"}
    assert set(spec.files) == {str(linked), *spec.params["reads"]}
    again = {name: spec.params[name] for name in ("frames", "reads", "scene")}
    assert planned(linked, **again).key == spec.key
    texture = tmp_path / "show" / "tex" / "wall.1002.png"
    texture.write_bytes(texture.read_bytes() + b"\0")
    assert planned(linked, **again).key != spec.key


def test_a_missing_texture_is_refused_by_name(scenes: Path, planned: Planned, ran: Ran) -> None:
    with pytest.raises(InputMissingError, match=r"bricks\.png \(image 'bricks'\)"):
        planned(scenes / "missing.blend")
    told = ran(planned(scenes / "missing.blend", **TWO))  # a host that does not know
    assert "E204" in told.failure
    assert "bricks.png" in told.failure
    assert len(told.attempts) == 1  # in prepare, before anything is rendered


def test_scripts_inside_of_a_scene_are_not_run(scenes: Path, planned: Planned, ran: Ran) -> None:
    done = ran(planned(scenes / "script.blend", frames="1001", reads=[]))
    assert not done.failure
    assert done.receipts("prepare")[0].notes == ("script 'boom.py' of the scene was not run",)
    with pytest.raises(BadRequestError, match=r"location of 'Cube': len\(str\(frame\)\) \* 0\.1$"):
        planned(scenes / "driver.blend")
    assert not (scenes / "BOOM").exists()


def test_what_changed_since_the_submit_is_not_rendered(
    scenes: Path, planned: Planned, ran: Ran, tmp_path: Path
) -> None:
    scene = Path(shutil.copy(scenes / "script.blend", tmp_path / "scene.blend"))
    spec = planned(scene, **TWO)
    shutil.copy(scenes / "missing.blend", scene)
    assert "E507" in ran(spec).failure


def test_a_file_that_nobody_knew_of_at_the_submit_is_refused(scenes: Path, planned: Planned, ran: Ran) -> None:
    told = ran(planned(scenes / "linked.blend", **TWO))
    assert "E507" in told.failure
    assert "linked.blend reads " in told.failure


@pytest.mark.parametrize(
    ("params", "error", "words"),
    [
        pytest.param({"view_layer": "depth"}, BadRequestError, "no view layer 'depth'; it has: 'beauty'", id="layer"),
        pytest.param({"scene": "Other"}, BadRequestError, "has no scene 'Other'", id="scene"),
    ],
)
def test_names_that_the_scene_does_not_have_are_refused(
    params: dict[str, Any], error: type[Exception], words: str, plain: Path, planned: Planned
) -> None:
    with pytest.raises(error, match=words):
        planned(plain, **params)


def test_no_scene_and_one_that_is_not_there_are_refused(planned: Planned, settings: Settings) -> None:
    with pytest.raises(InputMissingError, match=r"nothing\.blend is not there"):
        planned(Path("/nowhere/nothing.blend"))
    with pytest.raises(ParamsError, match="needs a scene"):
        plan(SubmitRequest("blender_render"), settings)


def test_without_blender_the_mend_is_told(plain: Path, settings: Settings) -> None:
    bare = settings.model_copy(update={"blender": ""})
    with pytest.raises(MachineError, match="settings name none") as error:
        plan(SubmitRequest("blender_render", params={"scene_file": str(plain)}), bare)
    assert "SHOTMILL_BLENDER" in error.value.hint
    gone = settings.model_copy(update={"blender": NO_PYTHON})
    spec = plan(SubmitRequest("blender_render", params={"scene_file": str(plain), **TWO}), gone).spec
    assert spec.params["reads"] == []  # the host said all, so only the farm needs Blender


def test_a_path_is_typed_from_where_one_stands(plain: Path, planned: Planned, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(plain.parent)
    assert planned(Path(plain.name), **TWO).params["scene_file"] == str(plain)


def test_the_file_names_an_asset_when_nobody_names_a_shot(plain: Path, settings: Settings) -> None:
    spec = plan(SubmitRequest("blender_render", params={"scene_file": str(plain), **TWO}), settings).spec
    owner = spec.step("render").outputs[0].entity
    assert (owner.parent, spec.name) == ("scene", f"blender_render-{owner.name}")
