"""AWS Deadline Cloud: the compiled OpenJD bundle, submitted with the user's own ``deadline config``.

Nothing here imports ``deadline`` or boto3 before it talks to the service. Submitting happens in a process of its own,
so that no program an artist works in ever loads them; that process in turn does not load the farm.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .farm import DeadlineCloudFarm

__all__ = ["DeadlineCloudFarm"]


def __getattr__(name: str) -> Any:
    if name != "DeadlineCloudFarm":
        raise AttributeError(name)
    from .farm import DeadlineCloudFarm  # noqa: PLC0415 - the submitting process need not load it

    return DeadlineCloudFarm
