"""The plate as backends see it: display window, square pixels, display-encoded 8 bit, one frame at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ...schema.base import Document
from ...schema.errors import ColourError, InputMissingError
from ...schema.frames import FrameSet
from ...schema.media import Clip, Rate, Window
from ..hashes import hash_bytes, hash_file
from ..media import frame_path, is_movie
from .geometry import Geometry

if TYPE_CHECKING:
    from ..tools import Look, StudioTools, Tools
    from .backend import Picture

PICTURES = 1  # raised when the same plate would be shown to backends in another way
NEVER_GUESSED = frozenset({".exr", ".dpx", ".cin"})


def refuse_guessed_space(tools: StudioTools, clip: Clip, frame: int, *, colourspace: str) -> None:
    """An EXR or a DPX may be in any colour space: somebody, or the file itself, has to say so.

    Args:
        tools: of this machine.
        clip: the plate; it may say its space.
        frame: whose file is asked.
        colourspace: what the artist says; empty: nothing.

    Raises:
        ColourError: nobody says it.
        InputCorruptError: the file cannot be read.
    """
    from ..images import read_header  # noqa: PLC0415 - heavy

    path = frame_path(clip.media, frame)
    if colourspace or clip.colourspace or path.suffix.lower() not in NEVER_GUESSED:
        return
    header = read_header(path, tools.limits)
    floating = header.sample == "float"
    if tools.colour.space_of_file(path, hint=header.colourspace, floating=floating, movie=False).guessed:
        raise ColourError(
            f"nothing says which colour space {path} is in, and a roto does not guess it; name it",
            hint="--colourspace NAME, such as scene_linear",
            path=path,
        )


class PlateFacts(Document):
    """What is known of a plate once it was looked at.

    Attributes:
        width, height: of the display window, in pixels as they are stored.
        data_window: of its first frame, where it is not the display window.
        frames: those of the job.
        timecode: of the medium's first frame, ``start``.
        colourspace, colourspace_from: what its pixels are in, and who says so.
        display, view, config: what they are shown to backends for.
    """

    width: int
    height: int
    pixel_aspect: float = 1.0
    data_window: Window | None = None
    rate: Rate | None = None
    timecode: str | None = None
    start: int
    frames: FrameSet
    colourspace: str
    colourspace_from: str
    display: str
    view: str
    config: str

    @property
    def geometry(self) -> Geometry:
        """From its pixels to those of backends, and back."""
        return Geometry(self.width, self.height, self.pixel_aspect)


class PlatePictures:
    """The frames of a plate, as ``backend.Pictures`` wants them; one is in memory at a time.

    Args:
        tools: of this machine.
        clip: the plate.
        facts: what is known of it.
        look: how it is shown.
        exposure: stops.
    """

    def __init__(self, tools: Tools, clip: Clip, facts: PlateFacts, *, look: Look, exposure: float = 0.0) -> None:
        self._tools, self._clip, self._facts = tools, clip, facts
        self._look, self._exposure = look, exposure

    @property
    def width(self) -> int:
        """In model pixels."""
        return self._facts.geometry.model_width

    @property
    def height(self) -> int:
        """In model pixels."""
        return self._facts.geometry.model_height

    @property
    def numbers(self) -> Sequence[int]:
        """The frames there are."""
        return self._facts.frames.frames

    def __getitem__(self, frame: int, /) -> Picture:
        """(height, width, 3) uint8 RGB as the display shows it; black where the plate has no data.

        Raises:
            InputMissingError: there is no such frame.
            InputCorruptError: it cannot be read whole.
        """
        if frame not in self._facts.frames:
            raise InputMissingError(
                f"{self._clip.media}: frame {frame} is not one of {self._facts.frames}",
                path=self._clip.media,
                frame=frame,
            )
        pixels = self._tools.whole(self._clip, frame, look=self._look, exposure=self._exposure).pixels
        return self._facts.geometry.to_model(pixels)

    def identity(self, frame: int, *, colour: str, fingerprint: str) -> str:
        """What a frame's picture depends on, as a hash: its file, and how it is shown.

        Args:
            frame: of the plate.
            colour: hash of the OCIO config.
            fingerprint: of the whole medium, for a movie: it is not read again for each frame.

        Raises:
            InputMissingError: the frame's file is not there.
        """
        facts = self._facts
        if is_movie(self._clip.media):
            content = f"{fingerprint} {frame}"
        else:
            path = frame_path(self._clip.media, frame)
            try:
                content = hash_file(path)[0]
            except OSError as error:
                raise InputMissingError(f"{path} cannot be read: {error.strerror}", path=path, frame=frame) from error
        shown = (facts.colourspace, facts.display, facts.view, self._exposure, colour)
        sizes = (facts.width, facts.height, round(facts.pixel_aspect, 6))
        return hash_bytes(repr((PICTURES, content, shown, sizes)).encode())
