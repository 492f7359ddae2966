"""What may stand in a ShotGrid section of the targets file."""

from __future__ import annotations

from enum import StrEnum
from pathlib import PurePath
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from ....schema.base import Document
from ....schema.states import ReviewState
from ...outbox.sections import SecretRef, TargetSection


class FindBy(StrEnum):
    """How something that was told of is found again."""

    ID = "id"
    CODE = "code"


def _check_server(value: str) -> str:
    parts = urlsplit(value)
    if parts.username or parts.password:
        raise ValueError("a name or password does not stand in the address; use script and key")
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("write it with https://, such as https://studio.shotgrid.autodesk.com")
    return value.rstrip("/")


def _check_proxy(value: str) -> str:
    if "@" in value or "/" in value:
        raise ValueError("write host or host:port, without a user and without http://")
    return value


class VersionStatus(Document):
    """The codes of ``Version.sg_status_list``; an empty one leaves the field alone."""

    published: str = "rev"
    pending: str = "rev"
    approved: str = "apr"
    rejected: str = "rej"
    omitted: str = "omt"

    def states(self) -> dict[str, ReviewState]:
        """What a code means for a version of ours; where one stands for several states, the first."""
        found = {getattr(self, state): state for state in reversed(ReviewState)}
        return {self.published: ReviewState.PENDING, **found}


class TaskStatus(Document):
    """The codes of ``Task.sg_status_list``; an empty one leaves the field alone."""

    published: str = "rev"
    pending: str = ""
    approved: str = ""
    rejected: str = ""
    omitted: str = ""


class ShotGridSection(TargetSection):
    """A site and how it names things.

    Attributes:
        server: address of the site.
        script: name of the script user; ``key``: where its key is.
        find_by: ``id``: what was told is found by ``id_field``; ``code``: by entity and code, where the site cannot
            have that field. Somebody who renames a version there then makes it a new one.
        id_field: text field of Version, PublishedFile and Note that holds our ids.
        project_field: field of Project that holds what is a project's code here, such as ``tank_name``.
        sequence_field: field of Shot that names its sequence.
        file_types: PublishedFileType of a representation by its name or its files' extension.
        file_type: of all others.
        report_note: whether a note tells where the publish report is.
        ca_certs: certificates to trust instead of those that the client brings.
        proxy: host and port of the HTTP proxy; the environment's is not used.
    """

    server: Annotated[str, AfterValidator(_check_server)]
    script: str = Field(min_length=1)
    key: SecretRef
    find_by: FindBy = FindBy.ID
    id_field: str = Field(default="sg_shotmill_id", pattern=r"^sg_[a-z0-9_]+$")
    project_field: str = "name"
    sequence_field: str = "sg_sequence"
    version_status: VersionStatus = VersionStatus()
    task_status: TaskStatus = TaskStatus()
    file_types: dict[str, str] = Field(
        default_factory=lambda: {
            "exr": "Rendered Image",
            "dpx": "Rendered Image",
            "tif": "Rendered Image",
            "png": "Image",
            "jpg": "Image",
            "mov": "Movie",
            "mp4": "Movie",
        }
    )
    file_type: str = "File"
    report_note: bool = False
    ca_certs: str | None = None
    proxy: Annotated[str, AfterValidator(_check_proxy)] | None = None

    def type_of(self, name: str, pattern: str) -> str:
        """The PublishedFileType of a representation of this name, whose files are called like this."""
        extension = PurePath(pattern).suffix.lstrip(".").lower()
        return self.file_types.get(name) or self.file_types.get(extension) or self.file_type
