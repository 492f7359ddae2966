"""What movies of clips will be: found out from their media before anything is encoded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from ...schema.base import Document
from ...schema.codecs import CODECS, TAGS, TagName, container_of
from ...schema.colour import Grade
from ...schema.errors import BadRequestError, InputMissingError
from ...schema.frames import FrameSet
from ...schema.media import Clip, MediaInfo, MediaKind, Rate
from ...schema.movies import MovieParams, Sound, grade_of
from ...schema.timecode import check_timecode, timecode_of_frame
from ..clips import naming, timecode_of
from ..media import frame_path, is_movie, with_holes
from ..movie_tags import tags_for
from .canvas import canvas_of

DAY = 86_400  # seconds that a timecode counts


class PlannedSound(Document):
    """Where a movie's sound comes from.

    Attributes:
        start: seconds into the sound at which the movie's first frame with a picture begins; negative: it begins later.
        length: seconds of sound from there on, as far as it goes.
        packet: seconds of one packet.
    """

    path: str
    codec: str
    start: Fraction
    length: Fraction
    packet: Fraction


class PlannedClip(Document):
    """One movie.

    Attributes:
        frames: that are shown, handles and all, in the medium's own numbering.
        head, tail: how many of them are handles.
        holes: those that are not there.
        rate: frames per second.
        timecode: of the first of the frames.
        space: the colour space they are in.
        display: they are made for; ``tags``: what the movie says of its colour.
        view: that is applied; empty: they were made for a display, and are converted to this one.
        stored: (width, height) of each frame; ``deep``: of more than 8 bits.
    """

    name: str
    media: str
    kind: MediaKind
    frames: FrameSet
    head: int
    tail: int
    holes: FrameSet | None
    rate: Rate
    timecode: str
    space: str
    display: str
    view: str
    tags: TagName
    stored: tuple[int, int]
    pixel_aspect: float
    deep: bool
    sound: PlannedSound | None
    notes: tuple[str, ...] = ()


class MoviesPlan(Document):
    """All movies of a job."""

    clips: tuple[PlannedClip, ...]

    def clip(self, name: str) -> PlannedClip:
        """The plan of a clip."""
        return next(one for one in self.clips if one.name == name)


def plan_movies(params: MovieParams, tools: Any, *, allow_holes: bool) -> MoviesPlan:
    """Look at all clips that are not offline, and refuse what cannot become a movie.

    Args:
        params: of the job.
        tools: of this machine.
        allow_holes: whether frames may be missing.

    Raises:
        InputMissingError: frames are not there; names clip and frames.
        ColourError: a name is not in the config, or nobody knows a space or the tags.
        BadRequestError: the rate, the sound, the codec or the sizes do not fit.
    """
    found = []
    for clip, wanted in _wanted(params):
        with naming(clip):
            found.append(_planned(wanted, tools.probe(wanted), params, tools, allow_holes=allow_holes))
    if params.edit is not None and params.reel:
        _check_alike(found, params)
    return MoviesPlan(clips=tuple(found))


def check_clips(params: MovieParams, tools: Any) -> None:
    """Refuse what can become no movie, as far as the first frame of each sequence tells, and the header of each movie.

    Raises:
        as ``plan_movies``, but for some frames that are not there, and for those that are other than the first.
    """
    found = []
    for clip, wanted in _wanted(params):
        with naming(clip):
            [there] = with_holes([wanted])
            found.append(_planned(wanted, _first_look(there, tools), params, tools, allow_holes=True))
    if params.edit is not None and params.reel:
        _check_alike(found, params)


def _wanted(params: MovieParams) -> Iterator[tuple[Clip, Clip]]:
    """The clips that are not offline, and the same with those of their frames that are shown."""
    for clip in params.clips:
        if not clip.offline:
            yield clip, params.shown(clip)


def _first_look(clip: Clip, tools: Any) -> MediaInfo:
    """What a medium is, of which one frame is looked at."""
    if is_movie(clip.media):
        found: MediaInfo = tools.probe(clip)
        return found
    there = tools.frames(clip)
    found = tools.probe(clip.model_copy(update={"frames": FrameSet.of(there[:1]), "holes": None}))
    return found.model_copy(update={"frames": FrameSet.of(there)})


def _tags(params: MovieParams, clip: Clip, tools: Any) -> TagName:
    """What a clip's movie says of its colour."""
    grade = grade_of(params, clip)
    tags = tags_for(tools.colour, grade.display, grade.view) if params.tags is TagName.AUTO else params.tags
    if CODECS[params.codec].bits < TAGS[tags].bits:
        deep = ", ".join(codec for codec, facts in CODECS.items() if facts.bits >= TAGS[tags].bits)
        raise BadRequestError(
            f"{tags} needs {TAGS[tags].bits} bits, {params.codec} has {CODECS[params.codec].bits} and would show "
            f"bands; choose one of {deep}",
            hint="--codec hevc",
            field="codec",
        )
    return tags


