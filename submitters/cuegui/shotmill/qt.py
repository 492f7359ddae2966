"""CueGUI's own Qt, whichever it is; no type checker knows it here."""

from __future__ import annotations

from typing import Any

import qtpy.QtCore  # pyright: ignore[reportMissingImports] - CueGUI's own
import qtpy.QtGui  # pyright: ignore[reportMissingImports] - same
import qtpy.QtWidgets  # pyright: ignore[reportMissingImports] - same

QtCore: Any = qtpy.QtCore
QtGui: Any = qtpy.QtGui
QtWidgets: Any = qtpy.QtWidgets
