"""Ingest: a timeline's clips become rows of the database, in one transaction; the same file again adds nothing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from ..schema.errors import BadRequestError, ShotmillError
from ..schema.media import Rate
from ..schema.names import check_media_path, check_name, check_text
from ..schema.tables import MediaState
from ..schema.timecode import count_frames
from ..schema.timeline import ClipDocument, CutDocument, LinkKind
from .footage import absolute_path, is_on_disk
from .shotnames import DEFAULT_PATTERN, ShotName, ShotRules
from .store.database import Database
from .store.ingesting import Added, NewClip, NewCut, add_cut_version, find_cut_checksum
from .timeline import NEEDS_RATE, Limits, TimelineFile, load_timeline, parse_timeline

MAX_STORED_PATH = 4096


@dataclass(frozen=True)
class IngestOptions:
    """How clips become shots.

    Attributes:
        pattern: regular expression over clip names; see ``shotnames.ShotRules``.
        sequence: the sequence of shots whose names tell none.
        timeline: which timeline, when the file holds several.
        handles: frames wanted on each side of a cut, where the media has them.
        first_frame: work frame that a new shot's head handle begins at.
        roots: prefixes of media paths to replace, such as ``{"D:/media": "/mnt/media"}``.
        user: who ingests, for the audit.
        limits: what reading the file may cost.
    """

    pattern: str = DEFAULT_PATTERN
    sequence: str = ""
    timeline: str = ""
    handles: int = 8
    first_frame: int = 1001
    roots: Mapping[str, str] = field(default_factory=dict)
    user: str = "unknown"
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True)
class Skipped:
    """A clip that belongs to no shot, and why."""

    clip: str
    record_in: int
    reason: str


@dataclass(frozen=True)
class IngestReport:
    """What an ingest did.

    Attributes:
        added: False when this file was ingested before, with these options: nothing was changed.
        version: number of the cut's version that holds the file.
        newest: number of the cut's newest version.
        shots: shots that the cut uses, ``new_shots`` of them made by this ingest.
        online, missing, generated: clips by the state of their media; ``gone``: names of those whose media is missing.
        skipped: clips without a shot: they are stored, but no job gets them.
        notes: what a person should know.
    """

    project: str
    cut: str
    added: bool
    version: int
    newest: int
    checksum: str
    rate: str = ""
    start_frame: int = 0
    duration: int = 0
    clips: int = 0
    shots: int = 0
    new_shots: int = 0
    online: int = 0
    missing: int = 0
    gone: tuple[str, ...] = ()
    generated: int = 0
    skipped: tuple[Skipped, ...] = ()
    notes: tuple[str, ...] = ()


def ingest(
    database: Database,
    path: Path,
    *,
    project: str,
    cut: str,
    rate: Rate | None = None,
    options: IngestOptions | None = None,
) -> IngestReport:
    """Put a timeline into the database as the next version of a cut.

    Projects, sequences and shots are made as needed; names that differ in case only are one shot. Media that is
    not there, and clips without a shot, are states and are reported; neither stops the ingest.

    Args:
        database: where; its schema is current.
        path: ``.otio``, ``.edl``, ``.xml``, ``.fcpxml`` or ``.aaf``.
        project: code of the project.
        cut: name of the cut.
        rate: frames per second; an EDL needs it.
        options: how clips become shots.

    Raises:
        TimelineError: the file cannot be read; nothing was changed.
        InputMissingError, InputTooLargeError, MissingExtraError: as ``timeline.load_timeline``, ``parse_timeline``.
        BadRequestError: a name or an option is wrong.
    """
    return put(database, look(database, path, project=project, cut=cut, rate=rate, options=options))


@dataclass(frozen=True)
class ReadCut:
    """A timeline that was read, its clips with their shots and media; nothing is stored.

    Attributes:
        identity: what makes two ingests of a cut equal: the content, and options that change what comes of it.
        notes: what a person should know.
    """

    file: TimelineFile
    identity: str
    document: CutDocument
    clips: tuple[NewClip, ...]
    skipped: tuple[Skipped, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Looked:
    """A timeline beside what the database has of its cut; ``put`` makes it the next version.

    Attributes:
        known: the version that holds the file; None: no version does.
        read: the file; None: it was ingested before, so it was not read again.
    """

    project: str
    cut: str
    file: TimelineFile
    options: IngestOptions
    known: Added | None
    read: ReadCut | None


def read_file(path: Path, *, rate: Rate | None = None, options: IngestOptions | None = None) -> ReadCut:
    """Read a timeline as an ingest does, without a database.

    Raises:
        TimelineError, InputMissingError, InputTooLargeError, MissingExtraError, BadRequestError: as ``ingest``.
    """
    given = options or IngestOptions()
    _check(given)
    return _read(load_timeline(path, limits=given.limits), rate, given)


def look(
    database: Database,
    path: Path,
    *,
    project: str,
    cut: str,
    rate: Rate | None = None,
    options: IngestOptions | None = None,
) -> Looked:
    """Read a timeline, and see whether its cut has it already; nothing is changed. Arguments and errors: ``ingest``."""
    given = options or IngestOptions()
    check_name(project, field="project")
    check_name(cut, field="cut")
    ShotRules(given.pattern, sequence=given.sequence)
    _check(given)
    file = load_timeline(path, limits=given.limits)
    known = find_cut_checksum(database, project, cut, _identity(file, rate, given))
    read = _read(file, rate, given) if known is None else None
    return Looked(project, cut, file, given, known, read)


def put(database: Database, looked: Looked) -> IngestReport:
    """Make what was read the next version of its cut, unless a version holds it."""
    if looked.read is None:
        if looked.known is None:
            raise BadRequestError(f"{looked.file.path.name} was not read; nothing can be stored", field="file")
        return _nothing_new(looked.project, looked.cut, looked.file, looked.known)
    read, given = looked.read, looked.options
    new = NewCut(
        project=looked.project,
        cut=looked.cut,
        checksum=read.identity,
        source=str(read.file.path.absolute())[:MAX_STORED_PATH],
        content=read.file.content,
        content_checksum=read.file.checksum,
        media_type=read.file.kind,
        document=read.document,
        clips=read.clips,
        handles=given.handles,
        first_frame=given.first_frame,
        user=given.user,
    )
    added = add_cut_version(database, new)
    if not added.added:  # another process put the same file in meanwhile
        return _nothing_new(looked.project, looked.cut, read.file, added)
    return _report(new, added, list(read.skipped), (*read.document.notes, *read.notes))


def _read(file: TimelineFile, rate: Rate | None, options: IngestOptions) -> ReadCut:
    rules = ShotRules(options.pattern, sequence=options.sequence)
    document = parse_timeline(file, rate=rate, timeline=options.timeline or None, limits=options.limits)
    clips, skipped, notes = _new_clips(document, file, rules, options)
    identity = _identity(file, rate, options)
    return ReadCut(file, identity, document, tuple(clips), tuple(skipped), tuple(notes))


def _check(options: IngestOptions) -> None:
    check_text(options.user, field="user", max_length=128)
    if not 0 <= options.handles <= 1000:  # noqa: PLR2004 - a bound against typing errors
        raise BadRequestError(f"{options.handles} handles make no sense; give 0 to 1000 frames", field="handles")
    if not -1_000_000 <= options.first_frame <= 1_000_000:  # noqa: PLR2004 - same
        raise BadRequestError(f"first frame {options.first_frame} makes no sense; 1001 is usual", field="first_frame")


def _identity(file: TimelineFile, rate: Rate | None, options: IngestOptions) -> str:
    """What makes two ingests equal: the content, and the options that change which clips and shots come out."""
    changing = {
        "rate": str(rate) if rate and file.kind in NEEDS_RATE else "",
        "pattern": "" if options.pattern == DEFAULT_PATTERN else options.pattern,
        "sequence": options.sequence,
        "timeline": options.timeline,
    }
    if not any(changing.values()):
        return file.checksum
    return hashlib.sha256(json.dumps([file.checksum, changing], sort_keys=True).encode()).hexdigest()


def _nothing_new(project: str, cut: str, file: TimelineFile, known: Added) -> IngestReport:
    notes = [f"this file is version {known.number} of the cut already; nothing was added"]
    if known.newest > known.number:
        notes.append(f"jobs use the newest version, {known.newest}; to go back to this one, export it anew")
    return IngestReport(
        project=project,
        cut=cut,
        added=False,
        version=known.number,
        newest=known.newest,
        checksum=file.checksum,
        notes=tuple(notes),
    )


def _new_clips(
    document: CutDocument,
    file: TimelineFile,
    rules: ShotRules,
    options: IngestOptions,
) -> tuple[list[NewClip], list[Skipped], list[str]]:
    skipped, notes = [], []
    clips: list[NewClip] = []
    finder = _MediaFinder(file.path.absolute().parent, options.roots)
    for clip in document.clips:
        found = finder.find(clip)
        shot = None if clip.link is LinkKind.GENERATOR else rules.shot_of(clip)
        if isinstance(shot, str):
            skipped.append(Skipped(clip.name, clip.record_in, shot))
            shot = None
        clips.append(NewClip(found.document, found.media, found.state, shot))
    unknown = sum("start-unknown" in clip.document.flags for clip in clips)
    if unknown:
        notes.append(
            f"{unknown} clips do not say where their media begins: their source frames are taken as counted from "
            "the media's start"
        )
    return clips, skipped, [*finder.notes, *notes]


class _MediaFinder:
    """Where the clips' media are on this machine, and whether they are there."""

    def __init__(self, folder: Path, roots: Mapping[str, str]) -> None:
        self._folder = folder
        self._roots = roots
        self._refused: set[str] = set()
        self.notes: list[str] = []
        self._start_of: Callable[[str], int | None] = cache(_first_timecode)

    def find(self, clip: ClipDocument) -> NewClip:
        """The clip with its path and state; a path that breaks a rule is noted once and not stored."""
        if clip.link is LinkKind.GENERATOR:
            return NewClip(clip, None, MediaState.GENERATED)
        if clip.link is LinkKind.MISSING:
            return NewClip(clip, None, MediaState.MISSING)
        path = absolute_path(clip.media, folder=self._folder, roots=self._roots)
        try:
            check_media_path(path, field="media")
        except ShotmillError as error:
            if path not in self._refused:
                self._refused.add(path)
                self.notes.append(f"media of {clip.name!r} is left out: {error.message}")
            return NewClip(clip, None, MediaState.MISSING)
        if not is_on_disk(path, clip.source_in, clip.source_out) and not is_on_disk(path, *_ends(clip)):
            return NewClip(clip, path, MediaState.MISSING)
        if "start-unknown" in clip.flags:
            clip = self._counted_from_start(clip, path)
        return NewClip(clip, path, MediaState.ONLINE)

    def _counted_from_start(self, clip: ClipDocument, path: str) -> ClipDocument:
        """A movie's source timecode as frames from 0, by the timecode in the movie itself."""
        start = self._start_of(path)
        if start is None or start > clip.source_in:
            return clip
        flags = tuple(flag for flag in clip.flags if flag != "start-unknown")
        return replace(clip, source_in=clip.source_in - start, source_out=clip.source_out - start, flags=flags)


