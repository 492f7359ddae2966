"""The checkpoints of a roto: there, and what their hashes say, before anything is loaded."""

from __future__ import annotations

from pathlib import Path

from ....schema.task import TaskContext
from ..params import RotoParams


def check_weights(task: TaskContext[RotoParams]) -> None:
    """Refuse checkpoints that are not there, or are not the files that the settings name.

    Raises:
        WeightsError: names the file and the hash that was expected.
    """
    for name, one in task.job.weights.items():
        from ....pipeline.roto.weights import checked_weights  # noqa: PLC0415 - only neural backends have any

        task.progress(0.0, f"checking weights {name}")
        checked_weights(name, Path(one.path), one.sha256)
