"""The frame of a movie, and where the picture lies in it: even sizes, square pixels, black bars."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Canvas:
    """Sizes in square pixels.

    Attributes:
        width, height: of the movie, both even.
        x, y: of the picture's upper left corner.
        picture_width, picture_height: of the picture.
    """

    width: int
    height: int
    x: int
    y: int
    picture_width: int
    picture_height: int


def canvas_of(stored: tuple[int, int], pixel_aspect: float, *, width: int = 0, height: int = 0) -> Canvas:
    """The frame of a movie of pictures of one size.

    Pictures of square pixels that are not made larger or smaller keep every pixel; an odd size gets a black row or
    column at its end. Others become as wide as they are shown, and of an even size.

    Args:
        stored: (width, height) of the pictures as they are stored.
        pixel_aspect: width of a stored pixel over its height.
        width: wanted; 0: as the picture is, or as follows from the height.
        height: wanted, likewise; with both, the picture is fitted in.
    """
    shown = stored[0] * pixel_aspect, float(stored[1])
    if width and height:
        return _fitted(shown, _even(width), _even(height))
    if not (width or height):
        if round(shown[0]) == stored[0]:
            return Canvas(stored[0] + stored[0] % 2, stored[1] + stored[1] % 2, 0, 0, *stored)
        width = round(shown[0])
    scale = width / shown[0] if width else height / shown[1]
    size = _even(shown[0] * scale), _even(shown[1] * scale)
    return Canvas(*size, 0, 0, *size)


def _fitted(shown: tuple[float, float], width: int, height: int) -> Canvas:
    scale = min(width / shown[0], height / shown[1])
    wide, high = (min(round(side * scale), most) for side, most in zip(shown, (width, height), strict=True))
    wide, high = max(wide, 1), max(high, 1)
    return Canvas(width, height, (width - wide) // 2, (height - high) // 2, wide, high)


def _even(side: float) -> int:
    return max(2, 2 * round(side / 2))
