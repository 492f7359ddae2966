"""Build the sdist, the wheel from the sdist and the wheel from the checkout; they must hold the same files.

Then install the wheel where nothing of the checkout can be seen and run the fast tests of the sdist on it; and go the
way of somebody new with it, see ``newcomer.py``.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("schema", "pipeline", "jobs", "farm_plugins", "submitters", "rv_package")


def build(kind: str, source: Path, target: Path) -> Path:
    """One build of one kind; the path of what was made."""
    target.mkdir()
    subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", f"--{kind}", "--outdir", str(target), str(source)],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return next(target.iterdir())


def wheel_names(wheel: Path) -> set[str]:
    """The files in a wheel, without its own metadata."""
    with zipfile.ZipFile(wheel) as archive:
        return {name for name in archive.namelist() if ".dist-info/" not in name}


def tracked_names() -> set[str]:
    """The files of the package that git tracks, as the wheel should name them."""
    listed = subprocess.run(
        ["git", "ls-files", "__init__.py", "__main__.py", "py.typed", *FOLDERS],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split("\n")
    return {f"shotmill/{name}" for name in listed if name}


def main() -> int:
    """Build, compare, install, test."""
    with tempfile.TemporaryDirectory() as text:
        place = Path(text)
        sdist = build("sdist", ROOT, place / "sdist")
        with tarfile.open(sdist) as archive:
            links = [member.name for member in archive.getmembers() if member.issym() or member.islnk()]
            archive.extractall(place / "source", filter="data")
        assert not links, f"the sdist holds links: {links}"
        source = next((place / "source").iterdir())
        from_sdist = build("wheel", source, place / "from-sdist")
        from_checkout = build("wheel", ROOT, place / "from-checkout")
        assert wheel_names(from_sdist) == wheel_names(from_checkout), "the two wheels hold different files"
        missing = tracked_names() - wheel_names(from_sdist)
        assert not missing, f"the wheel lacks files that git tracks: {sorted(missing)}"
        extra = wheel_names(from_sdist) - tracked_names()
        assert not extra, f"the wheel holds files that git does not track: {sorted(extra)}"
        print(f"sdist without links; wheel from sdist = wheel from checkout: {len(wheel_names(from_sdist))} files")
        site = place / "site"
        subprocess.run(
            [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", str(site), str(from_sdist)],
            check=True,
        )
        environment = {**os.environ, "PYTHONPATH": str(site)}
        where = subprocess.run(
            [sys.executable, "-c", "import shotmill; print(shotmill.__file__)"],
            cwd=place,
            env=environment,
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        assert str(site) in where, f"the tests would run on {where}, not on the wheel"
        # The same files as the checkout's, which has every test run on it: these show that they work from elsewhere.
        tests = [f"tests/jobs/test_{name}.py" for name in ("job_types", "thumbnail")]
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *tests]
        command += ["-m", "not slow and not kill", "-k", "not postgresql"]
        tested = subprocess.run(command, cwd=source, env=environment, check=False).returncode
        newcomer = [sys.executable, str(ROOT / ".ci" / "newcomer.py"), str(from_sdist), str(source / "tests/support")]
        return tested or subprocess.run([*newcomer, str(place / "newcomer")], check=False).returncode


if __name__ == "__main__":
    raise SystemExit(main())
