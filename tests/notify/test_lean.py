"""A machine without the chat extra loses nothing but chats."""

from __future__ import annotations

import subprocess
import sys

CODE = """
import sys
from shotmill.pipeline.notify import rocketchat, slack, webhook
print(sorted({"slack_sdk", "rocketchat_API", "requests"} & set(sys.modules)))
"""


def test_chats_load_their_clients_only_when_they_are_made() -> None:
    said = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True, timeout=60)
    assert said.stdout == "[]\n"
