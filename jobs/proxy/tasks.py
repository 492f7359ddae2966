"""The work of proxies: nothing is written on their movies."""

from __future__ import annotations

from ...pipeline.dailies.work import MovieTasks

TASKS = MovieTasks().functions
