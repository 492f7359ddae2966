"""The board: one page on this machine's loopback that shows jobs by shots, and the same as an HTTP API.

It looks at the database and hands requests on to the operations that the command line has; it never runs work itself.
"""

from __future__ import annotations

from .app import make_app
from .auth import Guard, read_token
from .place import Board, FarmPage
from .serving import Serving, bound_socket

__all__ = ["Board", "FarmPage", "Guard", "Serving", "bound_socket", "make_app", "read_token"]
