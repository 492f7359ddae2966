"""``shotmill new``: a working job type in a wheel of the studio's own."""

from __future__ import annotations

from .write import write_job_type

__all__ = ["write_job_type"]
