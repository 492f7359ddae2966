"""Prompts: checked against a plate, and made hints of for backends."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ...schema.errors import BadRequestError, EmptyMaskError, InputMissingError
from ...schema.roto import Prompt, PromptBox
from .backend import Hint
from .geometry import Geometry
from .masks import LEAST_PIXELS, edge_distance

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ..images import Limits

HALF = 0.5


def check_prompt(prompt: Prompt, geometry: Geometry, *, name: str, limits: Limits) -> None:
    """Refuse a prompt that is not about this plate.

    Args:
        prompt: what is said.
        geometry: of the plate.
        name: of the object.
        limits: of mask files.

    Raises:
        BadRequestError: a point or a box lies outside of the picture, or a mask file is of another size.
        InputMissingError, InputCorruptError: the mask file cannot be read.
        EmptyMaskError: the mask file holds nothing.
    """
    size = f"{geometry.width}x{geometry.height}"
    where = f"object {name!r}, frame {prompt.frame}"
    for point in prompt.points:
        if not geometry.has(point.x, point.y):
            raise BadRequestError(
                f"{where}: point {point.x:g},{point.y:g} lies outside of the picture of {size} pixels; mend the point",
                object=name,
                frame=prompt.frame,
            )
    box = prompt.box
    if box is not None and (
        box.right <= 0 or box.bottom <= 0 or box.left >= geometry.width or box.top >= geometry.height
    ):
        raise BadRequestError(
            f"{where}: the box {box.left:g},{box.top:g},{box.right:g},{box.bottom:g} lies outside of the picture of "
            f"{size} pixels; mend the box",
            object=name,
            frame=prompt.frame,
        )
    if prompt.mask:
        read_prompt_mask(prompt, geometry, name=name, limits=limits)


def read_prompt_mask(prompt: Prompt, geometry: Geometry, *, name: str, limits: Limits) -> NDArray[np.bool_]:
    """(height, width) of the plate: where the mask file of a prompt is above half of its range.

    Raises:
        InputMissingError, InputCorruptError: it cannot be read.
        BadRequestError: it is of another size than the plate.
        EmptyMaskError: it holds nothing.
    """
    from ..images import read_image, to_float  # noqa: PLC0415 - heavy

    path = Path(prompt.mask or "")
    if not path.is_file():
        raise InputMissingError(
            f"object {name!r}, frame {prompt.frame}: mask file {path} is not there; mend the path", path=path
        )
    pixels = read_image(path, limits=limits).pixels
    height, width = pixels.shape[:2]
    if (width, height) != (geometry.width, geometry.height):
        raise BadRequestError(
            f"object {name!r}, frame {prompt.frame}: mask file {path} has {width}x{height} pixels, the plate "
            f"{geometry.width}x{geometry.height}; draw it on the plate",
            path=path,
        )
    inside: NDArray[np.bool_] = to_float(pixels).max(axis=2) > HALF
    if int(inside.sum()) < LEAST_PIXELS:
        raise EmptyMaskError(
            f"object {name!r}: mask file {path} for frame {prompt.frame} holds {int(inside.sum())} pixels of it; what "
            "is above half of white is the object",
            object=name,
            frame=prompt.frame,
            path=path,
        )
    return inside


def hint_of(prompt: Prompt, geometry: Geometry, *, name: str, limits: Limits, box: PromptBox | None = None) -> Hint:
    """What a prompt says, in model pixels.

    Args:
        prompt: checked already.
        geometry: of the plate.
        name: of the object.
        limits: of mask files.
        box: that was found for the prompt's text, in stored pixels.
    """
    import numpy as np  # noqa: PLC0415 - heavy

    mask = None
    if prompt.mask:
        inside = read_prompt_mask(prompt, geometry, name=name, limits=limits)
        mask = edge_distance(geometry.to_model(inside.astype(np.float32)) > HALF)
    said = prompt.box or box
    return Hint(
        points=tuple(geometry.point_to_model(point) for point in prompt.points),
        box=None if said is None else geometry.box_to_model(_inside(said, geometry)),
        mask=mask,
        corrects=prompt.corrects,
    )


def _inside(box: PromptBox, geometry: Geometry) -> PromptBox:
    """What of a box lies in the picture."""
    return PromptBox(
        left=max(box.left, 0.0),
        top=max(box.top, 0.0),
        right=min(box.right, float(geometry.width)),
        bottom=min(box.bottom, float(geometry.height)),
    )
