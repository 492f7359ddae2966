"""What an artist fills in to render a Blender scene."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BeforeValidator, Field

from ...schema.frames import FrameSet
from ...schema.job import Params
from ...schema.media import EntityRef, as_value_error
from ...schema.names import check_media_path, check_name, check_text

MAX_NAME = 256  # Blender's own names end at 63 bytes, or at 255 since 5.0


class RenderFormat(StrEnum):
    """How rendered frames are stored."""

    EXR = "exr"
    PNG = "png"


class RenderDepth(StrEnum):
    """What a channel of an EXR is stored in."""

    HALF = "half"
    FLOAT = "float"


def _text(field: str) -> AfterValidator:
    return AfterValidator(lambda value: as_value_error(check_text, value, field=field))


def _name(field: str) -> AfterValidator:
    return AfterValidator(lambda value: as_value_error(check_name, value, field=field))


def _path(field: str) -> AfterValidator:
    return AfterValidator(lambda value: value and as_value_error(check_media_path, value, field=field))


def _absolute(value: Any) -> Any:
    """A path as it was typed, from the folder that it was typed in."""
    return str(Path(value).absolute()) if isinstance(value, str) and value and "\0" not in value else value


def _open(value: Any) -> Any:
    """What was left open, as a form gives it."""
    return None if value == "" else value


NamedInBlender = Annotated[str, _text("name in Blender")]
FilePath = Annotated[str, _path("path of a scene's file")]


class BlenderRenderParams(Params):
    """A scene, its frames, and how they are rendered."""

    owner: EntityRef | None = Field(
        default=None,
        title="Belongs to",
        description="whom the frames belong to; filled in by the submitter",
        json_schema_extra={
            "source": "owner",
            "example": {"project": "demo", "kind": "shot", "parent": "sq010", "name": "sh010"},
        },
    )
    scene_file: Annotated[str, BeforeValidator(_absolute), _path("scene_file")] = Field(
        default="",
        title="Scene file",
        description="the .blend to render, as farm hosts find it",
        json_schema_extra={"kind": "path", "filled_by": "host", "example": "/shows/demo/sh010/sh010.blend"},
    )
    scene: NamedInBlender = Field(
        default="",
        max_length=MAX_NAME,
        title="Scene",
        description="name of the scene inside of it; empty: the one that was open when it was saved",
        json_schema_extra={"filled_by": "host"},
    )
    frames: Annotated[FrameSet | None, BeforeValidator(_open)] = Field(
        default=None,
        title="Frames",
        description="frames to render, such as 1001-1096 or 1-100x2; empty: the scene's own range",
        json_schema_extra={"example": "1001-1096"},
    )
    view_layer: NamedInBlender = Field(
        default="",
        max_length=MAX_NAME,
        title="View layer",
        description="the only view layer to render; empty: all that the scene renders, composited as it says",
    )
    camera: NamedInBlender = Field(
        default="", max_length=MAX_NAME, title="Camera", description="empty: the scene's own, with its markers' cameras"
    )
    percent: int = Field(
        default=100, ge=1, le=400, title="Size", description="of the scene's own size", json_schema_extra={"unit": "%"}
    )
    samples: int = Field(
        default=0, ge=0, le=1_000_000, title="Samples", description="of Cycles, for each pixel; 0: as the scene has it"
    )
    format: RenderFormat = Field(
        default=RenderFormat.EXR,
        title="Format",
        description="exr: the light of the scene; png: the picture that the scene's view makes of it",
    )
    depth: RenderDepth = Field(
        default=RenderDepth.HALF,
        title="Stored as",
        description="what a channel of an EXR is stored in",
        json_schema_extra={"when": {"format": "exr"}},
    )
    colourspace: Annotated[str, _text("colourspace")] = Field(
        default="",
        max_length=MAX_NAME,
        title="Colour space",
        description="of the frames, in the studio's OCIO config; empty: what Blender's own space is called there",
        json_schema_extra={"kind": "colour_space", "advanced": True},
    )
    product: Annotated[str, _name("product")] = Field(
        default="render", title="Product", description="name of the product that is published"
    )
    chunk_frames: int = Field(
        default=5,
        ge=1,
        le=10_000,
        title="Chunk",
        description="frames that one task renders; any number gives the same pictures",
        json_schema_extra={"group": "Farm"},
    )
    cpu: int = Field(
        default=2,
        ge=1,
        le=512,
        title="Cores",
        description="cores that one task uses",
        json_schema_extra={"group": "Farm"},
    )
    memory_mib: int = Field(
        default=4096,
        ge=256,
        le=4_194_304,
        title="Memory",
        description="memory that one task needs",
        json_schema_extra={"group": "Farm"},
    )
    gpu: bool = Field(
        default=False,
        title="GPU",
        description="whether Cycles renders on a GPU of the host; a host without one refuses",
        json_schema_extra={"group": "Farm"},
    )
    ocio: Annotated[str, _path("ocio")] = Field(
        default="",
        title="Blender's OCIO config",
        description="the config.ocio that Blender itself uses; empty: the one that comes with it",
        json_schema_extra={"kind": "path", "filled_by": "host", "advanced": True},
    )
    reads: tuple[FilePath, ...] | None = Field(
        default=None,
        max_length=100_000,
        title="Reads",
        description="all files that the scene reads: libraries, textures, caches; empty: Blender is asked",
        json_schema_extra={"filled_by": "host", "advanced": True},
    )
    contents: dict[str, str] = Field(
        default_factory=dict,
        title="Contents",
        description="checksums of all those files, filled in by the submitter: another content is another job",
        json_schema_extra={"source": "contents"},
    )

    @property
    def files(self) -> list[str]:
        """All files that the job reads."""
        return sorted({self.scene_file, self.ocio, *(self.reads or ())} - {""})

    def with_marks(self, mark: Callable[[str], str]) -> Self:
        """The same with the checksums of all files that the scene is made of."""
        return self.model_copy(update={"contents": {path: mark(path) for path in self.files}})
