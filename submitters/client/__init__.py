"""Asking Shotmill from a host (RV, Nuke, Blender, a tool of the studio's own): its own Python is started as a child.

The standard library alone, and the syntax of Python 3.7: this folder is copied whole into the hosts' packages, as
``shotmill_client``, and imports nothing else of Shotmill.
"""

from __future__ import annotations

from .calls import Call
from .client import PROTOCOL, Client, Request
from .environment import scrubbed
from .errors import ClientError
from .form import Field, Form
from .lines import LineReader, not_started, value_of
from .place import Place, find_place, user_config, write_place
from .tree import end_tree

__all__ = [
    "PROTOCOL",
    "Call",
    "Client",
    "ClientError",
    "Field",
    "Form",
    "LineReader",
    "Place",
    "Request",
    "end_tree",
    "find_place",
    "not_started",
    "scrubbed",
    "user_config",
    "value_of",
    "write_place",
]
