"""One thing, followed from frame to frame: through changes, behind other things, and out again."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from .colours import Colours, learn_colours
from .cut import decide, distances
from .sharpen import sharpened
from .sight import Sight, calm, favour_by_motion, foretell, look, nowhere, window_around
from .trust import Verdict, judge, told_apart
from .window import FAR, Field, Picture, Region, Window, bounds

LEAST_AREA = 12  # px: less is nothing
LEAST_SHARE, MOST_SHARE = 0.05, 2.0  # of its usual area: less or more is not found again
HIDDEN = 0.85  # of the usual area: with less of it left, something is before it
TOO_LITTLE = 0.6  # of the usual area: with less of it left, how it moves says little of the whole
UNCOVERED_PX = 4.0  # about where the whole should be: so far what was hidden may come out
SHRINKS = 0.995  # a frame, at most, is what is usual
BLIND_STEPS = 4  # so long it is looked for from where it was last followed
WAIT_STEPS = 48  # so long the search widens
REACH_PX = 2.0  # a frame, beyond where its speed brings it
MOTION_WEIGHT = 0.6  # of what motion says, in nats; colours say it themselves
LEARNS_THING, LEARNS_AROUND = 0.1, 0.3  # of its colours, a frame
TOLD_APART = 0.75  # along the edge of what is found again


@dataclass(frozen=True)
class Seen:
    """A thing on one frame: the picture, and its distances there."""

    frame: int
    picture: Picture
    logits: Field


@dataclass(frozen=True)
class Track:
    """What is known of a thing.

    Attributes:
        seen: where it was when it was last followed.
        whole: (h, w) px: distances of all of it where it should be by now, also of what is hidden.
        usual: its area when nothing hides it, px.
        speed: px a frame, to the right and down.
        ago: steps since it was seen.
    """

    seen: Seen
    whole: Field
    colours: Colours
    usual: float
    speed: tuple[float, float] = (0.0, 0.0)
    ago: int = 0


@dataclass(frozen=True)
class Found:
    """A thing on the next frame, and the track as it goes on from there."""

    logits: Field
    verdict: Verdict
    track: Track


def begin(frame: int, picture: Picture, logits: Field) -> Track:
    """Know a thing by one frame."""
    window = window_around(logits > 0)
    colours = learn_colours(calm(window.cut(picture)), window.cut_field(logits))
    return Track(Seen(frame, picture, logits), logits, colours, float((logits > 0).sum()))


def corrected(track: Track, frame: int, picture: Picture, logits: Field) -> Track:
    """A track that goes on from what an artist mended on a frame."""
    if not (logits > 0).any():
        return track
    return replace(begin(frame, picture, logits), speed=track.speed)


def follow(track: Track, frame: int, picture: Picture) -> Found:
    """Find a thing on the next frame; what is not found stays known, and is looked for again."""
    if track.ago <= BLIND_STEPS:
        found = _by_motion(track, frame, picture)
        if not found.verdict.lost:
            return found
    return _by_colours(track, frame, picture)


def _by_motion(track: Track, frame: int, picture: Picture) -> Found:
    """From where it was, by how it moves; the picture's colours and motion then say where its edge is."""
    steps = track.ago + 1
    window = window_around((track.seen.logits > 0) | (track.whole > 0), reach=REACH_PX * steps)
    ahead = Window(window.box.moved(track.speed[0] * steps, track.speed[1] * steps), window.scale)
    sight = look(window, ahead, track.seen.picture, picture, track.seen.logits)
    whole = _whole(track, window, sight)
    foretold, off = foretell(sight)
    moved = favour_by_motion(sight)
    if float((sight.inner > 0).sum()) < HIDDEN * track.usual * window.scale**2:
        # What comes out from behind something is told by its colours; nothing is known of its motion.
        hidden = (whole > -UNCOVERED_PX) & (foretold < 0)
        foretold = np.where(hidden, np.maximum(foretold, -UNCOVERED_PX), foretold)
        off, moved = np.where(hidden, np.float32(8), off), np.where(hidden, np.maximum(moved, 0), moved)
    bins = track.colours.axes.bins(calm(sight.now))
    evidence = np.asarray(track.colours.weighed_favour(bins) + MOTION_WEIGHT * moved, np.float32)
    region = decide(_with_prior(evidence, foretold, off), foretold > 0)
    left = float(region.sum()) / window.scale**2 / track.usual
    return _onward(
        track,
        frame,
        picture,
        Step(sight, steps, whole, bins, region, left),
        judge(sight, foretold, region, evidence, left),
    )


