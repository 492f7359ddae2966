"""What is refused before an engine sees it: each refusal names the field, the rule and the fix."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from command_line import write_frames
from specs import clip, spec, step

from shotmill.farm_plugins.submission import SubmitRequest, plan
from shotmill.pipeline.settings import Settings
from shotmill.schema.checks import check_spec
from shotmill.schema.errors import ShotmillError
from shotmill.schema.frames import FrameSet
from shotmill.schema.job import JobSpec, OutputSpec, Step
from shotmill.schema.media import EntityKind, EntityRef

SHOT = EntityRef(project="demo", kind=EntityKind.SHOT, parent="sq010", name="sh010")


def promise(product: str, name: str = "comp", representation: str = "exr") -> OutputSpec:
    return OutputSpec(product=product, entity=SHOT, name=name, representation=representation, extension="exr")


def scattered(count: int) -> FrameSet:
    return FrameSet.of(number * number for number in range(count))


GRAPHS: dict[str, tuple[Callable[[], JobSpec], str, str, str]] = {
    "no steps": (spec, "E200", "steps", "must give at least one"),
    "a step that waits for itself": (
        lambda: spec(step("render", after=("render",))), "E208", "steps", "render -> render; remove one 'after'"
    ),
    "a circle of three": (
        lambda: spec(step("aaa", after=("ccc",)), step("bbb", after=("aaa",)), step("ccc", after=("bbb",))),
        "E208", "steps", "aaa -> ccc -> bbb -> aaa; remove one 'after'",
    ),
    "a circle behind a sound start": (
        lambda: spec(step("one"), step("two", after=("one", "six")), step("six", after=("two",))),
        "E208", "steps", "two -> six -> two; remove",
    ),
    "a step that waits for nobody": (
        lambda: spec(step("render", after=("rnder",))), "E208", "steps.render.after", "'rnder', which is not there"
    ),
    "a step that waits twice": (
        lambda: spec(step("one"), step("two", after=("one", "one"))), "E208", "steps.two.after", "name each once"
    ),
    "two steps of one name": (lambda: spec(step("render"), step("render")), "E202", "steps", "one name to a farm"),
    "two names that a farm folds": (
        lambda: spec(step("beauty-a"), step("Beauty_A")), "E202", "steps", "folds case and '-'; rename one"
    ),
    "a name too short for a farm": (lambda: spec(step("ab")), "E202", "steps", "at least 3 characters; rename it"),
    "more steps than are allowed": (
        lambda: spec(*[step(f"s{n:03d}") for n in range(201)]), "E200", "steps", "201 steps, 200 are allowed; split it"
    ),
    "more tasks than are allowed": (
        lambda: spec(step("render", "1-100001")), "E200", "steps", "100001 tasks, 100000 are allowed; raise 'chunk'"
    ),
    "more tasks than are allowed, because of gaps": (
        lambda: spec(step("render", "1-300000x2", chunk=100, contiguous=True)), "E200", "steps", "150000 tasks"
    ),
    "a frame range too long for a farm": (
        lambda: spec(Step(name="render", task="work", frames=scattered(1000))),
        "E200", "steps.render.frames", "4000 are allowed; use contiguous ranges or split",
    ),
    "one file promised twice": (
        lambda: spec(step("render", outputs=(promise("main"), promise("main")))), "E200", "outputs", "another name"
    ),
    "one product of one shot promised by two": (
        lambda: spec(step("render", outputs=(promise("left"), promise("right")))), "E200", "outputs", "both publish"
    ),
    "one product of one shot promised by two, in other capitals": (
        lambda: spec(step("render", outputs=(promise("left"), promise("right", "COMP")))),
        "E200", "outputs", "capitals aside",
    ),
    "two representations whose files would have one name": (
        lambda: spec(step("render", outputs=(promise("main"), promise("main", representation="beauty")))),
        "E200", "outputs", "exr and beauty of 'main', whose .exr files would have one name; make two products",
    ),
    "NUL in a parameter": (lambda: spec(step(), params={"a": ["b\0"]}), "E202", "params.a[0]", "U+0000 at position 1"),
    "a newline in a parameter": (lambda: spec(step(), params={"a": {"b": "\n"}}), "E202", "params.a.b", "remove it"),
    "a newline in a parameter's name": (lambda: spec(step(), params={"a\n": 1}), "E202", "params key", "remove it"),
    "a parameter longer than is allowed": (
        lambda: spec(step(), params={"a": "x" * 5000}), "E202", "params.a", "4096 are allowed; shorten it"
    ),
    "text that turns direction": (lambda: spec(step(), params={"a": "\u202e"}), "E202", "params.a", "U+202E"),
}  # fmt: skip


@pytest.mark.parametrize("case", GRAPHS)
def test_a_job_that_a_farm_would_misread_is_refused(case: str) -> None:
    make, code, field, words = GRAPHS[case]
    with pytest.raises(ShotmillError) as caught:
        check_spec(make())
    assert (caught.value.code, caught.value.fields.get("field")) == (code, field)
    assert words in caught.value.message


@pytest.fixture
def plate(tmp_path: Path) -> Path:
    """A sequence of three frames; beside it a folder, a pipe and a link to a device that look like frames."""
    for odd in ("folder", "pipe", "device", "gone"):
        (tmp_path / odd).mkdir()
    (tmp_path / "folder" / "x.0001.png").mkdir()
    os.mkfifo(tmp_path / "pipe" / "x.0001.png")
    (tmp_path / "device" / "x.0001.png").symlink_to("/dev/zero")
    (tmp_path / "gone" / "x.0001.png").symlink_to("/nowhere.png")
    return write_frames(tmp_path / "plate", 1, 2, 3)


CLIPS: dict[str, tuple[dict[str, Any], str, str, str]] = {
    "a range with letters": ({"frames": "1-x"}, "E210", "clips.0.frames", "write it as 1001-1096"),
    "an empty range": ({"frames": ""}, "E210", "clips.0.frames", "give one such as 1001-1096"),
    "a range of two billion frames": ({"frames": "1-2000000000"}, "E210", "clips.0.frames", "split the job"),
    "frames beyond 32 bits": ({"frames": "99999999999"}, "E210", "clips.0.frames", "check the range"),
    "a range of frames as a list": ({"frames": [1, 2]}, "E210", "clips.0.frames", "such as 1001-1096"),
    "a name with NUL": ({"name": "a\0b"}, "E210", "clips.0.name", "remove it"),
    "a name with a newline": ({"name": "a\nb"}, "E210", "clips.0.name", "remove it"),
    "a name too long": ({"name": "a" * 1025}, "E210", "clips.0.name", "1024 are allowed; shorten it"),
    "no name": ({"name": ""}, "E210", "clips.0.name", "is empty; give it one"),
    "a relative path": ({"media": "plate.png"}, "E210", "clips.0.media", "give the absolute path"),
    "a path that climbs": ({"media": "/a/../../etc/x.png"}, "E210", "clips.0.media", "climbs with '..'"),
    "a share": ({"media": "//server/share/a.png"}, "E210", "clips.0.media", "map it to a mounted folder"),
    "a Windows share": ({"media": "\\\\server\\a.png"}, "E210", "clips.0.media", "map it to a mounted folder"),
    "a drive": ({"media": "C:\\a.png"}, "E210", "clips.0.media", "map it to a mounted folder"),
    "a path with NUL": ({"media": "/a\0.png"}, "E210", "clips.0.media", "remove it"),
    "a path too long": ({"media": "/" + "a" * 1024}, "E210", "clips.0.media", "1024 are allowed"),
    "a file that is not there": ({"media": "/nowhere/a.png", "frames": None}, "E204", "", "check the path"),
    "a sequence that is not there": ({"media": "/nowhere/a.####.png"}, "E204", "", "check the path"),
    "a device": ({"media": "/dev/zero", "frames": None}, "E200", "", "give a file"),
    "a folder": ({"media": "/tmp", "frames": None}, "E200", "", "give a file"),
    "a frame that is a folder": ({"media": "HERE/folder/x.####.png"}, "E200", "", "give a file"),
    "a frame that is a pipe": ({"media": "HERE/pipe/x.####.png"}, "E200", "", "give a file"),
    "a frame that is a device": ({"media": "HERE/device/x.####.png"}, "E200", "", "give a file"),
    "a frame that is a dead link": ({"media": "HERE/gone/x.####.png"}, "E204", "", "check the path"),
    "a project that climbs": ({"entity": {**SHOT.model_dump(), "project": ".."}}, "E210", "clips.0.entity.project", ""),
    "a shot that climbs": ({"entity": {**SHOT.model_dump(), "name": "../x"}}, "E210", "clips.0.entity.name", "rename"),
    "a sequence that climbs": ({"entity": {**SHOT.model_dump(), "parent": ".."}}, "E210", "clips.0.entity", "rename"),
    "a shot named like a device": (
        {"entity": {**SHOT.model_dump(), "name": "con"}}, "E210", "clips.0.entity.name", "choose another"
    ),
    "a rate of nothing": ({"rate": "0"}, "E210", "clips.0.rate", "out of bounds (0.01 to 1000)"),
    "a rate that is no number": ({"rate": "nan"}, "E210", "clips.0.rate", "write 24, 23.976 or 24000/1001"),
    "a rate with a billion digits": ({"rate": "1e999999999"}, "E210", "clips.0.rate", "write 24"),
    "a rate over nothing": ({"rate": "24/0"}, "E210", "clips.0.rate", "write 24"),
    "a key that no clip has": ({"colour": "red"}, "E210", "clips.0.colour", ""),
}  # fmt: skip


@pytest.mark.parametrize("case", CLIPS)
def test_a_clip_that_cannot_be_is_refused(case: str, plate: Path, settings: Settings) -> None:
    wrong, code, field, words = CLIPS[case]
    given = {**clip(1, "1-3").model_dump(mode="json"), "media": str(plate), **wrong}
    given["media"] = given["media"].replace("HERE", str(plate.parents[1]))
    with pytest.raises(ShotmillError) as caught:
        plan(SubmitRequest("thumbnail", params={"clips": [given]}), settings)
    assert (caught.value.code, caught.value.fields.get("field", "")) == (code, field)
    assert words in caught.value.message


REQUESTS: dict[str, tuple[dict[str, Any], str, str, str]] = {
    "a comment with a newline": ({"comment": "a\nb"}, "E210", "comment", "remove it"),
    "a comment too long": ({"comment": "a" * 1025}, "E210", "comment", "1024 are allowed; shorten it"),
    "a comment with half a character": ({"comment": "\udcff"}, "E210", "comment", "U+DCFF"),
    "a project named like a device": ({"project": "nul"}, "E202", "project", "choose another"),
    "a project that climbs": ({"project": "../x"}, "E202", "project", "rename it"),
    "a priority that no farm has": ({"priority": "urgent"}, "E210", "priority", "'high', 'normal' or 'low'"),
    "a cut and no database": ({"cut": "main", "params": {}}, "E200", "cut", "none is open"),
    "plates and clips": ({"plates": ["/a.png"]}, "E200", "clips", "one of them"),
    "a job type that is not there": ({"job_type": "thumbnial"}, "E112", "", "did you mean: thumbnail"),
    "a job type that climbs": ({"job_type": "../x"}, "E112", "", "there is no job type"),
    "two clips of one name": ({"clips": 2}, "E200", "outputs", "give one another name"),
    "more clips than a publish takes": ({"job_type": "publish", "clips": 101}, "E210", "clips", "at most 100"),
    "a width that is too large": ({"width": 4097}, "E210", "width", "less than or equal to 4096"),
    "a width that is no number": ({"width": float("nan")}, "E210", "width", "finite"),
    "a frame that is a word": ({"frame": "$(id)"}, "E210", "frame", "write middle, first, last or a number"),
    "a parameter that is not there": ({"widht": 12}, "E210", "widht", "did you mean: width"),
    "a colour space with NUL": ({"colourspace": "a\0"}, "E210", "colourspace", "remove it"),
}


@pytest.mark.parametrize("case", REQUESTS)
def test_a_request_that_cannot_be_is_refused(case: str, plate: Path, settings: Settings) -> None:
    wrong, code, field, words = REQUESTS[case]
    whole = {name: wrong[name] for name in ("comment", "project", "priority", "cut", "plates") if name in wrong}
    one = {**clip(1, "1-3").model_dump(mode="json"), "media": str(plate)}
    params = {name: value for name, value in wrong.items() if name in {"width", "widht", "frame", "colourspace"}}
    params = wrong.get("params", {**params, "clips": [one] * wrong.get("clips", 1)})
    with pytest.raises(ShotmillError) as caught:
        plan(SubmitRequest(wrong.get("job_type", "thumbnail"), params=params, **whole), settings)
    assert (caught.value.code, caught.value.fields.get("field", "")) == (code, field)
    assert words in caught.value.message


def test_a_user_whose_name_no_database_takes_is_refused(plate: Path, settings: Settings) -> None:
    with pytest.raises(ShotmillError, match="user has 129 characters, 128 are allowed; shorten it"):
        plan(SubmitRequest("probe", plates=[str(plate)]), settings.model_copy(update={"user": "u" * 129}))


def test_a_publish_of_a_file_without_a_suffix_says_what_is_wrong(tmp_path: Path, settings: Settings) -> None:
    (tmp_path / "plate").write_bytes(b"x")
    given = {**clip(1).model_dump(mode="json"), "media": str(tmp_path / "plate"), "frames": None}
    with pytest.raises(ShotmillError, match=r"representation: step name is empty; give it a name") as caught:
        plan(SubmitRequest("publish", params={"clips": [given]}), settings)
    assert "\n" not in caught.value.message


def test_a_refused_request_leaves_nothing_behind(plate: Path, settings: Settings) -> None:
    with pytest.raises(ShotmillError):
        plan(SubmitRequest("thumbnail", plates=[str(plate)], comment="\0"), settings)
    assert not settings.home.exists()


def test_a_plate_with_a_long_name_is_a_job(tmp_path: Path, settings: Settings) -> None:
    (tmp_path / ("p" * 200 + ".png")).write_bytes(
        write_frames(tmp_path / "x", 1).with_name("plate.0001.png").read_bytes()
    )
    found = plan(SubmitRequest("contactsheet", plates=[str(tmp_path / ("p" * 200 + ".png"))]), settings)
    assert found.spec.name == "contactsheet-" + "p" * 57 + "_cfe25c"  # sha256sum of the name


def test_two_billion_frames_are_refused_before_they_are_counted_out() -> None:
    with pytest.raises(ShotmillError, match="holds 2147483648 frames, 1000000 are allowed"):
        FrameSet.span(0, 2**31 - 1)
