"""The work of a roto, a task a file."""

from __future__ import annotations

from ....schema.task import TaskFunction
from .detect import detect
from .matte import matte
from .prepare import prepare
from .propagate import propagate
from .qc import qc
from .segment import segment
from .shapes import export, shapes
from .sidecar import sidecar

TASKS: dict[str, TaskFunction] = {
    "prepare": prepare,
    "detect": detect,
    "segment": segment,
    "propagate": propagate,
    "matte": matte,
    "shapes": shapes,
    "export": export,
    "qc": qc,
    "sidecar": sidecar,
}
