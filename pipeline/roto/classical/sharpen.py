"""What was found at a smaller size, its edge looked at again at full size."""

from __future__ import annotations

import numpy as np

from .colours import learn_colours
from .cut import decide, distances
from .sight import calm
from .trust import told_apart
from .window import Field, Picture, Region, Window

FINE = 640  # px: larger windows are not looked at again at more than this size
REACH_PX = 4.0  # of the smaller size: so far an edge may move
HOLD = 0.25  # nats for each px that an edge moves
SURE = 9.0  # nats
ROUNDS = 3
UNCLEAR, CLEAR = 0.93, 0.98  # along the edge, told apart by colours: from nothing to all that they say is believed


def sharpened(picture: Picture, window: Window, region: Region) -> Field:
    """The whole picture's distances of a region that was found in a window, px."""
    height, width = picture.shape[:2]
    inner = distances(region)
    fine = Window(window.box, min(1.0, FINE / max(window.box.width, window.box.height)))
    coarse = window.paste(inner, width, height)
    if fine.scale <= window.scale:
        return coarse
    near, small = fine.cut_field(coarse), calm(fine.cut(picture))
    colours = learn_colours(small, near)
    favour = colours.weighed_favour(colours.axes.bins(small))
    reach = REACH_PX * fine.scale / window.scale
    worth = min(max((told_apart(near, favour) - UNCLEAR) / (CLEAR - UNCLEAR), 0.0), 1.0)
    if not worth:
        return coarse
    evidence = np.where(abs(near) > reach, np.sign(near) * SURE, worth * favour + near * (1 - worth * (1 - HOLD)))
    found = decide(np.asarray(evidence, np.float32), near > 0, rounds=ROUNDS)
    return fine.paste(distances(found), width, height)
