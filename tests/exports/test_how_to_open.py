"""The lines that the page about roto exports gives to people, run in the engines that After Effects and Fusion have."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import dukpy
from lupa import lua51
from read_fusion import evaluate
from read_jsx import MOCK
from shape_documents import document

from shotmill.pipeline.exports import find_export

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "roto-exports.md").read_text(encoding="utf-8")
FUSION = """
function(read)
    local said = {}
    local comp = setmetatable({
        Lock = function(self) table.insert(said, "lock") end,
        Unlock = function(self) table.insert(said, "unlock") end,
        Paste = function(self, settings) assert(settings); table.insert(said, "paste") end,
    }, {__index = function(_, name) error("no " .. name) end})
    return {comp = comp, bmd = {readfile = read}, said = said}
end
"""


def test_the_line_for_fusion_pastes_what_was_exported(tmp_path: Path) -> None:
    """In real Lua: the file is read, and pasted while the composition is locked."""
    (line,) = re.findall(r"```lua\s+(.*?)\s+```", PAGE)
    path = tmp_path / "roto.setting"
    path.write_bytes(find_export("fusion").write(document()))
    lua: Any = lua51.LuaRuntime(register_eval=False, register_builtins=False)  # pyright: ignore[reportCallIssue] - its stubs lack them
    read: list[str] = []

    def readfile(name: str) -> Any:
        read.append(name)
        return lua.table_from(list(evaluate(Path(name).read_bytes())["Tools"]))

    world = lua.eval(FUSION)(readfile)
    run = lua.eval("function(text, world) local chunk = assert(loadstring(text)); setfenv(chunk, world); chunk() end")
    run(line.replace("/path/to/roto.setting", str(path)), world)
    assert (read, list(world.said.values())) == ([str(path)], ["lock", "paste", "unlock"])


def test_the_line_for_after_effects_runs_what_was_exported() -> None:
    """In a real JavaScript engine: the file is the import script itself."""
    (line,) = re.findall(r"`(\$\.evalFile\(.*?\))`", PAGE)
    script = find_export("aftereffects").write(document()).decode("ascii")
    files = json.dumps({"/path/to/roto.jsx": script})
    disk = f"var $ = {{ evalFile: function (path) {{ return eval({files}[path]); }} }};"
    made = json.loads(str(dukpy.evaljs([MOCK, disk, f"{line};", "stringify({comps: comps, undo: app.undo})"])))
    assert [len(comp["all"]) for comp in made["comps"]] == [2]
