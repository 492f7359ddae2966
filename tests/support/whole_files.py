"""Which tests go to one process together, because what they share costs more than they do; and which go first.

xdist's own groups are without effect: xdist 3.8 writes a group's name where pytest 9.2 does not read it any more.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from xdist.scheduler import LoadScopeScheduling

TESTS = Path(__file__).parent.parent
# Files that share a studio that is lived in, a board of many jobs, a browser, movies ...
LIVED_IN = ("cli/test_documents.py", "cli/test_looking.py", "cli/test_reports.py")
BOARD = ("board/test_board_api.py", "board/test_board_page.py")
DEMO = ("jobs/test_contactsheet.py", "jobs/test_demo_media.py", "jobs/test_qc_job.py", "jobs/test_thumbnail.py")
TOGETHER = (LIVED_IN, BOARD, DEMO, ("dailies/",), ("media/",), ("pages/",), ("qt/",), ("docs/test_commands.py",))
# What takes a minute or more goes first, and the rest fills what is left beside it.
DEAR = (
    "docs/test_commands.py",
    "docs/test_roto_page.py",
    "cli/test_demo.py",
    *LIVED_IN,
    "board/test_board_schemathesis.py",
    "publish/test_random_kills.py",
    "engine/test_farm_storms.py",
    "farms/test_demo_everywhere.py",
    "trackers/test_ftrack_faults.py",
    "deadline/test_",
)
# Their environments are built while others run.
WAITING = ("blender/", "gpu/", "trackers/test_kitsu.py", "opencue/test_cuegui_menu.py", "installing/")
SHARES = 'scope="module"'


class WholeFiles(LoadScopeScheduling):  # type: ignore[misc] # xdist tells no types
    """What is shared by several tests goes to one process; all else test by test to whoever is free."""

    _in_order = False

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.partition("::")[0].removeprefix("tests/")
        for several in TOGETHER:
            if path.startswith(several):
                return several[0]
        return path if _shares(path) else nodeid

    def _assign_work_unit(self, node: Any) -> None:
        if not self._in_order:
            self._in_order = True
            for scope in sorted(self.workqueue, key=self._turn):
                self.workqueue.move_to_end(scope)
        super()._assign_work_unit(node)

    def _turn(self, scope: str) -> int:
        path = scope.partition("::")[0].removeprefix("tests/")
        if path.startswith(DEAR):
            return 0
        if path.startswith(WAITING):
            return 2
        return 1 if len(self.workqueue[scope]) > 1 else 3


@cache
def _shares(path: str) -> bool:
    """Whether tests of a file share a fixture of its own."""
    return SHARES in (TESTS / path).read_text(encoding="utf-8")
