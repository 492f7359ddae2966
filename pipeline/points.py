"""Named points that engines, tasks and publishes pass, told as audit events of Python: tests let processes die there.

Nobody listens in production, and then a point costs some nanoseconds.
"""

from __future__ import annotations

import sys

EVENT = "shotmill.point"


def pass_point(point: str) -> None:
    """Pass a named point.

    Args:
        point: such as ``engine:claimed``.
    """
    sys.audit(EVENT, point)
