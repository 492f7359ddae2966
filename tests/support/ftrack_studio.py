"""A studio with an ftrack server, and letters to it of files that are there."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ftrack_server import KEY, USER, FtrackDouble, demo_show, ftrack_double
from letters import publication, published_letter, sequence, still

from shotmill.pipeline.outbox.letter import Letter, Publication, PublishedForm
from shotmill.pipeline.outbox.target import SecretReader
from shotmill.pipeline.trackers.ftrack import FtrackTarget, make

TARGET = "tracker"


def keyring_of(secret: str) -> SecretReader:
    """One that knows a single secret."""

    def read(reference: str) -> str:
        assert reference == "env:FTRACK"
        return secret

    return read


@dataclass
class FtrackStudio:
    """A server, and who tells it.

    Attributes:
        kept: remote ids that targets kept before the end.
    """

    server: FtrackDouble
    folder: Path
    kept: list[str] = field(default_factory=list)

    def target(self, *, timeout_s: float = 10.0, secret: str = KEY, **section: Any) -> FtrackTarget:
        """The target that a section makes; the server and who we are there stand in it already."""
        given = {"server": self.server.url, "user": USER, "key": "env:FTRACK", **section}
        return make(TARGET, given, keyring_of(secret), timeout_s)

    def movie(self) -> PublishedForm:
        """An MP4, as far as anybody here looks at it."""
        file = self.folder / "sh010_thumbnail_v001.mp4"
        file.write_bytes(b"a movie")
        return replace(still(self.folder), name="mp4", pattern=file.name, files=(file,))

    def told(self, *forms: PublishedForm, **more: Any) -> Publication:
        """A version of these forms; without any, of a still."""
        return publication(*(forms or (still(self.folder),)), **more)

    def letter(self, told: Publication | None = None, **more: Any) -> Letter:
        """The letter that it is published."""
        return published_letter(told or self.told(), TARGET, keep=self.kept.append, **more)

    def full_letter(self, **more: Any) -> Letter:
        """One with everything: a still, a sequence, a movie, a task and a report."""
        told = self.told(still(self.folder), sequence(self.folder, 1001, 1002), self.movie(), task="comp")
        return self.letter(replace(told, report=self.folder / "report.html"), **more)


@contextlib.contextmanager
def ftrack_studio(folder: Path) -> Iterator[FtrackStudio]:
    """The studio, while it is open."""
    with ftrack_double(demo_show()) as server:
        yield FtrackStudio(server, folder)
