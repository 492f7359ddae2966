"""Runs one task: the same code behind ``shotmill task`` on every engine, cold in a process or warm in a worker."""

from __future__ import annotations

from .runner import Attempted, Host, TaskRequest, run_task

__all__ = ["Attempted", "Host", "TaskRequest", "run_task"]
