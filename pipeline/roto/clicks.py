"""Answers clicks on a frame with masks; keeps the model and the last frames, so that the next click is quick."""

from __future__ import annotations

import base64
import time
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ...schema.errors import StorageError, WeightsError
from ...schema.frames import FrameSet
from ...schema.roto import Prompt, Stage
from ...schema.segment import SegmentMask, SegmentObject, SegmentOut, SegmentRequest, SegmentTimings
from ..media import clip_of, find_medium, frame_path
from ..tools import Look
from .backend import Choice, Hint, Mask
from .geometry import Geometry
from .plate import refuse_guessed_space
from .prompts import check_prompt, hint_of
from .registry import find_backend, make_backend
from .weights import checked_weights

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ...schema.media import Clip
    from ..images import Limits
    from ..tools import StudioTools
    from .backend import Picture, Segmenter

KEPT_MIB = 512  # of pictures: twenty of 4K, eighty of HD
MIB = 1024 * 1024


@dataclass(frozen=True)
class _Shown:
    """A frame as backends see it.

    Attributes:
        picture: (h, w, 3) uint8, square pixels.
        geometry: from stored pixels to the picture's, and back.
    """

    picture: Picture
    geometry: Geometry
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
        self._checked: dict[str, Path] = {}
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
        hints = {one.name: _hint(one, shown, frame, self._tools.limits) for one in request.objects}
        had_picture = time.perf_counter()
        loads = self._tools.loads
        segmenter = self._segmenter(request.backend)
        had_model = time.perf_counter()
        found = segmenter.segment(shown.picture, hints)
        segmented = time.perf_counter()
        masks = tuple(_mask(name, found[name], shown.geometry) for name in hints)
        return SegmentOut(
            media=request.media,
            frame=frame,
            width=shown.geometry.width,
            height=shown.geometry.height,
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
        choice = Choice(device=self._device, weights={each: self._weights(each) for each in backend.weights})
        made: Segmenter = self._tools.kept(
            f"segment {name} {backend.version} {self._device}", lambda: make_backend(name, Stage.SEGMENT, choice)
        )
        return made

    def _weights(self, name: str) -> Path:
        known = self._tools.settings.weights
        if name not in known:
            raise WeightsError(
                f"the settings name no weights {name!r}; they name: {', '.join(sorted(known)) or 'none'}",
                hint=f'add [weights."{name}"] with path and sha256 to the settings file',
                weights=name,
            )
        if name not in self._checked:  # once in the life of a process: a checkpoint is large
            self._checked[name] = checked_weights(name, Path(known[name].path), known[name].sha256)
        return self._checked[name]

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
        still = self._tools.whole(one, frame, look=Look(colourspace=colourspace))
        refuse_guessed_space(self._tools, one, frame, colourspace=colourspace)
        geometry = Geometry(facts.width, facts.height, facts.pixel_aspect)
        return _Shown(geometry.to_model(still.pixels), geometry, still.facts["colourspace"])


def _stamp(path: Path) -> object:
    """Changes when a frame is written anew."""
    try:
        facts = path.stat()
    except OSError:
        return None  # reading it says what is wrong
    return (facts.st_ino, facts.st_mtime_ns, facts.st_size)


def _hint(said: SegmentObject, shown: _Shown, frame: int, limits: Limits) -> Hint:
    prompt = Prompt(frame=frame, points=said.points, box=said.box)
    check_prompt(prompt, shown.geometry, name=said.name, limits=limits)
    return hint_of(prompt, shown.geometry, name=said.name, limits=limits)


def _mask(name: str, found: Mask, geometry: Geometry) -> SegmentMask:
    import numpy as np  # noqa: PLC0415 - heavy

    coverage = geometry.to_plate(np.clip(found.logits + np.float32(0.5), 0.0, 1.0))
    return SegmentMask(
        object=name,
        png=base64.b64encode(_png(coverage)).decode(),
        confidence=float(found.confidence),
        reason=found.reason,
        area_px=int((coverage > 0.5).sum()),  # noqa: PLR2004 - half covered
    )


def _png(coverage: NDArray[np.float32]) -> bytes:
    import cv2  # noqa: PLC0415 - heavy
    import numpy as np  # noqa: PLC0415 - heavy

    made, content = cv2.imencode(".png", np.rint(coverage * 255).astype(np.uint8))
    if not made:
        raise StorageError("OpenCV could not write a PNG", hint="shotmill doctor")
    return bytes(content)
