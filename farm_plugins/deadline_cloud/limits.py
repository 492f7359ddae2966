"""What Deadline Cloud refuses, refused before it is asked: figures of botocore's service model, 1.44.5."""

from __future__ import annotations

import os
from pathlib import Path

from ...schema.checks import check_spec
from ...schema.errors import BadRequestError, EngineRefusedError, InputMissingError, WeightsError
from ...schema.job import PUBLISH_TASK, JobSpec
from ..openjd import compile_template
from .bundle import assets_of, bundle_value

MAX_TEMPLATE = 1_000_000  # characters
MAX_PATH_VALUE = 1024
MAX_MANIFESTS = 10


def check_limits(spec: JobSpec, bundle: Path, *, attachments: bool, queue_has_attachments: bool) -> None:
    """Refuse a job that the service would refuse.

    Args:
        spec: the job.
        bundle: where its bundle will lie.
        attachments: whether files travel with it.
        queue_has_attachments: whether the queue has a place for them.

    Raises:
        BadRequestError: names the field, the rule and the fix.
        EngineRefusedError: the queue has no place for files.
        WeightsError, InputMissingError: a file that would be sent is not here.
    """
    check_spec(spec)
    length = len(compile_template(spec).decode())
    if length > MAX_TEMPLATE:
        raise BadRequestError(
            f"the job's template has {length} characters, Deadline Cloud takes {MAX_TEMPLATE}; use contiguous frame "
            "ranges, fewer steps, or split the job",
            field="steps",
        )
    place = bundle_value(bundle)
    if len(place) > MAX_PATH_VALUE:
        raise BadRequestError(
            f"the path of the job's bundle has {len(place)} characters, Deadline Cloud takes {MAX_PATH_VALUE}; "
            "choose a shorter jobs_root",
            field="jobs_root",
            path=place,
        )
    if not attachments:
        return
    if not queue_has_attachments:
        raise EngineRefusedError(
            "deadline_attachments is set, but the queue has no bucket for job attachments",
            hint="give the queue one, or set deadline_attachments to false and share the disks",
        )
    _check_publish(spec)
    _check_files(spec)
    _check_manifests(spec, bundle)


def _check_publish(spec: JobSpec) -> None:
    """Hosts without our disks see neither projects nor database, so it is published here, after all that they do."""
    own = {step.name for step in spec.steps if step.task == PUBLISH_TASK}
    waiting = [step.name for step in spec.steps if own & set(step.after)]
    if waiting or len(own) == len(spec.steps):
        what = f"step {waiting[0]!r} waits for the publish" if waiting else "the job only publishes"
        raise BadRequestError(
            f"{what}, and with deadline_attachments it is published here, after all that the farm does; "
            "set deadline_attachments to false and share the disks, or use the local engine",
            field="steps",
        )


def _check_files(spec: JobSpec) -> None:
    """Checkpoints and mask files are sent from here, whoever else has them.

    Raises:
        WeightsError, InputMissingError: one is not here.
    """
    for name, one in spec.weights.items():
        if not Path(one.path).exists():
            raise WeightsError(
                f"the weights {name!r} are not at {one.path}, and with deadline_attachments they are sent from here",
                hint=f"put the file there, or name its place in the setting weights.{name}",
                path=one.path,
                weights=name,
            )
    for path in spec.files:
        if not Path(path).is_file():
            raise InputMissingError(
                f"{path} is not there, and with deadline_attachments it is sent from here; mend the path", path=path
            )


def _check_manifests(spec: JobSpec, bundle: Path) -> None:
    """Files below one top folder share a manifest, at the worst."""
    assets = assets_of(spec, bundle)
    tops = sorted({os.path.splitdrive(path)[0] for path in (*assets.inputs, *assets.outputs)})
    if len(tops) > MAX_MANIFESTS:
        raise BadRequestError(
            f"the job's files lie on {len(tops)} drives, Deadline Cloud takes {MAX_MANIFESTS}; bring them together",
            field="clips",
        )
