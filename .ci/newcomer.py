"""What somebody new does: install the wheel, ``shotmill install rv``, submit from RV; later the environment is gone.

RV is the tests' own, which refuses what RV does not have. The mode and the client are those that were installed:
nothing of the checkout can be imported by them. ``wheel.py`` runs this with the wheel that it built.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Mapping
from pathlib import Path


def clean_environment(place: Path, wheel: Path) -> Path:
    """An environment with the wheel; what it depends on is borrowed from this one, instead of a gigabyte from pip."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(place)], check=True)
    [site] = place.glob("lib/python*/site-packages")
    (site / "borrowed.pth").write_text(sysconfig.get_path("purelib"))  # a .pth file in there is not read
    python = str(place / "bin" / "python")
    pip = [sys.executable, "-m", "pip", "--python", python, "install", "-q", "--no-deps", "--no-compile", str(wheel)]
    subprocess.run(pip, check=True)
    return place


def run(argv: list[str], environ: Mapping[str, str], cwd: Path) -> str:
    """What a program prints; it must succeed."""
    ran = subprocess.run(argv, env=dict(environ), cwd=cwd, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def main(wheel: Path, support: Path, place: Path) -> int:
    """Do it all; ``support`` has the tests' RV."""
    home = place / "Zoë's home"
    home.mkdir(parents=True)
    environment = clean_environment(place / "an environment", wheel)
    environ = {"HOME": str(home), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "SHOTMILL_IDLE_S": "3"}
    shotmill = str(environment / "bin" / "shotmill")
    said = run([shotmill, "install", "rv"], environ, place)
    assert said.splitlines()[-1].startswith("next: restart RV"), said
    rv_python = home / ".rv" / "Python"
    paths = os.pathsep.join(map(str, (support / "fake_rv", rv_python, support)))
    host = {**environ, "PYTHONPATH": paths, "QT_QPA_PLATFORM": "offscreen"}
    script = [sys.executable, "-P", str(Path(__file__).resolve())]
    print(run([*script, "in-rv", str(place)], host, place), end="")
    versions = home / ".local/share/shotmill/projects"
    assert list(versions.rglob("*.jpg")), "nothing was published"
    run([shotmill, "engine", "stop"], environ, place)
    shutil.rmtree(environment)
    print(run([*script, "in-rv-without"], host, place), end="")
    return 0


def in_rv(place: Path) -> int:
    """Submit the source that is looked at, and see it published."""
    from roto_plates import make_plate  # noqa: PLC0415 - the other end of this file runs without
    from rv_host import Rv  # noqa: PLC0415 - same

    rv = Rv()
    from shotmill_qt import FormDialog  # noqa: PLC0415 - lies in RV

    assert str(place) in str(sys.modules["shotmill_qt"].__file__)
    assert "shotmill" not in sys.modules, "the checkout was imported"
    plate = make_plate(place / "plätes 1", last=1003)
    rv.open(plate.pattern.replace("####", "1001-1003#"), width=96, height=54, uncropWidth=96, uncropHeight=54)
    rv.press("Shotmill", "Submit", "Thumbnail", "Current Source")
    shown = rv.application.topLevelWidgets
    dialog = next(one for one in shown() if isinstance(one, FormDialog) and one.isVisible())
    rv.wait(dialog.submit_button.isEnabled)
    dialog.submit()
    rv.wait(lambda: any(said.startswith("Published: ") for said in rv.session.said))
    print(f"RV says: {rv.session.said[-1]}")
    rv.close()
    return 0


def in_rv_without() -> int:
    """Ask when the environment is gone: one sentence."""
    from rv_host import Rv  # noqa: PLC0415 - as above

    rv = Rv()
    rv.open("/plates/plate.1001-1003#.png", width=96, height=54, uncropWidth=96, uncropHeight=54)
    rv.press("Shotmill", "Submit", "Thumbnail", "Current Source")
    rv.wait(lambda: rv.session.said, patience_s=30)
    [sentence] = rv.session.said
    print(f"RV says: {sentence}")
    assert "is not there (any more)" in sentence, sentence
    rv.close()
    return 0


if __name__ == "__main__":
    if sys.argv[1] == "in-rv":
        raise SystemExit(in_rv(Path(sys.argv[2])))
    if sys.argv[1] == "in-rv-without":
        raise SystemExit(in_rv_without())
    raise SystemExit(main(*(Path(word).resolve() for word in sys.argv[1:4])))
