"""Where a keeper is met: a folder of this host, and of one user, with a socket and a lock."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import socket
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...schema.errors import MachineError

KEEPER = "SHOTMILL_KEEPER"  # the folder of a session's keeper, for the tasks of that session
HOST_ROOT = Path("/tmp")  # noqa: S108 - TMPDIR may be another for each frame, and sockets want short paths
SHAPERS = ("PYTHONPATH", "LD_LIBRARY_PATH", "CUDA_VISIBLE_DEVICES")  # what a process cannot change once it runs
AT_ONCE = 64  # keepers of one model and the same GPUs


@dataclass(frozen=True)
class Place:
    """A folder where at most one keeper lives, and one task at a time is done."""

    folder: Path

    @property
    def log(self) -> Path:
        """What the keeper itself has to say."""
        return self.folder / "log"

    @property
    def facts(self) -> dict[str, Any]:
        """What the keeper told of itself: ``pid``, ``model``, ``gpus``, ``began``; empty where none lived yet."""
        try:
            found: dict[str, Any] = json.loads((self.folder / "facts.json").read_bytes())
        except (OSError, ValueError):
            return {}
        return found

    @property
    def is_open(self) -> bool:
        """Whether there is something to connect to; a keeper that was killed leaves it behind."""
        return self._socket.exists()

    def listen(self, **facts: object) -> socket.socket:
        """Be the keeper that is met here, whoever was it before."""
        made = socket.socket(socket.AF_UNIX)
        mine = self.folder / f"socket.{os.getpid()}"
        mine.unlink(missing_ok=True)
        made.bind(str(mine))
        made.listen()
        written = self.folder / f"facts.{os.getpid()}"
        written.write_text(json.dumps({"pid": os.getpid(), **facts}))
        written.replace(self.folder / "facts.json")
        mine.replace(self._socket)
        return made

    def leave(self) -> None:
        """Be met no longer."""
        self._socket.unlink(missing_ok=True)

    def meet(self) -> socket.socket | None:
        """A connection to the keeper; None: there is none."""
        made = socket.socket(socket.AF_UNIX)
        try:
            made.connect(str(self._socket))
        except (FileNotFoundError, ConnectionRefusedError):
            made.close()
            return None
        return made

    @contextmanager
    def held(self, *, waits: bool = False) -> Iterator[bool]:
        """Have the keeper for oneself meanwhile; yields whether that is so. The kernel lets go when a holder dies."""
        with (self.folder / "lock").open("wb") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | (0 if waits else fcntl.LOCK_NB))
            except BlockingIOError:
                yield False
            else:
                yield True

    @property
    def _socket(self) -> Path:
        return self.folder / "socket"


def session_place() -> Place:
    """A new place for the keeper of one session."""
    return Place(Path(tempfile.mkdtemp(prefix="shotmill-keeper-", dir=HOST_ROOT)))


def host_places(model: str, environment: Mapping[str, str]) -> Iterator[Place]:
    """Where keepers of a model are met on this host, by whoever runs the same program on the same GPUs.

    Args:
        model: as the step names it.
        environment: of the task.

    Raises:
        MachineError: somebody else made the folder that is ours.
    """
    shape = [sys.executable, model, *(environment.get(name, "") for name in SHAPERS)]
    key = hashlib.blake2b("\0".join(shape).encode(errors="surrogateescape"), digest_size=8).hexdigest()
    for number in range(AT_ONCE):
        yield Place(_own(_own(root()) / f"{key}-{number}"))


def known_places() -> list[Place]:
    """All places of this host and user, sessions' own left out."""
    folder = root()
    return [Place(one) for one in sorted(folder.iterdir()) if one.is_dir()] if folder.is_dir() else []


def root() -> Path:
    """The folder of this user's places."""
    return HOST_ROOT / f"shotmill-keepers-{os.geteuid()}"


def _own(folder: Path) -> Path:
    """Make a folder that nobody else can enter.

    Raises:
        MachineError: it is there, and somebody else can.
    """
    folder.mkdir(mode=0o700, exist_ok=True)
    facts = folder.lstat()
    if facts.st_uid != os.geteuid() or facts.st_mode & 0o077 or not folder.is_dir() or folder.is_symlink():
        raise MachineError(
            f"{folder} belongs to somebody else, or others may enter it; have it removed",
            path=folder,
            hint=f"ls -ld {folder}",
        )
    return folder
