"""The process that tries grades whose LUTs nobody vouches for: a request on standard input, plain JSON on its output.

It limits its own memory and processor time before OpenColorIO reads a byte, and may die: its parent does not.
It answers ``{"files": [...], "keys": [...]}`` or ``{"error": message, "hint": ...}``.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any


def main(argv: list[str]) -> int:
    """Read, try, answer.

    Args:
        argv: bytes of memory, seconds of processor time.
    """
    from .timeline_child import limit_self  # noqa: PLC0415 - what reads timelines limits itself in the same way

    memory, seconds = map(int, argv)
    answers = os.dup(1)
    os.dup2(2, 1)  # what a library prints is no answer
    asked = json.loads(sys.stdin.buffer.read())
    limit_self(memory, seconds)
    answer = tried(asked["config"], asked["grades"])
    with os.fdopen(answers, "w", encoding="utf-8") as stream:
        stream.write(json.dumps(answer))
    return 0


def tried(config: str, grades: list[dict[str, Any]]) -> dict[str, Any]:
    """The files that grades read and the key of each, or what is wrong with them."""
    from ..schema.colour import Grade  # noqa: PLC0415 - heavy, and only after the limits
    from ..schema.errors import ColourError  # noqa: PLC0415 - same
    from .colour import Colour  # noqa: PLC0415 - same
    from .colour_grade import Grader  # noqa: PLC0415 - same

    try:
        colour = Colour(config)
        made = [Grader(colour, Grade.model_validate(grade)) for grade in grades]
    except ColourError as error:
        return {"error": error.message, "hint": error.hint}
    except MemoryError:
        return {"error": f"OCIO config {config} or a file of it needs more memory than it may", "hint": ""}
    files = sorted({path for grader in made for path in grader.files})
    return {"files": files, "keys": [grader.key for grader in made]}


if __name__ == "__main__":
    code = main(sys.argv[1:])
    sys.stderr.flush()
    os._exit(code)  # what was loaded need not be taken apart
