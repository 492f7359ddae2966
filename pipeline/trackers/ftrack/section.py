"""What stands in the section of an ftrack server."""

from __future__ import annotations

from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from ....schema.base import Document
from ...outbox.sections import SecretRef, TargetSection

# ftrack makes this type of asset itself, in each installation.
PLAIN_ASSET_TYPE = "Upload"
EVERY_KIND = "*"
Standing = Literal["pending", "approved", "rejected", "omitted"]


def _check_server(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("write the server's address as https://studio.ftrackapp.com")
    if parts.username or parts.password:
        raise ValueError("the address holds a name or a password; they go to 'user' and 'key'")
    return value.rstrip("/")


class ShotAttributes(Document):
    """Keys of ftrack's custom attributes that say how long a shot is; the defaults are those that ftrack comes with."""

    cut_in: str = "fstart"
    cut_out: str = "fend"
    handle_in: str = "handles"
    handle_out: str = "handles"
    rate: str = "fps"


class FtrackSection(TargetSection):
    """A section of the targets file of the type ``ftrack``.

    Attributes:
        server: its address.
        user: whom we log in as.
        key: where the API key of that user is.
        asset_type: ftrack's asset type by our product kind, such as ``image = "Image Sequence"``; ``*``: of the rest.
        version_status: status of a new version, which nobody has judged yet; empty: as ftrack has it.
        task_status: status that a version's task gets; empty: it stays.
        review_session: where new versions are put to be looked at; empty: nowhere.
        review_statuses: ftrack's status of a version by where it stands with the supervisors.
        review_task_statuses: the same of its task.
        attributes: where shots have their frames.
    """

    server: Annotated[str, AfterValidator(_check_server)]
    user: str = Field(min_length=1)
    key: SecretRef
    asset_type: dict[str, str] = Field(default_factory=dict)
    version_status: str = ""
    task_status: str = ""
    review_session: str = ""
    review_statuses: dict[Standing, str] = Field(default_factory=dict)
    review_task_statuses: dict[Standing, str] = Field(default_factory=dict)
    attributes: ShotAttributes = ShotAttributes()

    def asset_type_of(self, kind: str) -> str:
        """The name there for the type of a product of this kind."""
        return self.asset_type.get(kind) or self.asset_type.get(EVERY_KIND) or PLAIN_ASSET_TYPE
