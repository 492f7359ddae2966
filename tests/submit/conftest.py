"""A studio with a job type of its own and an engine, on both databases."""

from __future__ import annotations

from studio_fixtures import studio, trial

__all__ = ["studio", "trial"]
