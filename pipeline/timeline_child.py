"""The process that reads a timeline nobody vouches for: the file on its standard input, plain JSON on its output.

Only this process loads OpenTimelineIO, and only for what ``timeline_schemas`` does not know for certain.
``timeline.py`` starts it; it limits its own memory, processor time and disk before it reads a byte, refuses what is
known to harm the readers, and may die: its parent does not.
It answers ``{"cut": ...}`` (see ``timeline_raw``) or ``{"error": kind, "message": ..., "hint": ...}``.
"""

from __future__ import annotations

import gc
import json
import os
import re
import sys
from fractions import Fraction
from itertools import accumulate
from typing import Any

from .timeline_edl import DROP_RATES, counted_text
from .timeline_fcpx import FcpxError, counted_fcpx, timed
from .timeline_raw import RawError, raw_cut
from .timeline_schemas import is_whole

MAX_DEPTH = 200  # OpenTimelineIO's own reader overflows the stack somewhere above 20,000
MAX_OBJECTS = 750_000
MAX_EVENTS = 30_000
MAX_LINES = 300_000
MAX_ELEMENTS = 2_000_000
MAX_TEMPORARY = 128 * 1024 * 1024
PACKAGES = {
    "cmx_3600": "otio-cmx3600-adapter",
    "fcp_xml": "otio-fcp-adapter",
    "fcpx_xml": "otio-fcpx-xml-adapter",
    "AAF": "otio-aaf-adapter",
}
_ROOTS = {"xmeml": "fcp_xml", "fcpxml": "fcpx_xml"}
_TIMECODE = re.compile(r"\b\d\d:\d\d:\d\d([:;.])(\d\d)\b")
_SPEED = re.compile(r"^M2\s+\S+\s+(-?\d+(?:\.\d+)?)\s", re.MULTILINE)
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
_NOT_BRACKETS = bytes(set(range(256)) - set(b'{}[]"'))
_STEPS = bytes.maketrans(b"{[}]", b"\x01\x01\xff\xff")  # as signed bytes: +1 and -1


class RefusedError(Exception):
    """The file is refused; ``kind`` (``timeline``, ``large``, ``extra``) chooses the error of the parent."""

    def __init__(self, message: str, *, kind: str = "timeline", hint: str = "") -> None:
        super().__init__(message)
        self.answer = {"error": kind, "message": message, "hint": hint}


def main(argv: list[str]) -> int:
    """Read, answer, end.

    Args:
        argv: the format, the rate as ``24000/1001`` or empty, the timeline's name or empty, bytes of memory,
            seconds of processor time.
    """
    kind, rate, name, memory, seconds = argv
    gc.disable()  # one short life, nothing but trees
    answers = os.dup(1)
    os.dup2(2, 1)  # what a reader prints is no answer
    limit_self(int(memory), int(seconds))
    answer: dict[str, Any]
    try:
        answer = {"cut": read(kind, sys.stdin.buffer.read(), rate=Fraction(rate) if rate else None, name=name or None)}
    except RefusedError as error:
        answer = error.answer
    except MemoryError:
        answer = {"error": "large", "message": f"it needs more than {int(memory) >> 20} MiB to read", "hint": ""}
    with os.fdopen(answers, "w", encoding="utf-8") as stream:
        stream.write(json.dumps(answer, separators=(",", ":")))
    return 0


def limit_self(memory: int, seconds: int) -> None:
    """Limit this process: bytes of address space, seconds of processor, no core file, little disk."""
    import resource  # noqa: PLC0415 - POSIX only

    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (MAX_TEMPORARY, MAX_TEMPORARY))


def read(kind: str, content: bytes, *, rate: Fraction | None, name: str | None) -> dict[str, Any]:
    """Check, read and reduce a timeline.

    Raises:
        RefusedError: says why, and what helps.
    """
    notes: list[str] = []
    drops = False
    if kind == "otio_json":
        check_json(content)
        document = _read_whole(content) or _read_otio(content)
    elif kind == "cmx_3600":
        text, drops = counted_text(check_edl(content, rate), rate or Fraction(24))
        document = _adapt(kind, text, rate=float(rate or 24))
        notes = _lost_speeds(text, rate or Fraction(24), document)
    elif kind == "AAF":
        if not content.startswith(b"\xd0\xcf\x11\xe0"):  # [MS-CFB] 2.2: signature of a compound file
            raise RefusedError("it is no AAF file: its first bytes are not those of a compound file")
        document = _adapt_file(kind, content)
    else:
        kind = check_xml(content)
        document, more = _read_fcpx(content) if kind == "fcpx_xml" else (_adapt(kind, content), ())
        notes += more
    try:
        cut = raw_cut(document, name=name)
    except RawError as error:
        raise RefusedError(str(error)) from error
    cut["notes"] += notes
    if kind == "cmx_3600":
        cut["drop_frame"] = drops
    cut["format"] = kind
    return cut


