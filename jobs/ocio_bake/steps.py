"""Frame bakes: a step for each clip, in chunks of frames, and the publish."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from ...schema.errors import BadRequestError
from ...schema.frames import FrameSet
from ...schema.job import Needs, OutputSpec, Step, clip_owner, publish_step
from ...schema.media import Clip
from .params import FrameFormat, OcioBakeParams

if TYPE_CHECKING:
    from ...pipeline.images import Header

MEMORY_MIB = 2048  # two 4K frames of four channels, as they are, in float, and as they are written
TIMEOUT_S = 6 * 3600
KEPT = frozenset({"exr", "dpx", "tif", "tiff", "png"})


def steps(params: OcioBakeParams) -> list[Step]:
    """A step for each clip that bakes its frames, and one that publishes.

    Raises:
        ValueError: colours go nowhere, a clip belongs to nobody, or does not say its frames.
    """
    params.check_ends()
    bakes = [_bake(params, index) for index in range(len(params.clips))]
    return [*bakes, publish_step(*(step.name for step in bakes))]


def extension_of(params: OcioBakeParams, clip: Clip) -> str:
    """The suffix of a clip's baked frames, without its dot.

    Raises:
        ValueError: frames of its kind are not written.
    """
    found = PurePosixPath(clip.media).suffix.lstrip(".").lower()
    if params.format is not FrameFormat.SOURCE:
        return "tif" if params.format is FrameFormat.TIF else params.format.value
    if found not in KEPT:
        raise ValueError(
            f"clip {clip.name!r}: .{found} is not written by a bake; name a format with --format, such as exr"
        )
    return found


def is_sequence(clip: Clip) -> bool:
    """Whether a clip is numbered files."""
    return "#" in PurePosixPath(clip.media).name


def _bake(params: OcioBakeParams, index: int) -> Step:
    clip = params.clips[index]
    if is_sequence(clip) and clip.frames is None:
        raise ValueError(f"clip {clip.name!r} does not say which frames it has; give its 'frames', such as 1001-1096")
    frames = clip.frames if is_sequence(clip) else None
    extension = extension_of(params, clip)
    output = OutputSpec(
        product=clip.name,
        entity=clip_owner(clip),
        name=params.product,
        kind="image",
        representation=extension,
        extension=extension,
        frames=frames,
    )
    return Step(
        name="bake" if len(params.clips) == 1 else f"bake-{index + 1:03d}",
        task="bake",
        frames=frames or FrameSet((1,)),
        chunk=params.chunk_frames,
        needs=Needs(cpu=1, memory_mib=MEMORY_MIB),
        outputs=(output,),
        timeout_s=TIMEOUT_S,
    )


def check(params: OcioBakeParams, tools: Any) -> None:
    """Refuse what a bake would refuse, as far as the first and last frames tell, before it is submitted.

    Args:
        params: as they would be submitted.
        tools: of this machine.

    Raises:
        BadRequestError: frames cannot be baked; names file and frame.
    """
    from ...pipeline.frame_bakes import stored_as  # noqa: PLC0415 - heavy: OpenColorIO

    for clip in params.clips:
        stored_as(f".{extension_of(params, clip)}", params.depth.sample, "")
        first, last = (first_header(clip, tools, end=end) for end in (0, -1))
        if (first.width, first.height) != (last.width, last.height):
            raise BadRequestError(
                f"{last.path} has {last.width}x{last.height} pixels, and {first.path.name}, the first frame, "
                f"{first.width}x{first.height}; one bake has one size: render it again, or bake it apart",
                path=last.path,
                clip=clip.name,
            )


def first_header(clip: Clip, tools: Any, *, end: int = 0) -> Header:
    """What the first frame of a clip that is there says of itself, or with ``end=-1`` the last.

    Raises:
        InputMissingError, InputCorruptError, BadRequestError: it cannot be baked; names clip and frame.
    """
    from ...pipeline.clips import naming  # noqa: PLC0415 - heavy: OpenImageIO
    from ...pipeline.images import check_original  # noqa: PLC0415 - same
    from ...pipeline.media import frame_path  # noqa: PLC0415 - same

    with naming(clip):
        frame = tools.frames(clip)[end]
        try:
            found: Header = check_original(frame_path(clip.media, frame), tools.limits)
        except BadRequestError as error:
            error.fields.setdefault("frame", str(frame))
            raise
    return found
