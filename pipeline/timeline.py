"""Timelines, which nobody vouches for: read once, parsed in a process with limits, handed back as plain documents.

OpenTimelineIO and its adapters run in ``timeline_child`` alone; here is only what starts that process and what
becomes of its answer. The process gets the file's bytes on a pipe, so what was hashed is what was parsed.
"""

from __future__ import annotations

import hashlib
import json
import os
import signal
import stat
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from ..schema.errors import InputMissingError, InputTooLargeError, MissingExtraError, ShotmillError, TimelineError
from ..schema.media import Rate
from ..schema.timeline import CutDocument
from .timeline_place import place_cut

FORMATS = {
    ".otio": "otio_json",
    ".edl": "cmx_3600",
    ".xml": "fcp_xml",
    ".fcpxml": "fcpx_xml",
    ".aaf": "AAF",
}
NEEDS_RATE = frozenset({"cmx_3600"})
# What the reading process sees of the environment: enough to start Python, no secrets.
ENVIRONMENT = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "TMPDIR", "COVERAGE_PROCESS_CONFIG")


@dataclass(frozen=True)
class Limits:
    """What one timeline may cost.

    Attributes:
        file_mib: size of the file.
        memory_mib: address space of the reading process.
        cpu_s: its processor seconds.
        wall_s: seconds until it is stopped.
        answer_mib: size of what it hands back.
    """

    file_mib: int = 64
    memory_mib: int = 512
    cpu_s: int = 10
    wall_s: float = 60.0
    answer_mib: int = 64


DEFAULT_LIMITS = Limits()


@dataclass(frozen=True)
class TimelineFile:
    """A timeline's bytes. ``checksum`` is their SHA-256 in hex; ``kind`` is one of ``FORMATS``' values."""

    path: Path
    kind: str
    content: bytes
    checksum: str


def load_timeline(path: Path, *, limits: Limits = DEFAULT_LIMITS) -> TimelineFile:
    """Read a timeline's bytes, once.

    Raises:
        TimelineError: its suffix is of no known format, it is empty, or it is no file.
        InputMissingError: it is not there or may not be read.
        InputTooLargeError: it is larger than the limit.
    """
    kind = FORMATS.get(path.suffix.lower())
    if kind is None:
        known = ", ".join(FORMATS)
        raise TimelineError(
            f"{path.name}: {path.suffix or 'no suffix'} is no timeline; known: {known}",
            hint=f"give {path / 'Info.fcpxml'}" if path.suffix.lower() == ".fcpxmld" else "",
            path=path,
        )
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise TimelineError(f"{path} is not a file; give the timeline itself", path=path)
        with path.open("rb") as stream:
            content = stream.read((limits.file_mib << 20) + 1)
    except (OSError, ValueError) as error:
        raise InputMissingError(f"{path}: {getattr(error, 'strerror', None) or error}", path=path) from error
    if len(content) > limits.file_mib << 20:
        raise InputTooLargeError(
            f"{path.name} is larger than the {limits.file_mib} MiB that a timeline may have",
            hint="export the cut in parts, or without embedded media",
            path=path,
        )
    if not content.strip():
        raise TimelineError(f"{path.name} is empty; export it again", path=path)
    return TimelineFile(path, kind, content, hashlib.sha256(content).hexdigest())


