"""A studio whose jobs run here, on OpenCue and on Deadline Cloud, and whose secrets lie where secrets lie."""

from __future__ import annotations

from deadline_fixtures import deadline_service
from studio_fixtures import trial

__all__ = ["deadline_service", "trial"]
