"""Forms of job types, as hosts get them: what there is to fill in, made from the type's parameters."""

from __future__ import annotations

from typing import Any, Literal

from .base import Document

FieldType = Literal[
    "text", "integer", "number", "boolean", "choice", "choices", "path", "folder", "frames", "colour_space", "list",
    "object",
]  # fmt: skip


class FieldOut(Document):
    """One thing to fill in.

    Attributes:
        name: of the parameter; of what lies in a list or an object, of that.
        default: as JSON; null: nothing.
        choices: null: any value will do.
        minimum, maximum: of a number; of a list, of how many it has.
        unit: such as ``px`` or ``frames``; may be empty.
        advanced: whether most people never look at it.
        group: heading that it stands under; may be empty.
        when: values of other fields with which it matters; a list means any of them; null: always.
        item: of a list: what each entry is.
        fields: of an object: what it is made of; null: anything.
        source: ``host``: the host fills it in, and nobody is asked.
    """

    name: str
    label: str
    type: FieldType
    default: Any = None
    required: bool = False
    choices: tuple[str, ...] | None = None
    minimum: int | float | None = None
    maximum: int | float | None = None
    unit: str = ""
    help: str = ""
    advanced: bool = False
    group: str = ""
    when: dict[str, Any] | None = None
    item: FieldOut | None = None
    fields: tuple[FieldOut, ...] | None = None
    source: str = ""


class FormOut(Document):
    """One job type.

    Attributes:
        takes: ``plates``: paths of media, or a cut; ``none``: it reads none.
        plates_max: how many plates at most; null: any number.
    """

    name: str
    summary: str
    takes: Literal["plates", "none"]
    plates_max: int | None
    fields: tuple[FieldOut, ...]


class DescribeOut(Document):
    """``describe``."""

    job_types: tuple[FormOut, ...]
