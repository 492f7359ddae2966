"""What a page says, as values: collected by ``gather``, drawn by ``page``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from ...schema.frames import FrameSet
from ...schema.job import JobSpec
from ...schema.publishing import ManifestFile, PublishedVersion, PublishReport


@dataclass(frozen=True)
class Picture:
    """A small picture; ``uri`` holds all of it."""

    uri: str
    caption: str
    width: int
    height: int


@dataclass(frozen=True)
class FormFacts:
    """One representation; the first of its files, and how many there are."""

    name: str
    pattern: str
    frames: FrameSet | None
    missing: FrameSet | None
    colourspace: str | None
    resolution: str
    files: tuple[ManifestFile, ...]
    count: int
    size_bytes: int


@dataclass(frozen=True)
class FindingsFacts:
    """What a technical check found in a medium; ``problem``: why its report could not be read.

    Attributes:
        verdict: all of it in a line.
        rows: severity, frames, kind and text of each finding, the worst first; ``more``: how many are not in them.
        wanted: frames that were checked; ``bad``: those with errors or warnings.
    """

    verdict: str
    rows: tuple[tuple[str, str, str, str], ...] = ()
    more: int = 0
    wanted: tuple[int, ...] = ()
    bad: tuple[int, ...] = ()
    problem: str = ""


@dataclass(frozen=True)
class VersionFacts:
    """One version that is told of at length; ``problem``: why its manifest could not be read."""

    published: PublishedVersion
    forms: tuple[FormFacts, ...] = ()
    lineage: Mapping[str, Any] = field(default_factory=dict)
    sources: tuple[str, ...] = ()
    problem: str = ""
    findings: FindingsFacts | None = None

    @property
    def name(self) -> str:
        """Such as ``demo/sq010/sh010/comp v003``."""
        return version_name(self.published)


@dataclass(frozen=True)
class StepTime:
    """When a step ran. ``busy_s``, ``cpu_s``: seconds of all its tasks that succeeded, added up."""

    name: str
    tasks: int
    started: datetime
    finished: datetime
    busy_s: float
    cpu_s: float


@dataclass(frozen=True)
class HostWork:
    """What a host did."""

    host: str
    tasks: int
    busy_s: float
    steps: tuple[str, ...]


@dataclass(frozen=True)
class Trouble:
    """What is wrong with some frames, and what to type."""

    what: str
    frames: str
    wrong: str
    mend: str = ""


@dataclass(frozen=True)
class Told:
    """One row of the outbox."""

    version: str
    target: str
    kind: str
    state: str
    attempts: int
    remote_id: str | None
    last_error: str | None
    delivered: datetime | None


@dataclass(frozen=True)
class PageFacts:
    """All that a page says.

    Attributes:
        handle: of the job; its folder's name.
        versions: those that are told of at length; ``report.versions`` has all.
        asked: when the job was submitted; None: not known.
        template: hash of the OpenJD template; empty: not known.
        told: None: the database could not be asked.
        told_more: rows of the outbox that are not in ``told``.
        made: when this was collected.
        unknown: what could not be found out, and why.
    """

    spec: JobSpec
    report: PublishReport
    handle: str
    folder: Path
    made: datetime
    versions: tuple[VersionFacts, ...] = ()
    pictures: tuple[Picture, ...] = ()
    pictures_more: int = 0
    steps: tuple[StepTime, ...] = ()
    hosts: tuple[HostWork, ...] = ()
    troubles: tuple[Trouble, ...] = ()
    asked: datetime | None = None
    engine: str = ""
    template: str = ""
    told: tuple[Told, ...] | None = None
    told_more: int = 0
    unknown: tuple[str, ...] = ()

    @property
    def wanted(self) -> FrameSet | None:
        """All frames that the job promised to publish."""
        steps = self.spec.steps
        promised = {frame for step in steps for output in step.outputs for frame in output.frames or ()}
        return FrameSet.of(promised) if promised else None

    @property
    def is_refused(self) -> bool:
        """Whether the publish stopped."""
        return self.report.outcome == "refused"


def version_name(version: PublishedVersion) -> str:
    """Such as ``demo/sq010/sh010/comp v003``."""
    return f"{version.entity}/{version.product} v{version.number:03d}"
