"""What can be wrong is refused before or in the first step, in words that say what to do; nothing is exported."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import roto_backends
from roto_plates import HEIGHT, WIDTH, Plate, make_plate, write

from shotmill.pipeline.roto import registry
from shotmill.pipeline.settings import Settings
from shotmill.schema.errors import (
    BadRequestError,
    ColourError,
    ConfigError,
    FramesMissingError,
    InputMissingError,
    ParamsError,
    ShotmillError,
    WeightsError,
)

RunRoto = Callable[..., Any]  # see conftest.py
STUB = {"segment": "stub", "propagate": "stub"}
HERO = "hero @1001 box 10,8,40,36"


@pytest.mark.parametrize(
    ("given", "kind", "words"),
    [
        pytest.param({"segment": "classica"}, ConfigError, "did you mean: classical", id="a backend that is not there"),
        pytest.param({"matte": "stub"}, ConfigError, "does not matte", id="a backend that does something else"),
        pytest.param({"exports": "nuk"}, ParamsError, "did you mean 'nuke'", id="an export that is not there"),
        pytest.param({"colourspace": "linea_r"}, ColourError, "linea_r", id="a colour space that is not there"),
        pytest.param({"frames": "1001-1020"}, ParamsError, "not 1009-1020", id="frames that the plate lacks"),
        pytest.param({"direction": "sideways"}, ParamsError, "forward", id="a direction that is none"),
        pytest.param({"device": "cuda\n0"}, ParamsError, "control", id="a newline in a name"),
    ],
)
def test_wrong_parameters_are_refused_at_submission(
    run_roto: RunRoto, plate: Plate, given: dict[str, Any], kind: type[ShotmillError], words: str
) -> None:
    with pytest.raises(kind, match=words):
        run_roto(plate, HERO, **{**STUB, **given})


@pytest.mark.parametrize(
    ("objects", "words"),
    [
        pytest.param([], "no object", id="no object"),
        pytest.param(["hero @1001 -5,5"], "no point inside", id="only points outside"),
        pytest.param(["hero @1001 +5,5", "Hero @1001 +9,9"], "twice", id="two objects of one name"),
        pytest.param(["hero @1001 box 40,10,10,40"], "left < right", id="a box inside out"),
        pytest.param(["he/ro @1001 +5,5"], "object 'he/ro'", id="a name that is no channel"),
        pytest.param(["hero @1044 +5,5"], "frame 1044", id="a prompt outside of the range"),
        pytest.param(["hero @1001 text dog"], "no backend detects", id="a text without a detector"),
    ],
)
def test_wrong_objects_are_refused_at_submission(
    run_roto: RunRoto, plate: Plate, objects: list[str], words: str
) -> None:
    with pytest.raises(ParamsError, match=words):
        run_roto(plate, *objects, **STUB)


def test_a_plate_with_missing_frames_is_refused_at_submission(run_roto: RunRoto, plate: Plate) -> None:
    plate.path(1004).unlink()
    with pytest.raises((ParamsError, FramesMissingError), match="1004"):
        run_roto(plate, HERO, **STUB)


def test_a_mask_file_that_is_not_there_is_refused_at_submission(run_roto: RunRoto, plate: Plate) -> None:
    with pytest.raises(InputMissingError, match="mend the path"):
        run_roto(plate, "hero @1001 mask /nowhere/mask.png", **STUB)


@pytest.mark.parametrize(
    ("hero", "words"),
    [
        pytest.param("hero @1001 +200,10", "point 200,10 lies outside of the picture of 96x54", id="a point"),
        pytest.param("hero @1001 box 100,60,140,80", "box 100,60,140,80 lies outside", id="a box"),
    ],
)
def test_prompts_outside_of_the_picture_are_refused_in_prepare(
    run_roto: RunRoto, plate: Plate, hero: str, words: str
) -> None:
    done = run_roto(plate, hero, **STUB)
    assert words in done.failure
    assert "frame 1001" in done.failure
    assert len(done.attempts) == 1


def test_a_plate_of_two_sizes_is_refused_in_prepare_by_frame(run_roto: RunRoto, plate: Plate) -> None:
    write(plate.path(1005), np.zeros((HEIGHT, WIDTH + 2, 3), np.uint8))
    done = run_roto(plate, HERO, **STUB)
    assert "plate.1005.png has 98x54 pixels, the frames before it 96x54" in done.failure
    assert len(done.attempts) == 1


def test_an_exr_that_does_not_say_its_colour_space_is_refused_in_prepare(run_roto: RunRoto, tmp_path: Path) -> None:
    """Roto fact 10: an EXR without a colour space is refused; nobody guesses."""
    done = run_roto(make_plate(tmp_path / "exr", suffix="exr", last=1002), HERO, **STUB)
    assert (done.code, len(done.attempts)) == ("E207", 1)
    assert "nothing says which colour space" in done.failure
    assert "--colourspace" in done.failure


def test_an_empty_mask_file_is_refused_in_prepare(run_roto: RunRoto, plate: Plate, tmp_path: Path) -> None:
    """Roto fact 3: an empty first mask ends the job with object and frame, and nothing is made of it."""
    write(tmp_path / "mask.png", np.zeros((HEIGHT, WIDTH, 1), np.uint8))
    done = run_roto(plate, f"hero @1003 mask {tmp_path / 'mask.png'}", **STUB)
    assert (done.code, len(done.attempts)) == ("E314", 1)
    assert "object 'hero'" in done.failure
    assert "frame 1003" in done.failure


def test_a_tiny_first_mask_ends_the_job_with_object_and_frame(run_roto: RunRoto, plate: Plate) -> None:
    """Roto fact 3, of a mask that a backend found."""
    done = run_roto(plate, "hero @1002 box 10,10,12,12", **STUB)
    assert done.code == "E314"
    assert "object 'hero'" in done.failure
    assert "frame 1002" in done.failure
    assert done.outputs("matte") == []


def test_a_mask_of_another_size_is_refused_in_prepare(run_roto: RunRoto, plate: Plate, tmp_path: Path) -> None:
    write(tmp_path / "mask.png", np.full((HEIGHT, WIDTH // 2, 1), 255, np.uint8))
    done = run_roto(plate, f"hero @1003 mask {tmp_path / 'mask.png'}", **STUB)
    assert "has 48x54 pixels, the plate 96x54" in done.failure


def test_another_content_of_a_mask_file_is_another_job(run_roto: RunRoto, plate: Plate, tmp_path: Path) -> None:
    keys = []
    for value in (255, 200):
        write(tmp_path / "mask.png", np.full((HEIGHT, WIDTH, 1), value, np.uint8))
        keys.append(run_roto(plate, f"hero @1001 mask {tmp_path / 'mask.png'}", **STUB, until="prepare").spec.key)
    assert len(set(keys)) == 2


def test_a_frame_that_is_cut_off_is_named(run_roto: RunRoto, plate: Plate) -> None:
    plate.path(1004).write_bytes(plate.path(1004).read_bytes()[:200])
    done = run_roto(plate, HERO, **STUB)
    assert "E205" in done.failure
    assert "plate.1004.png" in done.failure


@pytest.fixture
def weighty(monkeypatch: pytest.MonkeyPatch) -> None:
    """A backend that needs the weights ``weighty_small`` and a GPU."""
    monkeypatch.setattr(roto_backends, "BACKEND", roto_backends.WEIGHTY)
    monkeypatch.setitem(registry.BUILT_IN, "weighty", roto_backends.__name__)


def with_weights(settings: Settings, path: Path, sha256: str, *, name: str = "weighty_small") -> Settings:
    values = {**settings.model_dump(), "weights": {name: {"path": str(path), "sha256": sha256}}}
    return Settings.model_validate(values)


@pytest.mark.usefixtures("weighty")
def test_weights_that_no_setting_names_are_refused_at_submission(run_roto: RunRoto, plate: Plate) -> None:
    with pytest.raises(WeightsError, match="'weighty_small'"):
        run_roto(plate, HERO, segment="weighty", propagate="stub")


@pytest.mark.usefixtures("weighty")
@pytest.mark.parametrize("there", [False, True], ids=["missing", "another file"])
def test_a_missing_or_wrong_checkpoint_fails_in_prepare(
    run_roto: RunRoto, plate: Plate, settings: Settings, tmp_path: Path, there: bool
) -> None:
    """Roto fact 9: path and expected hash are named, before any step that needs a GPU."""
    path, expected = tmp_path / "weighty.pt", hashlib.sha256(b"the right ones").hexdigest()
    if there:
        path.write_bytes(b"other ones")
    done = run_roto(plate, HERO, segment="weighty", settings=with_weights(settings, path, expected))
    assert (done.code, len(done.attempts)) == ("E114", 1)
    assert str(path) in done.failure
    assert expected in done.failure
    first_gpu = [step.needs.gpu for step in done.spec.steps].index(1)
    assert done.spec.steps[0].needs.gpu == 0 < first_gpu


def test_a_missing_checkpoint_of_cutie_fails_in_prepare(
    run_roto: RunRoto, plate: Plate, settings: Settings, tmp_path: Path
) -> None:
    """Roto fact 9, of a backend that only follows; no torch is looked for before."""
    path, expected = tmp_path / "cutie-base-mega.pth", hashlib.sha256(b"the right ones").hexdigest()
    chosen = with_weights(settings, path, expected, name="cutie")
    done = run_roto(plate, HERO, segment="classical", propagate="cutie", settings=chosen)
    assert (done.code, len(done.attempts)) == ("E114", 1)
    assert str(path) in done.failure
    assert expected in done.failure


@pytest.mark.hostile
@pytest.mark.usefixtures("weighty")
def test_a_hostile_checkpoint_is_refused_in_prepare_and_nothing_of_it_runs(
    run_roto: RunRoto, plate: Plate, settings: Settings, tmp_path: Path
) -> None:
    """Its SHA-256 is that of the settings; loading it would make a folder."""
    path = tmp_path / "weighty.pt"
    path.write_bytes(b"\x80\x02cposix\nmkdir\nX\x04\x00\x00\x00made\x85R.")
    chosen = with_weights(settings, path, hashlib.sha256(path.read_bytes()).hexdigest())
    done = run_roto(plate, HERO, segment="weighty", settings=chosen)
    assert (done.code, len(done.attempts)) == ("E114", 1)
    assert "would call posix mkdir; nothing of it was run" in done.failure
    assert not list(tmp_path.rglob("made"))
    assert not Path("made").exists()


@pytest.mark.usefixtures("weighty")
def test_the_content_of_weights_decides_the_job_and_not_their_place(
    run_roto: RunRoto, plate: Plate, settings: Settings, tmp_path: Path
) -> None:
    keys = []
    for name, content in (("a", b"1"), ("b", b"1"), ("a", b"2")):
        (tmp_path / name).write_bytes(content)
        chosen = with_weights(settings, tmp_path / name, hashlib.sha256(content).hexdigest())
        spec = run_roto(plate, HERO, segment="weighty", settings=chosen, until="segment").spec
        keys.append(spec.key)
        assert [step.model for step in spec.steps if step.task == "segment"] == ["counting"] or spec.weights
    assert keys[0] == keys[1] != keys[2]


def test_settings_of_weights_are_a_table_with_a_hash_each(settings: Settings) -> None:
    with pytest.raises(ValueError, match="sha256"):
        with_weights(settings, Path("/weights/a.pt"), "short")


def test_a_sheet_of_two_plates_is_no_roto(run_roto: RunRoto, plate: Plate) -> None:
    with pytest.raises(BadRequestError, match="clips"):
        run_roto(plate, HERO, **STUB, clips=[])
