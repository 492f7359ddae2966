"""Final Cut Pro X (``.fcpxml``): what its reader gets wrong is set right in the document, before and after it reads.

The reader counts at whole rates alone, and loses a frame where floating point falls short of one (frame 29 of 25 a
second). It knows no start timecode, no ``media-rep``, in which Final Cut names files since 1.9, and no secondary
storyline's own place, and takes sound for pictures. Runs in the reading process and imports nothing of ours.

Source:
    Apple, "FCPXML Reference" and the DTDs of 1.8 to 1.11: times are fractions of seconds; a child's offset counts in
    the time of its parent, a sequence's from ``tcStart``.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from typing import Any, NamedTuple
from xml.etree import ElementTree as ET

Element = ET.Element
TIMES = ("offset", "start", "duration")
_TIME = re.compile(r"-?\d{1,18}(?:\.\d{1,9}|/\d{1,18})?s")
_LEFT_OUT = {
    "mc-clip": "multicam clip",
    "sync-clip": "synchronized clip",
    "title": "title",
    "caption": "caption",
    "live-drawing": "drawing",
}


class FcpxError(ValueError):
    """The document cannot be read right; says why, and what helps."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class Start(NamedTuple):
    """Where the timecode of a project begins: a frame, and whether it is drop-frame."""

    frame: int
    drop_frame: bool


class Fcpx(NamedTuple):
    """A document that the reader reads right.

    Attributes:
        text: the document, counted at a whole rate.
        rate: frames per second that it is really at; the reader takes it for the next whole number.
        starts: of its projects, in the order in which they are read.
        notes: what a person should know.
    """

    text: str
    rate: Fraction
    starts: tuple[Start, ...]
    notes: tuple[str, ...]


def counted_fcpx(content: bytes) -> Fcpx:
    """A document whose times are whole frames of a whole rate, with a margin for floating point.

    Raises:
        FcpxError: it says no rate, or several, or its times are no times.
    """
    root = ET.fromstring(content)  # noqa: S314 - its caller has refused entities
    try:
        return _Document(root).counted()
    except (ValueError, ZeroDivisionError) as error:
        if isinstance(error, FcpxError):
            raise
        raise FcpxError(f"a time in it is none: {str(error)[:100]}") from error


def timed(document: dict[str, Any], found: Fcpx) -> None:
    """Give what the reader made of it the rate and the start timecodes that it has."""
    whole = _whole(found.rate)
    timelines = []
    pending: list[Any] = [document]
    while pending:
        item = pending.pop()
        if isinstance(item, list):
            pending += reversed(item)
        elif isinstance(item, dict):
            pending += reversed(item.values())
            schema = str(item.get("OTIO_SCHEMA"))
            if schema.startswith("RationalTime") and item["rate"] == whole:
                item["rate"] = float(found.rate)
            elif schema.startswith("Timeline"):
                timelines.append(item)
    for timeline, start in zip(timelines, found.starts, strict=False):
        time = {"OTIO_SCHEMA": "RationalTime.1", "value": float(start.frame), "rate": float(found.rate)}
        timeline["global_start_time"] = time
        timeline["metadata"] = {"shotmill": {"drop_frame": start.drop_frame}}


