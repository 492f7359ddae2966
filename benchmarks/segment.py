"""How long a click waits for its mask, in the process that stays and through its socket, by what is ready.

The target, a mask within 0.5 s, is for a graphics card with the model warm: without ``sam2``, its weights in the
settings and a card, it is not measured. Processor seconds stand beside the clock's, which other work disturbs.
"""

from __future__ import annotations

import importlib.util
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from shotmill.farm_plugins.segmenter.ask import ask, living
from shotmill.farm_plugins.segmenter.place import Place
from shotmill.farm_plugins.segmenter.serve import Segmenter
from shotmill.pipeline.roto.clicks import Clicks
from shotmill.pipeline.settings import Settings, read_settings
from shotmill.pipeline.tools import StudioTools
from shotmill.schema.roto import PromptBox, PromptPoint
from shotmill.schema.segment import SegmentObject, SegmentOut, SegmentRequest
from shotmill.submitters.demo.balloon import FRAMES, HEIGHT, WIDTH, balloon_box, make_plate, pose_of

CLICKS = 9


def request_for(plate: Path, frame: int, backend: str, *, box: bool) -> SegmentRequest:
    """A click on the balloon, or a box around it."""
    pose = pose_of(frame)
    left, top, right, bottom = balloon_box(frame)
    said = (
        SegmentObject(box=PromptBox(left=left, top=top, right=right, bottom=bottom))
        if box
        else SegmentObject(points=(PromptPoint(x=pose.x, y=pose.y),))
    )
    return SegmentRequest(media=str(plate), frame=frame, objects=(said,), backend=backend)


def timed(work: Callable[[], SegmentOut]) -> tuple[float, float, SegmentOut]:
    """Seconds by the clock, of the processor, and the answer."""
    began, busy = time.perf_counter(), time.process_time()
    found = work()
    return time.perf_counter() - began, time.process_time() - busy, found


def row(name: str, measured: list[tuple[float, float, SegmentOut]]) -> None:
    clock = statistics.median(one[0] for one in measured)
    busy = statistics.median(one[1] for one in measured)
    finding = statistics.median(one[2].timings.segment_s for one in measured)
    print(f"{name:<44}{clock * 1000:>8.0f} ms{busy * 1000:>8.0f} ms{finding * 1000:>8.0f} ms")


def measure(settings: Settings, place: Place, plate: Path, backend: str) -> None:
    clicks = Clicks(StudioTools(settings))
    print(f"\n{backend}, {WIDTH}x{HEIGHT}, half EXR{'':<21}{'clock':>9}{'processor':>11}{'finding':>10}")
    frames = list(FRAMES)
    row(
        "first click of all: model and picture",
        [timed(lambda: clicks.answer(request_for(plate, frames[0], backend, box=False), by_server=False))],
    )
    row("first click on another frame", [
        timed(lambda frame=frame: clicks.answer(request_for(plate, frame, backend, box=False), by_server=False))
        for frame in frames[1 : CLICKS + 1]
    ])  # fmt: skip
    for box in (False, True):
        asked = request_for(plate, frames[0], backend, box=box)
        row(f"{'a box' if box else 'a click'} on a frame that was seen", [
            timed(lambda asked=asked: clicks.answer(asked, by_server=False)) for _ in range(CLICKS)
        ])  # fmt: skip
    with place.taken():
        server = Segmenter(place, lambda request: clicks.answer(request, by_server=True))
        thread = threading.Thread(target=server.stay)
        thread.start()
        address = living(place)
        assert address is not None
        asked = request_for(plate, frames[0], backend, box=False)
        row("the same click through the socket", [timed(lambda: ask(address, asked)) for _ in range(CLICKS)])
        server.end()
        thread.join()


def has_card() -> bool:
    """Whether this machine can run SAM 2 on a graphics card."""
    if importlib.util.find_spec("torch") is None:
        return False
    import torch  # noqa: PLC0415 - not everywhere

    return bool(torch.cuda.is_available())


def main() -> int:
    """Click, and print."""
    known = read_settings().settings
    with tempfile.TemporaryDirectory() as folder:
        settings = known.model_copy(update={"home": Path(folder) / "home"})
        plate = make_plate(Path(folder) / "plate")
        place = Place.of(settings.home)
        measure(settings, place, plate, "classical")
        if has_card() and "sam2" in known.weights:
            measure(settings, place, plate, "sam2")
        else:
            print("\nsam2 on a graphics card: not measured (wants a card, shotmill[gpu], weights.sam2)")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
