"""What an artist fills in to bake a LUT."""

from __future__ import annotations

from collections import Counter
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

from ...schema.bakes import GradeParams
from ...schema.colour import Grade
from ...schema.errors import ParamsError
from ...schema.luts import LutFormat, LutHost
from ...schema.media import EntityRef, as_value_error
from ...schema.names import check_name, check_text
from ...schema.shot_colour import OwnerColouredParams


def _name(field: str) -> AfterValidator:
    return AfterValidator(lambda value: as_value_error(check_name, value, field=field))


def _words(value: Any) -> Any:
    """Words that are typed with commas between them."""
    return [word.strip() for word in value.split(",") if word.strip()] if isinstance(value, str) else value


def _once(value: tuple[Any, ...]) -> tuple[Any, ...]:
    twice = [name for name, count in Counter(value).items() if count > 1]
    if twice:
        raise ValueError(f"{twice[0]} is there twice; leave one out")
    return value


def _two_points(value: int) -> int:
    if value == 1:
        raise ValueError("a shaper has two points at least; 0 gives as many as the format needs")
    return value


FORMATS = ", ".join(LutFormat)


class LutBakeParams(GradeParams, OwnerColouredParams):
    """A colour conversion, a view or a look, as LUT files."""

    owner: EntityRef | None = Field(
        default=None,
        title="Belongs to",
        description="whom the LUT belongs to, and whose colour it has; filled in by the submitter",
        json_schema_extra={
            "source": "owner",
            "example": {"project": "demo", "kind": "asset", "parent": "lut", "name": "show"},
        },
    )
    colourspace: Annotated[
        str, AfterValidator(lambda value: as_value_error(check_text, value, field="colourspace"))
    ] = Field(
        default="",
        max_length=256,
        title="From",
        description="colour space that the LUT is handed, such as ACEScct; log is best",
        json_schema_extra={"group": "Colour", "kind": "colour_space", "example": "ACEScct"},
    )
    space: Annotated[str, AfterValidator(lambda value: as_value_error(check_text, value, field="space"))] = Field(
        default="",
        max_length=256,
        title="To colour space",
        description="colour space that the LUT ends in, such as ACEScg; or name a display",
        json_schema_extra={"group": "Colour", "kind": "colour_space", "example": "ACEScg"},
    )
    formats: Annotated[tuple[LutFormat, ...], BeforeValidator(_words), AfterValidator(_once)] = Field(
        default=(LutFormat.CUBE, LutFormat.CLF),
        min_length=1,
        title="Formats",
        description=f"with commas between them; default: cube,clf; there are {FORMATS}",
    )
    hosts: Annotated[tuple[LutHost, ...], BeforeValidator(_words), AfterValidator(_once)] = Field(
        default=(),
        title="Ready for",
        description="nuke: a script with nodes; rv: a csp, which RV reads best, and a script that puts it on plates; "
        "with a comma between them",
    )
    size: int = Field(
        default=33,
        ge=2,
        le=129,
        title="Size",
        description="nodes along each axis of a cube",
        json_schema_extra={"advanced": True},
    )
    curve_size: int = Field(
        default=4096,
        ge=16,
        le=65_536,
        title="Curve size",
        description="points of a curve, where no cube is needed",
        json_schema_extra={"advanced": True},
    )
    shaper_space: Annotated[str, AfterValidator(lambda value: as_value_error(check_text, value, field="shaper"))] = (
        Field(
            default="",
            max_length=256,
            title="Shaper",
            description="colour space that cubes are spaced in, such as ACEScct: for sources that reach beyond 0..1",
            json_schema_extra={"group": "Colour", "advanced": True, "kind": "colour_space"},
        )
    )
    shaper_size: Annotated[int, AfterValidator(_two_points)] = Field(
        default=0,
        ge=0,
        le=65_536,
        title="Shaper size",
        description="points of the shaper, two at least; 0: as many as the format needs",
        json_schema_extra={"advanced": True},
    )
    exact: bool = Field(
        default=True,
        title="Exact",
        description="whether clf and ctf hold the transform itself where they can, instead of samples",
        json_schema_extra={"advanced": True},
    )
    product: Annotated[str, _name("product")] = Field(
        default="lut",
        title="Product",
        description="name of the product that is published",
        json_schema_extra={"advanced": True},
    )

    @property
    def all_formats(self) -> tuple[LutFormat, ...]:
        """Those that were asked for, and those that the hosts need."""
        wanted = list(self.formats)
        if LutHost.RV in self.hosts:
            wanted.append(LutFormat.CSP)
        return tuple(dict.fromkeys(wanted))

    @property
    def grade(self) -> Grade:
        """What the LUT does.

        Raises:
            ParamsError: nothing says where colours come from or go, or in which space the CDL was made; or the
                submitter has not filled in the numbers of its file, or the grade of the shot.
        """
        try:
            self.check_grade()
        except ValueError as error:
            raise ParamsError(str(error), field="space") from error
        if isinstance(self.cdl, str):
            raise ParamsError(
                f"the CDL file {self.cdl!r} was not read; submit the job with shotmill submit, which does", field="cdl"
            )
        if self.colour is not None:
            return self.grade_by(self.colour, self.colourspace)
        if self.shot_grade:
            raise ParamsError(
                "the LUT is to hold its shot's grade, which was not filled in; submit the job with shotmill submit, "
                "which does",
                field="colour",
            )
        if self.cdl is not None and not self.cdl_space:
            raise ParamsError("the CDL needs the colour space that it was made in; name it", field="cdl_space")
        return Grade(
            source=self.colourspace,
            cdl=self.cdl,
            cdl_space=self.cdl_space,
            look=self.look,
            look_space=self.look_space,
            space=self.space,
            display=self.display,
            view=self.view,
            context=self.context,
            inverse=self.inverse,
        )

    def check_grade(self) -> None:
        """Refuse colours that come from nowhere or go nowhere.

        Raises:
            ValueError: says which flags to give.
        """
        if not self.colourspace:
            raise ValueError("say which colours the LUT is handed: name their colour space with --colourspace")
        self.check_ends()
