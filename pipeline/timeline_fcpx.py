"""Final Cut Pro X (``.fcpxml``): what its reader gets wrong is set right in the document, before and after it reads.

The reader counts at whole rates alone, and loses a frame where floating point falls short of one (frame 29 of 25 a
second). It knows no start timecode and no ``media-rep``, in which Final Cut names files since 1.9, takes sound for
pictures, and knows the place of what hangs on the main storyline alone: so all clips are put into that, by their own
place and lane. Runs in the reading process and imports nothing of ours.

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
OFF = "shotmill: disabled"  # a marker on a clip that is disabled, which the reader does not look at
_STORY = {"asset-clip", "ref-clip", "clip", "video", "gap", "spine"}  # when the rest was left out
_HINT = "export an .otio or an .edl"
_TIME = re.compile(r"-?\d{1,18}(?:\.\d{1,9}|/\d{1,18})?s")
_LANE = re.compile(r"-?\d{1,4}")
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
            elif schema.startswith(("Clip", "Stack")):
                _switch(item)
    for timeline, start in zip(timelines, found.starts, strict=False):
        time = {"OTIO_SCHEMA": "RationalTime.1", "value": float(start.frame), "rate": float(found.rate)}
        timeline["global_start_time"] = time
        timeline["metadata"] = {"shotmill": {"drop_frame": start.drop_frame}}


class _Document:
    def __init__(self, root: Element) -> None:
        self.root = root
        self.resources = {one.get("id"): one for one in root.iterfind("./resources/*")}
        self.pictures: dict[Element, Element] = {}  # of clips that are made of parts
        self.left_out: Counter[str] = Counter()

    def counted(self) -> Fcpx:
        projects = list(self.root.iter("project"))
        self._gather(projects)
        self._choose()
        self._leave_out()
        if projects:
            self._forget()
        rate = self._rate()
        starts = tuple(_start(project, rate) for project in projects)
        notes = [f"{count} {word}{'s' if count > 1 else ''} left out" for word, count in self.left_out.items()]
        for word, tag in (("clip{} with another speed, which is", "timeMap"), ("transition{}, which is", "transition")):
            if count := sum(1 for _ in self.root.iter(tag)):
                notes.append(f"{count} {word.format('s' if count > 1 else '')} not followed")
        for sequence in self.root.iter("sequence"):
            self._place(sequence, rate)
        for ref in self.root.iterfind("./ref-clip"):
            self._show(ref)
        self._name()
        self._count(rate)
        return Fcpx(ET.tostring(self.root, "unicode"), rate, starts, tuple(notes))

    def _rate(self) -> Fraction:
        """The one rate of all pictures.

        Raises:
            FcpxError: there is none, or several.
        """
        sequences = list(self.root.iter("sequence"))
        assets = [one for one in self.root.iter("asset") if _is_seen(one)]
        forms = {one: self.resources.get(one.get("format")) for one in (*sequences, *assets)}
        lasts = {one: None if form is None else form.get("frameDuration") for one, form in forms.items()}
        rates = sorted({1 / seconds(last) for last in lasts.values() if last is not None})
        if not rates or any(lasts[one] is None for one in sequences):
            raise FcpxError("it says no frame rate", hint=_HINT)
        if len(rates) > 1:
            named = ", ".join(f"{float(rate):.5g}" for rate in rates)
            raise FcpxError(
                f"it mixes frame rates ({named}), which cannot be read from .fcpxml to the frame", hint=_HINT
            )
        known = next(str(form.get("id")) for one, form in forms.items() if form is not None and lasts[one] is not None)
        for one in forms:
            one.set("format", known)
        return rates[0]

    def _choose(self) -> None:
        """Put the first clip of each audition, which is the chosen one, in its place."""
        for parent in self.root.iter():
            for index, audition in enumerate(parent):
                if audition.tag == "audition" and len(audition):
                    parent[index] = audition[0]
                    for name in ("lane", "offset"):
                        if text := audition.get(name):
                            audition[0].set(name, text)

    def _leave_out(self) -> None:
        """Make gaps of sound, and of what the reader takes for something else; what hangs on them stays."""
        for element in self.root.iter():
            word = _LEFT_OUT.get(element.tag, "")
            if element.tag == "video" and element.get("ref") and self._asset(element) is None:
                word = "generator"
            if word or self._is_sound(element):
                element.tag = "gap"
                element.attrib.pop("ref", None)
                element[:] = [child for child in element if child.get("lane")]
                self.left_out.update([word] if word else [])
        for clip in self.root.iter("clip"):
            self._take_apart(clip)

    def _take_apart(self, clip: Element) -> None:
        """Make a clip of the one picture that a ``clip`` holds, or a gap where it holds none."""
        parts = [part for part in clip if part.tag in _STORY and not part.get("lane")]
        shown = [part for part in parts if part.tag != "gap"]
        if len(shown) == 1 and shown[0].tag == "video":
            clip.tag = "asset-clip"
            clip.set("ref", shown[0].get("ref", ""))
            self.pictures[clip] = Element("video", shown[0].attrib)
            shown[0].tag = "gap"
            return
        clip.tag = "gap"
        clip[:] = [child for child in clip if child.get("lane")]
        self.left_out.update(["composed clip"] if shown else [])

    def _asset(self, element: Element) -> Element | None:
        found = self.resources.get(element.get("ref"))
        return found if found is not None and found.tag == "asset" else None

    def _is_sound(self, element: Element) -> bool:
        if element.tag == "asset-clip":
            asset = self._asset(element)
            return element.get("srcEnable") == "audio" or (asset is not None and not _is_seen(asset))
        return element.tag == "audio" or (element.tag == "ref-clip" and element.get("srcEnable") == "audio")

    def _forget(self) -> None:
        """Remove resources that no project uses."""
        used: set[str | None] = set()
        pending = [one for one in self.root if one.tag != "resources"]
        while pending:
            for element in pending.pop().iter():
                for name in {element.get("ref"), element.get("format")} - used:
                    used.add(name)
                    pending += [self.resources[name]] if name in self.resources else []
        for resources in self.root.iterfind("./resources"):
            resources[:] = [one for one in resources if one.get("id") in used]

    def _place(self, sequence: Element, rate: Fraction) -> None:
        """Put all clips of a sequence side by side, at their own place of it, counted from 0."""
        spine = sequence.find("./spine")
        if spine is None:
            return
        ends: dict[int, int] = {}
        found = sorted(_line(spine, Fraction(0), -_time(sequence, "tcStart"), 0), key=lambda one: one.begins)
        for element, begins, lane in found:
            self._show(element)
            frame = (begins * rate).__floor__()
            if frame < 0:
                raise FcpxError(f"clip {element.get('name', '')!r} begins before its sequence does", hint=_HINT)
            while ends.get(lane, 0) > frame:  # clips that hang on different ones may lie above each other
                lane += 1 if lane >= 0 else -1  # noqa: PLW2901 - the lane that is free
            ends[lane] = frame + (_time(element, "duration") * rate).__floor__()
            element.set("lane", str(lane))
            element.set("offset", _text(begins))
        spine[:] = [element for element, _, _ in found]

    def _show(self, element: Element) -> None:
        """Say of a clip which time of its media it shows, and that it is disabled; what hangs on it is elsewhere.

        Raises:
            FcpxError: its media is not there.
        """
        media = self.resources.get(element.get("ref"))
        inner = media.find("./sequence") if media is not None and media.tag == "media" else None
        if media is None or (media.tag != "asset" if element.tag == "asset-clip" else inner is None):
            name, ref = element.get("name", ""), element.get("ref", "")
            raise FcpxError(f"clip {name!r} shows {ref!r}, which is not among its resources")
        picture = self.pictures.get(element, element)
        start = _time(element, "start")
        if picture is not element:
            start += _time(picture, "start") - _time(picture, "offset")
        elif inner is not None and element.get("start"):
            start -= _time(inner, "tcStart")
        element.set("start", _text(start))
        if not element.get("duration"):
            element.set("duration", (media if inner is None else inner).get("duration", "0s"))
        element[:] = [child for child in element if child.tag == "marker"]
        if "0" in {element.get("enabled"), picture.get("enabled")}:
            ET.SubElement(element, "marker", {"start": "0s", "duration": "0s", "value": OFF})

    def _name(self) -> None:
        """Name files as the reader looks for them, and what has no name."""
        for asset in self.root.iterfind("./resources/asset"):
            shown = asset.findall("./media-rep")
            originals = [one for one in shown if one.get("kind", "original-media") == "original-media"]
            if not asset.get("src") and shown:
                asset.set("src", (originals or shown)[0].get("src", ""))
        for element in self.root.iter():
            element.set("name", element.get("name", ""))

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


def _text(time: Fraction) -> str:
    return f"{time.numerator}/{time.denominator}s"


class _Placed(NamedTuple):
    """A clip, when it begins in its sequence, and its lane."""

    element: Element
    begins: Fraction
    lane: int


def _line(spine: Element, begins: Fraction, zero: Fraction, lane: int) -> Iterator[_Placed]:
    """Clips of a storyline: one that does not say when it begins follows the one before.

    Args:
        spine: the storyline.
        begins: when it begins.
        zero: when it counts from.
        lane: its own.
    """
    for child in spine:
        if child.tag in _STORY:
            if child.get("offset"):
                begins = zero + _time(child, "offset")
            yield from _hung(child, begins, lane)
            begins += _time(child, "duration")


def _hung(element: Element, begins: Fraction, lane: int) -> Iterator[_Placed]:
    """A clip and all that hang on it."""
    if element.tag == "video":  # a still, or a picture without its sound
        element.tag = "asset-clip"
    if element.tag in {"asset-clip", "ref-clip"}:
        yield _Placed(element, begins, lane)
    for child in element:
        if child.tag in _STORY:
            at = begins + _time(child, "offset") - _time(element, "start")
            above = lane + _lane(child)
            yield from _line(child, at, at, above) if child.tag == "spine" else _hung(child, at, above)


def _lane(element: Element) -> int:
    text = element.get("lane") or "0"
    if not _LANE.fullmatch(text):
        raise FcpxError(f"{text[:100]!r} is no lane")
    return int(text)


def _switch(item: dict[str, Any]) -> None:
    """Disable what has the marker of that, and take it away."""
    marks = item["markers"]
    item["markers"] = [mark for mark in marks if mark["name"] != OFF]
    item["enabled"] = len(marks) == len(item["markers"])


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
