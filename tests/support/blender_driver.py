"""Runs inside Blender: hands that do what an artist does, told by lines of JSON. ``blender_driver.py -- FOLDER``."""

from __future__ import annotations

import json
import os
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import Any

REPLIES = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)  # Blender prints, too

import bpy  # noqa: E402  # pyright: ignore[reportMissingImports] - Blender brings it; it prints when it is loaded

PACKAGE = "bl_ext.user_default.shotmill"
PATIENCE_S = 120.0


def part(name: str) -> Any:
    """A module of the installed add-on."""
    return import_module(f"{PACKAGE}.{name}")


class Layout:
    """What panels draw into, written down: Blender gives scripts none without a window."""

    def __init__(self, drawn: list[str]) -> None:
        self.drawn = drawn

    def __getattr__(self, name: str) -> Any:
        if name in {"row", "column", "box"}:
            return lambda **_more: Layout(self.drawn)
        raise AttributeError(name)

    def prop(self, owner: Any, name: str, **_more: Any) -> None:
        self.drawn.append(owner.bl_rna.properties[name].name)

    def label(self, **told: Any) -> None:
        self.drawn.append(told["text"])

    def menu(self, _name: str, **told: Any) -> None:
        self.drawn.append(f"menu {told.get('text', '')}")

    def operator(self, name: str, **told: Any) -> Any:
        kind, _, rest = name.partition(".")
        getattr(getattr(bpy.ops, kind), rest).get_rna_type()  # raises where there is no such operator
        self.drawn.append(f"button {told.get('text') or name}")
        return type("Asked", (), {})()


class Hands:
    """What an artist does, and sees."""

    def install(self, extension: str) -> Any:
        done = bpy.ops.extensions.package_install_files(filepath=extension, repo="user_default", enable_on_install=True)
        return {"done": list(done), "enabled": PACKAGE in bpy.context.preferences.addons}

    def command(self, argv: list[str]) -> Any:
        """What ``blender --command extension`` does with these arguments: Blender's own code for it."""
        code = import_module("bl_pkg.bl_extension_cli").cli_extension_handler(argv)
        return {"code": code, "enabled": PACKAGE in bpy.context.preferences.addons}

    def open(self, path: str) -> Any:
        bpy.ops.wm.open_mainfile(filepath=path, load_ui=False, use_scripts=False)
        return self.look()

    def fresh(self) -> Any:
        bpy.ops.wm.read_homefile(app_template="", use_empty=False)
        return self.look()

    def set(self, path: str, value: Any) -> Any:
        """Change a property of the scene, such as ``shotmill.shot``."""
        *owners, name = path.split(".")
        owner = bpy.context.scene
        for one in owners:
            owner = getattr(owner, one)
        setattr(owner, name, value)
        return {}

    def rest(self) -> Any:
        """Do nothing until all that was asked is answered."""
        return {"answered": part("asking").wait(PATIENCE_S), **self.look()}

    def send(self) -> Any:
        """Press Submit, and go on as soon as the job is known."""
        bpy.ops.shotmill.submit()
        ends = time.monotonic() + PATIENCE_S
        while bpy.context.scene.shotmill.sending and time.monotonic() < ends:
            part("asking").tick()
            time.sleep(0.02)
        return self.look()

    def press(self, name: str, times: int = 1, wait: bool = True, **given: Any) -> Any:
        """Press a button, and wait until all that follows has come."""
        said = []
        for _ in range(times):
            try:
                said += list(getattr(bpy.ops.shotmill, name)(**given))
            except RuntimeError as error:
                said.append(str(error).strip())
        answered = part("asking").wait(PATIENCE_S) if wait else None
        return {"said": said, "answered": answered, **self.look()}

    def look(self) -> Any:
        """What the scene and the panel say."""
        scene = bpy.context.scene
        found: dict[str, Any] = {"file": bpy.data.filepath, "dirty": bpy.data.is_dirty, "scene": scene.name}
        if PACKAGE not in bpy.context.preferences.addons:
            return found
        notes = scene.shotmill
        jobs = [{name: getattr(one, name) for name in (*part("state").TEXTS, "version", "done")} for one in notes.jobs]
        verdict = part("checking").verdict_of(scene)
        found |= {"problems": verdict.problems, "plan": verdict.plan}
        return {**found, "jobs": jobs, "message": notes.message, "sending": notes.sending, "drawn": self.drawn()}

    def drawn(self) -> list[str]:
        """What the panel shows."""
        drawn: list[str] = []
        panel = type("Drawn", (), {"layout": Layout(drawn)})()
        part("panel").Panel.draw(panel, bpy.context)
        return drawn

    def clips(self) -> Any:
        tree = bpy.context.scene.node_tree
        nodes = [one for one in tree.nodes if one.type == "IMAGE"] if tree else []
        return {
            "clips": [
                {
                    "name": one.name,
                    "frames": one.frame_duration,
                    "start": one.frame_start,
                    "size": list(one.size),
                    "colour": one.colorspace_settings.name,
                    "version": one.get("shotmill_version"),
                    "path": one.filepath,
                }
                for one in bpy.data.movieclips
            ],
            "nodes": [
                {"label": one.label, "frames": one.frame_duration, "start": one.frame_start, "path": one.image.filepath}
                for one in nodes
            ],
        }

    def turn(self, degrees: float) -> Any:
        """Change the scene, as an artist would who goes on working."""
        bpy.data.objects["Cube"].rotation_euler[0] = degrees
        return {}

    def copy(self) -> Any:
        return {"copy": str(part("copies").copy_of_scene())}

    def environ(self, name: str, value: str) -> Any:
        os.environ[name] = value
        return {}

    def disable(self) -> Any:
        bpy.ops.preferences.addon_disable(module=PACKAGE)
        return {"left": [name for name in dir(bpy.types.Scene) if name.startswith("shotmill")]}


def main() -> None:
    if "COVERAGE_PROCESS_CONFIG" in os.environ:
        import_module("coverage").process_startup()
    bpy.ops.wm.read_factory_settings()
    hands = Hands()
    for line in sys.stdin:
        order = json.loads(line)
        try:
            answer = getattr(hands, order.pop("do"))(**order)
        except Exception as error:  # noqa: BLE001 - the test is told
            sys.excepthook(type(error), error, error.__traceback__)
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), file=REPLIES, flush=True)
    Path("done").touch()
    sys.stderr.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
