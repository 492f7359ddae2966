"""RV's session files without RV: their plates, and what is painted on them, as prompts and notes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from ...schema.errors import BadRequestError, ShotmillError
from ...schema.frames import FrameSet
from ...schema.media import MediaInfo, MediaKind
from ...schema.roto import RotoObject
from ...schema.rv import RvNote, RvPlate, RvSession
from .graph import Graph
from .gto import GtoObject, Value, read_gto
from .marks import FrameMarks, Mark, Picture, frame_notes, make_prompts, media_pattern, read_paint

Probe = Callable[[str], MediaInfo]
MOVIE_FIRST = 1  # RV counts a movie's frames from 1
NO_CUT = 2**31 - 2  # RV writes int's ends where no cut is set
MOST_LISTED = 3


@dataclass
class _Source:
    """A source group, what is painted on it, and what its file is."""

    group: str
    node: GtoObject
    media: str
    probe: Probe
    lens: Mapping[str, list[Value]]
    marks: dict[int, list[Mark]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    @cached_property
    def info(self) -> MediaInfo:
        return self.probe(self.media)

    @property
    def first(self) -> int:
        """The first frame as RV counts, before the session moves it."""
        return MOVIE_FIRST if self.info.kind is MediaKind.MOVIE else self._own_first

    @property
    def _own_first(self) -> int:
        return next(iter(self.info.frames))

    @property
    def shown_first(self) -> int:
        start = _number(self.node, "group.rangeStart")
        return self.first + (_number(self.node, "group.rangeOffset") or 0) if start is None else start

    def own_frame(self, frame: int) -> int:
        """A frame of RV's in the medium's own numbering; movies count from 0."""
        inside = frame - self.shown_first
        return self._own_first + inside

    @property
    def picture(self) -> Picture:
        info = self.info
        lens = _first(self.lens.get("warp.pixelAspectRatio", ()))
        aspect = lens if isinstance(lens, float | int) and lens > 0 else info.pixel_aspect
        turned = f"{self.media} is stored turned by {info.rotation} degrees" if info.rotation else ""
        if info.mirrored:
            turned = f"{self.media} is stored mirrored"
        return Picture(info.width, info.height, aspect, turned)

    @property
    def cut(self) -> tuple[int, int] | None:
        """The first and last frame that the session cuts the source to, as RV counts; None: all of it."""
        first, last = _number(self.node, "cut.in"), _number(self.node, "cut.out")
        if first is None or last is None or abs(first) >= NO_CUT or abs(last) >= NO_CUT or last < first:
            return None
        return first, last

    @property
    def frames(self) -> FrameSet | None:
        """The cut in the medium's own numbering."""
        return self.cut and FrameSet.parse("-".join(str(self.own_frame(end)) for end in self.cut))


def read_session(path: Path, probe: Probe) -> RvSession:
    """The plates of a session in their order, with prompts and notes made of what is painted on them.

    Args:
        path: of the session, GTO text.
        probe: what is in a medium; called for plates with marks only.

    Raises:
        BadRequestError: the file is no session; or no plate is in it.
    """
    objects = read_gto(path)
    sources = {one.group: one for one in _sources(objects, path.absolute().parent, probe)}
    if not sources:
        raise BadRequestError(f"session {path} holds no source with a file; open plates in RV and save it", path=path)
    problems = list(_paint(objects, sources))
    return RvSession(path=str(path), plates=tuple(map(_plate, sources.values())), problems=tuple(problems))


def _sources(objects: Mapping[str, GtoObject], folder: Path, probe: Probe) -> Iterator[_Source]:
    for name in sorted(objects):
        one = objects[name]
        media = [str(value) for value in one.properties.get("media.movie", [])]
        if one.protocol != "RVFileSource" or not media:
            continue
        group = name.removesuffix("_source")
        lens = objects.get(f"{group}_lensWarp")
        yield _Source(group, one, _absolute(media[0], folder), probe, lens.properties if lens else {})


def _absolute(media: str, folder: Path) -> str:
    pattern = media_pattern(media.removeprefix("file://"))
    return pattern if pattern.startswith("/") else str(folder / pattern)


def _paint(objects: Mapping[str, GtoObject], sources: Mapping[str, _Source]) -> Iterator[str]:
    """Put marks to their sources; what could not be is told."""
    graph = Graph(objects, lambda group: sources[group].shown_first)
    for name, one in objects.items():
        if one.protocol != "RVPaint":
            continue
        paint = read_paint(one.properties)
        yield from (f"{name}: {problem}" for problem in paint.problems)
        for mark in paint.marks:
            try:
                seen = graph.painted(name, mark.frame)
                found = sources[seen.group]
            except (ValueError, KeyError, ShotmillError) as error:
                yield f"{name}: marks on frame {mark.frame} are left out: {_said(error)}"
                continue
            found.marks.setdefault(seen.frame, []).append(mark)


def _said(error: Exception) -> str:
    if isinstance(error, ShotmillError):
        return error.message
    return f"{error.args[0]} has no file" if isinstance(error, KeyError) else str(error)


def _plate(source: _Source) -> RvPlate:
    if not source.marks and source.cut is None:
        return RvPlate(source=source.group, path=source.media)
    try:
        picture, frames = source.picture, source.frames
        marked = [FrameMarks(source.own_frame(frame), marks) for frame, marks in sorted(source.marks.items())]
    except ShotmillError as error:
        return RvPlate(source=source.group, path=source.media, problems=(error.message,))
    prompts = make_prompts(picture, marked)
    return RvPlate(
        source=source.group,
        path=source.media,
        frames=frames,
        objects=tuple(RotoObject.model_validate(one) for one in prompts.objects),
        notes=tuple(RvNote(frame=note.frame, text=note.text) for note in frame_notes(picture, marked)),
        problems=tuple(prompts.problems),
    )


def _number(one: GtoObject, name: str) -> int | None:
    found = _first(one.properties.get(name, ()))
    return None if found is None or isinstance(found, str) else int(found)


def _first(values: Sequence[Value]) -> Value | None:
    return values[0] if values else None


def marked_plate(session: RvSession, plates: Sequence[str] = ()) -> RvPlate:
    """The plate that a roto is made of: the one that is named, or the only one with prompts.

    Raises:
        BadRequestError: none has prompts, or several have and none of them is named.
    """
    wanted = {str(Path(media_pattern(plate)).absolute()) for plate in plates}
    known = {one.path for one in session.plates}
    if wanted - known:
        raise BadRequestError(
            f"session {session.path} does not hold {min(wanted - known)}; it holds {_listed(sorted(known))}",
            field="plates",
        )
    marked = [one for one in session.plates if one.objects and (not wanted or one.path in wanted)]
    if len(marked) == 1:
        return marked[0]
    if not marked:
        said = [*session.problems, *(problem for one in session.plates for problem in one.problems)]
        why = f": {said[0]}" if said else "; draw in RV on what is to be cut out, and save the session"
        raise BadRequestError(f"session {session.path} says nothing to cut out{why}", field="from_session")
    raise BadRequestError(
        f"plates {_listed([one.path for one in marked])} of session {session.path} have marks; name one of them",
        field="plates",
    )


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:MOST_LISTED]) + (f" and {len(names) - MOST_LISTED} more" if names[MOST_LISTED:] else "")
