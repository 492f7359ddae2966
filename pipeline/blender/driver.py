"""Runs inside Blender: looks into a scene, and renders frames of it. Nothing of Shotmill is imported here.

The order is a JSON file, the answers are lines of JSON on a pipe; what Blender itself prints is neither. Scripts inside
of the scene are never run. Blender's add-on has a copy of this file, and asks the same functions.
"""

from __future__ import annotations

import ctypes
import json
import os
import re
import signal
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bpy  # pyright: ignore[reportMissingImports] - Blender brings it

PR_SET_PDEATHSIG = 1  # linux/prctl.h
DIGITS = re.compile(r"(\d+)(?=\.[^./\\]*$)")
TILE = re.compile(r"<UDIM>|<UVTILE>", re.IGNORECASE)
GPUS = ("OPTIX", "CUDA", "HIP", "ONEAPI", "METAL")
FORMATS = {"exr": "OPEN_EXR", "png": "PNG"}
DEPTHS = {"half": "16", "float": "32", "8": "8", "16": "16"}
STAMPS = "stamp"
WRITES_FILES = "OUTPUT_FILE"

Tell = Callable[..., None]


class RefusedError(Exception):
    """The scene cannot be rendered as it was ordered; says why, and what to do."""


def facts_of(scene: Any, file_path: str = "") -> dict[str, Any]:
    """What must be known of a scene before it is rendered, as JSON.

    Args:
        scene: a scene of the open file.
        file_path: of that file; empty: as Blender says.
    """
    render = scene.render
    return {
        "blender": bpy.app.version_string,
        "file": file_path or bpy.data.filepath,
        "scene": scene.name,
        "scenes": [one.name for one in bpy.data.scenes],
        "view_layers": [layer.name for layer in scene.view_layers],
        "cameras": [one.name for one in scene.objects if one.type == "CAMERA"],
        "camera": scene.camera.name if scene.camera else "",
        "first": scene.frame_start,
        "last": scene.frame_end,
        "step": scene.frame_step,
        "rate": rate_of(render),
        "size": [render.resolution_x, render.resolution_y],
        "pixel_aspect": render.pixel_aspect_x / render.pixel_aspect_y,
        "engine": render.engine,
        "linear": linear_space(),
        "display": scene.display_settings.display_device,
        "view": scene.view_settings.view_transform,
        "stereo": bool(render.use_multiview),
        **files_of(),
        "python_drivers": python_drivers(),
        "scripts": [text.name for text in bpy.data.texts if text.use_module],
        "file_outputs": [node.name for node in _nodes(scene) if node.type == WRITES_FILES],
    }


def rate_of(render: Any) -> str:
    """Frames per second, as two whole numbers: 24/1, or 24000/1001 for a base of 1.001."""
    return f"{round(render.fps * 1000)}/{round(render.fps_base * 1000)}"


def linear_space() -> str:
    """The name of the space that Blender computes light in."""
    image = bpy.data.images.new("shotmill", 1, 1, float_buffer=True)
    try:
        return str(image.colorspace_settings.name)
    finally:
        bpy.data.images.remove(image)


def files_of() -> dict[str, Any]:
    """All files that the open scene reads, and those of them that are not there, with what reads them."""
    users = _users()
    bundled = os.path.normpath(bpy.utils.system_resource("DATAFILES"))
    sequences = _sequences()
    reads: set[str] = set()
    missing: dict[str, list[str]] = {}
    for path in bpy.utils.blend_paths(absolute=True, packed=False, local=False):
        place = os.path.normpath(path)
        if place.startswith(bundled + os.sep) or users.get(place) == []:
            continue
        if place.endswith(".blend") and place not in users:  # where a brush was found; nothing is linked from it
            continue
        there = _on_disk(place, sequences)
        reads.update(there)
        if not there:
            missing[place] = users.get(place) or []
    return {
        "reads": sorted(reads),
        "missing": [{"path": path, "users": missing[path]} for path in sorted(missing)],
    }


