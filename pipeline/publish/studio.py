"""A studio's own code in a publish: its plug-ins among ours, its hooks before and after.

What of it is missing, wrong or fails before the versions are visible stops the publish by name. What fails afterwards
is a note in the report: what is published stays published.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ...schema.errors import PluginFailedError, PluginLoadError
from ...schema.hooks import HookEvent, HookRef, PluginRef
from ...schema.job import JobSpec
from ...schema.publishing import PublishedVersion
from ..folders import JobFolder
from ..hooks import FormSeen, HookCall, HookError, ProductSeen, VersionSeen, call_hook, check_version, load, read_only
from .draft import Draft, DraftForm

# Ours are at 0, 1, 2 and 3, as pyblish has them. Between our check of every byte and the versions' appearing, and
# before our collecting, nothing else runs.
STAGES = {"collector": (0.0, 0.5), "validator": (0.5, 1.5), "extractor": (1.5, 2.0), "integrator": (3.0, 3.5)}
OURS = frozenset({0.0, 2.0, 3.0})
VISIBLE = 3.0  # the order at which versions have become visible
LAST_CHECK = 1.45  # the order of the hooks before the publish: after all that is checked


def studio_plugins(spec: JobSpec, *, any_version: bool) -> tuple[list[type], list[str]]:
    """The studio's plug-ins of a job, fit to run, and notes on those of another version.

    Raises:
        PluginLoadError: one is not here, does not import, or would run where nothing of a studio's may.
    """
    plugins, notes = [], []
    for ref in spec.plugins:
        what = f"publish plug-in {ref.name}"
        if note := check_version(ref, what=what, any_version=any_version):
            notes.append(note)
        plugins.append(_guarded(_checked(load(ref, what=what), ref)))
    return plugins, notes


def _checked(plugin: object, ref: PluginRef) -> type:
    """A plug-in that runs in a stage where a studio's may."""
    order = getattr(plugin, "order", None)
    if not isinstance(plugin, type) or not isinstance(order, int | float):
        raise PluginLoadError(
            f"publish plug-in {ref.call} is no class made from pyblish's ContextPlugin or InstancePlugin",
            plugin=ref.call,
        )
    if not any(low <= order < high for low, high in STAGES.values()) or order in OURS:
        allowed = ", ".join(f"{stage}s {low:g} to {high:g}" for stage, (low, high) in STAGES.items())
        raise PluginLoadError(
            f"publish plug-in {ref.name} has the order {order:g}, at which nothing of a studio's runs; allowed are, "
            f"without their ends: {allowed}",
            hint="a check belongs before the files are staged, and what tells of a version behind it",
            plugin=ref.call,
        )
    return plugin


def _guarded(plugin: type) -> type:
    """The plug-in under its own name, which cannot end the process."""
    process: Callable[[Any, Any], object] | None = getattr(plugin, "process", None)
    if process is None:
        return plugin  # refused with the rest, by ``checked_plugins``

    def run(plugin_self: Any, given: Any) -> None:
        try:
            process(plugin_self, given)
        except SystemExit as error:
            raise PluginFailedError(
                f"publish plug-in {plugin.__name__} ended the process with code {error.code}; it must not",
                plugin=plugin.__name__,
            ) from error

    # pyblish hands over what an argument is called.
    def on_instance(self: Any, instance: Any) -> None:
        run(self, instance)

    def on_context(self: Any, context: Any) -> None:
        run(self, context)

    names = set(inspect.signature(process).parameters) - {"self"}
    if names not in ({"instance"}, {"context"}):
        return plugin  # refused with the rest, too
    made = {"process": on_instance if names == {"instance"} else on_context, "__module__": plugin.__module__}
    return type(plugin.__name__, (plugin,), made)


def not_run(plugins: Iterable[type], ran: Iterable[str]) -> list[str]:
    """Notes on plug-ins that pyblish left out, which it does without a word."""
    done = set(ran)
    return [
        f"publish plug-in {plugin.__name__} did not run: no product fits its families, or it is switched off"
        for plugin in plugins
        if plugin.__name__ not in done
    ]


