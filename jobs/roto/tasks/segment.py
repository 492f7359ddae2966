"""Objects found on the frames where prompts say where they are."""

from __future__ import annotations

from ....pipeline.roto.backend import Hint, Mask
from ....pipeline.roto.masks import pack_mask, refuse_empty
from ....pipeline.roto.prompts import hint_of
from ....schema.errors import EmptyMaskError
from ....schema.roto import Stage
from ....schema.task import FileMade, OutputMade, TaskContext, Written
from ..params import RotoParams
from ..walks import fresh_prompts
from .detect import boxes_of
from .plate import asked_backend, backend_facts, facts_of, pictures_of


def segment(task: TaskContext[RotoParams]) -> Written:
    """A mask for each object that prompts of these frames speak of.

    Raises:
        EmptyMaskError: nothing was found; names object and frame.
    """
    facts = facts_of(task)
    pictures = pictures_of(task, facts)
    prompts, boxes = fresh_prompts(task.params), boxes_of(task)
    outputs = []
    for done, frame in enumerate(task.frames):
        task.progress(done / len(task.frames), f"frame {frame}")
        hints = {
            one.name: hint_of(
                prompt,
                facts.geometry,
                name=one.name,
                limits=task.tools.limits,
                box=boxes.get((one.name, frame)),
            )
            for one, prompt in prompts[frame]
        }
        found = _found(task, frame, hints, pictures)
        for name, mask in found.items():
            refuse_empty(mask, name=name, frame=frame)
            path = f"{name}.{frame:07d}.mask"
            (task.staging / path).write_bytes(pack_mask(mask))
            facts_made = {**backend_facts(task, Stage.SEGMENT, task.params.segment), "confidence": mask.confidence}
            outputs.append(
                OutputMade(product=name, representation="seed", files=[FileMade(path, frame)], facts=facts_made)
            )
    return Written(outputs=outputs, done=task.frames)


def _found(task: TaskContext[RotoParams], frame: int, hints: dict[str, Hint], pictures: object) -> dict[str, Mask]:
    """What mask files say is so; for the rest the backend looks."""
    given = {name: Mask(hint.mask) for name, hint in hints.items() if hint.mask is not None}
    asked = {name: hint for name, hint in hints.items() if name not in given}
    if not asked:
        return given
    segmenter = asked_backend(task, Stage.SEGMENT, task.params.segment)
    try:
        found = segmenter.segment(pictures[frame], asked)  # type: ignore[index]
    except EmptyMaskError as error:
        error.fields.setdefault("frame", str(frame))
        raise
    return {name: (given | found)[name] for name in hints}
