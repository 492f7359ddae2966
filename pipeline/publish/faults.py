"""Named points of the publish at which tests make the process die. In production nothing happens there."""

from __future__ import annotations

from collections.abc import Callable

from ..points import pass_point

# Every point, in the order a publish passes them; a test fails when one is added that it does not know.
POINTS = (
    "collect:done",
    "stage:folder",
    "stage:copying",
    "stage:copied",
    "stage:synced",
    "stage:verified",
    "stage:folder-synced",
    "register:before",
    "reserve:locked",
    "reserve:inserted",
    "reserve:done",
    "name:first",
    "name:all",
    "manifest:written",
    "manifest:synced",
    "rename:parents",
    "rename:before",
    "rename:after",
    "rename:synced",
    "commit:version",
    "commit:files",
    "commit:pointer",
    "commit:told",
    "commit:done",
    "clean:before",
    "clean:after",
    "report:written",
)

_hook: Callable[[str], None] | None = None


def fault(point: str) -> None:
    """Pass a named point."""
    pass_point(point)
    if _hook is not None:
        _hook(point)


def set_fault(hook: Callable[[str], None] | None) -> None:
    """Have a function called at every point; None for none. For tests."""
    global _hook  # noqa: PLW0603 - one switch for one process, set by its test alone
    _hook = hook