class _Document:
    def __init__(self, root: Element) -> None:
        self.root = root
        self.resources = {one.get("id"): one for one in root.iterfind("./resources/*")}
        self.parents = {child: parent for parent in root.iter() for child in parent}
        self.left_out: Counter[str] = Counter()

    def counted(self) -> Fcpx:
        rate = self._rate()
        projects = list(self.root.iter("project"))
        starts = tuple(_start(project, rate) for project in projects)
        self._leave_out()
        notes = [f"{count} {word}{'s' if count > 1 else ''} left out" for word, count in self.left_out.items()]
        retimed = sum(1 for _ in self.root.iter("timeMap"))
        if retimed:
            notes.append(f"{retimed} clip{'s' if retimed > 1 else ''} with another speed, which is not followed")
        self._shift()
        self._name()
        self._count(rate)
        self._gather(projects)
        return Fcpx(ET.tostring(self.root, "unicode"), rate, starts, tuple(notes))

    def _rate(self) -> Fraction:
        """The one rate of all pictures.

        Raises:
            FcpxError: there is none, or several.
        """
        used = [one for one in self.root.iter() if one.tag == "sequence" or (one.tag == "asset" and _is_seen(one))]
        formats = (self.resources.get(one.get("format")) for one in used)
        lasts = {one.get("frameDuration") for one in formats if one is not None} - {None}
        rates = sorted({1 / seconds(str(last)) for last in lasts})
        if not rates:
            raise FcpxError("it says no frame rate")
        if len(rates) > 1:
            named = ", ".join(f"{float(rate):.5g}" for rate in rates)
            raise FcpxError(
                f"it mixes frame rates ({named}), which cannot be read from .fcpxml to the frame",
                hint="export an .otio or an .edl",
            )
        return rates[0]

    def _leave_out(self) -> None:
        """Make gaps of sound, and of what the reader takes for something else; what hangs on them stays.

        Of an audition, the first clip is the chosen one.
        """
        for audition in self.root.iter("audition"):
            audition[:] = audition[:1]
        for element in self.root.iter():
            word = _LEFT_OUT.get(element.tag, "")
            if element.tag == "video" and element.get("ref") and self._asset(element) is None:
                word = "generator"
            if word or self._is_sound(element):
                element.tag = "gap"
                element[:] = [child for child in element if child.get("lane")]
                self.left_out.update([word] if word else [])

    def _asset(self, element: Element) -> Element | None:
        found = self.resources.get(element.get("ref"))
        return found if found is not None and found.tag == "asset" else None

    def _is_sound(self, element: Element) -> bool:
        if element.tag == "asset-clip":
            asset = self._asset(element)
            return element.get("srcEnable") == "audio" or (asset is not None and not _is_seen(asset))
        return element.tag == "audio" or (element.tag == "ref-clip" and element.get("srcEnable") == "audio")

    def _shift(self) -> None:
        """Count sequences from 0, and secondary storylines in the time of the clip that they hang on."""
        for sequence in self.root.iter("sequence"):
            begins = _time(sequence, "tcStart")
            for child in sequence.iterfind("./spine/*"):
                _add(child, "offset", -begins)
        for ref in self.root.iter("ref-clip"):
            media = self.resources.get(ref.get("ref"))
            inner = None if media is None else media.find("./sequence")
            if inner is not None and ref.get("start"):
                _add(ref, "start", -_time(inner, "tcStart"))
        for spine in self.root.iter("spine"):
            parent = self.parents.get(spine)
            if spine.get("lane") and parent is not None:
                for child in spine:
                    _add(child, "offset", _time(spine, "offset") - _time(parent, "start"))

    def _name(self) -> None:
        """Name files as the reader looks for them, and what has no name; call stills what it calls clips."""
        for asset in self.root.iterfind("./resources/asset"):
            shown = asset.findall("./media-rep")
            originals = [one for one in shown if one.get("kind", "original-media") == "original-media"]
            if not asset.get("src") and shown:
                asset.set("src", (originals or shown)[0].get("src", ""))
        for element in self.root.iter():
            element.set("name", element.get("name", ""))
            parent = self.parents.get(element)
            if element.tag == "video" and parent is not None and (parent.tag != "clip" or element.get("lane")):
                element.tag = "asset-clip"

    def _count(self, rate: Fraction) -> None:
        """Write times as whole frames and a quarter of the next whole rate, which the reader cuts off."""
        whole = _whole(rate)
        for element in self.root.iter():
            for name in TIMES:
                if text := element.get(name):
                    frame = (seconds(text) * rate).__floor__()
                    quarters = 4 * frame + (1 if frame >= 0 else -1)
                    element.set(name, f"{quarters}/{4 * whole}s" if frame else "0s")
        for form in self.root.iterfind("./resources/format"):
            form.set("frameDuration", f"1/{whole}s")

    def _gather(self, projects: list[Element]) -> None:
        """Put all projects into one event: of several, only the first is read."""
        if not projects:
            return
        for child in list(self.root):
            if child.tag != "resources":
                self.root.remove(child)
        event = ET.SubElement(self.root, "event", {"name": ""})
        event.extend(projects)


def seconds(text: str) -> Fraction:
    """A time of FCPXML, such as ``1001/24000s`` or ``5s``.

    Raises:
        ValueError: it is none.
        ZeroDivisionError: its denominator is 0.
    """
    if not _TIME.fullmatch(text):
        raise ValueError(f"{text!r} is no time in seconds")
    return Fraction(text.removesuffix("s"))


def _time(element: Element, name: str) -> Fraction:
    return seconds(element.get(name) or "0s")


def _add(element: Element, name: str, more: Fraction) -> None:
    found = _time(element, name) + more
    element.set(name, f"{found.numerator}/{found.denominator}s")


def _is_seen(asset: Element) -> bool:
    """Whether an asset has pictures; one that says neither has."""
    return asset.get("hasVideo") == "1" or (asset.get("hasVideo") is None and asset.get("hasAudio") != "1")


def _start(project: Element, rate: Fraction) -> Start:
    sequence = next(_sequences(project), None)
    if sequence is None:
        return Start(0, drop_frame=False)
    return Start((_time(sequence, "tcStart") * rate).__floor__(), drop_frame=sequence.get("tcFormat") == "DF")


def _sequences(project: Element) -> Iterator[Element]:
    yield from project.iterfind("./sequence")


def _whole(rate: Fraction) -> int:
    """The whole rate that timecode of a rate counts in, such as 24 for 23.976."""
    return rate.__ceil__()
