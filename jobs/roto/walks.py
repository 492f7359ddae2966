"""How a roto is divided: which frames, which objects together, and the walks that follow them from frame to frame."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from ...pipeline.media import is_movie
from ...pipeline.roto.registry import find_backend
from ...schema.frames import FrameSet
from ...schema.roto import Prompt, RotoObject, Stage
from .params import Direction, RotoParams

GPU_OBJECTS = 8  # follow together where a frame is looked at once for all of them


@dataclass(frozen=True)
class Walk:
    """A few objects, followed from the frame where prompts say where they are.

    Attributes:
        objects: their names.
        start: the frame with the prompts.
        end: the last frame; before ``start`` when it goes backwards.
        goes_back: it begins with what another walk brought to ``start`` and a correction mended there, and goes towards
            where that walk came from.
    """

    objects: tuple[str, ...]
    start: int
    end: int
    goes_back: bool = False

    @property
    def way(self) -> int:
        """1 forwards, -1 backwards."""
        return -1 if self.end < self.start else 1

    @property
    def frames(self) -> range:
        """In the order they are visited."""
        return range(self.start, self.end + self.way, self.way)

    @property
    def name(self) -> str:
        """For messages and files."""
        return f"{self.objects[0]}-{self.start}-{self.end}"

    def away(self, frame: int, corrected: Collection[int]) -> int:
        """How many frames ago this walk was told where an object is: where it began, or where it was corrected."""
        so_far = range(self.start, frame + self.way, self.way)
        return min(abs(frame - told) for told in (self.start, *corrected) if told in so_far)

    def parts(self, chunk: int) -> list[range]:
        """Its frames in chunks; 0: in one."""
        frames = self.frames
        size = chunk or len(frames)
        return [frames[at : at + size] for at in range(0, len(frames), size)]


def frames_of(params: RotoParams) -> FrameSet:
    """The frames to work on, one after the other without a gap.

    Raises:
        ValueError: the plate does not say its frames, has none of those that were asked for, or has gaps.
    """
    clip = params.clips[0]
    there = clip.frames
    if there is None:
        is_still = not is_movie(clip.media) and "#" not in PurePosixPath(clip.media).name
        there = FrameSet((0,)) if is_still else params.frames
    if there is None:
        raise ValueError(f"plate {clip.name!r} does not say its frames; name them with --frames, such as 0-47")
    frames = params.frames or there
    outside = frames.minus(there)
    if outside:
        raise ValueError(f"plate {clip.name!r} has frames {there}, not {FrameSet.of(outside)}; ask for others")
    if len(frames) != frames.last - frames.first + 1:
        raise ValueError(f"frames {frames} have gaps; objects are followed from each frame to the next: name a range")
    gone = sorted(set(clip.holes or ()) & set(frames))
    if gone:
        raise ValueError(
            f"{clip.media}: frames {FrameSet.of(gone)} are not there, and objects are followed from each frame to the "
            "next; bring them, or name a range without them"
        )
    return frames


def fresh_frames(one: RotoObject) -> tuple[int, ...]:
    """Frames on which an object is found anew, ascending."""
    return tuple(sorted(prompt.frame for prompt in one.prompts if not prompt.corrects))


def fresh_prompts(params: RotoParams) -> dict[int, list[tuple[RotoObject, Prompt]]]:
    """What is said of objects on the frames where they are found anew, by frame."""
    found: dict[int, list[tuple[RotoObject, Prompt]]] = defaultdict(list)
    for one in params.objects:
        for prompt in one.prompts:
            if not prompt.corrects:
                found[prompt.frame].append((one, prompt))
    return dict(sorted(found.items()))


def walks_of(params: RotoParams) -> list[Walk]:
    """All walks in a fixed order, those that go back from corrections after all others.

    Raises:
        ValueError: as ``frames_of``; or there is no object, or a prompt on a frame that no walk comes to.
    """
    frames = frames_of(params)
    if not params.objects:
        raise ValueError("there is no object to cut out; name one with --object 'hero @1001 box 10,20,310,220'")
    groups = [(group, list(_walks(params, group, frames))) for group in _groups(params)]
    walks = [walk for _group, some in groups for walk in some]
    for one in params.objects:
        mine = [walk for walk in walks if one.name in walk.objects]
        for prompt in one.prompts:
            if prompt.frame not in frames:
                raise ValueError(
                    f"object {one.name!r} has a prompt on frame {prompt.frame}, and the job has frames {frames}"
                )
            if not any(prompt.frame in walk.frames for walk in mine):
                raise ValueError(
                    f"object {one.name!r}: nothing comes to the correction on frame {prompt.frame} when objects are "
                    f"followed {params.direction}; say where the object is before it, or follow both ways"
                )
    if params.direction is Direction.BOTH:
        walks += [walk for group, some in groups for walk in _walks_back(group, some)]
    return walks


def _groups(params: RotoParams) -> Iterator[Sequence[RotoObject]]:
    """Objects that are followed together: told on the same frames, and no more than a task should have."""
    size = params.objects_per_task
    if not size:
        backend = find_backend(params.propagate, Stage.PROPAGATE)
        needs = backend.needs.get(Stage.PROPAGATE)
        size = GPU_OBJECTS if needs is not None and needs.gpu else 1
    alike: dict[tuple[int, ...], list[RotoObject]] = defaultdict(list)
    for one in params.objects:
        alike[fresh_frames(one)].append(one)
    for objects in alike.values():
        for at in range(0, len(objects), size):
            yield objects[at : at + size]


def _walks(params: RotoParams, group: Sequence[RotoObject], frames: FrameSet) -> Iterator[Walk]:
    """Between two frames with prompts objects come from both, or from one; every told frame is in a walk."""
    names = tuple(one.name for one in group)
    keys = fresh_frames(group[0])
    for index, key in enumerate(keys):
        last = keys[index + 1] - 1 if index + 1 < len(keys) else frames.last
        first = keys[index - 1] + 1 if index else frames.first
        if params.direction is not Direction.BACKWARD:
            yield Walk(names, key, max(key, last))
        if params.direction is Direction.BACKWARD or (params.direction is Direction.BOTH and first < key):
            yield Walk(names, key, min(key, first))


def corrected_frames(one: RotoObject) -> tuple[int, ...]:
    """Frames on which what arrives of an object is mended, ascending."""
    return tuple(sorted(prompt.frame for prompt in one.prompts if prompt.corrects))


def _walks_back(group: Sequence[RotoObject], walks: Sequence[Walk]) -> Iterator[Walk]:
    """From each correction back to the frame before it of which something was said.

    Between two frames where an object is found anew both walks pass the correction, so none goes back.
    """
    told_alike: dict[tuple[int, int], list[str]] = defaultdict(list)
    for one in group:
        told = {prompt.frame for prompt in one.prompts}
        for frame in corrected_frames(one):
            ways = {walk.way for walk in walks if frame in walk.frames}
            if len(ways) == 1:
                back = -ways.pop()
                end = (
                    min((each for each in told if (each - frame) * back > 0), key=lambda each: abs(each - frame)) - back
                )
                if end != frame:
                    told_alike[frame, end].append(one.name)
    for (start, end), names in sorted(told_alike.items()):
        yield Walk(tuple(names), start, end, goes_back=True)


def weights_of(params: RotoParams) -> tuple[str, ...]:
    """Names of the checkpoints that its backends need, each once."""
    stages = [
        (Stage.SEGMENT, params.segment),
        (Stage.PROPAGATE, params.propagate),
        (Stage.MATTE, params.matte),
        *([(Stage.DETECT, params.detect)] if params.detect else []),
    ]
    return tuple(dict.fromkeys(name for stage, backend in stages for name in find_backend(backend, stage).weights))