def _planned(clip: Clip, info: MediaInfo, params: MovieParams, tools: Any, *, allow_holes: bool) -> PlannedClip:
    grade = grade_of(params, clip)
    tags = _tags(params, clip, tools)
    frames, head, tail, holes = _frames(clip, info, params.handles)
    if holes and not allow_holes:
        raise InputMissingError(
            f"{clip.media}: frames {holes} are not there",
            hint="bring the frames, or say --allow-holes: each is shown as a card that says so",
            path=clip.media,
            frame=holes.first,
        )
    rate = _rate(clip, info, params)
    canvas = canvas_of((info.width, info.height), info.pixel_aspect, width=params.width, height=params.height)
    _check_size(params, canvas.width, canvas.height)
    sound, notes = _sound(clip, info, params, rate=rate, first=frames.first, frames=len(frames))
    short = [
        f"{clip.name}: has {have} of {params.handles} frames of handles {where} it"
        for where, have in (("before", head), ("after", tail))
        if have < params.handles
    ]
    return PlannedClip(
        name=clip.name,
        media=clip.media,
        kind=info.kind,
        frames=frames,
        head=head,
        tail=tail,
        holes=holes,
        rate=rate,
        timecode=_timecode(params, info, frames.first, rate),
        space=grade.source,
        display=grade.display,
        view=_view_passed(grade, tools),
        tags=tags,
        stored=(info.width, info.height),
        pixel_aspect=info.pixel_aspect,
        deep=info.bits > 8,  # noqa: PLR2004 - of a byte
        sound=sound,
        notes=(*_views(clip, info, frames.minus(holes or ()), tools), *short, *notes),
    )


def _view_passed(grade: Grade, tools: Any) -> str:
    from ..colour_tags import view_passed  # noqa: PLC0415 - heavy: OpenColorIO

    return view_passed(tools.colour, grade)


def _views(clip: Clip, info: MediaInfo, there: Sequence[int], tools: Any) -> list[str]:
    """What is to be said of a stereo picture, of which a movie shows one view."""
    if info.kind is MediaKind.MOVIE or not there:
        return []
    from ..images import read_views  # noqa: PLC0415 - heavy: OpenImageIO

    shown, *others = read_views(frame_path(clip.media, there[0]), tools.limits) or ("",)
    if not others:
        return []
    return [f"{clip.name}: its frames are stereo; the movie shows the view {shown}, not {', '.join(others)}"]


def _check_size(params: MovieParams, width: int, height: int) -> None:
    least = CODECS[params.codec].least
    if width < least[0] or height < least[1]:
        raise BadRequestError(
            f"the movie would be {width}x{height}, {params.codec} has {least[0]}x{least[1]} at least; give --width and "
            "--height, or another --codec",
            field="width",
        )


def _frames(clip: Clip, info: MediaInfo, handles: int) -> tuple[FrameSet, int, int, FrameSet | None]:
    """Frames to show, how many before and after are handles, and those that are not there."""
    if info.kind is MediaKind.MOVIE:
        there = range(len(info.frames))
        shown = clip.frames or info.frames
        if shown.last not in there or shown.first not in there:
            raise InputMissingError(
                f"movie {clip.media} has frames 0-{there[-1]}, not {FrameSet.of(shown.minus(there))}; choose others",
                path=clip.media,
                frame=shown.last,
            )
        head, tail = min(handles, shown.first), min(handles, there[-1] - shown.last)
        return _widened(shown, head, tail), head, tail, None
    shown = clip.frames or FrameSet.of((*info.frames, *(info.missing or ())))
    gone = shown.minus(info.frames)
    if info.kind is MediaKind.STILL:
        return shown, 0, 0, None
    head = _reach(clip.media, range(shown.first - 1, shown.first - 1 - handles, -1))
    tail = _reach(clip.media, range(shown.last + 1, shown.last + 1 + handles))
    return _widened(shown, head, tail), head, tail, FrameSet.of(gone) if gone else None


def _widened(shown: FrameSet, head: int, tail: int) -> FrameSet:
    before, after = range(shown.first - head, shown.first), range(shown.last + 1, shown.last + 1 + tail)
    return FrameSet.of((*before, *shown, *after)) if head or tail else shown


