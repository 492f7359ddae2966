"""An ftrack server for tests: what its real Python client asks of one, over HTTP, with faults on demand."""

from __future__ import annotations

from .http import KEY, USER, Fault, FtrackDouble, ftrack_double
from .show import attribute, demo_show
from .world import RefusedError, World

__all__ = ["KEY", "USER", "Fault", "FtrackDouble", "RefusedError", "World", "attribute", "demo_show", "ftrack_double"]