def parse_timeline(
    file: TimelineFile,
    *,
    rate: Rate | None = None,
    timeline: str | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> CutDocument:
    """The clips of a timeline, in exact frames. Whatever the file holds, this process lives on.

    Args:
        file: what ``load_timeline`` read.
        rate: the cut's rate; an EDL does not say its own. None: as in the file.
        timeline: which one, when the file holds several; None: the first with video clips.
        limits: what it may cost.

    Raises:
        TimelineError: it cannot be read, breaks a rule, holds no clip, or brought its reader down.
        InputTooLargeError: it holds too much, or reading it needs too much memory.
        MissingExtraError: the format's reader is not installed; names the extra.
    """
    answer = _ask(file, rate, timeline, limits)
    if "error" in answer:
        raise _refused(file, answer)
    try:
        return place_cut(answer["cut"], rate=rate)
    except ShotmillError as error:
        raise type(error)(f"{file.path.name}: {error.message}", hint=error.hint, path=file.path) from error
    except RecursionError as error:
        raise TimelineError(f"{file.path.name}: it is nested too deep", hint="flatten the timeline") from error


def read_cut(path: Path, *, rate: Rate | None = None, timeline: str | None = None) -> CutDocument:
    """Load and parse in one; raises what ``load_timeline`` and ``parse_timeline`` raise."""
    return parse_timeline(load_timeline(path), rate=rate, timeline=timeline)


def _refused(file: TimelineFile, answer: dict[str, Any]) -> ShotmillError:
    kinds: dict[str, type[ShotmillError]] = {"large": InputTooLargeError, "extra": MissingExtraError}
    kind = kinds.get(str(answer["error"]), TimelineError)
    return kind(f"{file.path.name}: {answer['message']}", hint=str(answer.get("hint", "")), path=file.path)


def _ask(file: TimelineFile, rate: Rate | None, timeline: str | None, limits: Limits) -> dict[str, Any]:
    """What the reading process answers."""
    if timeline is not None and "\0" in timeline:
        raise TimelineError("the name of a timeline holds a NUL character")
    argv = [
        *(sys.executable, "-I", "-m", f"{__package__}.timeline_child"),
        *(file.kind, str(rate or ""), timeline or "", str(limits.memory_mib << 20), str(limits.cpu_s)),
    ]
    environment = {name: os.environ[name] for name in ENVIRONMENT if name in os.environ}
    with tempfile.TemporaryFile() as complaints:
        process = subprocess.Popen(
            argv,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=complaints,
            env=environment,
            start_new_session=True,
        )
        late = threading.Event()
        answer = _talk(process, file.content, limits, late)
        if late.is_set():
            raise TimelineError(f"{file.path.name}: reading it took longer than {limits.wall_s:g} s", path=file.path)
        if len(answer) > limits.answer_mib << 20:
            raise InputTooLargeError(f"{file.path.name}: it holds more than {limits.answer_mib} MiB of clips")
        if process.returncode != 0:
            raise _died(file, process.returncode, complaints, limits)
    try:
        found = json.loads(answer)
    except (ValueError, RecursionError) as error:
        raise TimelineError(f"{file.path.name}: its reader answered nonsense", path=file.path) from error
    if not isinstance(found, dict):
        raise TimelineError(f"{file.path.name}: its reader answered nonsense", path=file.path)
    return found


def _talk(process: subprocess.Popen[bytes], content: bytes, limits: Limits, late: threading.Event) -> bytes:
    """Feed the process, read at most one byte more than it may answer, and see it end."""
    assert process.stdin is not None  # noqa: S101 - both are pipes by the call above
    assert process.stdout is not None  # noqa: S101 - same
    feeder = threading.Thread(target=_feed, args=(process.stdin, content), daemon=True)

    def stop() -> None:
        late.set()
        process.kill()

    clock = threading.Timer(limits.wall_s, stop)
    clock.start()
    feeder.start()
    try:
        answer = process.stdout.read((limits.answer_mib << 20) + 1)
        if len(answer) > limits.answer_mib << 20:
            process.kill()
        process.wait()
    finally:
        clock.cancel()
        process.kill()
        process.wait()
        process.stdout.close()
        feeder.join()
    return answer


def _feed(stream: IO[bytes], content: bytes) -> None:
    try:
        with stream:
            stream.write(content)
    except BrokenPipeError:  # it refused early, or died: its answer says so
        return


def _died(file: TimelineFile, code: int, complaints: IO[bytes], limits: Limits) -> ShotmillError:
    complaints.seek(max(0, complaints.seek(0, os.SEEK_END) - 4096))
    last = (complaints.read().decode("utf-8", "replace").strip().splitlines() or [""])[-1][:300]
    name = file.path.name
    if "MemoryError" in last or "bad_alloc" in last:
        return InputTooLargeError(f"{name}: it needs more than {limits.memory_mib} MiB to read", path=file.path)
    if code in {-signal.SIGXCPU, -signal.SIGKILL}:
        return TimelineError(
            f"{name}: reading it took more than {limits.cpu_s} s of processor time",
            hint="export the cut in parts",
            path=file.path,
        )
    if code < 0:
        return TimelineError(
            f"{name}: it brought its reader down ({signal.Signals(-code).name}); it is damaged or made to harm",
            hint="export it again, from the program it was made in",
            path=file.path,
        )
    return TimelineError(f"{name}: its reader stopped with exit code {code}: {last}", path=file.path)
