"""Documents of publishing: the manifest beside the files, and the report of a run."""

from __future__ import annotations

from typing import Any

from pydantic import AwareDatetime, Field

from .base import Document
from .frames import FrameSet
from .media import EntityRef
from .receipts import CHECKSUM_ALGORITHM, RelativePath

MANIFEST_NAME = "manifest.json"
MANIFEST_VERSION = 1
REPORT_VERSION = 1


class ManifestFile(Document):
    """One published file; ``path`` is relative to the version's folder."""

    path: RelativePath
    size: int
    checksum: str
    frame: int | None = None


class ManifestRepresentation(Document):
    """One form of a version's content.

    Attributes:
        pattern: the name of its files, with ``#`` for each digit of the frame where it is a sequence.
        padding: how many digits a frame has at least; 0 where it is no sequence.
    """

    name: str
    pattern: str = ""
    padding: int = 0
    frames: FrameSet | None = None
    missing: FrameSet | None = None
    colourspace: str | None = None
    width: int | None = None
    height: int | None = None
    pixel_aspect: float | None = None
    facts: dict[str, Any] = Field(default_factory=dict)
    files: tuple[ManifestFile, ...]


class Manifest(Document):
    """What lies in a version's folder; enough to verify it without a database."""

    manifest_version: int = MANIFEST_VERSION
    algorithm: str = CHECKSUM_ALGORITHM
    version_id: str
    key: str
    entity: EntityRef
    product: str
    kind: str
    number: int
    author: str
    comment: str = ""
    created: AwareDatetime
    representations: tuple[ManifestRepresentation, ...]
    lineage: dict[str, Any] = Field(default_factory=dict)


class PluginResult(Document):
    """What one plug-in did to one instance; ``instance`` is None for the whole run."""

    plugin: str
    order: float
    instance: str | None
    ok: bool
    duration_s: float
    error: str | None = None
    traceback: str | None = None
    records: tuple[str, ...] = ()


class PublishedVersion(Document):
    """One version that the run published, or found published."""

    version_id: str
    entity: str
    product: str
    number: int
    folder: str
    files: int
    size_bytes: int
    is_new: bool
    holes: FrameSet | None = None


class PublishReport(Document):
    """One run of the publish step.

    Attributes:
        outcome: ``published``, ``already published`` or ``refused``.
        failure: the one line, when refused.
    """

    report_version: int = REPORT_VERSION
    job: str
    outcome: str
    versions: tuple[PublishedVersion, ...] = ()
    results: tuple[PluginResult, ...] = ()
    failure: str | None = None
    notes: tuple[str, ...] = ()
    started: AwareDatetime
    finished: AwareDatetime
    packages: dict[str, str] = Field(default_factory=dict)

    @property
    def summary(self) -> str:
        """One sentence for people."""
        named = [f"{version.entity}/{version.product} v{version.number:03d}" for version in self.versions]
        listed = ", ".join(named[:3]) + (f" and {len(named) - 3} more" if len(named) > 3 else "")  # noqa: PLR2004
        return f"{self.outcome}: {listed}" if named else self.outcome