def check_json(content: bytes) -> None:
    """Refuse an OTIO file that is nested too deep or holds too much, before a reader sees it.

    Raises:
        RefusedError: says which limit.
    """
    if b"\0" in content:
        raise RefusedError("it holds NUL bytes, so it is no .otio file")
    if not content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        raise RefusedError("it does not begin with '{', so it is no .otio file")
    bare = content
    if b"\\" in bare:  # two searches that most files do not need
        bare = bare.replace(b"\\\\", b"").replace(b'\\"', b"")
    bare = bare.translate(None, _NOT_BRACKETS)
    bare = bare.replace(b'""', b"")  # two quotes with no bracket between: nearly all, and each piece below costs
    bare = b"".join(bare.split(b'"')[::2])  # every other piece is inside a string
    if (objects := bare.count(b"{")) > MAX_OBJECTS:
        raise RefusedError(
            f"it holds {objects} objects, {MAX_OBJECTS} are allowed", kind="large", hint="export it in parts"
        )
    if len(bare) > 4 * MAX_OBJECTS:
        raise RefusedError(f"it holds more than {2 * MAX_OBJECTS} lists", kind="large", hint="export it in parts")
    depth = max(accumulate(memoryview(bare.translate(_STEPS)).cast("b")), default=0)
    if depth > MAX_DEPTH:
        raise RefusedError(f"it is nested {depth} deep, {MAX_DEPTH} are allowed", hint="flatten the timeline")


def check_edl(content: bytes, rate: Fraction | None) -> str:
    """The text of an EDL whose timecodes fit the rate.

    Raises:
        RefusedError: it is no text, too long, says nothing, or was made at another rate; suggests one.
    """
    if b"\0" in content:
        raise RefusedError("it holds NUL bytes, so it is no EDL (UTF-16 must be saved as UTF-8)")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    lines = text.splitlines()
    if len(lines) > MAX_LINES or (events := sum(line[:1].isdigit() for line in lines)) > MAX_EVENTS:
        raise RefusedError(f"it holds more than {MAX_EVENTS} events", kind="large", hint="export it in parts")
    if not events:
        raise RefusedError("it holds no event, so it is empty or no EDL")
    marks = _TIMECODE.findall(text)
    highest = max((int(frame) for _, frame in marks), default=0)
    drops = any(mark in ";." for mark, _ in marks)
    likely = likely_rate(highest, drops=drops)
    if rate is None:
        raise RefusedError("an EDL does not say its frame rate", hint=f"give it, here probably --rate {likely}")
    if drops and rate not in DROP_RATES:
        raise RefusedError(f"its timecode is drop-frame, which {rate} fps does not have", hint=f"--rate {likely}")
    if highest >= rate:
        raise RefusedError(f"it counts to frame {highest} in a second, too far for {rate} fps", hint=f"--rate {likely}")
    return text


def likely_rate(highest: int, *, drops: bool) -> str:
    """The rate that timecodes with this highest frame number were probably written at."""
    if drops:
        return "59.94" if highest >= 30 else "29.97"  # noqa: PLR2004 - frame 30 exists only at 60
    return next((str(rate) for rate in (24, 25, 30, 48, 50, 60) if highest < rate), "120")


def check_xml(content: bytes) -> str:
    """The format that the XML really is; no entities, no foreign document type, not too deep.

    Raises:
        RefusedError: says which rule it breaks.
    """
    from xml.parsers import expat  # noqa: PLC0415 - only XML needs it

    scan = _XmlScan()
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = scan.doctype
    parser.EntityDeclHandler = scan.entity
    parser.StartElementHandler = scan.start
    parser.EndElementHandler = scan.end
    try:
        parser.Parse(content, True)  # noqa: FBT003 - expat's own form
    except expat.ExpatError as error:
        raise RefusedError(f"it is no whole XML: {error}") from error
    if scan.root not in _ROOTS:
        raise RefusedError(f"its root is <{scan.root[:40]}>; Final Cut XML begins with <xmeml> or <fcpxml>")
    return _ROOTS[scan.root]


