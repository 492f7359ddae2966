"""Installing into hosts: what is written where, what stays as it was, and that all of it can be taken back."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from shotmill.schema.errors import BadRequestError, ConfigError
from shotmill.submitters.client.place import find_place
from shotmill.submitters.installing import Desk, Host, carry_out, plan_install, plan_uninstall, recorded
from shotmill.submitters.installing.blender import blender_host
from shotmill.submitters.installing.client import client_host
from shotmill.submitters.installing.nuke import MARK, nuke_host
from shotmill.submitters.installing.rv import rv_host

PACKAGE = b"""
package: Shotmill
rv: 2024.0.0
openrv: 2.1.0
modes:
  - file: shotmill_rv_mode.py
    load: immediate
files:
  - file: shotmill_client/place.py
    location: Python/shotmill_client
"""
FILES = {"PACKAGE": PACKAGE, "shotmill_rv_mode.py": b"mode", "shotmill_client/place.py": b"place"}
PLUGIN = {"menu.py": b"menu", "shotmill_nuke/client/place.py": b"place"}
MODE = "shotmill_rv_mode,shotmill-0.1.rvpkg,nil,nil,nil,true,true,2024.0.0,false,2.1.0"


@pytest.fixture(params=["ann", "Zoë Ann's #1 %d"], ids=["plain home", "strange home"])
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Desk:
    home = tmp_path / request.param
    home.mkdir()
    return Desk("linux", home, {})


def rv(desk: Desk, name: str = "shotmill-0.1.rvpkg", *, files: dict[str, bytes] = FILES, rvpkg: str = "") -> Host:
    return rv_host((name, files, b"zip of " + name.encode()), desk, folder=None, rvpkg=rvpkg)


def install(host: Host, desk: Desk) -> list[str]:
    return [step.verb for step in carry_out(plan_install(host, desk), host, desk)]


def uninstall(host: Host, desk: Desk) -> list[str]:
    return [step.verb for step in carry_out(plan_uninstall(host, desk), host, desk)]


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_rv_gets_what_its_own_manager_would_leave(desk: Desk) -> None:
    install(rv(desk), desk)
    assert tree(desk.home / ".rv") == {
        "Mu/rvload2": f"4\n{MODE}\n".encode(),
        "Packages/rvinstall": b"*shotmill-0.1.rvpkg\n",
        "Packages/shotmill-0.1.rvpkg": b"zip of shotmill-0.1.rvpkg",
        "Python/shotmill_client/place.py": b"place",
        "Python/shotmill_rv_mode.py": b"mode",
    }


def test_what_other_packages_have_in_rv_stays(desk: Desk) -> None:
    records = {
        desk.home / ".rv/Packages/rvinstall": "*annotate-1.2.rvpkg\nold-3.4.rvpkg\n*shotmill-0.0.rvpkg\n",
        desk.home / ".rv/Mu/rvload2": "3\nannotate,annotate-1.2.rvpkg,nil,nil,nil,true,true,3.7.1,false\n",
    }
    for path, text in records.items():
        path.parent.mkdir(parents=True)
        path.write_text(text)
    install(rv(desk), desk)
    assert [path.read_text().splitlines()[-1] for path in records] == [
        "*shotmill-0.1.rvpkg",
        MODE.removesuffix(",2.1.0"),  # the third form has a column less
    ]
    assert "shotmill-0.0" not in next(iter(records)).read_text()
    uninstall(rv(desk), desk)
    assert [path.read_text() for path in records] == [
        "*annotate-1.2.rvpkg\nold-3.4.rvpkg\n",
        records[desk.home / ".rv/Mu/rvload2"],
    ]


def test_again_changes_nothing_and_a_newer_version_takes_the_place_of_the_older(desk: Desk) -> None:
    install(rv(desk), desk)
    assert set(install(rv(desk), desk)) == {"keep"}
    newer = {name: content for name, content in FILES.items() if "place" not in name}
    newer["PACKAGE"] = PACKAGE.partition(b"files:")[0]
    install(rv(desk, "shotmill-0.2.rvpkg", files=newer), desk)
    assert sorted(tree(desk.home / ".rv")) == [
        "Mu/rvload2",
        "Packages/rvinstall",
        "Packages/shotmill-0.2.rvpkg",
        "Python/shotmill_rv_mode.py",
    ]


@pytest.mark.parametrize("host_of", [rv, lambda desk: nuke_host(PLUGIN, desk, folder=None)], ids=["rv", "nuke"])
def test_an_uninstall_leaves_the_home_as_it_was(host_of: Callable[[Desk], Host], desk: Desk) -> None:
    before = tree(desk.home)
    for host in (host_of(desk), client_host({}, desk)):
        install(host, desk)
    assert tree(desk.home) != before
    for host in (host_of(desk), client_host({}, desk)):
        uninstall(host, desk)
    assert (tree(desk.home), recorded(desk)) == (before, {})
    assert [path.name for path in desk.home.iterdir()] in (
        [".rv", ".config"],
        [".nuke", ".config"],
        [".config", ".rv"],
        [".config", ".nuke"],
    )


def test_nothing_is_written_where_it_is_only_planned(desk: Desk) -> None:
    plan = [step.told(done=False) for step in plan_install(rv(desk), desk)]
    assert plan[0] == f"would write {desk.home / '.rv/Packages/shotmill-0.1.rvpkg'}"
    assert tree(desk.home) == {}


RVPKG = """#!/bin/sh
test -d "$4" || exit 2
mkdir -p "$4/Packages"
cp "$5" "$4/Packages/"
echo "$@" >> "$(dirname "$0")/said"
"""


def test_rvs_own_program_is_asked_where_it_is_there(desk: Desk) -> None:
    program = desk.home / "rvpkg"
    program.write_text(RVPKG)
    program.chmod(0o755)
    assert install(rv(desk, rvpkg=str(program)), desk) == ["write", "make", "run", "write"]
    assert install(rv(desk, rvpkg=str(program)), desk) == ["keep"]
    parcel = desk.config / "shotmill-0.1.rvpkg"
    assert (desk.home / "said").read_text() == f"-force -install -add {desk.rv} {parcel}\n"


def test_a_program_that_fails_is_told_with_its_last_line(desk: Desk) -> None:
    program = desk.home / "rvpkg"
    program.write_text("#!/bin/sh\necho first; echo 'ERROR: no space' >&2; exit 3\n")
    program.chmod(0o755)
    with pytest.raises(ConfigError, match="ended with exit code 3"):
        install(rv(desk, rvpkg=str(program)), desk)


@pytest.mark.parametrize(
    "before",
    [
        pytest.param(None, id="no menu.py"),
        pytest.param(b"import nuke\nnuke.menu('Nuke')\n", id="the artist's own"),
        pytest.param(b"import nuke\r\nprint('\xe9')", id="Windows' lines, Latin 1, no end of line"),
    ],
)
def test_the_artists_menu_gets_one_line_once_and_loses_it_again(before: bytes | None, desk: Desk) -> None:
    menu = desk.nuke / "menu.py"
    if before is not None:
        desk.nuke.mkdir()
        menu.write_bytes(before)
    for _time in range(2):
        install(nuke_host(PLUGIN, desk, folder=None), desk)
    assert menu.read_bytes().startswith(before or b"")
    assert menu.read_bytes().count(MARK) == 1
    uninstall(nuke_host(PLUGIN, desk, folder=None), desk)
    left = menu.read_bytes() if menu.exists() else None
    assert left in {before, (before or b"") + b"\r\n"}


def test_the_line_leads_python_to_the_folder(desk: Desk) -> None:
    install(nuke_host(PLUGIN, desk, folder=None), desk)
    code = "import sys, types; sys.modules['nuke'] = types.SimpleNamespace(pluginAddPath=lambda p: print(ascii(p)))"
    code += f"; exec(open({str(desk.nuke / 'menu.py')!r}).read())"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == ascii(str(desk.nuke / "shotmill"))


def test_a_menu_that_is_a_link_stays_one(desk: Desk) -> None:
    kept = desk.home / "dotfiles.py"
    kept.write_text("import nuke\n")
    kept.chmod(0o600)
    desk.nuke.mkdir()
    (desk.nuke / "menu.py").symlink_to(kept)
    install(nuke_host(PLUGIN, desk, folder=None), desk)
    assert (desk.nuke / "menu.py").is_symlink()
    assert (MARK in kept.read_bytes(), kept.stat().st_mode & 0o777) == (True, 0o600)


def test_a_file_of_somebody_else_is_not_written_over(desk: Desk) -> None:
    theirs = desk.nuke / "shotmill" / "menu.py"
    theirs.parent.mkdir(parents=True)
    theirs.write_text("theirs")
    host = nuke_host(PLUGIN, desk, folder=None)
    with pytest.raises(BadRequestError, match="is there and is not Shotmill's; nothing was written"):
        plan_install(host, desk)
    assert plan_install(host, desk, force=True)[0].verb == "write"


def test_a_folder_for_a_studio_gets_no_line_in_anybodys_menu(desk: Desk, tmp_path: Path) -> None:
    install(nuke_host(PLUGIN, desk, folder=tmp_path / "shared"), desk)
    assert sorted(tree(tmp_path / "shared")) == ["menu.py", "shotmill_nuke/client/place.py"]
    assert not desk.nuke.exists()


def test_the_client_finds_what_was_written_for_it(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(desk.home))
    install(client_host({"SHOTMILL_HOME": "/shows"}, desk), desk)
    place = find_place({}, here=desk.home)
    assert (place.python, place.environment) == (os.path.abspath(sys.executable), {"SHOTMILL_HOME": "/shows"})  # noqa: PTH100 - as it is, links and all


def test_blender_is_asked_to_take_its_extension(desk: Desk) -> None:
    host = blender_host("shotmill.zip", b"zip", desk, program="/opt/blender")
    assert [argv[2:4] for argv in (*host.programs, *host.undo)] == [
        ["extension", "install-file"],
        ["extension", "remove"],
    ]
    assert install(blender_host("shotmill.zip", b"zip", desk, program=""), desk) == ["write", "write"]


@pytest.mark.parametrize(
    ("system", "environ", "rv_folder", "config"),
    [
        pytest.param("linux", {}, ".rv", ".config/shotmill", id="Linux"),
        pytest.param("linux", {"XDG_CONFIG_HOME": "/c"}, ".rv", "/c/shotmill", id="Linux, settings elsewhere"),
        pytest.param(
            "darwin", {}, "Library/Application Support/RV", "Library/Application Support/shotmill", id="macOS"
        ),
        pytest.param("win32", {"APPDATA": "/R"}, "/R/RV", "/R/shotmill", id="Windows"),
        pytest.param("linux", {"RV_SUPPORT_PATH": "/site:/more"}, "/site", ".config/shotmill", id="RV looks elsewhere"),
        pytest.param(
            "linux", {"RV_SUPPORT_PATH": "/site:/ann/.rv"}, ".rv", ".config/shotmill", id="RV looks here, too"
        ),
    ],
)
def test_folders_are_where_each_system_has_them(
    system: str, environ: dict[str, str], rv_folder: str, config: str
) -> None:
    desk = Desk(system, Path("/ann"), environ)
    assert (desk.rv, desk.config) == (Path("/ann") / rv_folder, Path("/ann") / config)


def test_a_record_that_is_broken_is_told(desk: Desk) -> None:
    install(client_host({}, desk), desk)
    assert list(json.loads((desk.config / "installed.json").read_text())) == ["client"]
    (desk.config / "installed.json").write_text("[")
    with pytest.raises(BadRequestError, match="cannot be read; remove it, and install again"):
        plan_install(client_host({}, desk), desk)
