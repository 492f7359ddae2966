"""What a panel keeps over a restart of its host: which jobs it shows. Where they stand is asked anew."""

from __future__ import annotations

import json
from typing import Any

from .qt import QtCore

MAX_JOBS = 50  # the newest; older ones are found with ``shotmill jobs``
KEY = "jobs"


class KeptJobs:
    """Jobs of one host and user, newest first, in the place where Qt keeps settings.

    Args:
        app: name of the host, such as ``rv``.
        settings: another place.
    """

    def __init__(self, app: str, settings: QtCore.QSettings | None = None) -> None:
        form, scope = QtCore.QSettings.Format.IniFormat, QtCore.QSettings.Scope.UserScope
        self._settings = settings or QtCore.QSettings(form, scope, "shotmill", app)
        self.jobs: list[dict[str, str]] = self._read()

    def _read(self) -> list[dict[str, str]]:
        try:
            found = json.loads(str(self._settings.value(KEY, "[]")))
        except ValueError:  # somebody wrote in it; the jobs themselves are in Shotmill's database
            return []
        return [job for job in found if isinstance(job, dict) and job.get("handle")] if isinstance(found, list) else []

    def add(self, job: dict[str, Any]) -> None:
        """Keep a job, as ``submit`` answers it."""
        kept = {name: str(job.get(name) or "") for name in ("handle", "name", "type", "created", "state")}
        others = [one for one in self.jobs if one["handle"] != kept["handle"]]
        self.jobs = [kept, *others][:MAX_JOBS]
        self._write()

    def drop(self, handle: str) -> None:
        """Show a job no more."""
        self.jobs = [job for job in self.jobs if job["handle"] != handle]
        self._write()

    def _write(self) -> None:
        self._settings.setValue(KEY, json.dumps(self.jobs))
        self._settings.sync()
