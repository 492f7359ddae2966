"""The work of rendering scenes."""

from __future__ import annotations

import os
from pathlib import Path

from ...pipeline.blender import Blender, RenderOrder, SceneFacts
from ...pipeline.blender.colour import RenderColour, space_of_render
from ...pipeline.blender.frames import Finish, finish_frame
from ...pipeline.files import read_file
from ...pipeline.hashes import hash_file
from ...schema.checks import MAX_DOCUMENT
from ...schema.errors import InputChangedError, InputMissingError, ShotmillError
from ...schema.media import Rate
from ...schema.task import FileMade, OutputMade, TaskContext, TaskFunction, Written
from .look import check_facts, looked
from .params import BlenderRenderParams, RenderFormat
from .steps import PREPARE

FACTS_FILE = "scene.json"
SCENE = "scene"
RAW = "blender"  # folder in staging that Blender itself writes to
PNG_DEPTH = "16"


def prepare(task: TaskContext[BlenderRenderParams]) -> Written:
    """Look at the scene with this host's Blender, and refuse here what would go wrong later.

    Raises:
        MachineError: this host has no Blender.
        InputMissingError: the scene, or a file that it reads, is not there; names them.
        InputChangedError: one of them is not what it was when the job was made.
        BadRequestError: the scene cannot be rendered as it is.
        ColourError: nothing says what the colours of its frames are called in the studio's config.
    """
    _check_contents(task)
    facts = looked(task.params, task.tools)
    check_facts(task.params, facts)
    _check_reads(task.params, facts)
    space_of_render(facts, task.tools.colour, given=task.params.colourspace, light=_is_exr(task))
    (task.staging / FACTS_FILE).write_text(facts.pretty(), encoding="utf-8")
    output = OutputMade(product=task.params.product, representation=SCENE, files=[FileMade(FACTS_FILE)])
    return Written(outputs=[output], done=task.frames, notes=_notes(facts))


def _is_exr(task: TaskContext[BlenderRenderParams]) -> bool:
    return task.params.format is RenderFormat.EXR


def _check_contents(task: TaskContext[BlenderRenderParams]) -> None:
    """Refuse files that are not what they were when the job was made."""
    contents = task.params.contents
    for done, (path, before) in enumerate(contents.items()):
        task.progress(done / len(contents), f"reading {Path(path).name}")
        try:
            now = hash_file(path)[0]
        except OSError as error:
            raise InputMissingError(f"{path} cannot be read: {error.strerror}; bring it back", path=path) from error
        if now != before:
            raise InputChangedError(
                f"{path} changed after the job was submitted; submit again", path=path, hint="shotmill retry"
            )


def _check_reads(params: BlenderRenderParams, facts: SceneFacts) -> None:
    """Refuse files that nobody knew of when the job was made: its key does not speak of them."""
    new = sorted({os.path.realpath(path) for path in facts.reads} - {os.path.realpath(path) for path in params.files})
    if new:
        raise InputChangedError(
            f"{facts.file} reads {new[0]}, which it did not when the job was submitted; submit again",
            path=new[0],
            hint="shotmill retry",
        )


def _notes(facts: SceneFacts) -> list[str]:
    notes = [f"script {name!r} of the scene was not run" for name in facts.scripts]
    return notes + [f"file output {name!r} of the compositor was left out" for name in facts.file_outputs]


def render(task: TaskContext[BlenderRenderParams]) -> Written:
    """Render the frames of this chunk.

    Raises:
        MachineError: this host has no Blender.
        InputChangedError: the scene is not what it was.
        TaskFailedError: Blender failed, or went away.
    """
    params = task.params
    facts = _facts(task)
    blender = Blender(task.tools.settings.blender, ocio=params.ocio)
    _check_contents(task)
    colour = space_of_render(facts, task.tools.colour, given=params.colourspace, light=_is_exr(task))
    raw = task.staging / RAW
    raw.mkdir()
    width, height = (max(1, side * params.percent // 100) for side in facts.size)
    finish = Finish((width, height), facts.pixel_aspect, facts.rate, colour, task.tools.limits)
    files: list[FileMade] = []

    def rendered(frame: int) -> None:
        name = f"{params.product}.{frame:04d}.{params.format}"
        source = raw / f"{frame:04d}.{params.format}"
        try:
            finish_frame(source, task.staging / name, finish)
        except ShotmillError as error:
            error.fields.setdefault("frame", str(frame))
            raise
        source.unlink()
        files.append(FileMade(name, frame))
        task.progress(len(files) / len(task.frames), f"frame {frame}")

    task.progress(0.0, f"frame {task.frames.first}")
    blender.render(_order(task, raw), rendered)
    raw.rmdir()
    return Written(
        outputs=[
            OutputMade(
                product=params.product,
                representation=params.format.value,
                files=files,
                colourspace=colour.space,
                width=width,
                height=height,
                pixel_aspect=facts.pixel_aspect,
                facts=_told(params, facts, colour),
            )
        ],
        done=task.frames,
    )


def _facts(task: TaskContext[BlenderRenderParams]) -> SceneFacts:
    [(output, folder)] = task.upstream_files(PREPARE)
    text = read_file(folder / output.files[0].path, most=MAX_DOCUMENT)
    return SceneFacts.model_validate_json(text)


def _order(task: TaskContext[BlenderRenderParams], folder: Path) -> RenderOrder:
    params = task.params
    return RenderOrder(
        file=params.scene_file,
        scene=params.scene,
        frames=task.frames.frames,
        folder=str(folder),
        view_layer=params.view_layer,
        camera=params.camera,
        format=params.format.value,
        depth=params.depth.value if _is_exr(task) else PNG_DEPTH,
        percent=params.percent,
        samples=params.samples,
        threads=params.cpu,
        gpu=params.gpu,
    )


def _told(params: BlenderRenderParams, facts: SceneFacts, colour: RenderColour) -> dict[str, object]:
    return {
        "source": params.scene_file,
        "scene": facts.scene,
        "view_layer": params.view_layer or ", ".join(facts.view_layers),
        "camera": params.camera or facts.camera,
        "renderer": facts.engine,
        "blender": facts.blender,
        "blender_colourspace": colour.blender,
        "rate": str(Rate.parse(facts.rate)),
    }


TASKS: dict[str, TaskFunction] = {"prepare": prepare, "render": render}
