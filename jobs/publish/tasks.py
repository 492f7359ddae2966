"""The work of publishing files that exist."""

from __future__ import annotations

import shutil
from pathlib import Path

from ...pipeline.images import LOSSLESS_WITH_CHECKSUM, exr_compression, rewrite_zip
from ...pipeline.media import frame_path
from ...schema.errors import InputMissingError
from ...schema.media import Clip
from ...schema.task import FileMade, OutputMade, TaskContext, Written
from .params import PublishParams
from .steps import extension_of


def collect(task: TaskContext[PublishParams]) -> Written:
    """Copy the files of each clip of this chunk; EXR that carries no checksum is rewritten ZIP, without loss."""
    outputs, notes = [], []
    for index in task.frames:
        clip = task.params.clips[index - 1]
        outputs.append(_take_in(task, clip, index))
        if clip.holes:
            notes.append(f"{clip.name}: the source has no frames {clip.holes}")
    return Written(outputs=outputs, done=task.frames, notes=notes)


def _take_in(task: TaskContext[PublishParams], clip: Clip, index: int) -> OutputMade:
    folder = task.staging / f"{index:05d}"
    folder.mkdir()
    sequence = "#" in Path(clip.media).name
    numbers: tuple[int | None, ...] = clip.frames.minus(clip.holes or ()) if sequence and clip.frames else (None,)
    files = []
    for done, number in enumerate(numbers):
        task.progress(done / len(numbers), f"{clip.name} {'' if number is None else number}")
        source = Path(clip.media) if number is None else frame_path(clip.media, number)
        if not source.is_file():
            raise InputMissingError(f"{source} is not there any more; was the plate moved?", path=source, frame=number)
        name = f"{index:05d}/{source.name}"
        _take(source, task.staging / name)
        files.append(FileMade(name, number))
    probed = task.tools.probe(clip)
    space = task.params.colourspace or probed.colourspace
    return OutputMade(
        product=clip.name,
        representation=extension_of(clip),
        files=files,
        colourspace=space,
        width=probed.width,
        height=probed.height,
        pixel_aspect=probed.pixel_aspect,
        facts={"source": clip.media, "rate": str(probed.rate) if probed.rate else None, "timecode": probed.timecode},
    )


def _take(source: Path, target: Path) -> None:
    if source.suffix.lower() == ".exr" and exr_compression(source) not in LOSSLESS_WITH_CHECKSUM:
        rewrite_zip(source, target)
    else:
        shutil.copyfile(source, target)


TASKS = {"collect": collect}
