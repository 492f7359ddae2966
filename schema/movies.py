"""Parameters that all jobs which write movies of clips share."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)

from .bakes import read_cdl, read_context
from .base import Document
from .codecs import CODECS, MAX_SIDE, Container, MovieCodec, TagName, container_of
from .colour import MAX_CONTEXT, Cdl, Grade
from .frames import FrameSet
from .media import Clip, EntityRef, Rate, as_value_error
from .names import check_media_path, check_name, check_text
from .pictures import MAX_COLOUR_NAME, LookParams
from .shot_colour import ColouredParams
from .timecode import DROP_RATES, check_timecode

MAX_HANDLES = 1000
MAX_GOP = 1000
WORST = 51


def checked_text(field: str) -> AfterValidator:
    """A rule of pydantic: text that may travel."""
    return AfterValidator(lambda value: as_value_error(check_text, value, field=field))


def _nothing(value: Any) -> Any:
    """What was left open, as a form gives it."""
    return None if value == "" else value


def _check_path(value: str) -> str:
    return value and as_value_error(check_media_path, value, field="audio")


ProductName = Annotated[str, AfterValidator(lambda value: as_value_error(check_name, value, field="product"))]


def movie_grades(params: MovieParams) -> list[Grade]:
    """What happens to the pixels of each clip that is there."""
    return [grade_of(params, clip) for clip in params.clips if not clip.offline]


def grade_of(params: MovieParams, clip: Clip) -> Grade:
    """What happens to the pixels of a clip, whose colour space the submitter has filled in."""
    return params.colour_of(clip).to_display(clip.colourspace or "")


class Sound(StrEnum):
    """What becomes of sound."""

    COPY = "copy"
    ENCODE = "encode"
    NONE = "none"


class CutPlace(Document):
    """Where a clip lies in a cut: first and last frame from the cut's start, both included.

    Attributes:
        fades: whether it begins or ends with a transition, such as a dissolve.
    """

    record_in: int
    record_out: int
    speed: float = 1.0
    fades: bool = False

    @model_serializer(mode="wrap")
    def _as_always(self, serialize: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Other clips are written as they were before there was a flag: the same job keeps its key."""
        found: dict[str, Any] = serialize(self)
        return found if self.fades else {name: value for name, value in found.items() if name != "fades"}


