"""How the studio works: settings, store, images, colour, movies, timelines, paths, publish."""

from __future__ import annotations
