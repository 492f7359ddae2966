"""Small pictures of what was published, whole in the page: few, small, and made within a bounded time."""

from __future__ import annotations

import base64
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from ...schema.errors import ShotmillError
from ...schema.job import JobSpec
from ...schema.media import Clip
from ..settings import Settings
from .facts import Picture

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ..tools import StudioTools

MAX_PICTURES = 24
WIDTH_PX = 320
QUALITY = 78  # of JPEG: about 15 KB a picture
MAX_BYTES = 60_000  # of one picture
MAX_ALL_BYTES = 700_000
BUDGET_S = 6.0
IN_BROWSERS = frozenset({".jpg", ".jpeg", ".png"})
MOVIES = frozenset({".mp4", ".mov"})
OTHERS = frozenset({".exr", ".dpx", ".tif", ".tiff"})
FRAMES_OF_ONE = 4  # frames of one sequence that are shown where there is little else


@dataclass(frozen=True)
class Shown:
    """A file that can be shown."""

    path: Path
    caption: str
    colourspace: str | None = None


class Pictures:
    """Makes small pictures until there are enough, or the time is over.

    Args:
        settings: of this machine: the largest image that is read.
        spec: the job, which says the colour.
        budget_s: seconds that all of it may take; a picture that was begun is ended.
    """

    def __init__(self, settings: Settings, spec: JobSpec, *, budget_s: float = BUDGET_S) -> None:
        self._settings = settings
        self._spec = spec
        self._budget_s = budget_s

    def of(self, wanted: Sequence[Shown]) -> tuple[Picture, ...]:
        """The pictures of these files; one that cannot be made is left out."""
        ends = time.monotonic() + self._budget_s
        found: list[Picture] = []
        room = MAX_ALL_BYTES
        with tempfile.TemporaryDirectory(prefix="shotmill-page-") as place:
            for one in wanted[:MAX_PICTURES]:
                if time.monotonic() > ends:
                    break
                made = self._made(one, Path(place) / "small.jpg")
                if made is not None and len(made.uri) <= room:
                    found.append(made)
                    room -= len(made.uri)
        return tuple(found)

    def _made(self, one: Shown, draft: Path) -> Picture | None:
        from ..images import write_image  # noqa: PLC0415 - heavy

        try:
            pixels = self._pixels(one)
            write_image(draft, pixels, quality=QUALITY)
        except (ShotmillError, OSError, ValueError):  # it says nothing of the publish that its picture cannot be made
            return None
        content = draft.read_bytes()
        if len(content) > MAX_BYTES:
            return None
        uri = f"data:image/jpeg;base64,{base64.b64encode(content).decode()}"
        return Picture(uri, one.caption, pixels.shape[1], pixels.shape[0])

    def _pixels(self, one: Shown) -> NDArray[np.uint8]:
        if one.path.suffix.lower() in IN_BROWSERS:
            return _as_browsers_show(one.path, self._tools)
        from ..tools import Look  # noqa: PLC0415 - heavy

        clip = Clip(name="shown", media=str(one.path))
        return self._tools.still(clip, 0, width=WIDTH_PX, look=Look(colourspace=one.colourspace or "")).pixels

    @cached_property
    def _tools(self) -> StudioTools:
        from ..tools import StudioTools  # noqa: PLC0415 - heavy

        return StudioTools(self._settings).for_job(self._spec)


def _as_browsers_show(path: Path, tools: StudioTools) -> NDArray[np.uint8]:
    """A picture that was made for displays, as it is."""
    import numpy as np  # noqa: PLC0415 - heavy

    from ..images import read_small  # noqa: PLC0415 - same

    pixels = read_small(path, WIDTH_PX, limits=tools.limits).pixels
    return np.asarray(np.clip(pixels, 0.0, 1.0) * 255 + 0.5, dtype=np.uint8)


def spread(files: Sequence[Shown], count: int) -> Iterator[Shown]:
    """So many of them, evenly spread; of one, that in the middle."""
    wanted = min(count, len(files))
    yield from (files[(2 * index + 1) * len(files) // (2 * wanted)] for index in range(wanted))


def best(kinds: Sequence[Sequence[Shown]]) -> Sequence[Shown]:
    """Of a version's forms, the one that is the least work to show; nothing where none can be."""
    for suffixes in (IN_BROWSERS, MOVIES, OTHERS):
        for files in kinds:
            if files and files[0].path.suffix.lower() in suffixes:
                return files
    return ()
