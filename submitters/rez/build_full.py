"""Rez's build of the whole: an environment of its own, filled by pip.

``SHOTMILL_REQUIREMENT`` is what pip installs, such as a wheel or ``shotmill[deadline]``; default: this version of
``shotmill``. ``SHOTMILL_PIP`` has more words for pip, such as ``--no-index --find-links /studio/wheels``.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

if os.environ.get("REZ_BUILD_INSTALL") == "1":
    place = Path(os.environ["REZ_BUILD_INSTALL_PATH"])
    wanted = os.environ.get("SHOTMILL_REQUIREMENT") or f"shotmill=={os.environ['REZ_BUILD_PROJECT_VERSION']}"
    subprocess.run([sys.executable, "-I", "-m", "venv", "--clear", str(place / "venv")], check=True)
    scripts = place / "venv" / ("Scripts" if os.name == "nt" else "bin")
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PIP_"))}
    pip = [str(scripts / "python"), "-m", "pip", "install", "--disable-pip-version-check"]
    subprocess.run([*pip, *shlex.split(os.environ.get("SHOTMILL_PIP", "")), wanted], check=True, env=environ)
    (place / "bin").mkdir(exist_ok=True)
    for script in scripts.glob("shotmill*"):  # it alone: the environment's Python is nobody's python
        shutil.copy2(script, place / "bin" / script.name)
    shutil.copy2(Path(__file__).resolve().parent / "check.py", place / "check.py")
