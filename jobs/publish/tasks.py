"""The work of publishing files that exist."""

from __future__ import annotations

from pathlib import Path

from ...pipeline.clips import naming
from ...pipeline.images import LOSSLESS_WITH_CHECKSUM, Limits, check_whole, exr_compression, rewrite_zip
from ...pipeline.media import frame_path, is_movie
from ...pipeline.taken import link_or_copy
from ...pipeline.tools import Look
from ...schema.errors import InputCorruptError, InputMissingError
from ...schema.frames import FrameSet
from ...schema.media import Clip, MediaInfo
from ...schema.task import FileMade, OutputMade, TaskContext, TaskFunction, Written
from .params import PublishParams
from .steps import extension_of, is_sequence

CHECK_WIDTH = 64


def collect(task: TaskContext[PublishParams]) -> Written:
    """Take in the frames of this chunk of the step's one clip, each read whole first.

    EXR whose compression carries no checksum (all but ZIP and ZIPS) is written again as ZIP, without loss. Frames known
    to be missing when the job was made become holes, which the publish refuses unless they were allowed.

    Raises:
        InputMissingError: a frame went away since the job was made; names it.
        InputCorruptError: a frame cannot be read whole; names it.
    """
    product = task.step.outputs[0].product
    clip = next(clip for clip in task.params.clips if clip.name == product)
    with naming(clip):
        return _collect_frames(task, clip) if is_sequence(clip) else _collect_file(task, clip)


def _collect_frames(task: TaskContext[PublishParams], clip: Clip) -> Written:
    there = task.frames.minus(clip.holes or ())
    holes = task.frames.minus(there)
    files = []
    for done, frame in enumerate(there):
        task.progress(done / len(there), f"{clip.name} {frame}")
        source = frame_path(clip.media, frame)
        _take_image(source, task.staging / source.name, frame, task.tools.limits)
        files.append(FileMade(source.name, frame))
    outputs = []
    if there:
        found = task.tools.probe(clip.model_copy(update={"frames": FrameSet.of(there), "holes": None}))
        outputs.append(_output(task, clip, found, files))
    return Written(
        outputs=outputs,
        done=FrameSet.of(there) if there else None,
        holes=FrameSet.of(holes) if holes else None,
        notes=[f"{clip.name}: the source has no frames {FrameSet.of(holes)}"] if holes else (),
    )


def _collect_file(task: TaskContext[PublishParams], clip: Clip) -> Written:
    source = Path(clip.media)
    found = task.tools.probe(clip)
    if is_movie(clip.media):
        # A movie that was cut off opens well; its last frame tells.
        task.tools.still(clip, found.frames.last, width=CHECK_WIDTH, look=Look(colourspace=task.params.colourspace))
        link_or_copy(source, task.staging / source.name)
    else:
        _take_image(source, task.staging / source.name, None, task.tools.limits)
    return Written(outputs=[_output(task, clip, found, [FileMade(source.name)])], done=task.frames)


def _output(task: TaskContext[PublishParams], clip: Clip, found: MediaInfo, files: list[FileMade]) -> OutputMade:
    facts = {
        "source": clip.media,
        "colourspace_from": "given" if task.params.colourspace else found.colourspace_from,
        "rate": str(found.rate) if found.rate else None,
        "timecode": found.timecode,
    }
    return OutputMade(
        product=clip.name,
        representation=extension_of(clip),
        files=files,
        colourspace=task.params.colourspace or found.colourspace,
        width=found.width,
        height=found.height,
        pixel_aspect=found.pixel_aspect,
        facts=facts,
    )


def _take_image(source: Path, target: Path, frame: int | None, limits: Limits) -> None:
    try:
        if source.suffix.lower() == ".exr" and exr_compression(source, limits) not in LOSSLESS_WITH_CHECKSUM:
            rewrite_zip(source, target, limits)
            return
        check_whole(source, limits)
    except InputMissingError as error:
        raise InputMissingError(
            f"{source} is not there any more; bring it back, or submit again", path=source, frame=frame
        ) from error
    except InputCorruptError as error:
        if frame is not None:
            error.fields.setdefault("frame", str(frame))
        raise
    link_or_copy(source, target)


TASKS: dict[str, TaskFunction] = {"collect": collect}