def _reach(media: str, frames: range) -> int:
    """How many of these frames are there before the first that is not."""
    count = 0
    for frame in frames:
        if not frame_path(media, frame).is_file():
            break
        count += 1
    return count


def _rate(clip: Clip, info: MediaInfo, params: MovieParams) -> Rate:
    found = params.rate or clip.rate or info.rate
    if found is None:
        raise BadRequestError(
            f"nothing says how many frames per second {clip.media} has; name them",
            hint="--rate 24",
            path=clip.media,
            field="rate",
        )
    if info.kind is MediaKind.MOVIE and info.rate != found:
        raise BadRequestError(
            f"movie {clip.media} has {info.rate} frames per second, not {found}; leave the rate out",
            path=clip.media,
            field="rate",
        )
    return found


def _timecode(params: MovieParams, info: MediaInfo, first: int, rate: Rate) -> str:
    """Of the first frame: as given, else the medium's, else its number counted from midnight, as the cut counts."""
    if params.timecode:
        try:
            check_timecode(params.timecode, rate)
        except ValueError as error:
            raise BadRequestError(f"{error}", field="timecode", hint="--timecode 01:00:00:00") from error
        return params.timecode
    found = timecode_of(info.model_copy(update={"rate": rate}), first)
    return found or timecode_of_frame(first, rate, drop_frame=params.edit is not None and params.edit.drop_frame)


def _sound(
    clip: Clip, info: MediaInfo, params: MovieParams, *, rate: Rate, first: int, frames: int
) -> tuple[PlannedSound | None, list[str]]:
    """The sound of a movie, and what is to be said of it."""
    path = params.audio or (clip.media if info.audio_streams else "")
    if params.sound is Sound.NONE or not path:
        return None, []
    from ..movies import check_copy, read_sound  # noqa: PLC0415 - heavy: PyAV

    found = read_sound(Path(path))
    if found is None:
        raise BadRequestError(f"{path} holds no sound; give another file", path=path, field="audio")
    if params.sound is Sound.COPY:
        check_copy(found, container_of(params.codec, params.container))
    start = Fraction(_begin(clip, info, params) + first) / rate - found.later_s
    wanted = Fraction(frames) / rate - max(-start, Fraction(0))
    length = min(wanted, found.length_s - max(start, Fraction(0)))
    if length <= 0:
        return None, [f"{clip.name}: {path} has no sound for its frames; the movie is silent"]
    missing = wanted - length
    notes = [f"{clip.name}: {path} ends {float(missing):.2f} s before the picture"] if missing > found.packet_s else []
    return PlannedSound(path=path, codec=found.codec, start=start, length=length, packet=found.packet_s), notes


def _begin(clip: Clip, info: MediaInfo, params: MovieParams) -> int:
    """What is added to a frame's number to count frames from the sound file's first picture, or else its beginning."""
    if not params.audio:
        return 0
    first = (params.frames or clip.frames or info.frames).first
    if params.edit is not None and clip.name in params.edit.places:
        return params.edit.places[clip.name].record_in - first
    return -first


def _check_alike(clips: Sequence[PlannedClip], params: MovieParams) -> None:
    """A reel is joined from movies of one size and one rate."""
    edit = params.edit
    for clip in clips:
        if edit is not None and clip.rate != edit.rate:
            raise BadRequestError(
                f"{clip.name} has {clip.rate} frames per second, cut {edit.name} has {edit.rate}: no reel can be made; "
                "say --no-reel",
                hint="--no-reel",
                clip=clip.name,
            )
    spoken = {clip.tags: clip.name for clip in reversed(clips)}
    if len(spoken) > 1:
        told = ", ".join(f"{name} {tag}" for tag, name in spoken.items())
        raise BadRequestError(
            f"the clips are made for several displays ({told}), and a reel has one; give --display, or --no-reel",
            hint="--no-reel",
            field="display",
        )
    sizes: dict[tuple[int, int], str] = {}
    for clip in clips:
        canvas = canvas_of(clip.stored, clip.pixel_aspect, width=params.width, height=params.height)
        sizes.setdefault((canvas.width, canvas.height), clip.name)
    if len(sizes) > 1:
        told = ", ".join(f"{name} {width}x{height}" for (width, height), name in sizes.items())
        raise BadRequestError(
            f"the clips have several sizes ({told}), and a reel has one; give --width and --height, or --no-reel",
            hint="--width 1920 --height 1080",
            field="width",
        )
