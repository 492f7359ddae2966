"""The products that a job promises: one a clip, named so that no two are the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from .errors import ParamsError
from .job import OutputSpec
from .media import Clip, EntityRef


def product_key(entity: EntityRef, name: str) -> str:
    """The key that receipts repeat, such as ``demo/sq010/sh010/thumbnail``."""
    return f"{entity}/{name}"


def entity_of(clip: Clip) -> EntityRef:
    """Whom a clip's results belong to.

    Raises:
        ParamsError: nobody said.
    """
    if clip.entity is None:
        raise ParamsError(
            f"clip {clip.name!r} belongs to no shot, asset or sequence; say which with --shot, or give its 'entity'",
            field="clips",
        )
    return clip.entity


def outputs_per_clip(
    clips: Sequence[Clip], *, name: str, kind: str, representation: str, extension: str | None = None
) -> tuple[OutputSpec, ...]:
    """One promised file for each clip, in the order of the clips.

    A shot that a cut uses several times gets ``thumbnail``, ``thumbnail-2``, ... in the cut's order.

    Raises:
        ParamsError: a clip belongs to nobody.
    """
    used: Counter[str] = Counter()
    outputs = []
    for clip in clips:
        entity = entity_of(clip)
        used[str(entity)] += 1
        times = used[str(entity)]
        product = name if times == 1 else f"{name}-{times}"
        outputs.append(
            OutputSpec(
                product=product_key(entity, product),
                entity=entity,
                name=product,
                kind=kind,
                representation=representation,
                extension=extension or representation,
            )
        )
    return tuple(outputs)
