"""Mattes: what the walks brought to each frame, joined, made soft, and written over the plate."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ....pipeline.clips import timecode_of
from ....pipeline.images import Placed, write_mattes
from ....pipeline.media import frame_path, is_movie
from ....pipeline.roto.backend import Mask
from ....pipeline.roto.masks import FAR, join_masks
from ....pipeline.roto.plate import PlateFacts
from ....schema.roto import Stage
from ....schema.task import FileMade, OutputMade, TaskContext, Written
from ..params import RotoParams
from ..steps import PROPAGATE
from ..walks import corrected_frames, walks_of
from .plate import all_backends, asked_backend, backend_facts, channel_of, facts_of, mask_files, pictures_of, read_mask

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RAW = "raw"
DATA_ROLES = ("data", "raw", "Raw", "Utility - Raw")
Passes = dict[tuple[int, str], list[tuple[int, Path]]]


def matte(task: TaskContext[RotoParams]) -> Written:
    """Write the mattes of this chunk's frames: channel ``A`` of one object, ``<object>.A`` of several."""
    facts = facts_of(task)
    pictures = pictures_of(task, facts)
    passes = _passes(task)
    names = [one.name for one in task.params.objects]
    files, sure = [], {}
    for done, frame in enumerate(task.frames):
        task.progress(done / len(task.frames), f"frame {frame}")
        masks = {name: _mask(passes[frame, name], facts) for name in names}
        picture = pictures[frame] if any((mask.logits > 0).any() for mask in masks.values()) else None
        planes = {name: _coverage(task, picture, mask, facts) for name, mask in masks.items()}
        path = f"{task.params.product}.{frame:04d}.exr"
        channels = {channel_of(name, alone=len(names) == 1): plane for name, plane in planes.items()}
        write_mattes(task.staging / path, channels, over=_over(task, facts, frame), limits=task.tools.limits)
        files.append(FileMade(path, frame))
        sure[str(frame)] = {name: [round(mask.confidence, 4), mask.reason] for name, mask in masks.items()}
    about = {
        **backend_facts(task, Stage.MATTE, task.params.matte),
        **all_backends(task),
        "channels": [channel_of(name, alone=len(names) == 1) for name in names],
        "confidence": sure,
        "source": task.params.clips[0].media,
    }
    output = OutputMade(
        product=task.step.outputs[0].product,
        representation="exr",
        files=files,
        colourspace=task.tools.colour.known(DATA_ROLES) or RAW,
        width=facts.width,
        height=facts.height,
        pixel_aspect=facts.pixel_aspect,
        facts=about,
    )
    return Written(outputs=[output], done=task.frames)


def _passes(task: TaskContext[RotoParams]) -> Passes:
    """Frame and object -> what walks brought there, each with how far from its prompts."""
    walks = walks_of(task.params)
    corrected = {one.name: corrected_frames(one) for one in task.params.objects}
    found: Passes = defaultdict(list)
    for step in task.step.after:
        if step.startswith(PROPAGATE):
            for output, name, frame, path in mask_files(task, step):
                away = walks[int(output.facts["walk"]) - 1].away(frame, corrected[name])
                found[frame, name].append((away, path))
    return found


def _mask(passes: Sequence[tuple[int, Path]], facts: PlateFacts) -> Mask:
    import numpy as np  # noqa: PLC0415 - heavy

    if not passes:
        height, width = facts.geometry.model_height, facts.geometry.model_width
        return Mask(np.full((height, width), -FAR, np.float32), 0.0, "no walk comes here from its prompts")
    return join_masks([(away, read_mask(path)) for away, path in passes])


def _coverage(task: TaskContext[RotoParams], picture: Any, mask: Mask, facts: PlateFacts) -> NDArray[np.float32]:
    """(height, width) of the plate's stored pixels, 0..1."""
    import numpy as np  # noqa: PLC0415 - heavy

    if picture is None or not (mask.logits > 0).any():
        return np.zeros((facts.height, facts.width), dtype=np.float32)
    matter = asked_backend(task, Stage.MATTE, task.params.matte)
    made = matter.matte(picture, mask, band_px=task.params.band_px)
    return np.clip(facts.geometry.to_plate(made), 0.0, 1.0)


def _over(task: TaskContext[RotoParams], facts: PlateFacts, frame: int) -> Path | Placed:
    """The plate's file, where it is an image; else what is known of the frame."""
    clip = task.params.clips[0]
    if not is_movie(clip.media):
        return frame_path(clip.media, frame)
    timecode = timecode_of(task.tools.probe(clip), frame)
    return Placed(facts.width, facts.height, facts.pixel_aspect, facts.rate, timecode)
