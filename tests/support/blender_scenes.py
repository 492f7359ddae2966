"""Runs inside Blender: makes the scenes that the tests render. ``blender_scenes.py -- FOLDER``."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bpy  # pyright: ignore[reportMissingImports] - Blender brings it

HOSTILE = '$(touch x); "ß" {frame} %s'
MAKERS: list[Callable[[Path], None]] = []


def maker(make: Callable[[Path], None]) -> Callable[[Path], None]:
    MAKERS.append(make)
    return make


def fresh() -> Any:
    """A small scene of two frames with a cube that turns."""
    bpy.ops.wm.read_factory_settings()
    scene = bpy.context.scene
    scene.render.engine, scene.cycles.samples, scene.cycles.use_denoising = "CYCLES", 4, False
    scene.render.resolution_x, scene.render.resolution_y = 64, 48
    scene.render.pixel_aspect_x, scene.render.fps = 2.0, 25
    scene.frame_start, scene.frame_end = 1001, 1002
    cube = bpy.data.objects["Cube"]
    cube.animation_data_clear()
    for frame in (1001, 1002):
        cube.rotation_euler[2] = (frame - 1001) * 0.5
        cube.keyframe_insert("rotation_euler", frame=frame)
    return scene


def save(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    bpy.ops.wm.save_as_mainfile(filepath=str(path))


def textured(name: str, path: str) -> None:
    image = bpy.data.images.new(name, 4, 4)
    image.source, image.filepath = "FILE", path
    nodes = bpy.data.materials["Material"].node_tree
    node = nodes.nodes.new("ShaderNodeTexImage")
    node.image = image
    nodes.links.new(node.outputs["Color"], nodes.nodes["Principled BSDF"].inputs["Base Color"])


def write_picture(path: Path, colour: tuple[float, float, float, float]) -> None:
    image = bpy.data.images.new("made", 4, 4)
    image.pixels = list(colour) * 16
    image.filepath_raw, image.file_format = str(path), "PNG"
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save()
    bpy.data.images.remove(image)


@maker
def plain(folder: Path) -> None:
    """Spaces and umlauts in its path; a name that no shell should see."""
    scene = fresh()
    scene.name = HOSTILE
    scene.view_layers[0].name = "beauty"
    scene.use_nodes = True
    node = scene.node_tree.nodes.new("CompositorNodeOutputFile")
    node.base_path = str(folder / "elsewhere")
    scene.node_tree.links.new(scene.node_tree.nodes["Render Layers"].outputs["Image"], node.inputs[0])
    save(folder / "shöt one" / "tür; 1.blend")


@maker
def library(folder: Path) -> None:
    fresh()
    save(folder / "lib" / "props.blend")
    fresh()
    with bpy.data.libraries.load(str(folder / "lib" / "props.blend"), link=True) as (_there, wanted):
        wanted.objects = ["Light"]
    bpy.context.scene.collection.objects.link(wanted.objects[0])
    write_picture(folder / "tex" / "wall.1001.png", (1, 0, 0, 1))
    write_picture(folder / "tex" / "wall.1002.png", (0, 1, 0, 1))
    textured("wall", "//tex/wall.<UDIM>.png")
    save(folder / "linked.blend")


@maker
def missing(folder: Path) -> None:
    fresh()
    textured("bricks", "//tex/bricks.png")
    save(folder / "missing.blend")


@maker
def scripts(folder: Path) -> None:
    fresh()
    text = bpy.data.texts.new("boom.py")
    text.write(f"open({str(folder / 'BOOM')!r}, 'w').write('x')")
    text.use_module = True
    save(folder / "script.blend")
    driver = bpy.data.objects["Cube"].driver_add("location", 1).driver
    driver.expression = "len(str(frame)) * 0.1"
    plain_driver = bpy.data.objects["Cube"].driver_add("location", 0).driver
    plain_driver.expression = "frame * 0.1"
    save(folder / "driver.blend")


if __name__ == "__main__":
    for make in MAKERS:
        make(Path(sys.argv[-1]))
    sys.stdout.flush()
    os._exit(0)
