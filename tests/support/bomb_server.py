"""Opens hostile media, each in a forked process: what was said, and how much memory and time it took.

Reads one JSON list a line: ACTION, PATH. Answers with a JSON list: exit code, words, peak in KiB, CPU seconds.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import tempfile
from pathlib import Path

from shotmill.jobs.publish.tasks import _take_image
from shotmill.pipeline.settings import Settings
from shotmill.pipeline.tools import StudioTools
from shotmill.schema.errors import ShotmillError
from shotmill.schema.media import Clip

ADDRESS_SPACE = 12 << 30  # the machine that tests a bomb should survive it


def act(action: str, path: str) -> str:
    """Do one thing with a medium; what came of it."""
    tools = StudioTools(Settings(home=Path(tempfile.gettempdir()) / "home"))
    clip = Clip(name="bomb", media=path, colourspace="sRGB - Texture")
    try:
        if action == "probe":
            return f"done {tools.probe(clip).width}"
        if action == "publish":
            _take_image(Path(path), Path(path).with_suffix(".taken"), None, tools.limits)
            return "done"
        return "done " + " ".join(str(still.frame) for still in tools.stills(clip, [0, 1], width=64))
    except ShotmillError as error:
        return error.line()


def main() -> None:
    """Answer until the input ends."""
    tools = StudioTools(Settings(home=Path(tempfile.gettempdir()) / "home"))
    sys.stderr.write(f"serving with {tools.colour.name}\n")
    for line in sys.stdin:
        action, path = json.loads(line)
        with tempfile.TemporaryFile() as words:
            pid = os.fork()
            if pid == 0:
                resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
                os.write(words.fileno(), act(action, path).encode())
                os._exit(0)
            _pid, status, usage = os.wait4(pid, 0)
            words.seek(0)
            answer = [
                os.waitstatus_to_exitcode(status),
                words.read().decode(),
                usage.ru_maxrss,
                usage.ru_utime + usage.ru_stime,
            ]
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
