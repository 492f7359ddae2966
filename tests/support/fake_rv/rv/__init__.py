"""An RV for tests: its Python names, its property store with types, a small graph. What RV does not know raises."""

from __future__ import annotations
