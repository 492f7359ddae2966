"""What a host knows when somebody opens a form: plates, frames, the shot, what was painted."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Facts:
    """What a host fills in before the artist does. All of it can be changed in the form.

    Attributes:
        plates: paths of media, as the host has them.
        cut: name of a cut in the database, instead of plates.
        project: code of the project; empty: Shotmill's own choice.
        shot: ``sequence/shot``; empty: found from the plate's path.
        asset: ``kind/name``, where there is no shot.
        params: values by the name of a parameter, such as ``frames`` and ``objects``; a job type takes those it has.
        notes: one line by the name of a parameter, saying where its value is from: "3 strokes on frame 1001".
        colour_spaces: names that the host's own OCIO config has.
    """

    plates: tuple[str, ...] = ()
    cut: str = ""
    project: str = ""
    shot: str = ""
    asset: str = ""
    params: dict[str, Any] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    colour_spaces: tuple[str, ...] = ()
