"""A click on the picture, and the mask that the resident segmenter answers; runs outside of the main thread."""

from __future__ import annotations

import base64
import json
import tempfile
import urllib.request
from pathlib import Path
from typing import Any

ANSWER_S = 60.0
MAX_ANSWER = 256 * 1024 * 1024
HERE = "http://127.0.0.1:"


def mask_of(address: dict[str, Any], plate: str, frame: int, point: tuple[float, float]) -> dict[str, Any]:
    """The mask of what lies at a place.

    Args:
        address: of the segmenter: its ``url`` and ``token``.
        plate: path of the plate.
        frame: in its own numbering.
        point: in pixels.

    Returns:
        ``path`` of a PNG, ``confidence`` from 0 to 1, ``reason`` where that is low.

    Raises:
        OSError: nobody listens, or it refuses.
        ValueError: the answer is none, or the segmenter is not on this machine.
    """
    url = str(address["url"])
    if not url.startswith(HERE):
        raise ValueError("the segmenter is not on this machine")
    inside = [{"x": round(point[0], 2), "y": round(point[1], 2)}]
    asked = {"media": plate, "frame": frame, "objects": [{"name": "object", "points": inside}]}
    request = urllib.request.Request(  # noqa: S310 - the address begins with http://127.0.0.1:
        url.rstrip("/") + "/segment",
        data=json.dumps(asked).encode("utf-8"),
        headers={"Authorization": "Bearer {}".format(address["token"]), "Content-Type": "application/json"},
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # a studio's proxy has no business here
    with opener.open(request, timeout=ANSWER_S) as answer:
        found = json.loads(answer.read(MAX_ANSWER))
    mask = found["masks"][0]
    folder = Path(tempfile.mkdtemp(prefix="shotmill-mask-"))
    (folder / "mask.png").write_bytes(base64.b64decode(mask["png"]))
    return {"path": str(folder / "mask.png"), "confidence": mask["confidence"], "reason": mask.get("reason", "")}
