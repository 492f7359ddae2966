"""Rez's build of the client: what lies in ``payload`` is copied."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

if os.environ.get("REZ_BUILD_INSTALL") == "1":
    here = Path(__file__).resolve().parent
    shutil.copytree(here / "payload", os.environ["REZ_BUILD_INSTALL_PATH"], dirs_exist_ok=True)