@dataclass(frozen=True)
class Step:
    """What was found by motion, in the window ahead.

    Attributes:
        steps: from the frame that it was followed from.
        whole: distances of all of the thing, also of what is hidden.
        left: of its usual area.
    """

    sight: Sight
    steps: int
    whole: Field
    bins: NDArray[np.intp]
    region: Region
    left: float


def _onward(track: Track, frame: int, picture: Picture, step: Step, verdict: Verdict) -> Found:
    """What is now known of a thing; little is learnt of what is hidden in part."""
    height, width = picture.shape[:2]
    inner, ahead = distances(step.region), step.sight.ahead
    logits = sharpened(picture, ahead, step.region)
    hides = step.left < HIDDEN
    colours = track.colours
    if (inner > 1).any():
        colours = colours.mixed(
            Colours.of(colours.axes, step.bins, inner > 1, inner < -1),
            thing=0.0 if hides else LEARNS_THING,
            around=LEARNS_AROUND,
        )
    onward = Track(
        Seen(frame, picture, logits),
        ahead.paste(np.maximum(step.whole, inner), width, height) if hides else logits,
        colours,
        track.usual if hides else max(step.left, SHRINKS) * track.usual,
        track.speed if step.left < TOO_LITTLE else _speed(track, step),
    )
    return Found(logits, verdict, onward)


def _by_colours(track: Track, frame: int, picture: Picture) -> Found:
    """What was lost: by its colours, about where its speed would have brought it."""
    height, width = picture.shape[:2]
    waited = track.ago + 1
    shift = np.array([[1, 0, track.speed[0]], [0, 1, track.speed[1]]])
    moved = cv2.warpAffine(track.whole, shift, (width, height), borderMode=cv2.BORDER_CONSTANT, borderValue=-FAR)
    gone = replace(track, whole=np.asarray(moved, np.float32), ago=waited)
    nothing = Found(nowhere(height, width), Verdict(0.0, f"lost: not seen {_since(waited)}", lost=True), gone)
    if not (gone.whole > 0).any():
        return nothing
    window = window_around(gone.whole > 0, reach=REACH_PX * min(waited, WAIT_STEPS))
    bins = track.colours.axes.bins(calm(window.cut(picture)))
    # All that does not look like it is around it: also what hides it, which was not seen before.
    around = Colours.of(track.colours.axes, bins, np.zeros(bins.shape, bool), track.colours.favour(bins) < 1)
    evidence = track.colours.mixed(around, thing=0.0, around=0.5).weighed_favour(bins)
    foretold = window.cut_field(gone.whole) - 4
    region = decide(_with_prior(evidence, foretold, np.full(bins.shape, 10, np.float32)), np.zeros(bins.shape, bool))
    inner, area = distances(region), float(region.sum()) / window.scale**2
    if (
        not max(LEAST_SHARE * track.usual, LEAST_AREA) <= area <= MOST_SHARE * track.usual
        or told_apart(inner, evidence) < TOLD_APART
    ):
        return nothing
    logits = window.paste(inner, width, height)
    verdict = Verdict(
        0.3, f"found by its colours alone, not seen {_since(track.ago)}" if track.ago else "found by its colours alone"
    )
    return Found(logits, verdict, replace(gone, seen=Seen(frame, picture, logits), ago=0))


def _since(steps: int) -> str:
    return "on this frame" if steps == 1 else f"for {steps} frames"


def _with_prior(evidence: Field, foretold: Field, off: Field) -> Field:
    """Evidence and what motion foretold, together; far from where the edge may be only the latter counts."""
    both = evidence + np.clip(foretold / off, -6, 6)
    both = np.where(foretold < -3 * off - 3, np.float32(-8), both)
    return np.asarray(np.where(foretold > 3 * off + 4, np.maximum(both, 2), both), np.float32)


def _whole(track: Track, window: Window, sight: Sight) -> Field:
    """All of the thing, as its motion has it now; without one, as its speed has it."""
    whole = window.cut_field(track.whole)
    return whole if sight.thing is None else sight.thing.carry(whole)


def _speed(track: Track, step: Step) -> tuple[float, float]:
    """Px a frame that the middle of the thing went."""
    thing, ahead = step.sight.thing, step.sight.ahead
    box = bounds(step.sight.inner > 0)
    if thing is None or box is None:
        return track.speed
    middle = np.array([(box.left + box.right) / 2, (box.top + box.bottom) / 2, 1.0])
    went = (thing.matrix @ middle - middle[:2]) / ahead.scale / step.steps
    # The window ahead was moved by whole px.
    right, down = (round(speed * step.steps) / step.steps for speed in track.speed)
    return float(went[0]) + right, float(went[1]) + down
