"""What ``shotmill demo`` works on: media and a cut made from nothing, with frames that can be told apart."""

from __future__ import annotations

from .media import DemoMedia, make_media

__all__ = ["DemoMedia", "make_media"]
