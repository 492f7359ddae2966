"""Roto: what finds objects on a frame, follows them, makes mattes of masks and shapes of mattes.

``backend`` says what is asked of a backend and what it answers, ``registry`` finds one by its name.
"""

from __future__ import annotations

from .backend import Backend, Choice, Hint, Mask, Matter, Pictures, Propagator, Run, Segmenter
from .registry import backend_names, find_backend, make_backend

__all__ = [
    "Backend",
    "Choice",
    "Hint",
    "Mask",
    "Matter",
    "Pictures",
    "Propagator",
    "Run",
    "Segmenter",
    "backend_names",
    "find_backend",
    "make_backend",
]
