"""What things are: errors, frames, media, jobs, receipts, states, tables. Imports nothing of ours."""

from __future__ import annotations
