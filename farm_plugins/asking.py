"""A studio's hooks around submitting: asked before, told after."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..schema.errors import BadRequestError, PluginLoadError
from ..schema.hooks import HookEvent, HookRef
from ..schema.ids import job_handle
from ..schema.job import PUBLISH_TASK, JobSpec, Step

if TYPE_CHECKING:
    import uuid

    from ..pipeline.hooks import Chosen, HookCall

AT_SUBMIT = (HookEvent.PRE_SUBMIT, HookEvent.POST_SUBMIT)
AT_PUBLISH = (HookEvent.PRE_PUBLISH, HookEvent.POST_PUBLISH)


def frozen(chosen: Chosen, steps: Sequence[Step]) -> dict[str, object]:
    """What a job takes along of the studio's own: nothing, where it publishes nothing."""
    if not any(step.task == PUBLISH_TASK for step in steps):
        return {}
    return {"plugins": chosen.plugins, "hooks": chosen.on(*AT_PUBLISH)}


def ask_before(hooks: Sequence[HookRef], spec: JobSpec, *, engine: str, job_id: uuid.UUID) -> None:
    """Call the hooks before a submit; the first that refuses ends it.

    Raises:
        BadRequestError: names the hook and what it said.
    """
    if not hooks:
        return
    from ..pipeline.hooks import HookError, call_hook  # noqa: PLC0415 - only where there is a hook

    for ref in hooks:
        if ref.event is HookEvent.PRE_SUBMIT:
            try:
                call_hook(ref, _call_of(ref, spec, engine=engine, handle=job_handle(job_id)))
            except HookError as error:
                raise BadRequestError(f"refused by {error.why}", hint=error.hint, hook=ref.name) from error
            except PluginLoadError as error:
                raise BadRequestError(error.message, hint=error.hint, hook=ref.name) from error


def tell_after(hooks: Sequence[HookRef], spec: JobSpec, *, engine: str, handle: str, folder: Path) -> tuple[str, ...]:
    """Call the hooks after a submit, each whatever the others do; notes on those that failed."""
    if not hooks:
        return ()
    from ..pipeline.hooks import HookError, call_hook  # noqa: PLC0415 - only where there is a hook

    notes = []
    for ref in hooks:
        if ref.event is HookEvent.POST_SUBMIT:
            try:
                call_hook(ref, _call_of(ref, spec, engine=engine, handle=handle, folder=folder))
            except (HookError, PluginLoadError) as error:
                notes.append(f"after the submit, and without changing it: {error}")
    return tuple(notes)


def _call_of(ref: HookRef, spec: JobSpec, *, engine: str, handle: str, folder: Path | None = None) -> HookCall:
    from ..pipeline.hooks import HookCall, read_only  # noqa: PLC0415 - only where there is a hook

    return HookCall(
        event=ref.event.value,
        hook=ref.name,
        job_id=spec.id,
        handle=handle,
        job_name=spec.name,
        job_type=spec.type,
        project=spec.project,
        user=spec.user,
        comment=spec.comment,
        engine=engine,
        params=read_only(spec.params),
        folder=folder,
    )
