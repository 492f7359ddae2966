"""Both farms at once, for tests that compare what they make of the same job."""

from __future__ import annotations

from deadline_fixtures import amazon, deadline_service, farm_site

__all__ = ["amazon", "deadline_service", "farm_site"]
