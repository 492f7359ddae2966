"""``shotmill new`` writes a job type that installs, compiles, runs and passes its own tests."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from shotmill.schema.errors import BadRequestError, NameRuleError, StorageError
from shotmill.submitters.scaffold import write_job_type

PIP = ["-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]


def python(*argv: str, site: Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(site), "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    argv = (sys.executable, *argv)
    return subprocess.run(argv, env=environment, cwd=cwd, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A generated job type and the folder that it was installed into."""
    folder, site = tmp_path_factory.mktemp("studio") / "wheel", tmp_path_factory.mktemp("site")
    write_job_type("soft_matte", folder)
    done = python(*PIP, "--target", str(site), str(folder), site=site)
    assert done.returncode == 0, done.stderr
    return folder, site


def test_its_own_tests_pass(wheel: tuple[Path, Path]) -> None:
    folder, site = wheel
    done = python("-m", "pytest", "-q", "-p", "no:cacheprovider", str(folder), site=site)
    assert "4 passed" in done.stdout, done.stdout + done.stderr


def test_it_is_listed_beside_the_built_in_ones(wheel: tuple[Path, Path]) -> None:
    done = python("-c", "from shotmill.jobs import job_type_names; print(job_type_names())", site=wheel[1])
    assert "'soft_matte', 'thumbnail'" in done.stdout


def test_its_form_appears_in_hosts_by_itself(wheel: tuple[Path, Path]) -> None:
    code = (
        "from shotmill.jobs import find_job_type; from shotmill.submitters.fields import form_of;"
        "print([(one.name, one.type, one.maximum) for one in form_of(find_job_type('soft_matte')).fields])"
    )
    done = python("-c", code, site=wheel[1])
    assert "('amount', 'number', 1)" in done.stdout, done.stderr
    assert "('colourspace', 'colour_space', None)" in done.stdout


def test_it_is_formatted_and_lints_clean(wheel: tuple[Path, Path]) -> None:
    ruff = ["-m", "ruff", "--isolated", "--quiet"]
    line = ["--no-cache", "--line-length", "120", "."]
    linted = python(*ruff, "check", "--select", "E,F,W,I,ANN,UP,B,SIM,RUF,PTH,N", *line, site=wheel[1], cwd=wheel[0])
    formatted = python(*ruff, "format", "--check", *line, site=wheel[1], cwd=wheel[0])
    assert linted.stdout + formatted.stdout == ""


def test_its_face_is_an_entry_point(tmp_path: Path) -> None:
    write_job_type("grain", tmp_path)
    project = tomllib.loads((tmp_path / "pyproject.toml").read_text())["project"]
    assert project["name"] == "shotmill-grain"
    assert project["entry-points"]["shotmill.jobs"] == {"grain": "shotmill_grain"}


def test_it_says_which_files_it_wrote(tmp_path: Path) -> None:
    written = write_job_type("grain", tmp_path / "new")
    assert sorted(path.relative_to(tmp_path / "new").as_posix() for path in written) == [
        "README.md",
        "pyproject.toml",
        "shotmill_grain/__init__.py",
        "shotmill_grain/params.py",
        "shotmill_grain/steps.py",
        "shotmill_grain/tasks.py",
        "tests/test_grain.py",
    ]


@pytest.mark.parametrize(
    "name", ["", "x", "Grain", "1st", "de-noise", "class", "../up", "a" * 41, "no_", "a b", "é_mark"]
)
def test_a_name_that_cannot_be_a_package_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(NameRuleError, match="try one such as 'denoise'"):
        write_job_type(name, tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_the_name_of_a_built_in_job_type_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NameRuleError, match="there is a job type 'thumbnail' already"):
        write_job_type("thumbnail", tmp_path)


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(BadRequestError, match="--force"):
        write_job_type("grain", tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_force_writes_beside_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    write_job_type("grain", tmp_path, force=True)
    assert (tmp_path / "mine.txt").read_text() == "mine"


def test_a_file_in_the_folders_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "new").write_text("")
    with pytest.raises(BadRequestError, match="is a file"):
        write_job_type("grain", tmp_path / "new")


def test_a_folder_that_cannot_be_made_is_a_storage_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="cannot be written"):
        write_job_type("grain", tmp_path / "file" / "below")
