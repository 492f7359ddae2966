"""The steps of a self-test: few tasks, a second each, and every shape in which farms have gone wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...schema.frames import FrameSet
from ...schema.job import Needs, OutputSpec, Step, publish_step
from ...schema.media import EntityKind, EntityRef
from .params import SelftestParams, Shape

PRODUCT = "selftest"
TASK_S = 300


def steps(params: SelftestParams) -> list[Step]:
    """The steps of one shape and, if asked for, one that publishes."""
    made = _SHAPES[params.shape]
    work = [_step(params.shape, name, given) for name, given in made.items()]
    return [*work, publish_step(*(step.name for step in work))] if params.publish else work


def _step(shape: Shape, name: str, given: Mapping[str, Any]) -> Step:
    numbers = FrameSet.parse(given["frames"])
    output = OutputSpec(
        product=name,
        entity=EntityRef(project=PRODUCT, kind=EntityKind.ASSET, parent=PRODUCT, name=shape),
        name=f"{PRODUCT}_{name}",
        kind="document",
        representation="json",
        extension="json",
        frames=numbers,
    )
    same = {"task": "tell", "needs": Needs(cpu=1, memory_mib=256), "timeout_s": TASK_S, "warm": False}
    return Step.model_validate({**same, **given, "name": name, "frames": numbers, "outputs": (output,)})


_SHAPES: Mapping[Shape, Mapping[str, Mapping[str, Any]]] = {
    "frames": {"each": {"frames": "1001-1002"}},
    "chunks": {"chunked": {"frames": "1-10x3", "chunk": 3}},
    "gaps": {"gapped": {"frames": "1-3,7-9", "chunk": 2, "contiguous": True}},
    "order": {
        "first": {"frames": "1"},
        "left": {"frames": "1", "after": ("first",)},
        "right": {"frames": "1", "after": ("first",)},
        "last": {"frames": "1", "after": ("left", "right")},
    },
}
