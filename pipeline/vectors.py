"""The vector registers of a thread, left as the next library needs them.

OpenEXR's reader of ZIP (its libdeflate, where the processor has AVX-512) comes back with their upper halves in use. On
Intel processors every SSE instruction of that thread, and of threads that it starts, then waits for the one before:
OpenColorIO's ACES 2 views took seven times as long, and no result was another one.
"""

from __future__ import annotations

import numpy as np

_SOME = np.ones(64, dtype=np.float32)  # long enough for numpy's loops over vectors
_MADE = np.empty_like(_SOME)


def clear_vectors() -> None:
    """Clear the upper halves of this thread's vector registers, in a microsecond: numpy's loops end with that."""
    np.maximum(_SOME, _SOME, out=_MADE)
