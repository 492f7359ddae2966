"""Write what is gathered of each scene anew; the difference is to be read before it is committed."""

from __future__ import annotations

import json
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
SUPPORT = HERE.parents[1] / "support"
sys.path[:0] = [str(SUPPORT), str(SUPPORT / "fake_nuke")]

from nuke_requests import requests_of  # noqa: E402 - it is found once the paths are there

for script in sorted(HERE.glob("*.nk")):
    text = json.dumps(requests_of(script), indent=1, ensure_ascii=False)
    script.with_suffix(".json").write_text(f"{text}\n", encoding="utf-8")
