"""The extension's zip, and what is asked of Shotmill: plain values, without Blender."""

from __future__ import annotations

import ast
import io
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest

from shotmill.submitters.blender import build_extension, extension_files, extension_name, extension_zip
from shotmill.submitters.blender.shotmill import gather

FACTS: dict[str, Any] = {
    "missing": [],
    "python_drivers": [],
    "stereo": False,
    "camera": "Camera",
    "first": 1001,
    "last": 1010,
    "step": 2,
    "scene": "Scene",
    "reads": ["/tex/a.png"],
}


def test_it_is_the_same_zip_each_time(tmp_path: Path) -> None:
    assert build_extension(tmp_path / "new").read_bytes() == extension_zip() == extension_zip()
    assert extension_name().endswith(".zip")


def test_the_manifest_is_what_blender_wants() -> None:
    manifest = tomllib.loads(extension_files()["blender_manifest.toml"].decode())
    assert (manifest["schema_version"], manifest["id"], manifest["type"]) == ("1.0.0", "shotmill", "add-on")
    assert manifest["license"] == ["SPDX:Apache-2.0"]
    assert len(manifest["version"].split(".")) == 3
    assert not manifest["permissions"]["files"].endswith(".")  # Blender's own check
    assert len(manifest["tagline"]) <= 64


def test_it_stands_on_the_standard_library_and_blender_alone() -> None:
    import sys  # noqa: PLC0415 - for its list of modules

    with zipfile.ZipFile(io.BytesIO(extension_zip())) as archive:
        assert {"__init__.py", "driver.py", "words.py", "shotmill_client/client.py"} <= set(archive.namelist())
        sources = [archive.read(name).decode() for name in archive.namelist() if name.endswith(".py")]
    imported = set()
    for source in sources:
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Import):
                imported |= {name.name.partition(".")[0] for name in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                imported.add(str(node.module).partition(".")[0])
    assert imported - set(sys.stdlib_module_names) == {"bpy"}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        pytest.param({"missing": [{"path": "/a.png", "users": ["image 'a'"]}]}, r"/a\.png \(image 'a'\)", id="missing"),
        pytest.param({"python_drivers": ["location of 'Cube': len(a)"]}, "location of 'Cube'", id="driver"),
        pytest.param({"stereo": True}, "several views", id="stereo"),
        pytest.param({"camera": ""}, "no camera", id="camera"),
    ],
)
def test_what_a_farm_would_refuse_is_refused_in_blender(change: dict[str, Any], words: str) -> None:
    with pytest.raises(gather.NotReadyError, match=words):
        gather.refuse_unready({**FACTS, **change}, [])
    with pytest.raises(gather.NotReadyError, match="hold paint"):
        gather.refuse_unready(FACTS, ["mask"])


def test_the_scene_fills_in_what_the_form_leaves_open() -> None:
    params = gather.render_params(FACTS, "/copies/a.blend", {"samples": 8}, "/ocio/config.ocio")
    assert params["frames"] == "1001-1010x2"
    assert (params["samples"], params["reads"], params["ocio"]) == (8, ["/tex/a.png"], "/ocio/config.ocio")
    assert gather.render_params(FACTS, "/a.blend", {"frames": "5"}, "")["frames"] == "5"


def test_what_was_left_empty_is_not_asked() -> None:
    place = {"project": " ", "shot": "sq010/sh010", "comment": ""}
    assert gather.asked("qc", {}, place, ["/a.exr"]) == {
        "job_type": "qc",
        "params": {},
        "plates": ["/a.exr"],
        "shot": "sq010/sh010",
    }


@pytest.mark.parametrize(
    ("frames", "count"),
    [
        pytest.param("1001-1096", 96, id="closed range"),
        pytest.param("1-10x3", 4, id="step"),
        pytest.param("-2-1,7", 5, id="negative start"),
    ],
)
def test_frames_are_counted(frames: str, count: int) -> None:
    assert gather.count_of(frames) == count


def test_paths_of_frames_and_patterns() -> None:
    assert gather.pattern_of("/r/shot 1/a.1001.exr") == "/r/shot 1/a.####.exr"
    assert gather.pattern_of("/r/movie.mov") == "/r/movie.mov"
    assert gather.first_frame("/r/a.####.exr", "7-9") == "/r/a.0007.exr"
    assert gather.frames_text(5, 5, 1) == "5"


def test_colours_go_by_blender_s_own_names() -> None:
    known = ["Linear Rec.709", "sRGB", "ACEScg"]
    assert gather.colour_of("Linear Rec.709 (sRGB)", known) == "Linear Rec.709"
    assert gather.colour_of("ACEScg", known) == "ACEScg"
    assert gather.colour_of("LogC3", known) == ""


def test_exr_is_shown_before_other_forms() -> None:
    forms = [{"name": name} for name in ("json", "mov", "exr", "jpg")]
    assert gather.best_form({"representations": forms}) == {"name": "exr"}
    assert gather.best_form({"representations": forms[:1]}) is None
