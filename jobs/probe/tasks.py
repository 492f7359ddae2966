"""The work of probes."""

from __future__ import annotations

from ...pipeline.clips import naming
from ...pipeline.files import write_whole
from ...schema.task import FileMade, OutputMade, TaskContext, TaskFunction, Written
from .params import ProbeParams


def read(task: TaskContext[ProbeParams]) -> Written:
    """Write a ``MediaInfo`` for each clip of this chunk; its frames are 1-based indices of clips.

    Raises:
        InputMissingError: a medium is not there; names the clip.
        InputCorruptError: it cannot be opened.
    """
    outputs = []
    for done, index in enumerate(task.frames):
        clip = task.params.clips[index - 1]
        task.progress(done / len(task.frames), clip.name)
        with naming(clip):
            found = task.tools.probe(clip)
        name = f"{index:05d}.json"
        write_whole(task.staging / name, found.pretty().encode())
        facts = {"source": clip.media, "codec": found.codec, "frames": str(found.frames)}
        outputs.append(
            OutputMade(
                product=clip.name,
                representation="json",
                files=[FileMade(name)],
                width=found.width,
                height=found.height,
                pixel_aspect=found.pixel_aspect,
                facts=facts,
            )
        )
    return Written(outputs=outputs, done=task.frames)


TASKS: dict[str, TaskFunction] = {"read": read}
