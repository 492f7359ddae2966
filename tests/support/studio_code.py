"""A studio's own modules and wheels, with its publish plug-ins and hooks."""

from __future__ import annotations

import importlib
from pathlib import Path
from textwrap import dedent

from shotmill.pipeline.hooks.loading import version_of
from shotmill.schema.hooks import HookEvent, HookRef, PluginRef

HEAD = """
from __future__ import annotations
import sys, time
import pyblish.api

SEEN = []
"""


class StudioCode:
    """What a studio's TDs keep.

    Args:
        site: a folder on the Python path.
        hooks_file: where the hooks file belongs.
    """

    def __init__(self, site: Path, hooks_file: Path) -> None:
        self.site, self.hooks_file = site, hooks_file

    def module(self, text: str, name: str = "studio_checks") -> Path:
        """A module of this text, behind the imports that it needs."""
        path = self.site / f"{name}.py"
        path.write_text(HEAD + dedent(text))
        importlib.invalidate_caches()
        return path

    def wheel(self, points: str, name: str = "studio-wheel", version: str = "1.2") -> None:
        """An installed wheel with these entry points."""
        info = self.site / f"{name.replace('-', '_')}-{version}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        (info / "entry_points.txt").write_text(dedent(points))

    def hooks(self, text: str) -> None:
        """The hooks file."""
        self.hooks_file.parent.mkdir(parents=True, exist_ok=True)
        self.hooks_file.write_text(dedent(text))

    def plugin(self, body: str, *, order: str = "pyblish.api.ValidatorOrder", more: str = "") -> PluginRef:
        """A plug-in of this body, as a job takes it along."""
        self.module(f"""
            class CheckSlate(pyblish.api.InstancePlugin):
                order = {order}
                {more}
                def process(self, instance):
                    SEEN.append(instance.name)
                    {body}
            """)
        return self.ref("CheckSlate")

    def ref(self, name: str) -> PluginRef:
        call = f"studio_checks:{name}"
        return PluginRef(call=call, version=version_of(call) or "")

    def hook(self, event: HookEvent, body: str, *, name: str = "slate", timeout_s: float = 5.0) -> HookRef:
        """A hook of this body, as a job takes it along."""
        self.module(f"""
            def hook(call):
                SEEN.append(call)
                {body}
            """)
        call = "studio_checks:hook"
        return HookRef(event=event, name=name, call=call, version=version_of(call) or "", timeout_s=timeout_s)

    @property
    def seen(self) -> list[object]:
        """What the code was called with."""
        return list(importlib.import_module("studio_checks").SEEN)
