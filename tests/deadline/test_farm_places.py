"""A job finds its plates on hosts that keep them elsewhere, by the rules of its session."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from specs import clip, spec_of_type

from shotmill.farm_plugins.task.mapping import Rule, mapped_path, mapped_spec, read_rules
from shotmill.schema.errors import InputCorruptError
from shotmill.schema.job import InputMark, WeightsRef

RULES = (Rule("/mnt/plates", "/session/a"), Rule("/mnt", "/session/b"))


@pytest.mark.parametrize(
    ("path", "here"),
    [
        pytest.param("/mnt/plates/x.####.exr", "/session/a/x.####.exr", id="the most special rule"),
        pytest.param("/mnt/other/x.mov", "/session/b/other/x.mov", id="the other rule"),
        pytest.param("/mnt/plates", "/session/a", id="the folder itself"),
        pytest.param("/mnt/plates2/x.mov", "/session/b/plates2/x.mov", id="no part of a name"),
        pytest.param("/mount/x.mov", "/mount/x.mov", id="no rule"),
    ],
)
def test_a_path_is_where_the_first_rule_says(path: str, here: str) -> None:
    assert mapped_path(path, RULES) == here


def test_the_root_of_all_paths_is_mapped_too() -> None:
    assert mapped_path("/plates/x.mov", (Rule("/", "/session/a"),)) == "/session/a/plates/x.mov"


def test_plates_and_colour_config_move_and_copies_are_not_held_against_their_originals() -> None:
    mark = InputMark(path="/plates/clip1.####.exr", files=1, size=1, fingerprint="0", method="stat")
    job = spec_of_type("thumbnail", clip(1)).model_copy(update={"inputs": (mark,), "colour_config": "/plates/c.ocio"})
    here = mapped_spec(job, (Rule("/plates", "/session/p"),))
    assert here.params["clips"][0]["media"] == "/session/p/clip1.####.exr"
    assert (here.colour_config, here.inputs) == ("/session/p/c.ocio", ())
    assert here.id == job.id


def test_a_job_whose_plates_stay_where_they_are_stays_as_it_is() -> None:
    mark = InputMark(path="/plates/clip1.####.exr", files=1, size=1, fingerprint="0", method="stat")
    job = spec_of_type("thumbnail", clip(1)).model_copy(update={"inputs": (mark,)})
    assert mapped_spec(job, (Rule("/jobs", "/session/p"),)) is job
    assert mapped_spec(job, ()) is job


def test_masks_and_checkpoints_move_wherever_the_job_names_them() -> None:
    prompt = {"frame": 1001, "mask": "/masks/hero.png"}
    params = {"objects": [{"name": "hero", "prompts": [prompt]}], "masks": {"/masks/hero.png": "c0ffee"}}
    job = spec_of_type("thumbnail", clip(1)).model_copy(
        update={
            "params": params,
            "files": {"/masks/hero.png": "c0ffee"},
            "weights": {"sam2": WeightsRef(path="/models/sam2.pt", sha256="ab" * 32)},
        }
    )
    here = mapped_spec(job, (Rule("/masks", "/session/m"), Rule("/models", "/session/w")))
    assert here.params["objects"][0]["prompts"][0] == {"frame": 1001, "mask": "/session/m/hero.png"}
    assert here.params["masks"] == here.files == {"/session/m/hero.png": "c0ffee"}
    assert here.weights["sam2"] == WeightsRef(path="/session/w/sam2.pt", sha256="ab" * 32)


def test_rules_are_read_as_a_session_writes_them(tmp_path: Path) -> None:
    place = tmp_path / "rules.json"
    rules = [
        {"source_path_format": "POSIX", "source_path": "/a", "destination_path": "/x"},
        {"source_path_format": "POSIX", "source_path": "/a/b", "destination_path": "/y"},
    ]
    place.write_text(json.dumps({"version": "pathmapping-1.0", "path_mapping_rules": rules}))
    assert read_rules(str(place)) == (Rule("/a/b", "/y"), Rule("/a", "/x"))
    place.write_text("{}")
    assert read_rules(str(place)) == ()


@pytest.mark.parametrize("text", ["", "[]", '{"path_mapping_rules": [{}]}', '{"path_mapping_rules": 7}'])
def test_rules_that_cannot_be_read_are_named(tmp_path: Path, text: str) -> None:
    place = tmp_path / "rules.json"
    place.write_text(text)
    with pytest.raises(InputCorruptError, match="cannot be read"):
        read_rules(str(place))
