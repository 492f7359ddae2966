"""The resident segmenter: a process on the artist's machine that answers clicks with masks, its model loaded.

``serve`` is the process, ``ask`` its caller, ``place`` how the two find each other. It listens on 127.0.0.1 alone, and
answers whoever knows the token that lies in the user's own home.
"""

from __future__ import annotations
