"""Keepers: processes that keep a model loaded between tasks that farms start one by one.

The local engine needs none, as its workers do many tasks each. In a session of OpenJD's an environment of the job
starts a keeper and ends it; on OpenCue the first task of a host does, and the keeper leaves when nobody came for a
while. A task that has no keeper loads the model for itself; it writes the same bytes.
"""

from __future__ import annotations
