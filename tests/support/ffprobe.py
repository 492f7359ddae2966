"""What zou asks of ffprobe, answered by PyAV: streams and format of one file, as JSON."""

from __future__ import annotations

import json
import sys
from typing import Any

import av


def _streams(container: Any, kind: str) -> list[dict[str, Any]]:
    told = []
    for stream in container.streams:
        if not stream.type.startswith(kind):
            continue
        seconds = stream.duration * stream.time_base if stream.duration else container.duration / av.time_base
        facts = {"index": stream.index, "codec_type": stream.type, "duration": f"{float(seconds):.6f}"}
        facts["codec_name"] = stream.codec_context.name
        if stream.type == "video":
            rate = stream.base_rate or stream.average_rate
            facts |= {"width": stream.width, "height": stream.height, "pix_fmt": stream.codec_context.pix_fmt}
            facts["r_frame_rate"] = f"{rate.numerator}/{rate.denominator}"
        told.append(facts)
    return told


def _main(argv: list[str]) -> None:
    kind = argv[argv.index("-select_streams") + 1] if "-select_streams" in argv else ""
    try:
        with av.open(argv[-1]) as container:
            seconds = (container.duration or 0) / av.time_base
            told = {"streams": _streams(container, kind), "format": {"duration": f"{seconds:.6f}"}}
    except av.FFmpegError as error:
        sys.exit(str(error))
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    _main(sys.argv[1:])
