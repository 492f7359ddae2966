"""Runs one task: the same code behind ``shotmill task`` on every engine, cold in a process or warm in a worker."""

from __future__ import annotations

from .attempted import Attempted, Host, TaskRequest, host_name
from .record import next_attempt
from .runner import run_task

__all__ = ["Attempted", "Host", "TaskRequest", "host_name", "next_attempt", "run_task"]
