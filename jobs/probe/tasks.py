"""The work of probes."""

from __future__ import annotations

from ...schema.task import FileMade, OutputMade, TaskContext, Written
from .params import ProbeParams


def read(task: TaskContext[ProbeParams]) -> Written:
    """Write what is in each clip of this chunk; its frames are 1-based indices of clips."""
    outputs = []
    for done, index in enumerate(task.frames):
        clip = task.params.clips[index - 1]
        task.progress(done / len(task.frames), clip.name)
        found = task.tools.probe(clip)
        name = f"{index:05d}.json"
        (task.staging / name).write_text(found.pretty(), encoding="utf-8")
        outputs.append(OutputMade(product=clip.name, representation="json", files=[FileMade(name)]))
    return Written(outputs=outputs, done=task.frames)


TASKS = {"read": read}