def _users() -> dict[str, list[str]]:
    """Path -> what reads it, for people; nothing of libraries that brushes alone come from, which no render shows."""
    found: dict[str, list[str]] = {}
    for library in bpy.data.libraries:
        place = os.path.normpath(bpy.path.abspath(library.filepath))
        used = [one for one in library.users_id if not isinstance(one, bpy.types.Brush)]
        found[place] = [f"library {library.name!r}"] if used else []
    kinds = (("image", "images"), ("movie clip", "movieclips"), ("sound", "sounds"), ("font", "fonts"),
             ("volume", "volumes"), ("cache", "cache_files"))  # fmt: skip
    for kind, collection in kinds:
        for one in getattr(bpy.data, collection, ()):
            place = os.path.normpath(bpy.path.abspath(one.filepath, library=one.library))
            found.setdefault(place, []).append(f"{kind} {one.name!r}")
    return found


def _on_disk(place: str, sequences: set[str]) -> list[str]:
    """The files that a path stands for: itself, the tiles of a texture, or all frames of a sequence of images."""
    folder, name = os.path.split(place)
    if TILE.search(name):
        head, tail = TILE.split(name, maxsplit=1)
        return _like(folder, head, tail)
    if not Path(place).is_file():
        return []
    if place in sequences:
        number = DIGITS.search(name)
        if number:
            return _like(folder, name[: number.start()], name[number.end() :])
    return [place]


def _like(folder: str, head: str, tail: str) -> list[str]:
    try:
        names = [entry.name for entry in Path(folder).iterdir()]
    except OSError:
        return []
    middle = slice(len(head), -len(tail) if tail else None)
    return [
        str(Path(folder) / name)
        for name in names
        if name.startswith(head) and name.endswith(tail) and name[middle].isdigit()
    ]


def _sequences() -> set[str]:
    images = [*bpy.data.images, *bpy.data.movieclips]
    return {
        os.path.normpath(bpy.path.abspath(one.filepath, library=one.library))
        for one in images
        if one.source == "SEQUENCE"
    }


def python_drivers() -> list[str]:
    """Drivers that Blender would have to run as Python: they are not run, so what they move would stand still."""
    found = []
    for name in (prop.identifier for prop in bpy.types.BlendData.bl_rna.properties if prop.type == "COLLECTION"):
        for owner in getattr(bpy.data, name):
            for tree in (owner, getattr(owner, "node_tree", None)):
                data = getattr(tree, "animation_data", None)
                for curve in data.drivers if data else ():
                    driver = curve.driver
                    if driver.type == "SCRIPTED" and driver.expression and not driver.is_simple_expression:
                        found.append(f"{curve.data_path} of {owner.name!r}: {driver.expression}")
    return sorted(set(found))


def _nodes(scene: Any) -> list[Any]:
    tree = getattr(scene, "node_tree", None) or getattr(scene, "compositing_node_group", None)
    return list(tree.nodes) if tree and scene.render.use_compositing else []


def opened(path: str, name: str) -> Any:
    """The scene of a file, opened without running its scripts; an empty name means the one that was open in it."""
    bpy.ops.wm.open_mainfile(filepath=path, load_ui=False, use_scripts=False)
    if not name:
        return bpy.context.scene
    found = bpy.data.scenes.get(name)
    if found is None:
        known = ", ".join(repr(one.name) for one in bpy.data.scenes)
        raise RefusedError(f"{path} has no scene {name!r}; it has: {known}")
    return found


def prepare(scene: Any, order: dict[str, Any]) -> None:
    """Set a scene up for the render of an order."""
    render = scene.render
    _choose_layer(scene, order["view_layer"])
    _choose_camera(scene, order["camera"])
    render.resolution_percentage = order["percent"]
    render.use_border = False
    render.threads_mode, render.threads = "FIXED", order["threads"]
    render.use_file_extension, render.use_overwrite, render.use_placeholder = True, True, False
    for prop in render.bl_rna.properties:  # dates and hosts would make other bytes of the same picture
        if STAMPS in prop.identifier and prop.type == "BOOLEAN":
            setattr(render, prop.identifier, False)
    settings = render.image_settings
    if hasattr(settings, "media_type"):  # Blender 5
        settings.media_type = "IMAGE"
    settings.file_format = FORMATS[order["format"]]
    settings.color_mode = "RGBA" if order["format"] == "exr" or render.film_transparent else "RGB"
    settings.color_depth = DEPTHS[order["depth"]]
    settings.color_management = "FOLLOW_SCENE"
    if order["format"] == "exr":
        settings.exr_codec = "ZIP"
    for node in _nodes(scene):  # they would write where the artist's own renders lie
        if node.type == WRITES_FILES:
            node.mute = True
    _choose_device(scene, order)


