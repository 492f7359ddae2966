"""Where work runs: engines, the task runner, compilation to OpenJD, submission."""

from __future__ import annotations
