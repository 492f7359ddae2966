"""Sections of the targets file: each kind of target says what may stand in its own."""

from __future__ import annotations

import difflib
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, ValidationError

from ...schema.base import Document
from ...schema.errors import ConfigError

SCHEMES = ("env:", "keyring:")
Section = TypeVar("Section", bound="TargetSection")


def _check_reference(value: str) -> str:
    if not value.startswith(SCHEMES):
        # The text may be the secret itself: it is not repeated.
        raise ValueError("a secret never stands in this file; say where it is: env:VARIABLE or keyring:SERVICE/USER")
    return value


SecretRef = Annotated[str, AfterValidator(_check_reference)]


class TargetSection(Document):
    """What every section may hold.

    Attributes:
        type: which kind of target; empty: the section's name says it.
    """

    type: str = ""


def read_section(model: type[Section], name: str, section: dict[str, Any]) -> Section:
    """A section as its kind of target reads it.

    Raises:
        ConfigError: names the section, the key and what is wrong; never repeats a value.
    """
    try:
        return model.model_validate(section)
    except ValidationError as error:
        found = error.errors(include_input=False, include_url=False)
        # A key that is misspelt is why the right one is missing.
        first = next((one for one in found if one["type"] == "extra_forbidden"), found[0])
        key = ".".join(str(part) for part in first["loc"]) or "section"
        what = str(first["msg"]).removeprefix("Value error, ")
        if first["type"] == "extra_forbidden":
            near = difflib.get_close_matches(key, model.model_fields, n=3)
            what = f"there is no such key; {_meant(near) if near else _known(model)}"
        raise ConfigError(
            f"target {name!r}: {key}: {what}", hint=f"mend [{name}] in the targets file", target=name
        ) from None


def _meant(near: list[str]) -> str:
    return f"did you mean: {', '.join(near)}"


def _known(model: type[TargetSection]) -> str:
    return f"known: {', '.join(sorted(model.model_fields))}"
