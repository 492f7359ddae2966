"""Looks at mattes frame by frame, and writes down what a person should look at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ....schema.errors import BadRequestError
from ....schema.media import Rate
from ....schema.roto_qc import RotoQc, RotoSpeed, speed_targets
from .track import Limits, Said, Track

if TYPE_CHECKING:
    from ..backend import Picture
    from .figures import FloatImage


@dataclass(frozen=True)
class RotoFrame:
    """One frame of a roto, as it is looked at.

    Attributes:
        number: of the plate.
        picture: (h, w, 3) uint8 as shown, in square pixels.
        mattes: object -> (h, w) float32 coverage in 0..1, in stored pixels; all of one size, which is the picture's
            where pixels are square.
        said: what the backend said of each object; sure of those that are not named.
        references: object -> what the matte should be, of its size.
    """

    number: int
    picture: Picture
    mattes: Mapping[str, FloatImage]
    said: Mapping[str, Said] = field(default_factory=dict)
    references: Mapping[str, FloatImage] = field(default_factory=dict)


class Checker:
    """Takes frames one after the other; its memory does not grow with their pixels.

    Args:
        objects: whose mattes every frame brings.
        limits: what makes a frame worth a look.
    """

    def __init__(self, objects: Sequence[str], *, limits: Limits | None = None) -> None:
        self._tracks = [Track(name, limits or Limits()) for name in objects]
        self._numbers: list[int] = []
        self._size: tuple[int, int] | None = None

    def add(self, frame: RotoFrame) -> None:
        """Look at the next frame; frames ascend.

        Raises:
            BadRequestError: a matte is missing or of another size, or the frame is not behind the one before.
        """
        if self._numbers and frame.number <= self._numbers[-1]:
            raise BadRequestError(f"frame {frame.number} comes after {self._numbers[-1]}; give them in ascending order")
        for track in self._tracks:
            matte = frame.mattes.get(track.name)
            if matte is None:
                raise BadRequestError(
                    f"there is no matte of {track.name!r} on frame {frame.number}; run its step again",
                    frame=frame.number,
                )
            self._size = self._size or (matte.shape[1], matte.shape[0])
            if self._size != (matte.shape[1], matte.shape[0]):
                raise BadRequestError(
                    f"the matte of {track.name!r} on frame {frame.number} is {matte.shape[1]}x{matte.shape[0]}, "
                    f"those before are {self._size[0]}x{self._size[1]}; run its step again",
                    frame=frame.number,
                )
            said = frame.said.get(track.name, Said())
            track.add(frame.number, matte, said, frame.references.get(track.name))
        self._numbers.append(frame.number)

    def watch(self, frames: Iterable[RotoFrame]) -> Iterator[RotoFrame]:
        """The frames as they pass by; each has been looked at when it is handed on."""
        for frame in frames:
            self.add(frame)
            yield frame

    def document(self, *, rate: Rate, speed: RotoSpeed | None = None) -> RotoQc:
        """What was found on the frames so far.

        Raises:
            BadRequestError: there were none.
        """
        if not self._numbers or self._size is None:
            raise BadRequestError("there is no matte to check; the range of the roto is empty, or it has no object")
        listed = sorted(
            (found for track in self._tracks for found in track.to_check()), key=lambda one: (one.frame, one.object)
        )
        known = speed or RotoSpeed()
        return RotoQc(
            first=self._numbers[0],
            last=self._numbers[-1],
            frames=len(self._numbers),
            width=self._size[0],
            height=self._size[1],
            rate=rate,
            to_check=tuple(listed),
            to_check_share=len({one.frame for one in listed}) / len(self._numbers),
            objects=tuple(track.summary() for track in self._tracks),
            speed=known,
            targets=speed_targets(known),
        )


def check_mattes(
    frames: Iterable[RotoFrame], objects: Sequence[str], *, rate: Rate, speed: RotoSpeed | None = None
) -> RotoQc:
    """What a person should look at, and all figures; takes frames one at a time.

    Raises:
        BadRequestError: as ``Checker``.
    """
    checker = Checker(objects)
    for frame in frames:
        checker.add(frame)
    return checker.document(rate=rate, speed=speed)
