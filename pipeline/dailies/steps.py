"""The steps of jobs that write movies: look at the clips, write a movie of each, join the reel, publish."""

from __future__ import annotations

from collections.abc import Sequence

from ...schema.codecs import container_of
from ...schema.frames import FrameSet
from ...schema.job import Needs, OutputSpec, Step, clip_owner, publish_step
from ...schema.media import Clip, EntityRef
from ...schema.movies import CutPlace, Edit, MovieParams
from ...schema.products import outputs_per_clip

PREPARE = "prepare"
MOVIE = "movie"
REEL = "reel"
MOVIE_S = 12 * 3600  # an hour of 4K, exactly shown
READER = Needs(cpu=2, memory_mib=2048)


def movie_steps(params: MovieParams) -> list[Step]:
    """All steps; clips that are offline get no movie, and a card in the reel.

    Raises:
        ValueError: a reel of these clips cannot be made.
    """
    online = [(number, clip) for number, clip in enumerate(params.clips, start=1) if not clip.offline]
    if not online:
        raise ValueError(f"the media of all clips is offline: {params.clips[0].media}; bring it")
    form = container_of(params.codec, params.container).value
    outputs = outputs_per_clip(
        [clip for _number, clip in online], name=params.product, kind="movie", representation=form
    )
    prepare = Step(name=PREPARE, task=PREPARE, needs=Needs(cpu=1, memory_mib=1024))
    movie = Step(
        name=MOVIE,
        task=MOVIE,
        frames=FrameSet.of(number for number, _clip in online),
        after=(PREPARE,),
        needs=READER,
        timeout_s=MOVIE_S,
        outputs=outputs,
    )
    steps = [prepare, movie]
    if has_reel(params):
        _check_reel(params)
        steps.append(_reel(params, form))
    return [*steps, publish_step(*(step.name for step in steps if step.outputs))]


def has_reel(params: MovieParams) -> bool:
    """Whether a reel is made: of cuts, where nobody said otherwise."""
    return params.edit is not None and params.reel


def _reel(params: MovieParams, form: str) -> Step:
    output = OutputSpec(
        product=reel_key(params.clips),
        entity=_owner(params),
        name=f"{params.product}-reel",
        kind="movie",
        representation=form,
        extension=form,
    )
    return Step(
        name=REEL,
        task=REEL,
        after=(PREPARE, MOVIE),
        needs=Needs(cpu=1, memory_mib=1024),
        timeout_s=MOVIE_S,
        outputs=(output,),
    )


def reel_key(clips: Sequence[Clip]) -> str:
    """The product key of the reel, which is no clip's name."""
    key = REEL
    while key in {clip.name for clip in clips}:
        key = f"the {key}"
    return key


def _owner(params: MovieParams) -> EntityRef:
    return params.owner or clip_owner(params.clips[0])


def reel_order(edit: Edit) -> list[tuple[str, CutPlace]]:
    """The clips of a cut in record order."""
    return sorted(edit.places.items(), key=lambda entry: (entry[1].record_in, entry[1].record_out))


def _check_reel(params: MovieParams) -> None:
    edit = params.edit
    if edit is None:
        return
    end, before = -1, ""
    for name, place in reel_order(edit):
        if place.record_in <= end:
            raise ValueError(
                f"{before} and {name} lie over each other at frame {place.record_in} of cut {edit.name}: a reel shows "
                "one at a time; say --no-reel, or give a cut with one track"
            )
        end, before = place.record_out, name
    for clip in params.clips:
        place = edit.places.get(clip.name, CutPlace(record_in=0, record_out=-1))
        wanted = place.record_out - place.record_in + 1
        if not clip.offline and (place.speed != 1.0 or (clip.frames is not None and len(clip.frames) != wanted)):
            raise ValueError(
                f"{clip.name} is retimed (speed {place.speed:g}, {len(clip.frames or ())} frames for {wanted} of the "
                "cut): a reel joins movies as they are; say --no-reel"
            )
