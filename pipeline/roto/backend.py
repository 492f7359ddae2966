"""What roto backends are asked and what they answer; a backend is a face that is light to import, and makers behind it.

Pictures and masks here are in *model pixels*: the plate's display window, in square pixels, as it looks on a display.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from ...schema.job import Needs
from ...schema.roto import PromptBox, PromptPoint, Stage

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    Picture = NDArray[np.uint8]
    Logits = NDArray[np.float32]


class Pictures(Protocol):
    """The frames of a plate, each made when it is asked for; never all in memory."""

    @property
    def width(self) -> int:
        """Of every picture, in model pixels."""
        ...

    @property
    def height(self) -> int:
        """Of every picture."""
        ...

    @property
    def numbers(self) -> Sequence[int]:
        """The frames there are, ascending."""
        ...

    def __getitem__(self, frame: int, /) -> Picture:
        """(height, width, 3) uint8 RGB in the display's encoding.

        Raises:
            InputMissingError: there is no such frame.
        """
        ...


@dataclass(frozen=True)
class Hint:
    """A prompt in model pixels: what ``schema.roto.Prompt`` says, with texts become boxes and mask files arrays.

    Attributes:
        mask: (h, w) float32 logits, above 0 inside; from a mask file, or from the segment step.
        corrects: mends what propagation brings to this frame.
    """

    points: Sequence[PromptPoint] = ()
    box: PromptBox | None = None
    mask: Logits | None = None
    corrects: bool = False


@dataclass(frozen=True)
class Mask:
    """Where an object is on one frame.

    Attributes:
        logits: (h, w) float32, above 0 inside, its size about 1 at one pixel from the edge; NaN nowhere.
        confidence: 0 (lost, or not there) to 1.
        reason: why the confidence is low, in a few words for people; empty where it is not.
    """

    logits: Logits
    confidence: float = 1.0
    reason: str = ""


class Segmenter(Protocol):
    """Finds objects on one frame."""

    def segment(self, picture: Picture, hints: Mapping[str, Hint]) -> dict[str, Mask]:
        """A mask for each object that a hint was given for; the same call gives the same bytes.

        Raises:
            EmptyMaskError: nothing was found where the hints say; names the object.
        """
        ...


class Run(Protocol):
    """A propagation under way: a few objects, frame by frame, in the order that the caller walks."""

    def step(self, frame: int, picture: Picture, hints: Mapping[str, Hint]) -> dict[str, Mask]:
        """Go to the next frame.

        Args:
            frame: the frame's number; a neighbour of the one before.
            picture: of that frame.
            hints: what is said of objects on this frame: with a mask or without ``corrects`` an object begins here or
                is set anew, with ``corrects`` what arrives is mended.

        Returns:
            a mask for each object that has begun.
        """
        ...

    def snapshot(self) -> bytes:
        """All that ``Propagator.resume`` needs to go on from here to the same bytes; never a pickle."""
        ...


class Propagator(Protocol):
    """Follows objects through frames."""

    def start(self, width: int, height: int) -> Run:
        """Begin with no object; the first step's hints bring them."""
        ...

    def resume(self, width: int, height: int, snapshot: bytes) -> Run:
        """Go on from a snapshot.

        Raises:
            InputCorruptError: it is none of ours, or was cut short.
        """
        ...


class Matter(Protocol):
    """Makes soft mattes of masks."""

    def matte(self, picture: Picture, mask: Mask, *, band_px: float) -> NDArray[np.float32]:
        """(h, w) float32 coverage in 0..1, differing from the mask within ``band_px`` of its edge only."""
        ...


@dataclass(frozen=True)
class Found:
    """A box that a detector found, and how sure it is, 0..1."""

    box: PromptBox
    score: float


class Detector(Protocol):
    """Finds things by what they are called."""

    def detect(self, picture: Picture, text: str) -> list[Found]:
        """Boxes, the surest first; none where nothing is found."""
        ...


@dataclass(frozen=True)
class Choice:
    """What a maker is given.

    Attributes:
        device: ``cpu``, ``cuda``, ``cuda:1``; empty: the backend's own choice, ``cuda`` where there is one.
        weights: name -> file, checked against its SHA-256 already; empty for backends without weights.
        seed: for whatever draws lots.
        options: of the backend's own, as text.
    """

    device: str = ""
    weights: Mapping[str, Path] = field(default_factory=dict)
    seed: int = 0
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Backend:
    """The face of a backend; importing it loads nothing heavy.

    Attributes:
        name: as typed by artists.
        makers: for each stage that it does, ``module:function``, which takes a ``Choice`` and gives a ``Segmenter``,
            ``Propagator``, ``Matter`` or ``Detector``.
        needs: of a task of each stage; GPU only where the backend is neural.
        weights: names of the checkpoints it needs, which settings give a path and SHA-256 for.
        publishes: False: its masks are for tests of farms, and a publish refuses them.
        version: raised when the same input would give other masks.
        extra: of Shotmill, that pip installs its packages with; empty where it needs none.
    """

    name: str
    makers: Mapping[Stage, str]
    needs: Mapping[Stage, Needs] = field(default_factory=dict)
    weights: Sequence[str] = ()
    publishes: bool = True
    version: int = 1
    extra: str = ""
