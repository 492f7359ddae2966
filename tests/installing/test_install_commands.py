"""``shotmill install``: what it prints, does, and leaves alone, in the home of somebody with a strange name."""

from __future__ import annotations

import json
import os
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from shotmill.submitters.cli.root import invoke
from shotmill.submitters.nuke import plugin_files

Said = tuple[int, list[str]]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home, with variables that would lead elsewhere taken out."""
    folder = tmp_path / "Zoë's home"
    folder.mkdir()
    for name in ("XDG_CONFIG_HOME", "APPDATA", "NUKE_PATH", "RV_SUPPORT_PATH"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    return folder


@pytest.fixture
def install(home: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """Run ``shotmill install`` in this process: its exit code, and the lines that it printed."""
    del home

    def run(*words: object) -> Said:
        capsys.readouterr()
        code = invoke(["install", *map(str, words)])
        return code, capsys.readouterr().out.splitlines()

    return run


def test_nuke_gets_its_folder_one_line_and_the_way_to_shotmill(install: Callable[..., Said], home: Path) -> None:
    (home / ".nuke").mkdir()
    (home / ".nuke/menu.py").write_text("import nuke\n")
    code, said = install("nuke")
    assert (code, said[-1]) == (0, "next: restart Nuke; its menu bar has Shotmill")
    assert said[:-1] == [
        *(f"wrote {home}/.nuke/shotmill/{name}" for name in plugin_files()),
        f"changed {home}/.nuke/menu.py",
        f"wrote {home}/.config/shotmill/installed.json",
        f"wrote {home}/.config/shotmill/client.json",
        f"changed {home}/.config/shotmill/installed.json",
    ]
    place = json.loads((home / ".config/shotmill/client.json").read_text())
    assert place == {"python": sys.executable, "environment": {"SHOTMILL_HOME": os.environ["SHOTMILL_HOME"]}}
    again = install("nuke")[1]
    assert {line.split()[0] for line in again[:-1]} == {"kept"}


def test_a_dry_run_and_a_path_write_nothing(install: Callable[..., Said], home: Path) -> None:
    said = install("nuke", "--dry-run")[1]
    assert f"would write {home}/.nuke/shotmill/menu.py" in said
    assert install("nuke", "--print-path") == (0, [f"{home}/.nuke/shotmill"])
    assert list(home.iterdir()) == []


def test_an_uninstall_takes_all_of_it_out(install: Callable[..., Said], home: Path) -> None:
    install("nuke")
    would = install("nuke", "--uninstall", "--dry-run")[1]
    assert f"would remove {home}/.nuke/menu.py" in would
    code, said = install("nuke", "--uninstall")
    assert (code, said[-1]) == (0, "nuke: nothing of Shotmill's is left")
    assert [path for path in home.rglob("*") if path.is_file()] == []


def test_a_studios_folder_brings_the_way_to_shotmill_along(install: Callable[..., Said], tmp_path: Path) -> None:
    install("nuke", "--folder", tmp_path / "shared")
    found = tmp_path / "shared/shotmill_nuke/submitters/client/client.json"
    assert json.loads(found.read_text())["python"] == sys.executable


def test_somebody_elses_file_is_told_and_stays(install: Callable[..., Said], home: Path) -> None:
    theirs = home / ".nuke/shotmill/menu.py"
    theirs.parent.mkdir(parents=True)
    theirs.write_text("theirs")
    assert install("nuke")[0] == 64
    assert theirs.read_text() == "theirs"
    assert install("nuke", "--force")[0] == 0


def test_rv_and_blender_get_theirs_and_share_the_way_to_shotmill(install: Callable[..., Said], home: Path) -> None:
    assert install("rv")[0] == 0
    assert (home / ".rv/Mu/rvload2").read_text().startswith("4\nshotmill_rv_mode,shotmill-")
    with zipfile.ZipFile(next((home / ".rv/Packages").glob("*.rvpkg"))) as package:
        names = [name for name in package.namelist() if name != "PACKAGE"]
    assert {path.name for path in (home / ".rv/Python").rglob("*.py")} == {Path(name).name for name in names}
    code, said = install("blender")
    [extension] = (home / ".config/shotmill").glob("*.zip")
    assert (code, said[-1]) == (0, f"next: drop {extension} into Blender's window")
    install("rv", "--uninstall")
    assert (home / ".config/shotmill/client.json").is_file()  # Blender still asks it
    install("blender", "--uninstall")
    assert [path for path in home.rglob("*") if path.is_file()] == []


def test_rez_gets_two_packages_whose_clients_know_the_way(install: Callable[..., Said], tmp_path: Path) -> None:
    assert install("rez", tmp_path, "--dry-run")[1][0] == f"would write {tmp_path}/shotmill_client/package.py"
    assert list(tmp_path.glob("shotmill*")) == []
    assert install("rez", tmp_path)[0] == 0
    found = list((tmp_path / "shotmill_client/payload").rglob("client.json"))
    assert sorted(path.relative_to(tmp_path).parts[2] for path in found) == ["nuke", "rv"]
    assert {json.loads(path.read_text())["python"] for path in found} == {sys.executable}
