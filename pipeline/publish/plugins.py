"""The publish as pyblish plug-ins; thin, since the work is in ``draft``, ``stage`` and ``register``.

pyblish hands ``instance`` or ``context`` to an argument of exactly that name.
"""

from __future__ import annotations

from typing import Any

import pyblish.api

from ...schema.errors import PluginFailedError
from ...schema.receipts import NOT_FOR_PUBLISH, TOLD
from ..images import LOSSLESS_WITH_CHECKSUM, exr_compression
from .draft import Draft, check_complete, drafts_of, notes_of_tasks, receipts_of, told_holes
from .faults import fault
from .inputs import check_inputs
from .register import check_places, find_published, register, stage_or_find
from .stage import Staged

IMAGE_KINDS = frozenset({"image", "matte"})
PICTURES = frozenset({"exr", "dpx", "png", "tif", "tiff", "jpg", "jpeg"})


class CollectProducts(pyblish.api.ContextPlugin):  # type: ignore[misc]
    """One instance for each product that the job's receipts hold."""

    order = pyblish.api.CollectorOrder
    label = "Collect products from receipts"

    def process(self, context: Any) -> None:
        """Make the instances; refuse plates that changed since the job was made, unless all is published already."""
        run = context.data["shotmill"]
        receipts = receipts_of(run.folder, run.spec)
        for draft in drafts_of(run.folder, run.spec, receipts):
            if draft.is_left_out:
                run.notes += [f"{draft.name}: not published for want of {told}" for told in told_holes(draft.eaten)]
                continue
            instance = context.create_instance(draft.name, family=draft.kind)
            instance.data["draft"] = draft
            instance.data["published"] = find_published(draft, run.place)
        if any(instance.data["published"] is None for instance in context):
            check_inputs(run.folder, run.spec)
        run.notes += notes_of_tasks(receipts)
        fault("collect:done")


class ValidateFrames(pyblish.api.InstancePlugin):  # type: ignore[misc]
    """Every frame that was promised is there, or is a hole that was allowed."""

    order = pyblish.api.ValidatorOrder
    label = "Validate frames"

    def process(self, instance: Any) -> None:
        """Compare receipts with promises."""
        run = instance.context.data["shotmill"]
        run.notes.extend(check_complete(instance.data["draft"], allow_holes=run.spec.allow_holes))


class ValidateImages(pyblish.api.InstancePlugin):  # type: ignore[misc]
    """EXR carries checksums (ZIP or ZIPS), and pictures name their colour space."""

    order = pyblish.api.ValidatorOrder + 0.1
    label = "Validate images"

    def process(self, instance: Any) -> None:
        """Read headers only."""
        draft: Draft = instance.data["draft"]
        if instance.data["published"] is not None:
            return
        for form in draft.forms:
            extension = form.spec.extension.lower()
            if draft.kind in IMAGE_KINDS and extension in PICTURES and form.colourspace is None:
                raise PluginFailedError(
                    f"{draft.name} ({form.spec.representation}): nothing says which colour space its pixels are in",
                    hint="name it with --colourspace",
                )
            for file in form.files if extension == "exr" else ():
                compression = exr_compression(file.source)
                if compression not in LOSSLESS_WITH_CHECKSUM:
                    raise PluginFailedError(
                        f"{file.source} is compressed with {compression!r}, which has no checksum; write ZIP or ZIPS",
                        path=file.source,
                        frame=file.frame,
                    )


class ValidateMakers(pyblish.api.InstancePlugin):  # type: ignore[misc]
    """Nothing that was only made to try something out; what makers tell of the rest goes into the report."""

    order = pyblish.api.ValidatorOrder + 0.15
    label = "Validate makers"

    def process(self, instance: Any) -> None:
        """Look at what its makers say of it."""
        draft: Draft = instance.data["draft"]
        for form in draft.forms:
            instance.context.data["shotmill"].notes += [f"{draft.name}: {line}" for line in form.facts.get(TOLD, ())]
            if why := form.facts.get(NOT_FOR_PUBLISH):
                raise PluginFailedError(
                    f"{draft.name} ({form.spec.representation}) is not for publishing: {why}; submit again with another"
                )


class ValidatePlaces(pyblish.api.ContextPlugin):  # type: ignore[misc]
    """Every version can appear where it belongs: a job is not published by half for a reason that is known before."""

    order = pyblish.api.ValidatorOrder + 0.2
    label = "Validate places"

    def process(self, context: Any) -> None:
        """Look at the folders of all that is not published yet."""
        waiting = [instance.data["draft"] for instance in context if instance.data["published"] is None]
        check_places(waiting, context.data["shotmill"].place)


class ExtractStaged(pyblish.api.InstancePlugin):  # type: ignore[misc]
    """Copy to staging, check every byte against its receipt."""

    order = pyblish.api.ExtractorOrder
    label = "Stage and verify"

    def process(self, instance: Any) -> None:
        """Stage what is not published yet."""
        run = instance.context.data["shotmill"]
        if instance.data["published"] is None:
            draft = instance.data["draft"]
            run.tell(f"checking {draft.name}")
            made = stage_or_find(draft, run.place)
            if isinstance(made, Staged):
                instance.data["staged"] = made
                run.staged.append(made)
            else:
                instance.data["published"] = made


class IntegrateVersion(pyblish.api.InstancePlugin):  # type: ignore[misc]
    """Make it visible: number, rename, commit."""

    order = pyblish.api.IntegratorOrder
    label = "Register the version"

    def process(self, instance: Any) -> None:
        """Register what was staged."""
        run = instance.context.data["shotmill"]
        version = instance.data["published"]
        if version is None:
            version = register(instance.data["staged"], run.place, run.origin(instance.data["draft"]))
        run.versions.append(version)


BUILT_IN = (
    CollectProducts,
    ValidateFrames,
    ValidateImages,
    ValidateMakers,
    ValidatePlaces,
    ExtractStaged,
    IntegrateVersion,
)
