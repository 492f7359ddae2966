"""Shotmill in a host's own Qt: one dialog for every job type, a panel of jobs, a browser of versions.

Standard library and Qt alone, in the syntax of Python 3.7: hosts get a copy of this folder as ``shotmill_qt`` beside
``shotmill_client``. What a host knows goes in as ``Facts``; what people ask for comes out as signals.
"""

from __future__ import annotations

from .browser import VersionsBrowser
from .dialog import FormDialog
from .facts import Facts
from .kept import KeptJobs
from .notice import fault_box
from .panel import JobsPanel
from .qt import QAction, run_dialog

__all__ = [
    "Facts",
    "FormDialog",
    "JobsPanel",
    "KeptJobs",
    "QAction",
    "VersionsBrowser",
    "fault_box",
    "run_dialog",
]
