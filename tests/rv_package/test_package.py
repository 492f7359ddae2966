"""The package: RV's own rules, and what RV would pass over in silence."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from command_line import Shotmill
from rv_host import FAKE

from shotmill.schema.errors import BadRequestError
from shotmill.submitters.rv.package import build_package, check_package, package_files, package_name, zipped
from shotmill.submitters.rv.package_rules import NAME, faults_of


def test_rv_facts_8_the_package_is_whole_and_twice_the_same(shotmill: Shotmill, tmp_path: Path) -> None:
    first, second = tmp_path / "a b" / package_name(), tmp_path / "c" / package_name()
    for path in (first, second):
        assert shotmill("rv-package", "--out", path.parent).exit_code == 0
    assert first.read_bytes() == second.read_bytes()
    assert NAME.fullmatch(first.name)
    with zipfile.ZipFile(first) as archive:
        assert archive.namelist()[0] == "PACKAGE"
        folders = {name.partition("/")[0] for name in archive.namelist() if "/" in name}
    assert folders == {"shotmill_client", "shotmill_marks", "shotmill_qt", "shotmill_rv"}
    check_package(first)


@pytest.mark.parametrize(
    ("name", "is_taken"),
    [
        ("shotmill-0.1.rvpkg", True),
        ("shotmill-0.1.0.rvpkg", False),
        ("shotmill.rvpkg", False),
        ("shotmill-1.rvpkg", False),
    ],
)
def test_rv_facts_8_names_are_taken_as_rv_takes_them(name: str, is_taken: bool) -> None:
    assert bool(NAME.fullmatch(name)) is is_taken


def broken(old: bytes, new: bytes) -> dict[str, bytes]:
    files = package_files()
    assert old in files["PACKAGE"]
    return {**files, "PACKAGE": files["PACKAGE"].replace(old, new, 1)}


@pytest.mark.parametrize(
    ("files", "said"),
    [
        pytest.param(broken(b"load: immediate", b"load: now"), "is loaded 'now'", id="load"),
        pytest.param(broken(b"author:", b"optional: yes\nauthor:"), "RV knows 'true' alone", id="a yes"),
        pytest.param(broken(b"author:", b"writer:"), "RV knows no key writer", id="a typo"),
        pytest.param(broken(b"load:", b"loads:"), "RV knows no loads in modes", id="a typo of a mode"),
        pytest.param(broken(b"openrv: 2.1.0", b"openrv: newest"), "is no version", id="a version in words"),
        pytest.param(broken(b"openrv: 2.1.0\n", b""), "PACKAGE lacks openrv", id="a key that lacks"),
        pytest.param(broken(b"shotmill_rv_mode.py", b"other.py"), "other.py is listed, but not", id="no mode file"),
        pytest.param(broken(b"location: Python/shotmill_qt", b"location: Elsewhere"), "not below Python", id="a place"),
        pytest.param(broken(b"location: Python/shotmill_qt", b"location: Python/shotmill_client"), "two files become",
                     id="two in one place"),
        pytest.param(broken(b"version: ", b"version: 9"), "not that of the file's name", id="another version"),
        pytest.param(broken(b"author:", b"package: Twice\nauthor:"), "stands there twice", id="a key twice"),
        pytest.param({**package_files(), "more.py": b""}, "more.py is there, but not listed", id="a file unlisted"),
        pytest.param({**package_files(), "shotmill_rv_mode.py": b"x = 1"}, "has no createMode()", id="no createMode"),
        pytest.param({**package_files(), "shotmill_rv/mode.py": b"match 1:\n    case _: pass"}, "no Python 3.7",
                     id="a newer Python"),
        pytest.param({"shotmill_rv_mode.py": b""}, "PACKAGE is not at the root", id="no PACKAGE"),
        pytest.param({"PACKAGE": b"a: ["}, "is no YAML", id="no YAML"),
    ],
)  # fmt: skip
def test_what_rv_passes_over_is_refused(files: dict[str, bytes], said: str, tmp_path: Path) -> None:
    path = tmp_path / package_name()
    path.write_bytes(zipped(files))
    with pytest.raises(BadRequestError, match="would not take") as caught:
        check_package(path)
    assert said in caught.value.message


def test_names_that_leave_the_folder_are_refused() -> None:
    names = ["PACKAGE", "../x.py", "/y.py", "PACKAGE", "é" * 200]
    said = " ".join(faults_of("shotmill-0.1.rvpkg", names, {}))
    for part in ("'../x.py' is no plain", "'/y.py' is no plain", "PACKAGE is there 2 times", "longer than 255 bytes"):
        assert part in said


def test_where_shotmill_is_can_travel_in_the_package(tmp_path: Path) -> None:
    place = json.dumps({"python": "/studio/bin/python", "environment": {}}).encode()
    with zipfile.ZipFile(build_package(tmp_path, place)) as archive:
        assert archive.read("shotmill_client/client.json") == place


def test_rv_facts_1_what_rv_runs_is_the_standard_library_in_python_3_7(installed: Path) -> None:
    for path in installed.rglob("*.py"):
        ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 7))
    ran = subprocess.run(
        [Path(sys.executable).with_name("vermin"), "-t=3.7-", "--no-tips", "--violations", str(installed)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout


def test_rv_facts_8_every_name_of_rv_that_is_used_is_one_that_rv_has(installed: Path) -> None:
    """The list is that of RV's own source, main of August 2026."""
    names = json.loads((FAKE / "names.json").read_text())
    names["commands"] += names["constants"]
    for path in installed.glob("shotmill_rv/*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in names:
                assert node.attr in names[node.value.id], f"{path.name}: {node.value.id}.{node.attr}"