def _ends(clip: ClipDocument) -> tuple[int, int]:
    known = clip.available_in is not None and clip.available_out is not None
    return (clip.available_in or 0, clip.available_out or 0) if known else (clip.source_in, clip.source_out)


def _first_timecode(path: str) -> int | None:
    """The frame number of a movie's first timecode; None when it has none or cannot be opened."""
    from .movies import Movie  # noqa: PLC0415 - heavy: decoders, and few cuts need it

    try:
        with Movie(Path(path)) as movie:
            header = movie.header
        return count_frames(header.timecode, header.rate) if header.timecode else None
    except (ShotmillError, ValueError):
        return None  # the clip stays flagged, and the report says so


def _report(new: NewCut, added: Added, skipped: list[Skipped], notes: tuple[str, ...]) -> IngestReport:
    document = new.document
    states = [clip.state for clip in new.clips]
    shots = {(clip.shot.sequence.lower(), clip.shot.shot.lower()) for clip in new.clips if clip.shot}
    return IngestReport(
        project=new.project,
        cut=new.cut,
        added=True,
        version=added.number,
        newest=added.newest,
        checksum=new.content_checksum,
        rate=str(document.rate),
        start_frame=document.start_frame,
        duration=document.duration,
        clips=len(new.clips),
        shots=len(shots),
        new_shots=added.new_shots,
        online=states.count(MediaState.ONLINE),
        missing=states.count(MediaState.MISSING),
        gone=tuple(clip.document.name for clip in new.clips if clip.state is MediaState.MISSING),
        generated=states.count(MediaState.GENERATED),
        skipped=tuple(skipped),
        notes=notes,
    )


__all__ = [
    "IngestOptions",
    "IngestReport",
    "Looked",
    "ReadCut",
    "ShotName",
    "Skipped",
    "ingest",
    "look",
    "put",
    "read_file",
]
