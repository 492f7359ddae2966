"""Following things through frames."""

from __future__ import annotations

from collections.abc import Mapping

from ....schema.errors import BadRequestError, EmptyMaskError
from ..backend import Choice, Hint, Mask
from .segment import find, mended
from .snapshot import pack, unpack
from .track import Track, begin, corrected, follow
from .window import Picture


def make_propagator(choice: Choice) -> ClassicalPropagator:
    """What follows things; needs no weights, and no device but a CPU."""
    del choice  # it draws no lots, and has no options
    return ClassicalPropagator()


class ClassicalPropagator:
    """Follows things by optical flow and by their colours; see ``Propagator``."""

    def start(self, width: int, height: int) -> ClassicalRun:
        """Begin with no object."""
        return ClassicalRun(width, height, {})

    def resume(self, width: int, height: int, snapshot: bytes) -> ClassicalRun:
        """Go on from a snapshot.

        Raises:
            InputCorruptError: it is none of ours, was cut short, or is of pictures of another size.
        """
        return ClassicalRun(width, height, unpack(width, height, snapshot))


class ClassicalRun:
    """A propagation under way; see ``Run``."""

    def __init__(self, width: int, height: int, tracks: dict[str, Track]) -> None:
        self._size, self._tracks = (width, height), tracks

    def step(self, frame: int, picture: Picture, hints: Mapping[str, Hint]) -> dict[str, Mask]:
        """Go to the next frame; see ``Run``.

        Raises:
            BadRequestError: the picture is of another size, or a correction is of an object that has not begun.
            EmptyMaskError: nothing is found where a hint says that an object begins; names the object and the frame.
        """
        if picture.shape[1::-1] != self._size:
            raise BadRequestError(
                f"frame {frame} is {picture.shape[1]} x {picture.shape[0]}, the clip {self._size[0]} x {self._size[1]}",
                frame=frame,
            )
        masks = {}
        for name in [*self._tracks, *(name for name in hints if name not in self._tracks)]:
            try:
                masks[name] = self._next(name, frame, picture, hints.get(name))
            except EmptyMaskError as error:
                raise EmptyMaskError(
                    f"frame {frame}: {error.message}", hint=error.hint, object=name, frame=frame
                ) from error
        return masks

    def snapshot(self) -> bytes:
        """What ``ClassicalPropagator.resume`` needs."""
        return pack(*self._size, self._tracks)

    def _next(self, name: str, frame: int, picture: Picture, hint: Hint | None) -> Mask:
        track = self._tracks.get(name)
        if hint is not None and (hint.mask is not None or not hint.corrects):
            mask = find(picture, name, hint)
            self._tracks[name] = begin(frame, picture, mask.logits)
            return mask
        if track is None:
            raise BadRequestError(
                f"frame {frame}: object {name!r} is corrected before it begins",
                hint="say where it is with a box, a mask or points first",
                object=name,
                frame=frame,
            )
        found = follow(track, frame, picture)
        self._tracks[name] = found.track
        if hint is None:
            return Mask(found.logits, found.verdict.confidence, found.verdict.reason)
        mask = mended(picture, name, found.logits, hint)
        self._tracks[name] = corrected(found.track, frame, picture, mask.logits)
        return mask
