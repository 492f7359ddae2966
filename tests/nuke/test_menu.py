"""Nuke: the menu, as Nuke loads it, and what artists are told when Shotmill is not there."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from fake_children import stand_in
from nuke_scenes import made_node, nuke

from shotmill.submitters.nuke import CLIENT_JSON, menus, plugin_files
from shotmill.submitters.nuke.place import PACKAGE
from shotmill.submitters.nuke.work import guarded

FAKE = Path(__file__).resolve().parents[1] / "support" / "fake_nuke"
# As Nuke does: its folders are on sys.path, and menu.py is run. -S: nothing that pip installed can be imported.
START = f"""
import runpy, sys
sys.path[:0] = [{str(FAKE)!r}, sys.argv[1]]
runpy.run_path(sys.argv[1] + "/menu.py")
import nuke
print([item.name() for menu in nuke.menu("Nuke").items() for item in menu.items()])
print(sorted(set(name.partition(".")[0] for name in sys.modules) & {{"shotmill", "pydantic", "numpy", "PySide6"}}))
"""


@pytest.fixture(scope="module")
def plugin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The plug-in's folder, as it is installed; its name has a space."""
    folder = tmp_path_factory.mktemp("nuke") / "plug ins"
    for name, content in plugin_files().items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def start(folder: Path) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-S", "-W", "error", "-c", START, str(folder)]
    return subprocess.run(argv, capture_output=True, text=True, check=False, env={"HOME": str(folder)})


def test_nuke_starts_with_the_menu_and_nothing_but_the_standard_library(plugin: Path) -> None:
    started = start(plugin)
    assert started.stderr == ""
    entries, foreign = started.stdout.splitlines()
    above = ["Submit...", "Submit selected...", "-"]
    below = ["Bring in results of selected Read", "Update what was brought in", "-", "Is Shotmill there?"]
    assert entries == str([*above, *below])
    assert foreign == "[]"


def test_a_broken_plug_in_is_one_sentence_and_nuke_starts(plugin: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(plugin, broken)
    shutil.rmtree(broken / PACKAGE / "submitters" / "client")
    started = start(broken)
    assert started.returncode == 0
    assert started.stdout.splitlines()[0] == "[]"
    (line,) = started.stderr.splitlines()
    assert line.startswith("Shotmill's menu is not there (")
    assert line.endswith("type 'shotmill install nuke' to put it right")


def test_the_plug_in_is_written_for_python_3_7(plugin: Path) -> None:
    vermin = Path(sys.executable).parent / "vermin"
    checked = subprocess.run(
        [vermin, "--target=3.7-", "--no-tips", plugin], capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stdout


def test_the_folder_holds_nothing_of_this_machine() -> None:
    files = plugin_files()
    assert {"menu.py", f"{PACKAGE}/submitters/nuke/menus.py", f"{PACKAGE}/submitters/client/client.py"} <= set(files)
    assert f"{PACKAGE}/pipeline/exports/nuke_side.py" in files
    assert not [name for name in files if "place.py" in name and "/nuke/" in name]
    assert CLIENT_JSON.rpartition("/")[0] + "/place.py" in files  # which looks for it beside itself
    assert not [name for name, content in files.items() if str(Path.home()).encode() in content]


@pytest.fixture
def bar(world: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """The menu in the tests' Nuke; nothing says where Shotmill is."""
    for name in ("HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    del world
    menus.add_menu()
    menus.add_menu()
    return nuke.menu("Nuke").menu("Shotmill")


def said() -> list[str]:
    found: list[str] = nuke._scene.world().said
    return found


def test_a_second_menu_is_not_made(bar: Any) -> None:
    assert [item.name() for item in nuke.menu("Nuke").items()] == ["Shotmill"]
    assert len(bar.items()) == 7


@pytest.mark.parametrize("entry", ["Submit...", "Submit selected...", "Is Shotmill there?"])
def test_without_shotmill_each_entry_says_one_sentence_with_the_mend(bar: Any, entry: str) -> None:
    made_node("Read", file="/p/x.exr").setSelected(True)
    bar.findItem(entry).invoke()
    (sentence,) = said()
    assert sentence.startswith("nothing says where Shotmill is")
    assert "shotmill install" in sentence


def test_an_environment_that_was_removed_is_one_sentence(bar: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOTMILL_PYTHON", "/opt/gone/bin/python")
    bar.findItem("Submit...").invoke()
    (sentence,) = said()
    assert "/opt/gone/bin/python" in sentence
    assert "is not there" in sentence


def test_a_shotmill_that_breaks_is_one_sentence_and_the_window_stays_free(
    bar: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    python = stand_in(tmp_path / "python", "echo Traceback >&2\nexit 3")
    monkeypatch.setenv("SHOTMILL_PYTHON", str(python))
    bar.findItem("Is Shotmill there?").invoke()
    assert said() == []
    nuke._scene.world().run_until(said)
    assert "ended with exit code 3" in said()[0]


def test_a_config_of_colours_that_is_gone_stops_before_anybody_is_asked(
    bar: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OCIO", "/gone/config.ocio")
    bar.findItem("Submit...").invoke()
    (sentence,) = said()
    assert "'/gone/config.ocio'" in sentence


def test_a_script_that_is_not_saved_is_asked_about_first(bar: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOTMILL_PYTHON", sys.executable)
    world = nuke._scene.world()
    world.root["name"].setValue("/shows/a.nk")
    world.root.setModified(True)
    world.answers = [False]
    threads = threading.active_count()
    bar.findItem("Submit...").invoke()
    assert said() == [menus.QUESTION]
    assert threading.active_count() == threads


@pytest.mark.parametrize("entry", ["Bring in results of selected Read", "Update what was brought in"])
def test_what_there_is_nothing_for_says_so(bar: Any, monkeypatch: pytest.MonkeyPatch, entry: str) -> None:
    monkeypatch.setenv("SHOTMILL_PYTHON", sys.executable)
    bar.findItem(entry).invoke()
    (sentence,) = said()
    assert "; " in sentence


@pytest.mark.usefixtures("bar")
def test_a_fault_of_ours_is_a_sentence_with_its_story_in_a_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(menus, "gather", lambda *_given, **_more: 1 / 0)
    guarded(menus.ping)()
    (sentence,) = said()
    assert str(tmp_path / "shotmill-nuke.log") in sentence
    assert "ZeroDivisionError" in (tmp_path / "shotmill-nuke.log").read_text()
