"""Blender, as a program of its own: looked into for what a scene is, and told to render frames of it."""

from __future__ import annotations

from .facts import SceneFacts, SceneFile
from .program import Blender, RenderOrder

__all__ = ["Blender", "RenderOrder", "SceneFacts", "SceneFile"]
