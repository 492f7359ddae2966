"""All that a roto's QC leaves behind, in one go."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ....schema.errors import BadRequestError
from ....schema.media import Rate
from ....schema.roto_qc import RotoQc, RotoSpeed
from ...files import storage_error, write_whole
from .check import Checker, RotoFrame
from .preview import PREVIEW_WIDTH, write_preview
from .sheet import TILE_WIDTH, overlay_sheet
from .track import Limits


@dataclass(frozen=True)
class QcPlan:
    """What is to be looked at.

    Attributes:
        numbers: of all frames, ascending.
        objects: names; every frame brings a matte for each, in this order.
        look: gives one frame; each is asked for once, a dozen of them twice.
        rate: frames per second.
        heading: of the contact sheet.
        speed: how long the work took.
        limits: what makes a frame worth a look.
        preview_width, tile_width: in pixels.
    """

    numbers: Sequence[int]
    objects: Sequence[str]
    look: Callable[[int], RotoFrame]
    rate: Rate
    heading: str
    speed: RotoSpeed = field(default_factory=RotoSpeed)
    limits: Limits = field(default_factory=Limits)
    preview_width: int = PREVIEW_WIDTH
    tile_width: int = TILE_WIDTH


def write_qc(plan: QcPlan, *, document: Path, sheet: Path, preview: Path) -> RotoQc:
    """Check all frames, and write ``qc.json``, the contact sheet and the preview movie.

    Args:
        plan: what is looked at; one frame at a time is in memory.
        document: a ``.json``.
        sheet: a ``.jpg`` or ``.png``.
        preview: an ``.mp4``.

    Raises:
        BadRequestError: there is no frame, or a matte is missing or of another size.
        DiskFullError: no space is left.
        StorageError: a file could not be written.
    """
    from ...images import write_image  # noqa: PLC0415 - heavy: OpenImageIO

    if not plan.numbers or not plan.objects:
        raise BadRequestError("there is nothing to check; the range of the roto is empty, or it has no object")
    checker = Checker(plan.objects, limits=plan.limits)
    write_preview(preview, checker.watch(map(plan.look, plan.numbers)), rate=plan.rate, width=plan.preview_width)
    found = checker.document(rate=plan.rate, speed=plan.speed)
    picture = overlay_sheet(found, plan.numbers, plan.look, heading=plan.heading, width=plan.tile_width)
    write_image(sheet, picture)
    try:
        write_whole(document, found.pretty().encode())
    except OSError as error:
        raise storage_error(document, error) from error
    return found
