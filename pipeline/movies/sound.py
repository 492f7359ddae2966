"""Sound of movies: what a file holds, whether it goes into a container as it is, and how ffmpeg is told to take it."""

from __future__ import annotations

import contextlib
import itertools
import math
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import av.error
import av.stream

from ...schema.codecs import Container
from ...schema.errors import BadRequestError, InputCorruptError, InputMissingError

# Only these are opened, so that no file is a playlist of other files and addresses.
FORMATS = "mov,matroska,webm,mxf,avi,mpegts,wav,w64,aiff,mp3,flac,aac,ogg,ac3,eac3"
COPIED = {
    Container.MOV: frozenset({"aac", "ac3", "alac", "eac3", "mp3"}),  # and PCM
    Container.MP4: frozenset({"aac", "ac3", "alac", "eac3", "flac", "mp3", "opus"}),
}
ENCODED = {Container.MP4: ("aac", "-b:a", "256k"), Container.MOV: ("pcm_s24le",)}
_PLAIN = re.compile(r"pcm_(?:[suf](8|16|24|32|64)(?:le|be)?|alaw|mulaw)")  # its samples lie one behind the other
_FIRST = 32  # packets; those of some codecs are of several lengths
_GUESSED = frozenset({"mpegts", "avi", "aac"})  # what says how long a stream lasts by its bit rate
_LOOKED_BACK_S = (10, 300, 10**9)  # from the end, until a packet is found
_TO_DECODE = 1024  # samples that ffmpeg takes at once of what has no packets of its own


@dataclass(frozen=True)
class SoundFile:
    """The first stream of sound in a file.

    Attributes:
        codec: ffmpeg's name, such as ``aac`` or ``pcm_s24le``.
        packet_s: how long one packet lasts: what a copy may be off.
        length_s: of the stream.
        later_s: how long after the file's first picture it begins; negative: before it; 0 where there is no picture.
    """

    path: Path
    codec: str
    sample_rate: int
    packet_s: Fraction
    length_s: Fraction
    later_s: Fraction


@dataclass(frozen=True)
class SoundTrack:
    """Which part of a sound goes where in a movie; all in seconds.

    Attributes:
        start: in the sound.
        length: of the part.
        delay: in the movie, before it begins: the slate's time.
        codec: ffmpeg's options for the stream.
    """

    path: Path
    start: Fraction
    length: Fraction
    delay: Fraction
    codec: tuple[str, ...] = ("copy",)


def read_sound(path: Path) -> SoundFile | None:
    """The first stream of sound in a file; None where it has none.

    Raises:
        InputMissingError: there is no file.
        InputCorruptError: it cannot be read.
    """
    if not path.is_file():
        raise InputMissingError(f"sound {path} is not there; mend the path", path=path)
    try:
        with av.open(str(path), container_options={"format_whitelist": FORMATS, "protocol_whitelist": "file"}) as found:
            return _first_stream(path, found) if found.streams.audio else None
    except av.error.FFmpegError as error:
        raise InputCorruptError(f"{path} cannot be read as sound: {error.strerror or error}", path=path) from error


def _first_stream(path: Path, container: Any) -> SoundFile:
    stream = container.streams.audio[0]
    context = stream.codec_context
    rate = int(context.sample_rate or 0)
    if rate <= 0:
        raise InputCorruptError(f"the sound of {path} names no sample rate; save it again", path=path)
    codec = context.codec.canonical_name  # "mp3", where the decoder that reads it is "mp3float"
    later = _later_s(container, stream)
    packet = Fraction(context.frame_size or _TO_DECODE, rate)
    if not context.frame_size and not _PLAIN.fullmatch(codec):  # of some, such as AC-3, packets alone tell
        packet = max([packet, *map(_lasts, itertools.islice(_stamped(container, stream), _FIRST))])
    if stream.duration and container.format.name not in _GUESSED:
        length = Fraction(stream.duration) * stream.time_base
    else:
        length = _measured(container, stream, packet)
    return SoundFile(path, codec, rate, packet, length, later)


def _measured(container: Any, stream: Any, packet_s: Fraction) -> Fraction:
    """How long sound lasts by its last packets, in seconds: some containers tell only that of everything."""
    everything = Fraction(container.duration or 0, av.time_base)
    begin = Fraction(stream.start_time or 0) * Fraction(stream.time_base)
    for back in _LOOKED_BACK_S:
        place = begin + everything - back
        container.seek(math.floor(max(place, begin, Fraction(0)) * av.time_base))
        ends = [one.pts * one.time_base + (_lasts(one) or packet_s) for one in _stamped(container, stream)]
        if ends:
            return Fraction(max(ends)) - begin
    return everything


def _stamped(container: Any, stream: Any) -> Iterator[Any]:
    return (one for one in container.demux(stream) if one.pts is not None and one.size)


def _lasts(packet: Any) -> Fraction:
    return Fraction(packet.duration or 0) * Fraction(packet.time_base)


def _later_s(container: Any, stream: Any) -> Fraction:
    """How long a stream begins after the pictures of its file; a cover of an album is none of them."""
    covers = av.stream.Disposition.attached_pic
    pictures = next((one for one in container.streams.video if not one.disposition & covers), None)
    if pictures is None or pictures.start_time is None or stream.start_time is None:
        return Fraction(0)
    return Fraction(stream.start_time * stream.time_base - pictures.start_time * pictures.time_base)


