"""A disk of a test's own, small enough to be filled: a tmpfs that is mounted for it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

MIB = 1024 * 1024
PAGE = 4096  # what a tmpfs gives out at a time
NAMESPACE = ("unshare", "--map-current-user", "--keep-caps", "--mount")  # not root: PostgreSQL refuses root
BALLAST = "ballast"


@dataclass(frozen=True)
class SmallDisk:
    """A mounted tmpfs."""

    path: Path

    @property
    def free(self) -> int:
        """Bytes that can still be written."""
        facts = os.statvfs(self.path)
        return facts.f_bavail * facts.f_frsize

    def fill(self, *, leave: int = 0) -> None:
        """Take all space but this much."""
        with (self.path / BALLAST).open("ab") as ballast:
            wanted = self.free - leave
            if wanted > 0:
                os.posix_fallocate(ballast.fileno(), ballast.tell(), wanted)

    def make_space(self) -> None:
        """Give it all back."""
        (self.path / BALLAST).unlink()


@contextmanager
def mounted(path: Path, *, size: int, files: int = 0) -> Iterator[SmallDisk]:
    """Mount a tmpfs of this many bytes; of this many files and folders, too, when that is given."""
    path.mkdir(parents=True, exist_ok=True)
    options = f"size={size}" + (f",nr_inodes={files}" if files else "")
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(path)], check=True)
    try:
        yield SmallDisk(path)
    finally:
        subprocess.run(["umount", "--lazy", str(path)], check=True)


@cache
def may_mount() -> bool:
    """Whether this process may mount; root may not everywhere."""
    words = ["unshare", "--mount", "mount", "-t", "tmpfs", "tmpfs", "/tmp"]
    return subprocess.run(words, check=False, capture_output=True).returncode == 0


def run_where_it_may_mount(test: str, folder: Path) -> str:
    """Run one test by its pytest id in a user namespace of its own; what went wrong, or nothing."""
    command = [*NAMESPACE, sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n", "0", test]
    ran = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return "" if ran.returncode == 0 else f"{' '.join(command)}\n{ran.stdout}{ran.stderr}"
