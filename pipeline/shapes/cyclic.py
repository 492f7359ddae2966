"""Cyclic equations: each unknown block is tied to the one before and the one after, the last to the first."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def solve_cyclic(diagonal: Floats, ahead: Floats, right: Floats) -> Floats:
    """(T, K, n) solutions of symmetric positive definite equations, by elimination of block after block.

    Small blocks of many frames at once: quicker than whole matrices from some 20 blocks on, and no library starts
    threads for them, which on a farm would take other tasks' cores.

    Args:
        diagonal: (T, K, n, n), K at least 3.
        ahead: (T, K, n, n), block k is row k and column k + 1; the last one's column is 0.
        right: (T, K, n).
    """
    count, size = diagonal.shape[1], diagonal.shape[2]
    block, rest = diagonal[:, 0], right[:, 0, :, None]
    fill = ahead[:, -1].swapaxes(-1, -2)  # row k and the last column
    last, last_rest = diagonal[:, -1].copy(), right[:, -1, :, None].copy()
    kept = []
    for index in range(count - 1):
        step = ahead[:, index]
        if index == count - 2:
            fill, step = fill + step, np.zeros_like(step)
        found = np.linalg.solve(block, np.concatenate([step, fill, rest], axis=-1))
        kept.append(found)
        last = last - fill.swapaxes(-1, -2) @ found[..., size : 2 * size]
        last_rest = last_rest - fill.swapaxes(-1, -2) @ found[..., 2 * size :]
        if index < count - 2:
            turned = step.swapaxes(-1, -2)
            # What the eliminated row leaves in the last row has a column for the next block as well.
            block = diagonal[:, index + 1] - turned @ found[..., :size]
            rest = right[:, index + 1, :, None] - turned @ found[..., 2 * size :]
            fill = -turned @ found[..., size : 2 * size]
    end = np.linalg.solve(last, last_rest)
    result = np.empty((*right.shape, 1))
    result[:, -1] = end
    following = end
    for index in range(count - 2, -1, -1):
        found = kept[index]
        following = found[..., 2 * size :] - found[..., :size] @ following - found[..., size : 2 * size] @ end
        result[:, index] = following
    return result[..., 0]
