"""What the sections of chats have in common."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from ..outbox.letter import FactKind
from ..outbox.sections import TargetSection


def _web(value: str) -> str:
    if not value.startswith(("http://", "https://")):
        raise ValueError("a URL starts with https:// or http://")
    return value


WebUrl = Annotated[str, AfterValidator(_web)]


class ChatSection(TargetSection):
    """What every chat's section may hold.

    Attributes:
        channel: where jobs and versions are told.
        failures_channel: where wranglers hear of each job that failed, once; empty: nowhere.
        facts: what is told there.
        pictures: whether thumbnails go with messages; ``picture_max_mib`` is the largest that does.
        links: URLs under which folders are served, by folder: paths in messages then are links.
    """

    channel: str = Field(min_length=1, max_length=200)
    failures_channel: str = Field(default="", max_length=200)
    facts: frozenset[FactKind] = frozenset(FactKind)
    pictures: bool = True
    picture_max_mib: int = Field(default=8, gt=0, le=100)
    links: dict[str, WebUrl] = Field(default_factory=dict)