class Edit(Document):
    """A cut as a reel needs it.

    Attributes:
        start_frame: the cut's first frame as its timecode counts it.
        duration: frames of the whole cut.
        places: by clip name.
        drop_frame: whether its timecode is drop-frame.
    """

    name: str
    rate: Rate
    start_frame: int
    duration: int
    places: dict[str, CutPlace]
    drop_frame: bool = False

    @model_validator(mode="after")
    def _has_drop_frame(self) -> Self:
        if self.drop_frame and self.rate not in DROP_RATES:
            raise ValueError(f"{self.rate} fps has no drop-frame timecode; leave drop_frame out")
        return self

    @model_serializer(mode="wrap")
    def _as_always(self, serialize: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Other cuts are written as they were before there was a flag: the same job keeps its key."""
        found: dict[str, Any] = serialize(self)
        return found if self.drop_frame else {name: value for name, value in found.items() if name != "drop_frame"}


class MovieParams(ColouredParams, LookParams):
    """Parameters of a job that writes a movie of each clip."""

    codec: MovieCodec = Field(
        default=MovieCodec.H264,
        title="Codec",
        description="how the movie is coded; hevc, prores and dnxhr-hqx have 10 bits, h264 and the other dnxhr 8",
        json_schema_extra={"group": "Movie"},
    )
    container: Container = Field(
        default=Container.AUTO,
        title="File type",
        description="mp4 or mov; auto: mp4 for h264 and hevc, else mov",
        json_schema_extra={"group": "Movie", "advanced": True},
    )
    quality: Annotated[int | None, BeforeValidator(_nothing)] = Field(
        default=None,
        ge=0,
        le=WORST,
        title="Quality",
        description="of h264 and hevc: 0 loses nothing, 51 is worst; empty: 18, of hevc 20",
        json_schema_extra={"group": "Movie", "advanced": True, "when": {"codec": ["h264", "hevc"]}},
    )
    gop: int = Field(
        default=12,
        ge=1,
        le=MAX_GOP,
        title="Key frames",
        description="of h264 and hevc: frames from key to key at most",
        json_schema_extra={"group": "Movie", "advanced": True, "unit": "frames", "when": {"codec": ["h264", "hevc"]}},
    )
    width: int = Field(
        default=0,
        ge=0,
        le=MAX_SIDE,
        title="Width",
        description="of the movie in square pixels; 0: as the clip is",
        json_schema_extra={"group": "Movie", "unit": "px"},
    )
    height: int = Field(
        default=0,
        ge=0,
        le=MAX_SIDE,
        title="Height",
        description="of the movie; 0 follows from the width; with both, the picture is fitted in between black bars",
        json_schema_extra={"group": "Movie", "unit": "px", "advanced": True},
    )
    tags: TagName = Field(
        default=TagName.AUTO,
        title="Colour tags",
        description="what the movie says of its colour; auto: as the display says",
        json_schema_extra={"group": "Colour", "advanced": True},
    )
    look: Annotated[str, checked_text("look")] = Field(
        default="",
        max_length=MAX_COLOUR_NAME,
        title="Look",
        description="OCIO looks, such as +grade,-neutral",
        json_schema_extra={"group": "Colour", "advanced": True},
    )
    look_space: Annotated[str, checked_text("look space")] = Field(
        default="",
        max_length=MAX_COLOUR_NAME,
        title="Look space",
        description="colour space that looks begin in",
        json_schema_extra={"group": "Colour", "advanced": True, "kind": "colour_space"},
    )
    cdl: Annotated[Cdl | str | None, BeforeValidator(read_cdl)] = Field(
        default=None,
        title="CDL",
        description="such as 'slope 1.1,1,0.9 offset 0,0,0 saturation 0.9', JSON, or FILE.ccc#ID",
        json_schema_extra={"group": "Colour", "advanced": True, "kind": "text"},
    )
    cdl_space: Annotated[str, checked_text("CDL space")] = Field(
        default="",
        max_length=MAX_COLOUR_NAME,
        title="CDL space",
        description="colour space that the CDL was made in; empty: the working space",
        json_schema_extra={"group": "Colour", "advanced": True, "kind": "colour_space"},
    )
    context: Annotated[dict[str, str], BeforeValidator(read_context)] = Field(
        default_factory=dict,
        max_length=MAX_CONTEXT,
        title="Context",
        description="OCIO context variables, such as SHOT=sh010,SEQ=sq010",
        json_schema_extra={"group": "Colour", "advanced": True, "kind": "text"},
    )
    exact_view: bool = Field(
        default=False,
        title="Exact view",
        description="ask OpenColorIO for every pixel; else 8-bit movies of views that cost much are shown by a table, "
        "within 1 of 255 of it",
        json_schema_extra={"group": "Colour", "advanced": True},
    )
    frames: Annotated[FrameSet | None, BeforeValidator(_nothing)] = Field(
        default=None, title="Frames", description="of one clip, such as 1001-1048; empty: all it uses"
    )
    handles: int = Field(
        default=0,
        ge=0,
        le=MAX_HANDLES,
        title="Handles",
        description="frames before and after each clip, as far as its medium has them; a reel is without them",
        json_schema_extra={"unit": "frames"},
    )
    rate: Annotated[Rate | None, BeforeValidator(_nothing)] = Field(
        default=None,
        title="Rate",
        description="frames per second, such as 23.976; empty: the medium's own, or the cut's",
        json_schema_extra={"group": "Movie", "unit": "fps", "advanced": True},
    )
    timecode: Annotated[str, checked_text("timecode")] = Field(
        default="",
        max_length=11,
        title="Timecode",
        description="of the first frame, 01:00:00:00, drop-frame with ;00; empty: the medium's, else its frame number",
        json_schema_extra={"group": "Movie", "advanced": True},
    )
    audio: Annotated[str, AfterValidator(_check_path)] = Field(
        default="",
        title="Sound file",
        description="absolute path; begins with the clip's first frame, of a cut with the cut; empty: the movie's own",
        json_schema_extra={"group": "Sound", "kind": "path"},
    )
    sound: Sound = Field(
        default=Sound.COPY,
        title="Sound stream",
        description="copy the stream as it is, encode it anew, or none",
        json_schema_extra={"group": "Sound"},
    )
    reel: bool = Field(default=True, title="Reel", description="of a cut: also one movie of all its shots, in order")
    product: ProductName = Field(
        default="movie",
        title="Product",
        description="name of the product that is published",
        json_schema_extra={"advanced": True},
    )
    owner: EntityRef | None = Field(
        default=None,
        title="Belongs to",
        description="whom the reel belongs to; filled in by the submitter: the cut",
        json_schema_extra={"source": "owner"},
    )
    edit: Edit | None = Field(
        default=None,
        title="Edit",
        description="where the clips lie in the cut; filled in by the submitter",
        json_schema_extra={"source": "edit"},
    )

    def shown(self, clip: Clip) -> Clip:
        """A clip with those of its frames that its movie shows; handles are no part of them."""
        return clip if self.frames is None else clip.model_copy(update={"frames": self.frames, "holes": None})

    @model_validator(mode="before")
    @classmethod
    def _as_it_was_called(cls, given: Any) -> Any:
        """Jobs that were made before say ``fast_view``, which was the other way round."""
        if not isinstance(given, dict) or "fast_view" not in given:
            return given
        rest = {name: value for name, value in given.items() if name != "fast_view"}
        return {"exact_view": not given["fast_view"], **rest}

    @model_validator(mode="after")
    def _codec_fits(self) -> Self:
        container_of(self.codec, self.container)
        if self.quality is not None and CODECS[self.codec].quality is None:
            raise ValueError(f"{self.codec} has no quality to choose, its profile says all; leave the quality out")
        return self

    @model_validator(mode="after")
    def _frames_fit(self) -> Self:
        if self.frames is not None and len(self.clips) > 1:
            raise ValueError("frames are those of one clip; leave them out, or give one clip")
        if self.timecode:
            if self.rate is not None:
                check_timecode(self.timecode, self.rate)
            if len(self.clips) > 1:
                raise ValueError("a timecode is that of one clip; leave it out, or give one clip")
        return self
