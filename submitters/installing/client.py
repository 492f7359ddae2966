"""``client.json``: how the clients in all hosts find this Shotmill."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path

from ..client.place import FILE
from .desk import Desk
from .steps import Host


def client_place(environment: Mapping[str, str], *, python: str = sys.executable) -> bytes:
    """What ``client.json`` says: the Python of this environment, and where its settings are; no secrets.

    Args:
        environment: variables that the client gives to Shotmill.
        python: of the environment that has Shotmill; a link is not followed, as it is what makes the environment.
    """
    document = {"python": str(Path(python).absolute()), "environment": dict(environment)}
    return json.dumps(document, indent=2).encode() + b"\n"


def client_host(environment: Mapping[str, str], desk: Desk) -> Host:
    """The file as what belongs to all hosts of this user."""
    return Host("client", desk.config, {desk.config / FILE: client_place(environment)})
