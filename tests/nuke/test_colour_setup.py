"""Fact 13: OCIO as the environment says, a custom config, one of Nuke's, one that is built in, and one that is gone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from nuke_scenes import made_node, nuke

from shotmill.submitters.nuke.colour import Colour, colour_of, colourspace_of
from shotmill.submitters.nuke.problems import NukeProblem

WORKING = "ACES - ACEScg"


@pytest.fixture
def root(world: Any) -> Any:
    """A script whose colours are OCIO's, with a config of its own, one of Nuke's, and one named by the environment."""
    root = world.root
    root["colorManagement"].setValue("OCIO")
    root["workingSpaceLUT"].setValue(WORKING)
    root["OCIO_config"].setValue("custom")
    return root


def config(folder: Path) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.ocio").write_text("ocio_profile_version: 2\n")
    return str(folder / "config.ocio")


def test_fact_13_the_environment_is_stronger_than_the_script(root: Any, tmp_path: Path) -> None:
    root["customOCIOConfigPath"].setValue(config(tmp_path / "custom"))
    there = config(tmp_path / "Söhne & co")
    assert colour_of(root, {"OCIO": there}) == Colour("environment", there, "", WORKING)


def test_fact_13_a_custom_config_may_be_named_by_tcl(
    root: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = config(tmp_path / "show")
    monkeypatch.setenv("SHOW", str(tmp_path / "show"))
    root["customOCIOConfigPath"].setValue("[getenv SHOW]/config.ocio")
    assert colour_of(root, {}) == Colour("custom", there, "", WORKING)


@pytest.mark.parametrize("place", ["aces_1.2/config.ocio", "aces_1.2.ocio"])
def test_fact_13_a_config_of_nukes_is_found_among_its_files(root: Any, tmp_path: Path, place: str) -> None:
    there = tmp_path / "OCIOConfigs" / "configs" / place
    config(there.parent)
    there.touch()
    nuke._scene.world().plugin_path.append(str(tmp_path))
    root["OCIO_config"].setValue("aces_1.2")
    assert colour_of(root, {}) == Colour("stock", str(there), "aces_1.2", WORKING)


@pytest.mark.parametrize("said_by", ["environment", "custom", "list"])
def test_fact_13_a_built_in_config_has_a_name_and_no_file(root: Any, said_by: str) -> None:
    uri = "ocio://cg-config-v2.2.0_aces-v1.3_ocio-v2.4"
    environment = {"OCIO": uri} if said_by == "environment" else {}
    root["customOCIOConfigPath"].setValue(uri if said_by == "custom" else "")
    root["OCIO_config"].setValue(uri if said_by == "list" else "custom")
    found = colour_of(root, environment)
    assert (found.source, found.config, found.working) == ("built-in", uri, WORKING)


@pytest.mark.parametrize(
    ("environment", "chosen", "custom", "named"),
    [
        pytest.param({"OCIO": "/gone/config.ocio"}, "custom", "", "/gone/config.ocio", id="of the environment"),
        pytest.param({}, "custom", "/gone/too.ocio", "/gone/too.ocio", id="of the script"),
        pytest.param({}, "custom", "", "names no OCIO config", id="none was named"),
        pytest.param({}, "nuke-default", "", "nuke-default", id="of Nuke's"),
    ],
)
def test_fact_13_a_config_that_is_gone_stops_the_submit_and_says_the_mend(
    root: Any, environment: dict[str, str], chosen: str, custom: str, named: str
) -> None:
    root["OCIO_config"].setValue(chosen)
    root["customOCIOConfigPath"].setValue(custom)
    with pytest.raises(NukeProblem) as problem:
        colour_of(root, environment)
    assert named in problem.value.message
    assert problem.value.hint


def test_without_ocio_no_config_is_sent(world: Any) -> None:
    assert colour_of(world.root, {}).source == "nuke"


@pytest.mark.parametrize(
    ("shown", "is_raw", "named"),
    [
        pytest.param("ACES - ACEScg", False, "ACES - ACEScg", id="a name"),
        pytest.param("scene_linear (ACES - ACEScg)", False, "ACES - ACEScg", id="a role, with what it stands for"),
        pytest.param("default (Utility - sRGB (D65))", False, "Utility - sRGB (D65)", id="a bracket in the name"),
        pytest.param("Camera Log (EI800)", False, "Camera Log (EI800)", id="a bracket that is part of the name"),
        pytest.param("default", False, "", id="a default that is not known"),
        pytest.param("ACES - ACEScg", True, "", id="raw has none"),
    ],
)
def test_a_read_says_its_colour_space(world: Any, shown: str, is_raw: bool, named: str) -> None:
    del world
    read = made_node("Read")
    read["colorspace"].setValue(shown)
    read["raw"].setValue(is_raw)
    assert colourspace_of(read) == named
