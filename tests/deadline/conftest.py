"""What tests of AWS Deadline Cloud share."""

from __future__ import annotations

from deadline_fixtures import deadline_service

__all__ = ["deadline_service"]
