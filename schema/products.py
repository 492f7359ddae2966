"""The products that a job promises: one a clip, named so that no two are the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from .job import OutputSpec, clip_owner
from .media import Clip


def outputs_per_clip(clips: Sequence[Clip], *, name: str, kind: str, representation: str) -> tuple[OutputSpec, ...]:
    """One promised file for each clip, in the order of the clips; its key is the clip's name.

    A shot that a cut uses several times gets ``thumbnail``, ``thumbnail-2``, ... in the cut's order.

    Raises:
        ValueError: a clip belongs to nobody.
    """
    used: Counter[str] = Counter()
    outputs = []
    for clip in clips:
        owner = clip_owner(clip)
        used[str(owner)] += 1
        times = used[str(owner)]
        outputs.append(
            OutputSpec(
                product=clip.name,
                entity=owner,
                name=name if times == 1 else f"{name}-{times}",
                kind=kind,
                representation=representation,
                extension=representation,
            )
        )
    return tuple(outputs)
