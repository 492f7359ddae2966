"""What a board stands on: the studio, what was seen of it, and what people may do here."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ...schema.errors import BadRequestError
from .seen import Seen

if TYPE_CHECKING:
    from ...pipeline.store import Database
    from ...pipeline.store.jobs import JobRow
    from ..studio import Studio

TOKEN_BYTES = 32
HTTP = ("http://", "https://")


@dataclass(frozen=True)
class FarmPage:
    """Where the pages of a farm's jobs are.

    Attributes:
        engine: such as ``deadline``.
        url: with ``{id}`` where the farm's id of a job stands; ``{farm}``, ``{queue}`` and ``{job}`` are its parts on
            Deadline Cloud.
    """

    engine: str
    url: str

    @classmethod
    def parse(cls, text: str) -> FarmPage:
        """Read ``ENGINE=URL``.

        Raises:
            BadRequestError: it is none, or the URL is no http one, or names something else in braces.
        """
        engine, _, url = text.partition("=")
        found = cls(engine, url)
        try:
            found.of("a/b/c")
        except (KeyError, IndexError, ValueError, AttributeError):
            url = ""
        if not engine or not url.startswith(HTTP):
            raise BadRequestError(
                f"{text[:120]!r} is no farm page; write deadline=https://HOST/{{farm}}/{{queue}}/{{job}}",
                field="farm-page",
            )
        return found

    def of(self, engine_job_id: str) -> str:
        """The page of one job."""
        from urllib.parse import quote  # noqa: PLC0415 - one use

        parts = [quote(part, safe="") for part in engine_job_id.split("/")]
        farm, queue, job = parts if len(parts) == 3 else ("", "", parts[-1])  # noqa: PLR2004 - farm, queue, job
        return self.url.format(id=quote(engine_job_id, safe="/"), farm=farm, queue=queue, job=job)


@dataclass
class Board:
    """One board.

    Attributes:
        studio: settings, database and engines.
        token: whoever knows it may ask.
        read_only: whether nothing can be changed through it.
        farm_pages: by engine.
    """

    studio: Studio
    token: str = field(default_factory=lambda: secrets.token_urlsafe(TOKEN_BYTES))
    read_only: bool = False
    farm_pages: dict[str, FarmPage] = field(default_factory=dict)
    seen: Seen = field(default_factory=Seen)

    @property
    def database(self) -> Database:
        """Of the studio."""
        return self.studio.database

    def job(self, text: str) -> JobRow:
        """The job of a handle, the front of one, or an id, as the database knows it: no farm is asked.

        Raises:
            NotFoundError: none, or several.
        """
        from ...pipeline.store.jobs import find_job  # noqa: PLC0415 - heavy: SQLAlchemy

        return find_job(self.database, text)
