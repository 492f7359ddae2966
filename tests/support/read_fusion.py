"""Evaluates Fusion's tables in real Lua, whose world holds their constructors and nothing else, and reads polygons."""

from __future__ import annotations

from typing import Any

import numpy as np
from lupa import lua51  # Fusion's own is LuaJIT, which speaks 5.1
from shape_pixels import ReadObject, ReadShape

TYPES = "Composition Input FuID PolylineMask BezierSpline Background Polyline OperatorInfo".split()  # noqa: SIM905 - reads best
WORLD = """
function(text, types)
    local made = {}
    for _, name in ipairs(types) do
        made[name] = function(table) table._type = name; return table end
    end
    made.ordered = function() return function(table) return table end end
    setmetatable(made, {__index = function(_, name) error("the text asks for " .. name) end})
    local chunk = assert(loadstring("return " .. text, "setting"))
    setfenv(chunk, made)
    return chunk()
end
"""


def evaluate(text: bytes) -> dict[str, Any]:
    """The table as nested dicts; anything but constructors in it is an error."""
    lua: Any = lua51.LuaRuntime(register_eval=False, register_builtins=False)  # pyright: ignore[reportCallIssue] - its stubs lack them
    found: dict[str, Any] = _plain(lua.eval(WORLD)(text.decode(), lua.table_from(TYPES)))
    return found


def _plain(value: Any) -> Any:
    if lua51.lua_type(value) != "table":
        return value
    return {key: _plain(each) for key, each in value.items()}


def read_fusion(text: bytes, size: tuple[int, int]) -> dict[str, ReadObject]:
    """Objects by the names of their Backgrounds, with the chain of polygons that ends at each."""
    tools = evaluate(text)["Tools"]
    found: dict[str, ReadObject] = {}
    for name, tool in tools.items():
        if tool["_type"] == "Background":
            chain: list[ReadShape] = []
            mask = tool["Inputs"].get("EffectMask")
            while mask:
                assert mask["Source"] == "Mask"
                chain.insert(0, _polygon(tools, mask["SourceOp"], size))
                mask = tools[mask["SourceOp"]]["Inputs"].get("EffectMask")
            found[name] = [chain]
    return found


def _polygon(tools: dict[str, Any], name: str, size: tuple[int, int]) -> ReadShape:
    inputs = tools[name]["Inputs"]
    assert (inputs["MaskWidth"]["Value"], inputs["MaskHeight"]["Value"]) == size
    track = tools[inputs["Polyline"]["SourceOp"]]["KeyFrames"]
    order = [track[frame][1] for frame in sorted(track)]
    assert order == sorted(set(order)), "what stands first in each key must grow"
    life = {}
    if "Level" in inputs:
        level = tools[inputs["Level"]["SourceOp"]]["KeyFrames"]
        assert all(key["Flags"]["StepIn"] for key in level.values())
        life = {frame: float(key[1]) for frame, key in level.items()}
    mode = inputs["PaintMode"]["Value"][1] if "PaintMode" in inputs else "Merge"
    keys = {frame: _knots(key["Value"], size) for frame, key in sorted(track.items())}
    return ReadShape(inputs["Comments"]["Value"], mode == "Subtract", keys, life)


def _knots(line: dict[str, Any], size: tuple[int, int]) -> np.ndarray:
    assert line["Closed"] is True
    width, height = size
    return np.array(
        [
            [
                (point["X"] + 0.5) * width,
                (0.5 - point["Y"]) * height,
                point["LX"] * width,
                -point["LY"] * height,
                point["RX"] * width,
                -point["RY"] * height,
            ]
            for _, point in sorted(line["Points"].items())
        ]
    )
