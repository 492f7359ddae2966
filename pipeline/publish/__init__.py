"""Publishing: exactly once, whatever happens."""

from __future__ import annotations

from .runner import run_publish

__all__ = ["run_publish"]
