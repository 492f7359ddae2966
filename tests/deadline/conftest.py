"""What tests of AWS Deadline Cloud share."""

from __future__ import annotations

from deadline_fixtures import amazon, deadline_service, farm_site
from deadline_user import user
from studio_fixtures import trial

__all__ = ["amazon", "deadline_service", "farm_site", "trial", "user"]
