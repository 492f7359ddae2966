"""What may stand in a Kitsu section of the targets file."""

from __future__ import annotations

from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from ...outbox.letter import Publication
from ...outbox.sections import SecretRef, TargetSection

STATUSES = ("pending", "approved", "rejected", "omitted")


def _check_server(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("this is no address; write https://kitsu.studio.example/api")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError("an address holds no user, password or query here; write https://kitsu.studio.example/api")
    return value.rstrip("/")


def _check_review(value: dict[str, str]) -> dict[str, str]:
    for status in value:
        if status not in STATUSES:
            raise ValueError(f"there is no such standing of a version; known: {', '.join(STATUSES)}")
    return value


class KitsuSection(TargetSection):
    """A Kitsu server, and how versions are told there.

    Attributes:
        server: address of its API; behind the usual web server it ends in ``/api``.
        user: e-mail of the account that comments; it wants ``password``.
        token: of a bot, in place of ``user`` and ``password``.
        task_type: whose task of the shot or asset is told, where nothing else says it.
        task_types: the same for some: by our code of a task, by product, kind of product or type of job.
        status: short name of the status that a published version brings; empty: the task keeps its own.
        review: short names for ``pending``, ``approved``, ``rejected`` and ``omitted``; one that is not there or empty
            keeps the task's status.
        main_preview: whether a version's preview becomes the picture of its shot or asset.
        normalize_movies: whether Kitsu encodes movies anew; without, they are shown as they are.
        preview_timeout_s: seconds that Kitsu may take to make of a picture or movie what it shows.
    """

    server: Annotated[str, AfterValidator(_check_server)]
    user: str = ""
    password: SecretRef | None = None
    token: SecretRef | None = None
    task_type: str = "Compositing"
    task_types: dict[str, str] = Field(default_factory=dict)
    status: str = "wfa"
    review: Annotated[dict[str, str], AfterValidator(_check_review)] = Field(
        default_factory=lambda: {"pending": "wfa", "approved": "done", "rejected": "retake"}
    )
    main_preview: bool = True
    normalize_movies: bool = True
    preview_timeout_s: float = Field(default=300.0, gt=0, le=86_400)

    @model_validator(mode="after")
    def _one_way_in(self) -> Self:
        if bool(self.user) != bool(self.password):
            raise ValueError("user and password belong together; give both, or the token of a bot")
        if bool(self.token) == bool(self.password):
            raise ValueError("give either user and password, or the token of a bot")
        return self

    def type_of_task(self, publication: Publication) -> str:
        """The task type that a version is told on."""
        keys = (publication.task or "", publication.product, publication.kind, publication.job_type or "")
        named = next((self.task_types[key] for key in keys if key in self.task_types), None)
        return named or publication.task or self.task_type
