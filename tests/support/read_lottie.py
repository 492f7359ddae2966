"""Reads Lottie by its format's description, and renders it with rlottie, Samsung's player."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rlottie_python import LottieAnimation
from shape_pixels import ReadObject, ReadShape

Floats = NDArray[np.float64]
LINEAR = {"o": {"x": [0], "y": [0]}, "i": {"x": [1], "y": [1]}}


def read_lottie(text: bytes, first: int) -> dict[str, ReadObject]:
    """Objects by the names of their precompositions; ``first`` is the plate's frame at the animation's 0."""
    animation = json.loads(text)
    assets = {asset["id"]: asset for asset in animation["assets"]}
    return {
        assets[layer["refId"]]["nm"]: [_layer(each, first) for each in assets[layer["refId"]]["layers"]]
        for layer in animation["layers"]
    }


def _layer(layer: dict[str, Any], first: int) -> list[ReadShape]:
    """A layer with its masks: groups of one shape and what is taken from it."""
    (group,) = layer["shapes"]
    path = next(each for each in group["it"] if each["ty"] == "sh")
    there = {first + layer["ip"] - 1: 0.0, first + layer["ip"]: 1.0, first + layer["op"]: 0.0}
    faded = _held(layer["ks"]["o"], first)
    assert {frame: value for frame, value in faded.items() if there.get(frame, value) != value} == {}
    masks = [
        ReadShape(mask["nm"], subtract=True, keys=_keys(mask["pt"], first), life=_held(mask["o"], first))
        for mask in layer.get("masksProperties", [])
    ]
    return [ReadShape(layer["nm"], subtract=False, keys=_keys(path["ks"], first), life=there), *masks]


def _keys(track: dict[str, Any], first: int) -> dict[int, Floats]:
    if not track["a"]:
        return {first: _knots(track["k"])}
    for key in track["k"][:-1]:
        assert {name: key[name] for name in LINEAR} == LINEAR
    assert set(track["k"][-1]) == {"t", "s"}
    return {first + key["t"]: _knots(key["s"][0]) for key in track["k"]}


def _knots(curve: dict[str, Any]) -> Floats:
    assert curve["c"] is True
    return np.hstack([np.array(curve[name], dtype=float) for name in ("v", "i", "o")])


def _held(track: dict[str, Any], first: int) -> dict[int, float]:
    if not track["a"]:
        return {}
    assert all(key["h"] == 1 for key in track["k"])
    return {first + key["t"]: key["s"][0] / 100 for key in track["k"]}


def render(text: bytes, frame: int) -> Floats:
    """(height, width) alpha 0..1 of a frame, counted from the animation's 0, as rlottie draws it."""
    player = LottieAnimation.from_data(text.decode())
    width, height = player.lottie_animation_get_size()
    pixels = np.frombuffer(player.lottie_animation_render(frame_num=frame), dtype=np.uint8)
    return pixels.reshape(height, width, 4)[..., 3] / 255
