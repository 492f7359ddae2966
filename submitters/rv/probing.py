"""Sessions of this machine: their plates are opened here."""

from __future__ import annotations

from pathlib import Path

from ...pipeline.media import clip_of, find_medium
from ...pipeline.tools import StudioTools
from ...schema.media import MediaInfo
from ...schema.rv import RvSession
from .session import read_session


def session_of(path: Path, tools: StudioTools) -> RvSession:
    """The plates of a session, with prompts and notes.

    Raises:
        BadRequestError: the file is no session, or holds no plate.
    """

    def probe(media: str) -> MediaInfo:
        return tools.probe(clip_of(find_medium(media)))

    return read_session(path, probe)
