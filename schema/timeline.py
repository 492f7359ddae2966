"""What a timeline says once it is read: clips in frames, with everything that an ingest stores."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from .colour import Cdl
from .media import Rate


class LinkKind(StrEnum):
    """What a clip names as its media."""

    MOVIE = "movie"
    SEQUENCE = "sequence"
    STILL = "still"
    GENERATOR = "generator"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Fade:
    """A transition at an end of a clip: frames of the cut before and after the edit that it covers."""

    type: str
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class ClipDocument:
    """One use of one medium in a cut. All ranges are first and last frame, both included.

    Attributes:
        name: as in the file, without control characters.
        track: name of the top-level track, ``V2`` style when the file gives none.
        path: names of the compositions it is nested in, outermost first, the track left out.
        link: what kind of media it names.
        media: the address as a path, relative ones as the file has them, sequences as ``name.####.exr``; empty when
            there is none.
        source_in, source_out: frames of the media, in its own numbering: file numbers, movies from 0. At speeds
            other than 1 they are the frames that are needed.
        record_in, record_out: frames of the cut, counted from its start.
        available_in, available_out: frames that the media is said to have.
        rate: of the media, and of ``source_*``.
        speed: 1 as shot, 2 twice as fast, 0 a freeze, negative backwards.
        step: frame numbers between two files of a sequence.
        fade_in, fade_out: transitions at its ends.
        head, tail: frames of the media that the transitions need beyond the source range.
        reel: tape or camera roll, from an EDL.
        marks: names of its markers and locators.
        cdl: the colour correction that the cut brings along.
        sequence, shot, colourspace: what its metadata says outright (``shotmill: {...}``); empty otherwise.
        flags: what needs eyes: ``reverse``, ``retime-curve``, ``start-unknown``.
    """

    name: str
    track: str
    path: tuple[str, ...]
    link: LinkKind
    media: str
    source_in: int
    source_out: int
    record_in: int
    record_out: int
    available_in: int | None
    available_out: int | None
    rate: Rate
    speed: float = 1.0
    step: int = 1
    fade_in: Fade | None = None
    fade_out: Fade | None = None
    head: int = 0
    tail: int = 0
    enabled: bool = True
    reel: str = ""
    marks: tuple[str, ...] = ()
    cdl: Cdl | None = None
    sequence: str = ""
    shot: str = ""
    colourspace: str = ""
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CutDocument:
    """A whole timeline: video only.

    Attributes:
        format: ``otio_json``, ``cmx_3600``, ``fcp_xml``, ``fcpx_xml`` or ``AAF``.
        start_frame: the cut's first frame as its timecode counts it.
        duration: frames from the start to the end of the last clip.
        clips: by record frame, lower tracks first.
        notes: what a person should know, such as clips that were left out and why.
        drop_frame: whether its timecode is drop-frame.
    """

    name: str
    format: str
    rate: Rate
    start_frame: int
    duration: int
    clips: tuple[ClipDocument, ...]
    notes: tuple[str, ...] = field(default=())
    drop_frame: bool = False
