"""Objects followed from frame to frame; each task is one walk, or one part of it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ....pipeline.files import read_file
from ....pipeline.hashes import hash_file
from ....pipeline.media import is_movie
from ....pipeline.roto.backend import Hint, Mask
from ....pipeline.roto.following import State, Walking
from ....pipeline.roto.masks import unpack_mask
from ....pipeline.roto.plate import PlateFacts
from ....pipeline.roto.prompts import hint_of
from ....schema.errors import ReceiptMismatchError
from ....schema.roto import Stage
from ....schema.task import FileMade, OutputMade, TaskContext, Written
from ..params import RotoParams
from ..steps import PROPAGATE, PROPAGATE_BACK, SEGMENT, part_name, part_of
from ..walks import Walk, walks_of
from .plate import asked_backend, backend_facts, choice_of, facts_of, mask_files, pictures_of, read_mask

MASKS = "masks"
STATE = "state"
MAX_STATE = 1024 * 1024 * 1024
LEAST_FOLLOWED_PX = 16  # backends refuse to begin with less


def propagate(task: TaskContext[RotoParams]) -> Written:
    """Follow the objects of these walks, counted from 1, through one part of their frames.

    Frames that were followed before, with the same pictures, prompts and backend behind them, come from the cache.
    """
    walks = walks_of(task.params)
    outputs: list[OutputMade] = []
    for done, number in enumerate(task.frames):
        outputs += _one_walk(task, number, walks[number - 1], done / len(task.frames))
    return Written(outputs=outputs, done=task.frames)


def _one_walk(task: TaskContext[RotoParams], number: int, walk: Walk, begun: float) -> list[OutputMade]:
    seeds = _seeds(task, walk)
    if not seeds:
        return []
    walk = replace(walk, objects=tuple(seeds))
    part = part_of(task.step.name)
    parts = walk.parts(task.params.chunk_frames)
    walking = _walking(task, number, walk, seeds)
    frames = parts[part]
    files: dict[str, list[FileMade]] = {name: [] for name in walk.objects}
    sure: dict[str, dict[str, Any]] = {name: {} for name in walk.objects}
    started = time.process_time()
    for at, (frame, masks) in enumerate(walking.follow(frames)):
        task.progress(begun + at / len(frames) / len(task.frames), f"{walk.objects[0]}: frame {frame}")
        for name, packed in masks.items():
            path = f"{number:04d}/{name}.{frame:07d}.mask"
            target = task.staging / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(packed)
            files[name].append(FileMade(path, frame))
            mask = unpack_mask(packed)
            sure[name][str(frame)] = [mask.confidence, mask.reason]
    about = {
        **backend_facts(task, Stage.PROPAGATE, task.params.propagate),
        "walk": number,
        "start": walk.start,
        "end": walk.end,
        "stepped": walking.stepped,
        "cpu_s": round(time.process_time() - started, 3),
    }
    made = [OutputMade(name, MASKS, files[name], facts={**about, "confidence": sure[name]}) for name in walk.objects]
    if part + 1 < len(parts):
        path = f"{number:04d}/{STATE}"
        (task.staging / path).write_bytes(walking.state().pack())
        made.append(OutputMade(f"walk {number}", STATE, [FileMade(path)], facts={"walk": number}))
    return made


def _walking(task: TaskContext[RotoParams], number: int, walk: Walk, seeds: Mapping[str, Mask]) -> Walking:
    params, facts = task.params, facts_of(task)
    pictures = pictures_of(task, facts)
    colour = task.job.colour_config_hash or ""
    fingerprint = _fingerprint(task)
    identities = {}

    def identity(frame: int) -> str:
        if frame not in identities:
            identities[frame] = pictures.identity(frame, colour=colour, fingerprint=fingerprint)
        return identities[frame]

    return Walking(
        make=lambda: asked_backend(task, Stage.PROPAGATE, params.propagate),
        pictures=pictures,
        identity=identity,
        hints=_hints(task, walk, facts, seeds),
        maker=_maker(task),
        cache=task.tools.frame_cache,
        begun=_state_before(task, number, walk),
    )


def _fingerprint(task: TaskContext[RotoParams]) -> str:
    """Of a movie; copies that were sent to a host have no mark, and are read for it."""
    if task.job.inputs:
        return task.job.inputs[0].fingerprint
    media = task.params.clips[0].media
    return hash_file(media)[0] if is_movie(media) else ""


def _maker(task: TaskContext[RotoParams]) -> str:
    """All that masks depend on beside pictures and hints."""
    choice = choice_of(task, task.params.propagate, Stage.PROPAGATE)
    about = backend_facts(task, Stage.PROPAGATE, task.params.propagate)
    return repr((sorted(about.items()), choice.device, choice.seed, sorted(choice.options.items())))


def _hints(
    task: TaskContext[RotoParams], walk: Walk, facts: PlateFacts, seeds: Mapping[str, Mask]
) -> Mapping[int, Mapping[str, Hint]]:
    """What is said on the walk's frames: where objects begin, their masks; and corrections."""
    hints: dict[int, dict[str, Hint]] = {walk.start: {name: Hint(mask=seeds[name].logits) for name in walk.objects}}
    for one in task.params.objects:
        for prompt in one.prompts if one.name in walk.objects else ():
            if prompt.corrects and prompt.frame in walk.frames and prompt.frame != walk.start:
                hint = hint_of(prompt, facts.geometry, name=one.name, limits=task.tools.limits)
                hints.setdefault(prompt.frame, {})[one.name] = hint
    return hints


def _seeds(task: TaskContext[RotoParams], walk: Walk) -> dict[str, Mask]:
    """The masks that a walk begins with: as they were found; or, going back, as another walk left them, corrected.

    What an artist says is not there when a correction was made cannot be followed back, and is left out.
    """
    before = [SEGMENT]
    if walk.goes_back:
        before = [
            step for step in task.step.after if step.startswith(PROPAGATE) and not step.startswith(PROPAGATE_BACK)
        ]
    found = {
        name: read_mask(path)
        for step in before
        for _output, name, frame, path in mask_files(task, step)
        if frame == walk.start and name in walk.objects
    }
    lost = [name for name in walk.objects if name not in found]
    if lost:
        raise ReceiptMismatchError(
            f"step {before[0]!r} has no mask of object {lost[0]!r} on frame {walk.start}; run it again", step=before[0]
        )
    least = LEAST_FOLLOWED_PX if walk.goes_back else 0
    return {name: found[name] for name in walk.objects if int((found[name].logits > 0).sum()) >= least}


def _state_before(task: TaskContext[RotoParams], number: int, walk: Walk) -> State | None:
    """Where the part before this one ended; None: this is the first."""
    part = part_of(task.step.name)
    if not part:
        return None
    step = part_name(part - 1, goes_back=walk.goes_back)
    for output, folder in task.upstream_files(step):
        if output.representation == STATE and output.facts.get("walk") == number:
            path: Path = folder / output.files[0].path
            return State.unpack(read_file(path, most=MAX_STATE))
    raise ReceiptMismatchError(f"step {step!r} left no state of walk {number}; run it again", step=step)