def hooks_plugin(folder: JobFolder, spec: JobSpec, *, any_version: bool) -> tuple[list[type], list[str]]:
    """A plug-in that calls the hooks before the publish, if there are any, and notes on those of another version.

    Raises:
        PluginLoadError: a hook is not here, or does not import.
    """
    hooks = [ref for ref in spec.hooks if ref.event is HookEvent.PRE_PUBLISH]
    notes = _all_here(spec.hooks, any_version=any_version)
    if not hooks:
        return [], notes
    import pyblish.api  # noqa: PLC0415 - heavy, and its state is global

    def process(self: Any, context: Any) -> None:  # noqa: ARG001 - a method
        waiting = [instance.data["draft"] for instance in context if instance.data["published"] is None]
        if waiting:
            call_before(hooks, _call_of(folder, spec, products=tuple(map(_product, waiting))))

    given = {"order": LAST_CHECK, "process": process, "label": "Ask the studio's hooks"}
    return [type("AskHooks", (pyblish.api.ContextPlugin,), given)], notes


def _all_here(hooks: Sequence[HookRef], *, any_version: bool) -> list[str]:
    """Notes on hooks of the publish that are here in another version; loads them, so that none is missed later."""
    notes = []
    for ref in hooks:
        what = f"hook {ref.name!r}"
        notes.append(check_version(ref, what=what, any_version=any_version))
        load(ref, what=what)
    return [note for note in notes if note]


def call_before(hooks: Sequence[HookRef], value: HookCall) -> None:
    """Call hooks before the publish; the first that refuses ends it.

    Raises:
        PluginFailedError: names the hook.
    """
    for ref in hooks:
        try:
            call_hook(ref, replace(value, event=ref.event.value, hook=ref.name))
        except HookError as error:
            raise PluginFailedError(
                f"refused before the publish by {error.why}", hint=error.hint, hook=ref.name
            ) from error


def call_after(
    folder: JobFolder, spec: JobSpec, versions: Sequence[PublishedVersion], *, outcome: str, failure: str
) -> list[str]:
    """Call the hooks after the publish, each whatever the others do; notes on those that failed."""
    notes = []
    for ref in spec.hooks:
        if ref.event is HookEvent.POST_PUBLISH:
            seen = tuple(map(_version, versions))
            value = _call_of(folder, spec, versions=seen, outcome=outcome, failure=failure)
            try:
                call_hook(ref, replace(value, event=ref.event.value, hook=ref.name))
            except (HookError, PluginLoadError) as error:
                notes.append(f"after the publish, and without changing it: {error}")
    return notes


def _call_of(folder: JobFolder, spec: JobSpec, **more: Any) -> HookCall:
    return HookCall(
        event="",
        hook="",
        job_id=spec.id,
        handle=folder.root.name,
        job_name=spec.name,
        job_type=spec.type,
        project=spec.project,
        user=spec.user,
        comment=spec.comment,
        params=read_only(spec.params),
        folder=folder.root,
        **more,
    )


def _product(draft: Draft) -> ProductSeen:
    address = f"{draft.entity.project}:{draft.entity.path}/{draft.product}"
    return ProductSeen(address, draft.kind, tuple(map(_form, draft.forms)))


def _form(form: DraftForm) -> FormSeen:
    return FormSeen(
        name=form.spec.representation,
        files=tuple(file.source for file in form.files),
        frames=str(form.spec.frames or ""),
        missing=str(form.missing or ""),
        colourspace=form.colourspace,
    )


def _version(version: PublishedVersion) -> VersionSeen:
    project, _, path = version.entity.partition("/")
    address = f"{project}:{path}/{version.product}@v{version.number:03d}"
    return VersionSeen(address, Path(version.folder), version.number, version.is_new, str(version.holes or ""))
