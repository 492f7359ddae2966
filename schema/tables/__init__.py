"""All tables of the database."""

from __future__ import annotations

from .base import Json, Table, UtcDateTime, now
from .colour import ColourRow
from .editorial import Cut, CutClip, CutVersion, MediaState
from .production import Asset, Person, ProductionTask, Project, Sequence, Shot
from .published import Pointer, Product, PublishedFile, PublishRun, Representation, Version, VersionLink
from .review import Note, Review
from .roto import Matte, MatteShape, ModelRun
from .told import Delivery, Event
from .work import Attempt, Blob, EngineRow, Job, JobStep, ReceiptRow, TaskRun

__all__ = [
    "Asset",
    "Attempt",
    "Blob",
    "ColourRow",
    "Cut",
    "CutClip",
    "CutVersion",
    "Delivery",
    "EngineRow",
    "Event",
    "Job",
    "JobStep",
    "Json",
    "Matte",
    "MatteShape",
    "MediaState",
    "ModelRun",
    "Note",
    "Person",
    "Pointer",
    "Product",
    "ProductionTask",
    "Project",
    "PublishRun",
    "PublishedFile",
    "ReceiptRow",
    "Representation",
    "Review",
    "Sequence",
    "Shot",
    "Table",
    "TaskRun",
    "UtcDateTime",
    "Version",
    "VersionLink",
    "now",
]