class _XmlScan:
    """Watches expat: raises at what is refused."""

    def __init__(self) -> None:
        self.root = ""
        self.depth = 0
        self.elements = 0

    def doctype(self, name: str, system: str | None, public: str | None, internal: bool) -> None:  # noqa: FBT001 - expat's own form
        del name
        if system or public or internal:
            raise RefusedError("it carries a document type definition, which is refused", hint="remove the DOCTYPE")

    def entity(self, *names: object) -> None:
        raise RefusedError(f"it defines the entity {names[0]!r}; entities are refused", hint="remove the DOCTYPE")

    def start(self, name: str, attributes: dict[str, str]) -> None:
        del attributes
        self.root = self.root or name
        self.depth += 1
        self.elements += 1
        if self.depth > MAX_DEPTH:
            raise RefusedError(f"it is nested more than {MAX_DEPTH} deep")
        if self.elements > MAX_ELEMENTS:
            raise RefusedError(f"it holds more than {MAX_ELEMENTS} elements", kind="large", hint="export it in parts")

    def end(self, name: str) -> None:
        del name
        self.depth -= 1


def _read_whole(content: bytes) -> dict[str, Any] | None:
    """What OpenTimelineIO would write again just as it is; None when that is not certain."""
    if b"\\" in content and _SURROGATE.search(content):  # half a character, maybe
        return None
    try:
        document = json.loads(content.decode("utf-8-sig"))
    except ValueError:
        return None
    return document if is_whole(document) else None


def _read_otio(content: bytes) -> dict[str, Any]:
    import opentimelineio as otio  # noqa: PLC0415 - heavy, and only after the checks

    try:
        found = otio.core.deserialize_json_from_string(content.decode("utf-8-sig"))
    except otio.exceptions.UnsupportedSchemaError as error:
        raise RefusedError(
            f"it was written by a newer OpenTimelineIO: {error}",
            hint="otiotool --downgrade on the machine that wrote it",
        ) from error
    except (ValueError, TypeError, otio.exceptions.OTIOError) as error:
        raise RefusedError(f"it is no OpenTimelineIO document: {_first_line(error)}") from error
    return _plain(found)


def _read_fcpx(content: bytes) -> tuple[dict[str, Any], tuple[str, ...]]:
    """A document of Final Cut Pro X, set right; and what a person should know."""
    try:
        found = counted_fcpx(content)
    except FcpxError as error:
        raise RefusedError(str(error), hint=error.hint) from error
    document = _adapt("fcpx_xml", found.text)
    timed(document, found)
    return document, found.notes


def _adapt(kind: str, text: str | bytes, **options: Any) -> dict[str, Any]:
    import opentimelineio as otio  # noqa: PLC0415 - heavy, and only after the checks

    _need(otio, kind)
    try:
        found = otio.adapters.read_from_string(text, kind, **options)
    except MemoryError:
        raise
    except Exception as error:  # adapters raise anything, AttributeError and KeyError included
        raise RefusedError(f"its reader gave up: {_first_line(error)}") from error
    return _plain(found)


def _adapt_file(kind: str, content: bytes) -> dict[str, Any]:
    """As ``_adapt``, for the one reader that wants a file."""
    import tempfile  # noqa: PLC0415 - only AAF needs it

    import opentimelineio as otio  # noqa: PLC0415 - heavy, and only after the checks

    _need(otio, kind)
    with tempfile.NamedTemporaryFile(suffix=".aaf") as stream:
        stream.write(content)
        stream.flush()
        try:
            found = otio.adapters.read_from_file(stream.name, kind)
        except MemoryError:
            raise
        except Exception as error:  # adapters raise anything
            raise RefusedError(f"its reader gave up: {_first_line(error)}") from error
    return _plain(found)


def _need(otio: Any, kind: str) -> None:
    if kind not in otio.adapters.available_adapter_names():
        raise RefusedError(
            f"reading it needs {PACKAGES[kind]}, which is not installed",
            kind="extra",
            hint="pip install 'shotmill[timeline]'",
        )


def _plain(found: Any) -> dict[str, Any]:
    if not hasattr(found, "to_json_string"):
        raise RefusedError(f"it holds a {type(found).__name__}, not a timeline")
    plain = json.loads(found.to_json_string(indent=-1))
    if not isinstance(plain, dict):
        raise RefusedError(f"it holds a {type(plain).__name__}, not a timeline")
    return plain


def _first_line(error: BaseException) -> str:
    return f"{type(error).__name__}: {(str(error).strip().splitlines() or [''])[0][:300]}"


def _lost_speeds(text: str, rate: Fraction, document: dict[str, Any]) -> list[str]:
    """A note when the reader dropped speed changes: it heeds M2 only where source and record lengths differ."""
    given = sum(float(speed) != float(rate) for speed in _SPEED.findall(text))
    kept = json.dumps(document).count('"LinearTimeWarp.')
    return [f"{given - kept} of {given} speed changes (M2) contradict their ranges and were left out"] * (given > kept)


if __name__ == "__main__":
    code = main(sys.argv[1:])
    sys.stderr.flush()
    os._exit(code)  # taking a large tree apart would cost a tenth of a second, for nothing
