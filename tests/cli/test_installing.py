"""``install cuegui``: the folder of the job-menu plug-in, its settings, and what is told of it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from command_line import Shotmill

import shotmill.submitters.cuegui.place as placing
from shotmill.submitters.cuegui.shotmill.config import Config, ConfigFaultError, read_config
from shotmill.submitters.cuegui.shotmill.words import told


@pytest.fixture
def plugins(tmp_path: Path) -> Path:
    """CueGUI's folder of plug-ins, as pip leaves it in an environment."""
    folder = tmp_path / "env/lib/python3.11/site-packages/cuegui/cueguiplugin"
    folder.mkdir(parents=True)
    (folder / "loader.py").touch()
    return folder


@pytest.mark.parametrize("up", [0, 1, 2, 5], ids=["the folder", "the package", "site-packages", "the environment"])
def test_the_plug_in_is_put_where_cuegui_looks_for_it(up: int, plugins: Path, shotmill: Shotmill) -> None:
    named = [plugins, *plugins.parents][up]
    ran = shotmill("install", "cuegui", named)
    assert (ran.exit_code, ran.out.splitlines()[0]) == (0, f"wrote {plugins / 'shotmill'}")
    shipped = {path.name for path in placing.SOURCE.iterdir() if path.is_file()}
    assert {path.name for path in (plugins / "shotmill").iterdir()} == shipped


def test_its_settings_name_this_shotmill_and_where_its_settings_are_and_no_secret(
    plugins: Path, shotmill: Shotmill, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOTMILL_CONFIG", "/shows/site.toml")
    monkeypatch.setenv("SHOTMILL_DATABASE", "postgresql://me:hunter2@db/shotmill")
    shotmill("install", "cuegui", plugins)
    config = read_config(yaml.safe_load((plugins / "shotmill/config.yaml").read_text()))
    assert config.program == (str(Path(sys.executable).parent / "shotmill"),)
    assert config.environment == {"SHOTMILL_CONFIG": "/shows/site.toml", "SHOTMILL_HOME": os.environ["SHOTMILL_HOME"]}


def test_settings_that_are_there_stay_unless_forced(plugins: Path, shotmill: Shotmill) -> None:
    shotmill("install", "cuegui", plugins)
    config, stale = plugins / "shotmill/config.yaml", plugins / "shotmill/gone.py"
    config.write_text("program: mine\n")
    stale.touch()
    assert f"kept {config}" in shotmill("install", "cuegui", plugins).out
    assert (config.read_text(), stale.exists()) == ("program: mine\n", False)
    assert f"wrote {config}" in shotmill("install", "cuegui", plugins, "--force").out


@pytest.mark.parametrize(
    ("switch", "enabled"),
    [
        pytest.param(None, True, id="no file: all are loaded"),
        pytest.param("disabled_plugins: []", True, id="no list: all are loaded"),
        pytest.param("enabled_plugins: [cueprogbar]", False, id="a list without it"),
        pytest.param("enabled_plugins:", False, id="an empty list"),
        pytest.param("enabled_plugins: [shotmill]", True, id="a list with it"),
        pytest.param("disabled_plugins: [shotmill]", False, id="disabled"),
        pytest.param("[1", True, id="no YAML: CueGUI loads all"),
    ],
)
def test_how_to_enable_it_is_told_where_it_is_not(
    switch: str | None, enabled: bool, plugins: Path, shotmill: Shotmill
) -> None:
    place = plugins / placing.SWITCH
    if switch is not None:
        place.write_text(switch)
    said = shotmill("install", "cuegui", plugins).out.splitlines()[-1]
    wanted = f"next: add '  - shotmill' below enabled_plugins in {place}, and restart CueGUI"
    assert (said.startswith("it is enabled"), said == wanted) == (enabled, not enabled)


def test_where_no_cuegui_is_the_way_to_its_folder_is_told(tmp_path: Path, shotmill: Shotmill) -> None:
    ran = shotmill("install", "cuegui", tmp_path)
    assert ran.exit_code == 64
    assert ran.err.startswith(f"E200 {tmp_path} holds no plug-in folder of CueGUI's; give what CueGUI's own Python")


def test_another_plug_in_of_that_name_is_left_alone(plugins: Path, shotmill: Shotmill) -> None:
    theirs = plugins / "shotmill/plugin.py"
    theirs.parent.mkdir()
    theirs.write_text("class Plugin: pass\n")
    assert "is another plug-in" in shotmill("install", "cuegui", plugins).err
    assert theirs.read_text() == "class Plugin: pass\n"


def test_it_runs_on_the_pythons_that_cuegui_runs_on() -> None:
    vermin = Path(sys.executable).parent / "vermin"
    ran = subprocess.run(
        [vermin, "--target=3.7-", "--no-tips", placing.SOURCE], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout


@pytest.mark.parametrize(
    ("raw", "fault"),
    [
        pytest.param(["program"], "it must hold names and values", id="a list"),
        pytest.param({"program": {"a": 1}}, "program must be a name, or a list of words", id="program"),
        pytest.param({"viewer": ["rv", 7]}, "viewer must be a name, or a list of words", id="viewer"),
        pytest.param({"environment": ["A=1"]}, "environment must hold names and values", id="environment"),
        pytest.param({"timeout_s": True}, "timeout_s must be a number of seconds", id="timeout"),
        pytest.param({"timeout_s": float("nan")}, "timeout_s must be a number of seconds", id="no number"),
    ],
)
def test_settings_of_the_wrong_kind_are_named(raw: object, fault: str) -> None:
    with pytest.raises(ConfigFaultError, match=fault):
        read_config(raw)


def test_settings_that_are_empty_are_the_defaults() -> None:
    assert read_config(None) == read_config({"viewer": [], "environment": None}) == Config(environment={})


def test_a_viewer_is_given_the_folder_as_one_word() -> None:
    assert Config(viewer=("rv", "-l", "{folder}")).view_command("/a b/v001") == ("rv", "-l", "/a b/v001")


def test_shotmill_gets_what_is_listed_of_cueguis_environment() -> None:
    parent = {"HOME": "/h", "LC_ALL": "C", "PYTHONPATH": "/cuegui", "LICENSE": "1", "SHOTMILL_HOME": "/a", "TOKEN": "x"}
    config = Config(pass_environment=("LICENSE",), environment={"SHOTMILL_HOME": "/b"})
    wanted = {"HOME": "/h", "LC_ALL": "C", "LICENSE": "1", "SHOTMILL_HOME": "/b"}
    assert config.child_environment(parent) == wanted


def test_a_failure_in_one_line_becomes_lines() -> None:
    line = (
        "J-ABCDEFGH failed: SHOTMILL E204 input-missing frame=7 path='/a b/p.7.exr' retryable=no "
        'cause="plate \\"p\\" is gone" hint="bring it back"'
    )
    headline, lines = told(line)
    assert headline == "J-ABCDEFGH failed"
    assert lines.splitlines() == [
        'plate "p" is gone',
        "bring it back",
        "",
        "code       E204 input-missing",
        "frame      7",
        "path       /a b/p.7.exr",
        "retryable  no",
    ]


def test_a_line_without_a_failure_is_told_as_it_is() -> None:
    assert told("J-ABCDEFGH succeeded: 3 tasks") == ("J-ABCDEFGH succeeded: 3 tasks", "")
