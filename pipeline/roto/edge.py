"""The plainest matte: the mask with an edge that is one pixel soft; no picture is looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...schema.job import Needs
from ...schema.roto import Stage
from .backend import Backend, Choice, Mask

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from .backend import Picture

BACKEND = Backend(
    name="edge",
    makers={Stage.MATTE: f"{__name__}:make_matter"},
    needs={Stage.MATTE: Needs(cpu=1, memory_mib=1024)},
)


def make_matter(_choice: Choice) -> EdgeMatter:
    """What makes mattes."""
    return EdgeMatter()


class EdgeMatter:
    """Coverage that a straight edge would have: half on it, whole half a pixel inside of it."""

    def matte(self, _picture: Picture, mask: Mask, *, band_px: float) -> NDArray[np.float32]:
        """(h, w) float32 in 0..1."""
        import numpy as np  # noqa: PLC0415 - heavy

        softness = min(max(band_px, 0.5), 1.0)
        return np.asarray(np.clip(0.5 + mask.logits * (0.5 / softness), 0.0, 1.0), dtype=np.float32)
