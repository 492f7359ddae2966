"""Test files that go to one process whole, because what they share costs more than all of their tests.

xdist's own groups are without effect: xdist 3.8 writes a group's name where pytest 9.2 does not read it any more.
"""

from __future__ import annotations

from xdist.scheduler import LoadScopeScheduling

WHOLE = (
    "blender/test_blender_addon.py",
    "blender/test_blender_render.py",
    "cli/test_demo.py",
    "cli/test_roto_demo.py",
    "docs/test_commands.py",
    "gpu/test_sam2.py",
    "gpu/test_transformers.py",
    "opencue/test_cuegui_menu.py",
    "trackers/test_kitsu.py",
)


class WholeFiles(LoadScopeScheduling):  # type: ignore[misc] # xdist tells no types
    """Whole files first, then test by test to whoever is free."""

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.partition("::")[0]
        return path if path.endswith(WHOLE) else nodeid
