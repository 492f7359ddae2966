"""The first step: everything that can be wrong is refused here, before any frame is worked on."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from ....pipeline.clips import look_of, naming
from ....pipeline.hashes import hash_file
from ....pipeline.images import read_header
from ....pipeline.media import frame_path
from ....pipeline.roto.plate import PlateFacts, refuse_guessed_space
from ....pipeline.roto.prompts import check_prompt
from ....schema.errors import BadRequestError, InputChangedError, InputMissingError
from ....schema.frames import FrameSet
from ....schema.media import Clip, MediaInfo
from ....schema.task import FileMade, OutputMade, TaskContext, Written
from ..params import RotoParams
from ..walks import frames_of
from .plate import FACTS_FILE
from .weights import check_weights


def prepare(task: TaskContext[RotoParams]) -> Written:
    """Look at the plate, every frame's header, the prompts and the checkpoints.

    Raises:
        ColourError: nothing says which colour space the plate is in, or a name is not in the config.
        InputMissingError, InputCorruptError: a frame, a mask file or the plate cannot be read.
        BadRequestError: frames differ in size, or a prompt is outside of the picture.
        EmptyMaskError: a mask file holds nothing.
        WeightsError: a checkpoint is not there, or not what its hash says.
    """
    check_weights(task)
    params, clip = task.params, task.params.clips[0]
    with naming(clip):
        facts = _facts(task, frames_of(params))
        _check_sizes(task, clip, facts)
    limits = task.tools.limits
    for one in params.objects:
        for prompt in one.prompts:
            check_prompt(prompt, facts.geometry, name=one.name, limits=limits)
            if prompt.mask:
                _check_mask_mark(task, prompt.mask)
    (task.staging / FACTS_FILE).write_text(facts.pretty(), encoding="utf-8")
    output = OutputMade(product=clip.name, representation="plate", files=[FileMade(FACTS_FILE)])
    return Written(outputs=[output], done=task.frames)


def _check_mask_mark(task: TaskContext[RotoParams], path: str) -> None:
    """Refuse a mask file that is not what it was when the job was made."""
    before = task.params.masks.get(path)
    if before is not None and hash_file(path)[0] != before:
        raise InputChangedError(
            f"mask file {path} changed after the job was submitted; submit again", path=path, hint="shotmill retry"
        )


def _facts(task: TaskContext[RotoParams], frames: FrameSet) -> PlateFacts:
    params, clip = task.params, task.params.clips[0]
    found: MediaInfo = task.tools.probe(clip)
    gone = frames.minus(found.frames)
    if gone:
        raise InputMissingError(
            f"{clip.media}: frames {FrameSet.of(gone)} are not there; bring them, or name a range without them",
            path=clip.media,
            frame=gone[0],
        )
    shown = task.tools.whole(clip, frames.first, look=look_of(params), exposure=params.exposure).facts
    refuse_guessed_space(task.tools, clip, frames.first, colourspace=params.colourspace)
    return PlateFacts(
        width=found.width,
        height=found.height,
        pixel_aspect=found.pixel_aspect,
        data_window=found.data_window,
        rate=clip.rate or found.rate,
        timecode=found.timecode,
        start=found.frames.first,
        frames=frames,
        **{key: shown[key] for key in ("colourspace", "colourspace_from", "display", "view", "config")},
    )


def _check_sizes(task: TaskContext[RotoParams], clip: Clip, facts: PlateFacts) -> None:
    if "#" not in PurePosixPath(clip.media).name:
        return
    for done, frame in enumerate(facts.frames):
        task.progress(done / len(facts.frames), f"frame {frame}")
        path: Path = frame_path(clip.media, frame)
        header = read_header(path, task.tools.limits)
        if (header.width, header.height) != (facts.width, facts.height):
            raise BadRequestError(
                f"{path} has {header.width}x{header.height} pixels, the frames before it {facts.width}x{facts.height}; "
                "a roto needs one size",
                path=path,
                frame=frame,
            )
