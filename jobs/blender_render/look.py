"""What only Blender tells of a scene: looked at before a submit, where a host did not say it already."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...schema.errors import BadRequestError, InputMissingError, ParamsError
from ...schema.frames import FrameSet
from .params import BlenderRenderParams

if TYPE_CHECKING:
    from ...pipeline.blender import SceneFacts

MAX_TOLD = 8


def complete(params: BlenderRenderParams, tools: Any) -> BlenderRenderParams:
    """Fill in the frames of a scene and the files that it reads; Blender is started only where they are not given.

    Raises:
        ParamsError: no scene was named.
        InputMissingError: it, or a file that it reads, is not there; names them.
        BadRequestError: it cannot be rendered as it is; says why.
        MachineError: Blender is needed, and not on this machine.
    """
    if not params.scene_file:
        raise ParamsError(
            "blender_render needs a scene; name its file with --scene-file, or submit from Blender", field="scene_file"
        )
    file = params.scene_file
    if not Path(file).is_file():
        raise InputMissingError(f"the scene {file} is not there; check the path", path=file)
    if params.reads is not None and params.frames is not None:
        return params
    facts = looked(params, tools)
    check_facts(params, facts)
    frames = params.frames or FrameSet(tuple(range(facts.first, facts.last + 1, facts.step)))
    return params.model_copy(update={"frames": frames, "reads": facts.reads, "scene": facts.scene})


def looked(params: BlenderRenderParams, tools: Any) -> SceneFacts:
    """What Blender says of the scene on this machine."""
    from ...pipeline.blender import Blender  # noqa: PLC0415 - job types' faces load no more than they need

    return Blender(tools.settings.blender, ocio=params.ocio).look(params.scene_file, params.scene)


def check_facts(params: BlenderRenderParams, facts: SceneFacts) -> None:
    """Refuse a scene whose pictures would not be what its artist sees.

    Raises:
        InputMissingError: files that it reads are not there; names them.
        BadRequestError: only Python could move a part of it, it is stereo, or it has no such view layer or camera.
    """
    if facts.missing:
        told = "; ".join(str(one) for one in facts.missing[:MAX_TOLD])
        more = f"; and {len(facts.missing) - MAX_TOLD} more" if len(facts.missing) > MAX_TOLD else ""
        raise InputMissingError(
            f"{facts.file} reads files that are not there: {told}{more}",
            hint="bring them back, or relink them in Blender: File > External Data > Find Missing Files",
            path=facts.missing[0].path,
        )
    if facts.python_drivers:
        raise BadRequestError(
            f"{facts.file} has drivers that only Python could run, and Shotmill runs no scripts of scenes: "
            f"{'; '.join(facts.python_drivers[:MAX_TOLD])}",
            hint="bake them to keyframes: Object > Animation > Bake Action, or write a plain expression",
            path=facts.file,
        )
    if facts.stereo:
        raise BadRequestError(f"{facts.file} renders several views; turn stereoscopy off", path=facts.file)
    _check_name(params.view_layer, facts.view_layers, facts, what="view layer", field="view_layer")
    _check_name(params.camera, facts.cameras, facts, what="camera", field="camera")


def _check_name(name: str, known: tuple[str, ...], facts: SceneFacts, *, what: str, field: str) -> None:
    if name and name not in known:
        listed = ", ".join(map(repr, known)) or "none"
        raise BadRequestError(f"scene {facts.scene!r} has no {what} {name!r}; it has: {listed}", field=field)