def _choose_layer(scene: Any, name: str) -> None:
    if not name:
        return
    if name not in scene.view_layers:
        known = ", ".join(repr(layer.name) for layer in scene.view_layers)
        raise RefusedError(f"scene {scene.name!r} has no view layer {name!r}; it has: {known}")
    for layer in scene.view_layers:
        layer.use = layer.name == name


def _choose_camera(scene: Any, name: str) -> None:
    if name:
        found = scene.objects.get(name)
        if found is None or found.type != "CAMERA":
            known = ", ".join(repr(one.name) for one in scene.objects if one.type == "CAMERA") or "none"
            raise RefusedError(f"scene {scene.name!r} has no camera {name!r}; it has: {known}")
        scene.camera = found
        for marker in scene.timeline_markers:  # they would switch to another one
            marker.camera = None
    if scene.camera is None and not any(marker.camera for marker in scene.timeline_markers):
        raise RefusedError(f"scene {scene.name!r} has no camera to render with; add one")


def _choose_device(scene: Any, order: dict[str, Any]) -> None:
    if scene.render.engine != "CYCLES":
        return
    if order["samples"]:
        scene.cycles.samples = order["samples"]
    scene.cycles.device = "GPU" if order["gpu"] else "CPU"
    if not order["gpu"]:
        return
    preferences = bpy.context.preferences.addons["cycles"].preferences
    for kind in GPUS:
        try:
            preferences.compute_device_type = kind
        except TypeError:  # this Blender was built without it
            continue
        preferences.refresh_devices()
        found = [device for device in preferences.devices if device.type == kind]
        if found:
            for device in preferences.devices:
                device.use = device.type == kind
            return
    raise RefusedError("no GPU that Cycles can use is on this host; render without GPU, or send it to another host")


def render_frames(scene: Any, order: dict[str, Any], tell: Tell) -> None:
    """Render frames one by one into a folder."""
    for frame in order["frames"]:
        scene.frame_set(frame)
        scene.render.filepath = str(Path(order["folder"]) / f"{frame:04d}")
        if "FINISHED" not in bpy.ops.render.render(write_still=True, scene=scene.name):
            raise RuntimeError(f"Blender did not finish frame {frame}")
        tell(frame=frame)


def obey(order: dict[str, Any], tell: Tell) -> None:
    """Do what an order says."""
    if not Path(order["file"]).is_file():
        raise RefusedError(f"{order['file']} is not there")
    scene = opened(order["file"], order["scene"])
    if order["do"] == "look":
        tell(facts=facts_of(scene, order["file"]))
        return
    prepare(scene, order)
    render_frames(scene, order, tell)


def main(arguments: list[str]) -> int:
    """Obey the order of a file; the exit code.

    Args:
        arguments: path of the order, and number of the pipe that takes the answers.
    """
    if sys.platform.startswith("linux"):  # nobody wants a render whose task was killed
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    with Path(arguments[0]).open(encoding="utf-8") as stream:
        order = json.load(stream)
    answers = os.fdopen(int(arguments[1]), "w", encoding="utf-8")

    def tell(**answer: Any) -> None:
        answers.write(json.dumps(answer) + "\n")
        answers.flush()

    try:
        obey(order, tell)
    except RefusedError as error:
        tell(refused=str(error))
    except Exception as error:  # noqa: BLE001 - a scene may make Blender raise anything
        traceback.print_exc()
        tell(failed=f"{type(error).__name__}: {str(error).strip()}")
        return 1
    return 0


if __name__ == "__main__":
    code = main(sys.argv[sys.argv.index("--") + 1 :])
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # as a module of Python's, Blender hangs when it is taken apart
