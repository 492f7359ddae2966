"""Soft mattes by closed-form matting: what lies in a band around a mask's edge is asked of the picture.

PyMatting does the work; only this file imports it. It is written for numba, which compiles a function for each machine
once and keeps it beside the package, or where ``NUMBA_CACHE_DIR`` says.

Source:
    A. Levin, D. Lischinski, Y. Weiss, "A Closed-Form Solution to Natural Image Matting", IEEE TPAMI, 2008.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from types import ModuleType
from typing import TYPE_CHECKING, Any

from ...schema.errors import MissingExtraError, TaskFailedError
from ...schema.job import Needs
from ...schema.roto import Stage
from .backend import Backend, Choice, Mask
from .masks import edge_distance

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from .backend import Picture

BACKEND = Backend(
    name="pymatting",
    makers={Stage.MATTE: f"{__name__}:make_matter"},
    needs={Stage.MATTE: Needs(cpu=1, memory_mib=3072)},
)
MARGIN_PX = 4  # known pixels around the band, from which the unknown ones learn
MOST_UNKNOWN = 400_000  # pixels: some 40 s and 1.5 GB; a band that large is no edge
STEPS = 500  # of the solver at most; the starting matte is near
SMOOTH = 1e-5  # how far colours in a window of 3 by 3 may lie off a line, as a variance
PACKAGES = ("", ".alpha", ".laplacian", ".preconditioner", ".solver", ".util")


def make_matter(_choice: Choice) -> PyMattingMatter:
    """What makes mattes.

    Raises:
        MissingExtraError: PyMatting is not installed.
    """
    return PyMattingMatter(_closed_form())


class PyMattingMatter:
    """Closed-form matting in a band around the edge, in a cut around the object."""

    def __init__(self, solve: Callable[..., Any]) -> None:
        self._solve = solve

    def matte(self, picture: Picture, mask: Mask, *, band_px: float) -> NDArray[np.float32]:
        """(h, w) float32 coverage in 0..1; outside of the band it is 0 or 1.

        Where the object is thinner than the band, half of it is taken to be surely inside.

        Raises:
            TaskFailedError: the band holds too many pixels.
        """
        import numpy as np  # noqa: PLC0415 - heavy

        distance = edge_distance(mask.logits > 0, far=2 * band_px)
        within = min(band_px, float(distance.max()) / 2)
        unknown = (distance > -band_px) & (distance < within)
        coverage = (distance > 0).astype(np.float32)
        count = int(unknown.sum())
        if within <= 0 or not count:
            return coverage
        if count > MOST_UNKNOWN:
            raise TaskFailedError(
                f"the band around the object holds {count} pixels, {MOST_UNKNOWN} at most can be solved",
                hint="--band-px 4, or --matte edge",
            )
        cut = _around(unknown)
        trimap = np.where(unknown[cut], 0.5, coverage[cut]).astype(np.float64)
        solved = self._solve(
            picture[cut].astype(np.float64) / 255.0,
            trimap,
            laplacian_kwargs={"epsilon": SMOOTH},
            cg_kwargs={"maxiter": STEPS, "rtol": 1e-5},
        )
        coverage[cut] = np.where(unknown[cut], np.clip(solved, 0.0, 1.0), coverage[cut])
        return coverage


def _around(unknown: NDArray[np.bool_]) -> tuple[slice, slice]:
    """Rows and columns that hold all of it, with a margin."""
    import numpy as np  # noqa: PLC0415 - heavy

    rows, columns = np.flatnonzero(unknown.any(axis=1)), np.flatnonzero(unknown.any(axis=0))
    return (
        slice(max(int(rows[0]) - MARGIN_PX, 0), int(rows[-1]) + 1 + MARGIN_PX),
        slice(max(int(columns[0]) - MARGIN_PX, 0), int(columns[-1]) + 1 + MARGIN_PX),
    )


@cache
def _closed_form() -> Callable[..., Any]:
    """PyMatting's solver alone: importing the whole package compiles all of it, a minute on a new machine."""
    found = importlib.util.find_spec("pymatting")
    if found is None or not found.submodule_search_locations:
        raise MissingExtraError(
            "roto backend 'pymatting' needs PyMatting, which is not installed",
            hint="pip install PyMatting",
            backend="pymatting",
        )
    with _bare_packages(found.submodule_search_locations[0]):
        module = importlib.import_module("pymatting.alpha.estimate_alpha_cf")
    solve: Callable[..., Any] = module.estimate_alpha_cf
    return solve


@contextmanager
def _bare_packages(place: str) -> Iterator[None]:
    """PyMatting's packages without what they import by themselves; taken away again for whoever wants them whole."""
    before = {name: module for name, module in sys.modules.items() if name.split(".")[0] == "pymatting"}
    for name in before:
        del sys.modules[name]
    for package in PACKAGES:
        bare = ModuleType(f"pymatting{package}")
        bare.__path__ = [place + package.replace(".", "/")]
        sys.modules[bare.__name__] = bare
    try:
        yield
    finally:
        for name in [name for name in sys.modules if name.split(".")[0] == "pymatting"]:
            del sys.modules[name]
        sys.modules.update(before)
