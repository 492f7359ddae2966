"""A studio's own code in a job: publish plug-ins and hooks, as they were chosen when the job was submitted."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Field

from .base import Document
from .media import as_value_error
from .names import check_name

MAX_HOOK_S = 600.0
CALL = r"^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$"

HookName = Annotated[str, AfterValidator(lambda value: as_value_error(check_name, value, field="hook"))]


class HookEvent(StrEnum):
    """When a hook is called. What comes before may be refused, what comes after may not."""

    PRE_SUBMIT = "pre_submit"
    POST_SUBMIT = "post_submit"
    PRE_PUBLISH = "pre_publish"
    POST_PUBLISH = "post_publish"


class StudioCode(Document):
    """Where a studio's code is, and which version of it was there.

    Attributes:
        call: ``module:name``.
        wheel: that brings it; empty: a module on the Python path.
        version: of the wheel; of a module the beginning of the hash of its file.
    """

    call: str = Field(pattern=CALL, max_length=256)
    wheel: str = ""
    version: str = ""

    @property
    def source(self) -> str:
        """What it is a version of, for people."""
        return f"{self.wheel} {self.version}" if self.wheel else f"{self.call.partition(':')[0]} {self.version}"


class PluginRef(StudioCode):
    """A publish plug-in of the studio's own."""

    @property
    def name(self) -> str:
        """The class."""
        return self.call.rpartition(":")[2].rpartition(".")[2]


class HookRef(StudioCode):
    """A hook. Its name is unique among those of its event; ``timeout_s``: seconds that it may take."""

    event: HookEvent
    name: HookName
    timeout_s: float = Field(default=30.0, gt=0, le=MAX_HOOK_S)