def check_copy(sound: SoundFile, container: Container) -> None:
    """Refuse sound that does not go into a container as it is.

    Raises:
        BadRequestError: names the codec, the container and what goes.
    """
    if sound.codec in COPIED[container] or (container is Container.MOV and sound.codec.startswith("pcm_")):
        return
    known = ", ".join(sorted(COPIED[container])) + (", PCM" if container is Container.MOV else "")
    way = "--container mov takes it as it is, or encode it" if sound.codec.startswith("pcm_") else "encode it"
    raise BadRequestError(
        f"sound {sound.path} is {sound.codec}, which .{container} does not hold as it is (it holds {known}); {way} "
        "with --sound encode",
        hint="--sound encode",
        path=sound.path,
        field="sound",
    )


@dataclass(frozen=True)
class CutSound:
    """Part of a sound as a file of its own that begins at 0, and when its first packet is heard in the movie."""

    path: Path
    begin_s: Fraction


@contextmanager
def cut_sound(track: SoundTrack | None, beside: Path) -> Iterator[CutSound | None]:
    """The part of a sound as a file of its own, packets as they are; gone at the end.

    ffmpeg's own way to seek and stop counts a delay in, and is packets off.

    Args:
        track: which part; None gives None.
        beside: a path in the folder where the file may lie.

    Raises:
        InputCorruptError: the sound cannot be read.
    """
    if track is None:
        yield None
        return
    path = beside.with_name(f".{beside.stem}.sound.nut")
    options = {"format_whitelist": FORMATS, "protocol_whitelist": "file"}
    try:
        try:
            with av.open(str(track.path), container_options=options) as source:
                begin = _cut(track, source, path)
        except av.error.FFmpegError as error:
            raise InputCorruptError(
                f"the sound of {track.path} cannot be read: {error.strerror or error}", path=track.path
            ) from error
        yield CutSound(path, begin)
    finally:
        path.unlink(missing_ok=True)


def _cut(track: SoundTrack, source: Any, path: Path) -> Fraction:
    """Write the packets of a part of a sound; when the first is heard in the movie, in seconds."""
    stream: Any = source.streams.audio[0]
    unit = Fraction(stream.time_base)
    start = (stream.start_time or 0) + track.start / unit
    first: int | None = None
    with av.open(str(path), "w") as target:
        made: Any = target.add_stream_from_template(stream)
        made.time_base = unit
        for packet in _between(source, stream, start, start + track.length / unit):
            first = packet.pts if first is None else first
            packet.pts -= first
            packet.dts -= first
            packet.stream = made
            target.mux_one(packet)
    return track.delay + ((first or 0) - start) * unit


def _between(source: Any, stream: Any, start: Fraction, end: Fraction) -> Iterator[Any]:
    """The packets that begin in a part of a sound; of plain PCM, whose samples stand alone, cut to the part itself."""
    sample = _sample_bytes(stream.codec_context)
    in_tick = stream.codec_context.sample_rate * Fraction(stream.time_base)
    first, last = (round(start), round(end)) if sample else (math.ceil(start), math.ceil(end))
    _seek(source, stream, first)
    for packet in source.demux(stream):
        if packet.pts is None or packet.dts is None:
            continue
        if packet.pts >= last:
            return
        if not sample:
            if packet.pts >= first:
                yield packet
            continue
        before = max(0, round((first - packet.pts) * in_tick))
        behind = min(packet.size // sample, round((last - packet.pts) * in_tick))
        if before < behind:
            yield _part(packet, slice(before * sample, behind * sample), before / in_tick)


def _sample_bytes(context: Any) -> int:
    """Bytes of one sample of all channels; 0: of a codec whose packets cannot be cut."""
    found = _PLAIN.fullmatch(context.name)
    return int(found[1] or 8) // 8 * context.layout.nb_channels if found else 0


def _part(packet: Any, wanted: slice, later: Fraction) -> Any:
    """Some bytes of a packet as one that begins so many ticks later."""
    if wanted == slice(0, packet.size):
        return packet
    part: Any = av.Packet(bytes(packet)[wanted])
    part.pts = part.dts = packet.pts + round(later)
    part.time_base, part.is_keyframe = packet.time_base, True
    part.duration = round(Fraction(packet.duration * part.size, packet.size))
    return part


def _seek(source: Any, stream: Any, first: int) -> None:
    """Go near the first packet, where the file can; else all packets before it are read."""
    with contextlib.suppress(av.error.FFmpegError):
        source.seek(first, stream=stream, backward=True)


def sound_inputs(sound: CutSound | None) -> tuple[str, ...]:
    """The options of ffmpeg for a second input."""
    return () if sound is None else ("-itsoffset", f"{float(sound.begin_s):.6f}", "-i", f"file:{sound.path}")


def sound_options(track: SoundTrack | None) -> tuple[str, ...]:
    """The options of ffmpeg for the stream of sound in the movie."""
    return () if track is None else ("-map", "1:a:0", "-c:a", *track.codec)
