"""Shotmill's files in the folders of RV, Nuke and Blender: planned first, then written, and taken back whole."""

from __future__ import annotations

from .desk import Desk
from .steps import Host, Step, carry_out, plan_install, plan_uninstall, recorded

__all__ = ["Desk", "Host", "Step", "carry_out", "plan_install", "plan_uninstall", "recorded"]
