"""Flags made from a studio's own parameters."""

from __future__ import annotations

import pytest
from pydantic import Field

from shotmill.schema.job import JobType, Params
from shotmill.submitters.cli.forms import params_options


class OwnParams(Params):
    """What a studio may well write."""

    layers: list[str] = Field(default=["rgba"], description="layers to keep")
    names: dict[str, str] = Field(default={}, description="new names")
    scale: float = Field(default=0.5, description="of the picture")
    note: str = Field(default="", description="for the slate")


def no_steps(_params: OwnParams) -> list[object]:
    return []


OWN = JobType(name="own", summary="-", params=OwnParams, steps=no_steps, tasks="own")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("layers", "layers to keep"),
        ("names", "new names"),
        ("scale", "of the picture; default: 0.5"),
        ("note", "for the slate"),
    ],
)
def test_any_default_makes_a_flag(name: str, text: str) -> None:
    [option] = [option for option in params_options(OWN) if option.name == name]
    assert option.help == text
