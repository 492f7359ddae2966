"""What an artist fills in for a technical check."""

from __future__ import annotations

from collections import Counter
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from ...schema.frames import FrameSet
from ...schema.media import Rate, as_value_error
from ...schema.names import check_name, check_text
from ...schema.pictures import LookParams
from ...schema.qc import FindingKind, QcExpected, QcLimits, Severity

MAX_CHANNELS = 1024
LIST: dict[str, Any] = {"metavar": "KIND,KIND"}
KINDS = ", ".join(kind.value for kind in FindingKind)


def _open(value: Any) -> Any:
    """What was left open, as a form gives it."""
    return None if value == "" else value


def _words(value: Any) -> Any:
    """Words that are typed with commas between them."""
    return [word.strip() for word in value.split(",") if word.strip()] if isinstance(value, str) else value


def _product(value: str) -> str:
    return as_value_error(check_name, value, field="product")


def _channel(value: str) -> str:
    return as_value_error(check_text, value, field="channels")


Kinds = Annotated[tuple[FindingKind, ...], BeforeValidator(_words)]
Channel = Annotated[str, AfterValidator(_channel)]


class QcParams(LookParams, QcLimits, QcExpected):
    """What frames should be, what is allowed, and how bad it is when they are not."""

    frames: Annotated[FrameSet | None, BeforeValidator(_open)] = Field(
        default=None,
        title="Frames",
        description="frames that there must be, and no others, such as 1001-1096; empty: those of the cut, else from "
        "the first to the last that is there",
    )
    rate: Annotated[Rate | None, BeforeValidator(_open)] = Field(
        default=None,
        title="Rate",
        description="frames per second that files must say where they say any, such as 24 or 23.976; empty: as the "
        "cut, else as the first frame",
        json_schema_extra={"group": "Expected", "advanced": True, "unit": "fps"},
    )
    channels: Annotated[tuple[Channel, ...], BeforeValidator(_words)] = Field(
        default=(),
        max_length=MAX_CHANNELS,
        title="Channels",
        json_schema_extra={"group": "Expected", "advanced": True, "metavar": "NAME,NAME"},
        description="names of all channels, with commas between them, such as R,G,B,A; empty: as the first frame",
    )
    as_error: Kinds = Field(
        default=(),
        title="As error",
        json_schema_extra={**LIST, "group": "Limits", "advanced": True},
        description=f"kinds of findings that count as errors, with commas between them; there are: {KINDS}",
    )
    as_warning: Kinds = Field(
        default=(),
        title="As warning",
        json_schema_extra={**LIST, "group": "Limits", "advanced": True},
        description="kinds that count as warnings",
    )
    as_note: Kinds = Field(
        default=(),
        title="As note",
        json_schema_extra={**LIST, "group": "Limits", "advanced": True},
        description="kinds that count as notes",
    )
    ignore: Kinds = Field(
        default=(),
        title="Ignore",
        json_schema_extra={**LIST, "group": "Limits", "advanced": True},
        description="kinds that are not looked for",
    )
    strict: bool = Field(
        default=False,
        title="Strict",
        description="whether the job fails (exit code 65) when something bad was found; the report is published first",
    )
    fail_on: Severity = Field(
        default=Severity.ERROR,
        title="Fail on",
        description="with --strict: the least severity that fails the job",
        json_schema_extra={"when": {"strict": True}},
    )
    chunk_frames: int = Field(
        default=50,
        ge=1,
        le=100_000,
        title="Chunk",
        description="frames that one task measures; the report is the same",
        json_schema_extra={"advanced": True},
    )
    product: Annotated[str, AfterValidator(_product)] = Field(
        default="qc",
        title="Product",
        description="name of the product that is published",
        json_schema_extra={"advanced": True},
    )

    @model_validator(mode="after")
    def _kinds_are_apart(self) -> Self:
        given = Counter([*self.as_error, *self.as_warning, *self.as_note, *self.ignore])
        twice = [kind.value for kind, count in given.items() if count > 1]
        if twice:
            raise ValueError(f"kind {twice[0]!r} is named twice; name it once, as error, warning, note or to ignore")
        return self

    @model_validator(mode="after")
    def _frames_are_of_one_clip(self) -> Self:
        if self.frames is not None and len(self.clips) > 1:
            raise ValueError(f"one range of frames was given for {len(self.clips)} clips; check them one by one")
        return self

    @property
    def limits(self) -> QcLimits:
        """What is allowed."""
        return QcLimits.model_validate(self.model_dump(include=set(QcLimits.model_fields)))

    @property
    def expected(self) -> QcExpected:
        """What frames should be."""
        return QcExpected.model_validate(self.model_dump(include=set(QcExpected.model_fields)))

    @property
    def severities(self) -> dict[FindingKind, Severity]:
        """How bad kinds are, where they are not as usual."""
        given = {Severity.ERROR: self.as_error, Severity.WARNING: self.as_warning, Severity.NOTE: self.as_note}
        return {kind: severity for severity, kinds in given.items() for kind in kinds}
