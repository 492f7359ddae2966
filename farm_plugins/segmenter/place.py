"""Where a home's segmenter is met: its port and its token, in a file that its user alone can read."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ...pipeline.files import read_file, storage_error
from ...schema.errors import ConfigError

HOST = "127.0.0.1"
MAX_ADDRESS = 4096
TOKEN_BYTES = 32


@dataclass(frozen=True)
class Address:
    """How a segmenter is reached: on 127.0.0.1, and by whom."""

    port: int
    token: str
    pid: int


@dataclass(frozen=True)
class Place:
    """The folder of a home's segmenter."""

    folder: Path

    @classmethod
    def of(cls, home: Path) -> Place:
        """The place in a home."""
        return cls(home / "segmenter")

    @property
    def file(self) -> Path:
        """Port and token, for clients; see ``docs/roto.md``."""
        return self.folder / "server.json"

    def address(self) -> Address | None:
        """Where the segmenter is, or was before it was killed; None: there is none.

        Raises:
            ConfigError: others can read or write the file, so the token is no secret.
        """
        try:
            facts = self.file.stat()
            content = read_file(self.file, most=MAX_ADDRESS)
        except OSError:
            return None
        if facts.st_uid != os.geteuid() or facts.st_mode & 0o077:
            raise ConfigError(
                f"{self.file} belongs to somebody else, or others may read it; remove it and start the segmenter anew",
                path=self.file,
                hint=f"rm {self.file}",
            )
        try:
            said = json.loads(content)
            return Address(int(said["port"]), str(said["token"]), int(said["pid"]))
        except (ValueError, KeyError, TypeError):
            return None

    @contextmanager
    def taken(self) -> Iterator[bool]:
        """Be the only segmenter of this home meanwhile; yields whether that is so. A killed one lets go by itself.

        Raises:
            StorageError: the folder cannot be made.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise storage_error(self.folder, error) from error
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
        finally:
            os.close(handle)

    def announce(self, port: int) -> Address:
        """Write down where this process is, with a new token.

        Raises:
            StorageError: it cannot be written.
        """
        address = Address(port, secrets.token_hex(TOKEN_BYTES), os.getpid())
        text = json.dumps({"url": f"http://{HOST}:{port}", **vars(address)}, indent=2) + "\n"
        part = self.folder / f"server.{os.getpid()}.part"
        try:
            part.unlink(missing_ok=True)
            # Made with its rights, so that there is no moment when others can open it.
            with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "w") as stream:
                stream.write(text)
            part.replace(self.file)
        except OSError as error:
            raise storage_error(self.file, error) from error
        return address

    def leave(self) -> None:
        """Be met no longer."""
        self.file.unlink(missing_ok=True)
