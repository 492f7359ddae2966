"""Boxes of the things that prompts call by name."""

from __future__ import annotations

import json

from ....pipeline.files import read_file
from ....pipeline.roto.backend import Found
from ....schema.checks import MAX_DOCUMENT
from ....schema.errors import EmptyMaskError
from ....schema.roto import PromptBox, Stage
from ....schema.task import FileMade, OutputMade, TaskContext, Written
from ..params import RotoParams
from ..steps import DETECT
from ..walks import fresh_prompts
from .plate import asked_backend, backend_facts, facts_of, pictures_of


def detect(task: TaskContext[RotoParams]) -> Written:
    """The surest box of each object that prompts of these frames call by name.

    Raises:
        EmptyMaskError: nothing of that name was found; names object and frame.
    """
    facts, prompts = facts_of(task), fresh_prompts(task.params)
    pictures = pictures_of(task, facts)
    detector = asked_backend(task, Stage.DETECT, task.params.detect)
    outputs = []
    for done, frame in enumerate(task.frames):
        task.progress(done / len(task.frames), f"frame {frame}")
        picture = pictures[frame]
        for one, prompt in prompts[frame]:
            if not prompt.text:
                continue
            found: list[Found] = detector.detect(picture, prompt.text)
            if not found:
                raise EmptyMaskError(
                    f"object {one.name!r}: nothing called {prompt.text!r} was found on frame {frame}; say it in other "
                    "words, or give points or a box",
                    object=one.name,
                    frame=frame,
                )
            box = facts.geometry.box_to_plate(found[0].box)
            path = f"{one.name}.{frame:07d}.json"
            (task.staging / path).write_text(json.dumps(box.model_dump()), encoding="utf-8")
            about = {**backend_facts(task, Stage.DETECT, task.params.detect), "score": found[0].score}
            outputs.append(OutputMade(one.name, "box", [FileMade(path, frame)], facts=about))
    return Written(outputs=outputs, done=task.frames)


def boxes_of(task: TaskContext[RotoParams]) -> dict[tuple[str, int], PromptBox]:
    """Object and frame -> the box that was found there, in stored pixels."""
    return {
        (output.product, file.frame): PromptBox.model_validate_json(read_file(folder / file.path, most=MAX_DOCUMENT))
        for output, folder in task.upstream_files(DETECT)
        for file in output.files
        if file.frame is not None
    }
