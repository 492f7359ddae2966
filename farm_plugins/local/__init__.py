"""The local engine: one machine, durable, in parallel, with no set-up."""

from __future__ import annotations

from .engine import LocalEngine

__all__ = ["LocalEngine"]
