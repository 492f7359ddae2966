"""Errors of asking a board; part of the one tree, which stands at the head of ``errors``."""

from __future__ import annotations

from .failure import EXIT_USAGE, ShotmillError


class AccessError(ShotmillError):
    """Who asks the board has no token, comes from another site, or asks for what this board does not do."""

    code = "E800"
    slug = "access"
    exit_code = EXIT_USAGE
