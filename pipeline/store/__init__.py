"""The database: connections, and one module of questions and changes for each part of it."""

from __future__ import annotations

from .database import Database

__all__ = ["Database"]
