"""Answers clicks on a frame with masks; keeps the model and the last frames, so that the next click is quick."""

from __future__ import annotations

import base64
import time
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ...schema.errors import BadRequestError, ColourError, StorageError, WeightsError
from ...schema.frames import FrameSet
from ...schema.roto import PromptBox, PromptPoint, Stage
from ...schema.segment import SegmentMask, SegmentObject, SegmentOut, SegmentRequest, SegmentTimings
from ..media import clip_of, find_medium, frame_path
from ..tools import Look
from .backend import Choice, Hint
from .registry import find_backend, make_backend

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ...schema.media import Clip
    from ..tools import StudioTools
    from .backend import Logits, Picture, Segmenter

KEPT_MIB = 512  # of pictures: twenty of 4K, eighty of HD
GUESSED = "floating point is scene_linear"  # a rule that guesses: no file and nobody says so
MIB = 1024 * 1024


@dataclass(frozen=True)
class _Shown:
    """A frame as backends see it.

    Attributes:
        picture: (h, w, 3) uint8, square pixels.
        width, height: of the display window in stored pixels.
    """

    picture: Picture
    width: int
    height: int
    colourspace: str


class Clicks:
    """Finds objects where somebody clicks. One call at a time.

    Args:
        tools: of this machine.
        device: for backends that can choose; empty: their own choice.
        kept_mib: of pictures.
    """

    def __init__(self, tools: StudioTools, *, device: str = "", kept_mib: int = KEPT_MIB) -> None:
        self._tools = tools
        self._device = device
        self._room = kept_mib * MIB
        self._pictures: OrderedDict[tuple[object, ...], _Shown] = OrderedDict()

    @property
    def kept_bytes(self) -> int:
        """Of the pictures that are kept."""
        return sum(shown.picture.nbytes for shown in self._pictures.values())

    def warm_up(self, backend: str) -> None:
        """Load a backend before the first click.

        Raises:
            ConfigError: it cannot be loaded; says why.
        """
        self._segmenter(backend)

    def answer(self, request: SegmentRequest, *, by_server: bool) -> SegmentOut:
        """The masks of the objects that a request names.

        Raises:
            BadRequestError: the frame cannot be read, or a point lies outside of it.
            ColourError: nothing says which colour space it is in.
            EmptyMaskError: nothing was found.
            ConfigError: the backend cannot be loaded.
        """
        began = time.perf_counter()
        shown, frame, was_kept = self._shown(request)
        hints = {one.name: _hint(one, shown) for one in request.objects}
        had_picture = time.perf_counter()
        loads = self._tools.loads
        segmenter = self._segmenter(request.backend)
        had_model = time.perf_counter()
        found = segmenter.segment(shown.picture, hints)
        segmented = time.perf_counter()
        masks = tuple(
            _mask(name, found[name].logits, found[name].confidence, found[name].reason, shown) for name in hints
        )
        return SegmentOut(
            media=request.media,
            frame=frame,
            width=shown.width,
            height=shown.height,
            colourspace=shown.colourspace,
            backend=request.backend,
            by="server" if by_server else "command",
            masks=masks,
            timings=SegmentTimings(
                picture_s=had_picture - began,
                model_s=had_model - had_picture,
                segment_s=segmented - had_model,
                total_s=time.perf_counter() - began,
                picture_was_kept=was_kept,
                model_was_warm=self._tools.loads == loads,
            ),
        )

    def _segmenter(self, name: str) -> Segmenter:
        backend = find_backend(name, Stage.SEGMENT)
        if backend.weights:
            raise WeightsError(
                f"roto backend {name!r} needs the weights {', '.join(backend.weights)}, which no setting names",
                backend=name,
            )
        choice = Choice(device=self._device)
        made: Segmenter = self._tools.kept(
            f"segment {name} {backend.version} {self._device}", lambda: make_backend(name, Stage.SEGMENT, choice)
        )
        return made

    def _shown(self, request: SegmentRequest) -> tuple[_Shown, int, bool]:
        """The frame as backends see it, its number, and whether it was kept."""
        clip = clip_of(find_medium(request.media))
        frame = request.frame if request.frame is not None else clip.frame
        if frame is None:
            frame = clip.frames.first if clip.frames else 0
        path = frame_path(clip.media, frame)
        key = (clip.media, frame, request.colourspace, _stamp(path))
        shown = self._pictures.pop(key, None)
        was_kept = shown is not None
        shown = shown or self._read(clip, frame, request.colourspace)
        self._pictures[key] = shown
        while self.kept_bytes > self._room and len(self._pictures) > 1:
            self._pictures.popitem(last=False)
        return shown, frame, was_kept

    def _read(self, clip: Clip, frame: int, colourspace: str) -> _Shown:
        is_numbered = "#" in Path(clip.media).name
        one = clip.model_copy(update={"frames": FrameSet.span(frame, frame), "holes": None} if is_numbered else {})
        facts = self._tools.probe(one)
        wide = round(facts.width * max(facts.pixel_aspect, 1.0))
        still = self._tools.still(one, frame, width=wide, look=Look(colourspace=colourspace))
        if still.facts["colourspace_from"] == GUESSED:
            raise ColourError(
                f"nothing says which colour space {clip.media} is in, and roto does not guess it; name it",
                hint="--colourspace NAME, such as scene_linear",
                path=clip.media,
            )
        return _Shown(still.pixels, facts.width, facts.height, still.facts["colourspace"])


