"""What work exists: one folder a job type. Found by listing this folder and the entry point ``shotmill.jobs``."""

from __future__ import annotations
