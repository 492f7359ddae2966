"""OpenCue as an engine: jobs become CJSL specs that Cuebot takes as they are.

``model`` holds Cuebot's rules, ``spec`` writes the XML, ``lower`` makes a spec of a job, ``read`` reads one back. None
of these needs OpenCue's own packages.
"""

from __future__ import annotations
