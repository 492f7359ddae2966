"""What an installation does, as a list that can be shown before it is done."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ...pipeline.files import storage_error, write_whole
from ...schema.errors import BadRequestError, ConfigError
from .desk import Desk

RECORD = "installed.json"
OURS = "shotmill"  # a folder of this name is ours alone
PROGRAM_S = 300.0


@dataclass(frozen=True)
class Host:
    """What belongs into one host.

    Attributes:
        name: ``rv``, ``nuke`` or ``blender``.
        folder: where it goes, for people.
        files: path -> content, of files that are ours alone.
        edits: path -> content, of files that others share, with what is ours in it; None: away with it.
        without: the same files without what is ours.
        programs: to run when something was written, or when ``is_due``.
        undo: programs to run when it is taken back, before files are.
        is_due: whether the host lacks what the programs bring.
    """

    name: str
    folder: Path
    files: Mapping[Path, bytes] = field(default_factory=dict)
    edits: Mapping[Path, bytes | None] = field(default_factory=dict)
    without: Mapping[Path, bytes | None] = field(default_factory=dict)
    programs: Sequence[Sequence[str]] = ()
    undo: Sequence[Sequence[str]] = ()
    is_due: bool = False


@dataclass(frozen=True)
class Step:
    """One thing to do.

    Attributes:
        verb: ``write``, ``change``, ``keep``, ``remove``, ``make`` (a folder) or ``run``.
        path: of the file; None for programs.
        content: to be written.
        argv: to be run.
    """

    verb: str
    path: Path | None = None
    content: bytes = b""
    argv: tuple[str, ...] = ()

    def told(self, *, done: bool) -> str:
        """For people: ``wrote /home/ann/.rv/Python/...`` or ``would write ...``."""
        past = {
            "write": "wrote",
            "change": "changed",
            "keep": "kept",
            "remove": "removed",
            "make": "made",
            "run": "ran",
        }
        what = str(self.path) if self.path else " ".join(self.argv)
        if self.verb == "keep":
            return f"kept {what}"
        return f"{past[self.verb]} {what}" if done else f"would {self.verb} {what}"


def plan_install(host: Host, desk: Desk, *, force: bool = False) -> list[Step]:
    """What to do so that a host has Shotmill; what is there already is kept.

    Args:
        host: what belongs into it.
        desk: the machine.
        force: write over files that are there and are not ours.

    Raises:
        BadRequestError: a file is there that is not ours; names it.
        StorageError: a file cannot be read.
    """
    known = recorded(desk).get(host.name, [])
    steps = [_written(path, content, known, force=force) for path, content in host.files.items()]
    steps += [_changed(path, content) for path, content in host.edits.items()]
    stale = [Path(path) for path in known if Path(path) not in host.files]
    steps += [Step("remove", path) for path in stale if path.is_file()]
    if host.is_due or any(step.verb != "keep" for step in steps):
        steps += [Step("make", host.folder)] if host.programs and not host.folder.is_dir() else []
        steps += [Step("run", argv=tuple(argv)) for argv in host.programs]
    return [*steps, *_record(desk, host.name, [str(path) for path in host.files])]


def plan_uninstall(host: Host, desk: Desk) -> list[Step]:
    """What to do so that a host is as if Shotmill had never been there.

    Raises:
        StorageError: a file cannot be read.
    """
    known = [Path(path) for path in recorded(desk).get(host.name, [])]
    steps = [Step("run", argv=tuple(argv)) for argv in host.undo] if known else []
    steps += [Step("remove", path) for path in known if path.is_file()]
    steps += [step for path, content in host.without.items() if (step := _changed(path, content)).verb != "keep"]
    return [*steps, *_record(desk, host.name, [])]


def carry_out(steps: Iterable[Step], host: Host, desk: Desk) -> Iterator[Step]:
    """Do one step after the other; each is given back when it is done.

    Folders below the host's that are left empty are removed, and the host's where it is ours alone.

    Raises:
        StorageError: a file cannot be written or removed.
        ConfigError: a program failed; its last line is told.
    """
    kept = {desk.home, desk.nuke, desk.rv, desk.config.parent, host.folder.parent}
    if host.folder.name != OURS:
        kept.add(host.folder)
    for step in steps:
        try:
            _do(step, kept)
        except OSError as error:
            raise storage_error(Path(error.filename or step.path or "."), error) from error
        yield step


def _do(step: Step, kept: Collection[Path]) -> None:
    if step.verb == "run":
        _run(step.argv)
    elif step.path is None:
        raise BadRequestError(f"there is nothing to {step.verb}", field="path")
    elif step.verb == "make":
        step.path.mkdir(parents=True)
    elif step.verb == "remove":
        step.path.unlink(missing_ok=True)
        _tidy(step.path.parent, kept)
    elif step.verb in {"write", "change"}:
        _replace(step.path, step.content)


def _replace(path: Path, content: bytes) -> None:
    """Write a file whole or not at all; of a link, what it leads to, with its permissions."""
    path.parent.mkdir(parents=True, exist_ok=True)
    target = path.resolve()
    half = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        write_whole(half, content)
        if target.exists():
            shutil.copymode(target, half)
        half.replace(target)
    finally:
        half.unlink(missing_ok=True)


def _run(argv: Sequence[str]) -> None:
    try:
        ran = subprocess.run(list(argv), stdin=subprocess.DEVNULL, capture_output=True, timeout=PROGRAM_S, check=False)
    except subprocess.TimeoutExpired as error:
        raise ConfigError(f"{argv[0]} did not end within {PROGRAM_S:g} s", hint=" ".join(argv)) from error
    if ran.returncode:
        said = (ran.stderr + ran.stdout).decode("utf-8", "replace").strip().splitlines()
        last = said[-1][:300] if said else "it said nothing"
        raise ConfigError(f"{argv[0]} ended with exit code {ran.returncode}: {last}", hint=" ".join(argv))


def _tidy(folder: Path, kept: Collection[Path]) -> None:
    """Remove folders that hold nothing any more, or nothing but what Python compiled, from here upwards."""
    while folder not in kept and folder.is_dir():
        cache = folder / "__pycache__"
        if any(path != cache for path in folder.iterdir()):
            return
        for path in cache.glob("*.pyc"):
            path.unlink()
        for empty in (cache, folder):
            if empty.is_dir():
                empty.rmdir()
        folder = folder.parent


def _written(path: Path, content: bytes, known: Sequence[str], *, force: bool) -> Step:
    there = _read(path)
    if there == content:
        return Step("keep", path)
    if there is not None and str(path) not in known and not force:
        raise BadRequestError(
            f"{path} is there and is not Shotmill's; nothing was written",
            hint="move it away, or give --force",
            path=path,
        )
    return Step("write", path, content)


def _changed(path: Path, content: bytes | None) -> Step:
    there = _read(path)
    if there == content:
        return Step("keep", path)
    return Step("remove", path) if content is None else Step("change" if there is not None else "write", path, content)


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise storage_error(path, error) from error


def recorded(desk: Desk) -> dict[str, list[str]]:
    """The files of each host that an installation wrote.

    Raises:
        BadRequestError: what was written down of them cannot be read.
    """
    content = _read(desk.config / RECORD)
    if content is None:
        return {}
    try:
        found = json.loads(content)
        return {str(name): [str(path) for path in paths] for name, paths in found.items()}
    except (ValueError, AttributeError, TypeError) as error:
        place = desk.config / RECORD
        raise BadRequestError(f"{place} cannot be read; remove it, and install again", path=place) from error


def _record(desk: Desk, name: str, paths: Sequence[str]) -> list[Step]:
    """The step that remembers a host's files; none where it is known already."""
    before = recorded(desk)
    after = (
        {**before, name: list(paths)} if paths else {other: files for other, files in before.items() if other != name}
    )
    if after == before:
        return []
    place = desk.config / RECORD
    if not after:
        return [Step("remove", place)]
    return [Step("change" if before else "write", place, json.dumps(after, indent=2).encode() + b"\n")]