def _stamp(path: Path) -> object:
    """Changes when a frame is written anew."""
    try:
        facts = path.stat()
    except OSError:
        return None  # reading it says what is wrong
    return (facts.st_ino, facts.st_mtime_ns, facts.st_size)


def _hint(said: SegmentObject, shown: _Shown) -> Hint:
    height, width = shown.picture.shape[:2]
    x, y = width / shown.width, height / shown.height
    size = f"{shown.width}x{shown.height}"
    for point in said.points:
        if not (0 <= point.x <= shown.width and 0 <= point.y <= shown.height):
            raise BadRequestError(
                f"object {said.name!r}: point {point.x:g},{point.y:g} lies outside of the picture of {size} pixels; "
                "mend the point",
                object=said.name,
            )
    return Hint(
        points=[PromptPoint(x=point.x * x, y=point.y * y, inside=point.inside) for point in said.points],
        box=None if said.box is None else _box(said.name, said.box, shown, (x, y)),
    )


def _box(name: str, box: PromptBox, shown: _Shown, scale: tuple[float, float]) -> PromptBox:
    left, top = max(box.left, 0.0), max(box.top, 0.0)
    right, bottom = min(box.right, float(shown.width)), min(box.bottom, float(shown.height))
    if left >= right or top >= bottom:
        raise BadRequestError(
            f"object {name!r}: the box {box.left:g},{box.top:g},{box.right:g},{box.bottom:g} lies outside of the "
            f"picture of {shown.width}x{shown.height} pixels; mend the box",
            object=name,
        )
    return PromptBox(left=left * scale[0], top=top * scale[1], right=right * scale[0], bottom=bottom * scale[1])


def _mask(name: str, logits: Logits, confidence: float, reason: str, shown: _Shown) -> SegmentMask:
    import cv2  # noqa: PLC0415 - heavy
    import numpy as np  # noqa: PLC0415 - heavy

    coverage: NDArray[np.float32] = np.clip(logits + np.float32(0.5), 0.0, 1.0)
    if coverage.shape != (shown.height, shown.width):
        stored = cv2.resize(coverage, (shown.width, shown.height), interpolation=cv2.INTER_AREA)
        coverage = np.asarray(stored, dtype=np.float32)
    return SegmentMask(
        object=name,
        png=base64.b64encode(_png(coverage)).decode(),
        confidence=float(confidence),
        reason=reason,
        area_px=int((coverage > 0.5).sum()),  # noqa: PLR2004 - half covered
    )


def _png(coverage: NDArray[np.float32]) -> bytes:
    import cv2  # noqa: PLC0415 - heavy
    import numpy as np  # noqa: PLC0415 - heavy

    made, content = cv2.imencode(".png", np.rint(coverage * 255).astype(np.uint8))
    if not made:
        raise StorageError("OpenCV could not write a PNG", hint="shotmill doctor")
    return bytes(content)
