"""Rez packages, with the real rez: built, resolved, run and tested; hosts and Pythons are packages made for it."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from environments import environment

import shotmill
from shotmill.submitters.rez import package_sources

ROOT = Path(__file__).resolve().parents[2]
HERE = f"{sys.version_info.major}.{sys.version_info.minor}"
OTHER = "3.10"  # older: where none is asked for, the newest is taken
VARIANT = ["3.11", "3.12", "3.13"].index(HERE)
PYTHON = """
name = "python"
version = "{version}"


def commands():
    env.PATH.prepend("{folder}")
"""
HOST = """
name = "{name}"
version = "1.0"
requires = ["python-{python}"]
"""
CONFIG = """
packages_path = ["{repository}"]
local_packages_path = "{repository}"
release_packages_path = "{repository}"
plugin_path = []
implicit_packages = []
quiet = True
"""


@dataclass(frozen=True)
class Rez:
    """Rez with a repository of its own."""

    folder: Path
    repository: Path

    def run(
        self, program: str, *words: str, cwd: Path | None = None, more: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        environ = {"HOME": str(self.folder), "PATH": "/usr/bin:/bin", "REZ_CONFIG_FILE": str(self.folder / "config.py")}
        return subprocess.run(
            [str(environment("rez", ["rez==3.4.0"]).program(program)), *words],
            cwd=cwd or self.folder,
            env={**environ, **(more or {})},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    def variables(self, *packages: str, **more: str) -> Mapping[str, str]:
        """The variables of a shell in which these packages are resolved."""
        ran = self.run("rez-env", *packages, "-c", "env -0", more=more)
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return dict(pair.split("=", 1) for pair in ran.stdout.split("\0") if "=" in pair)


def _write(folder: Path, files: Mapping[str, bytes]) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def _payload() -> dict[str, bytes]:
    """What hosts get: the client, as each of them has it."""
    client = ROOT / "submitters" / "client"
    files = {path.name: path.read_bytes() for path in client.glob("*.py")}
    places = ("rv/Python/shotmill_client", "nuke/shotmill_nuke/submitters/client")
    packages = {f"nuke/shotmill_nuke/{name}__init__.py": b"" for name in ("", "submitters/")}
    return {**packages, **{f"{place}/{name}": content for place in places for name, content in files.items()}}


@pytest.fixture(scope="module")
def rez(tmp_path_factory: pytest.TempPathFactory) -> Rez:
    """Both packages, built into a repository beside two Pythons, RV and Nuke."""
    folder = tmp_path_factory.mktemp("rez")
    found = Rez(folder, folder / "repository")
    (folder / "config.py").write_text(CONFIG.format(repository=found.repository))
    (folder / "bin").mkdir()
    (folder / "bin" / "python").symlink_to(sys.executable)
    packages = {
        f"python/{HERE}/package.py": PYTHON.format(version=HERE, folder=folder / "bin"),
        f"python/{OTHER}/package.py": PYTHON.format(version=OTHER, folder=folder / "no-such-bin"),
        "openrv/1.0/package.py": HOST.format(name="openrv", python=HERE),
        "nuke/1.0/package.py": HOST.format(name="nuke", python=HERE),
    }
    _write(found.repository, {name: text.encode() for name, text in packages.items()})
    _write(folder / "sources", package_sources(_payload()))
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder / "wheels")],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    [wheel] = (folder / "wheels").iterdir()
    for name, words in (("shotmill_client", []), ("shotmill", ["--variants", str(VARIANT)])):
        more = {"SHOTMILL_REQUIREMENT": str(wheel), "SHOTMILL_PIP": "--quiet --no-deps --no-index --no-compile"}
        built = found.run("rez-build", "--install", *words, cwd=folder / "sources" / name, more=more)
        assert built.returncode == 0, built.stdout + built.stderr
    [site] = found.repository.glob("shotmill/*/python-*/venv/lib/python*/site-packages")
    (site / "tests.pth").write_text(sysconfig.get_path("purelib"))  # instead of gigabytes from pip
    return found


pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("rez")]


def test_each_host_gets_its_own_folders_and_keeps_what_it_had(rez: Rez) -> None:
    """Host fact 16: the environment is appended to, never replaced, and only for hosts that are there."""
    client = rez.repository / "shotmill_client" / shotmill.__version__
    rv = rez.variables("shotmill_client", "openrv", RV_SUPPORT_PATH="/site:/more")
    assert rv["RV_SUPPORT_PATH"] == f"/site:/more:{client}/rv"
    assert "NUKE_PATH" not in rv
    alone = rez.variables("shotmill_client", "openrv")
    assert alone["RV_SUPPORT_PATH"] == f"{rez.folder}/.rv:{client}/rv"  # else RV would leave the artist's own out
    nuke = rez.variables("shotmill_client", "nuke", NUKE_PATH="/site")
    assert nuke["NUKE_PATH"] == f"/site:{client}/nuke"
    assert not {"RV_SUPPORT_PATH", "PYTHONPATH"} & set(nuke)


def test_the_client_goes_with_any_python(rez: Rez) -> None:
    for python in (HERE, OTHER):
        assert rez.variables("shotmill_client", f"python-{python}")["REZ_PYTHON_VERSION"] == python


def test_the_whole_is_a_tool_and_a_python_that_clients_ask(rez: Rez) -> None:
    found = rez.variables("shotmill", "shotmill_client", "openrv")
    version = subprocess.run(
        ["shotmill", "--version"], env={"PATH": found["PATH"]}, capture_output=True, text=True, check=True
    )
    assert version.stdout == f"shotmill {shotmill.__version__}\n"
    assert os.access(found["SHOTMILL_PYTHON"], os.X_OK)
    assert "PYTHONPATH" not in found
    assert str(Path(found["SHOTMILL_PYTHON"]).parent) not in found["PATH"].split(":")  # its python is nobody's python


def test_a_host_of_another_python_is_told_of_the_conflict(rez: Rez) -> None:
    """Host fact 16: the text says what does not go together."""
    refused = rez.run("rez-env", "openrv", f"python-{OTHER}", "-c", "true")
    said = refused.stdout + refused.stderr
    assert refused.returncode != 0
    assert "The context failed to resolve" in said
    assert f"python-{HERE}" in said
    assert f"python-{OTHER}" in said


@pytest.mark.parametrize(
    ("package", "names"),
    [
        pytest.param("shotmill_client", ["import"], id="client"),
        pytest.param("shotmill", ["version", "ping"], id="whole"),
    ],
)
def test_rezs_own_tests_of_the_packages_pass(package: str, names: list[str], rez: Rez) -> None:
    """Host fact 16: rez-test is green."""
    ran = rez.run("rez-test", package, *names)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ran.stdout.count("success") >= len(names)
