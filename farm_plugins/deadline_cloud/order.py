"""What the submitting process is told to submit; see ``submitting``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class SubmitOrder:
    """What to submit.

    Attributes:
        bundle: its folder.
        job: the JobSpec's id; the client token.
        name: the job's name.
        description: for people who look at the farm.
        farm, queue: ids; empty: as ``deadline config`` says.
        timeout_s: seconds that the service may take for one request.
        known_places: folders whose files may be sent.
        request: what CreateJob is asked besides, of a bundle whose files stay where they are; empty: the library makes
            that of the bundle, and sends what it names.
    """

    bundle: str
    job: str
    name: str
    description: str = ""
    farm: str = ""
    queue: str = ""
    timeout_s: float = 60.0
    known_places: tuple[str, ...] = ()
    request: Mapping[str, Any] = field(default_factory=dict)
