"""Two cuts side by side: which clips are the same, what is different about them, and what work that asks for."""

from __future__ import annotations

from .compare import compare
from .sides import earlier_shots, newest_number, side_before, side_of_cut, side_of_read

__all__ = ["compare", "earlier_shots", "newest_number", "side_before", "side_of_cut", "side_of_read"]
