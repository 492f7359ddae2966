"""AWS Deadline Cloud on this machine, as far as Shotmill's tests need it.

Routes, parameters and replies are checked against botocore's own model of the service; templates are laid out by
openjd-model. What the model does not tell was learned from the clients of the service, or is the simplest thing that
clients accept; nothing here was compared with the real service.
"""

from __future__ import annotations

from .faults import Faults
from .puppet import PuppetWorker
from .records import Job, Session, Step, Task, Worker
from .replies import ServiceError, conflict, denied, internal_error, not_found, throttled, validation_error
from .server import Call, DeadlineService
from .world import FARM, FLEET, QUEUE, Options

__all__ = [
    "FARM", "FLEET", "QUEUE", "Call", "DeadlineService", "Faults", "Job", "Options", "PuppetWorker", "ServiceError",
    "Session", "Step", "Task", "Worker", "conflict", "denied", "internal_error", "not_found", "throttled",
    "validation_error",
]  # fmt: skip
